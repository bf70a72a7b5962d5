"""Every number on the overview leads to a trail that adds up to it, down to the reports."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.ningbo import KEY, NOW
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import accept_line, plant_indicator, plant_list, plant_tree, put_targets
from tests.features.dashboards.test_overview import ADDRESS, client_of, text_of
from tests.support.statements import counted_statements
from tracker.db import Database
from tracker.services.ledger.folding import try_fold

BUDGET = 6
"""Who asks, the list with its surroundings, figures, the lines, what lies behind them, the bar; promises are remembered."""


@pytest.fixture
def reviewer(app: Flask, fresh_database: Database) -> FlaskClient:
    return client_of(app, fresh_database, "reviewer", "330200")


def trails_in(page: str) -> list[str]:
    """The addresses of all trails a page links to."""
    found = re.findall(rf'href="(/programmes/{KEY}/trail[^"]*)"', page)
    return list(dict.fromkeys(map(unescape, found)))


def walk(client: FlaskClient, start: str) -> dict[str, str]:
    """Every trail reachable from a page: address → text."""
    seen: dict[str, str] = {}
    waiting = trails_in(client.get(start).text)
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        answer = client.get(address)
        assert answer.status_code == 200, address
        seen[address] = text_of(answer.text)
        waiting += trails_in(answer.text)
    return seen


def test_every_number_leads_to_a_trail_that_adds_up(reviewer: FlaskClient) -> None:
    pages = walk(reviewer, ADDRESS)
    assert len(pages) > 20
    assert [address for address, page in pages.items() if "不符" in page] == []
    assert sum("相符" in page for page in pages.values()) >= 10


def test_adds_the_districts_up_to_the_city(reviewer: FlaskClient) -> None:
    page = text_of(reviewer.get(f"{ADDRESS}/trail?indicator=enrolments").text)
    assert "152万人次 ÷ 150万人次 = 101.3%" in page
    for words in ("海曙", "17.6万人次", "市直", "合计", "相符"):
        assert words in page


def test_ends_at_the_reports_of_a_district(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{ADDRESS}/trail?indicator=enrolments&at=330203")
    assert f"{ADDRESS}/sheets/330203/2018-06" in page.text
    text = text_of(page.text)
    for words in ("2018-05", "158,400", "17,600", "第 1 版 · 导入"):
        assert words in text


def test_shows_what_the_city_reported_itself(reviewer: FlaskClient) -> None:
    text = text_of(reviewer.get(f"{ADDRESS}/trail?indicator=relief_funds&own=1").text)
    assert "480,000" in text
    assert "第 1 版 · 导入" in text


def test_goes_back_to_an_earlier_cut_off(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{ADDRESS}/trail?indicator=enrolments&cutoff=2018-05")
    assert "136.8万人次" in text_of(page.text)
    assert "cutoff=2018-05" in page.text


@pytest.mark.parametrize(
    "query", ["", "indicator=nothing", "indicator=enrolments&at=330500", "indicator=enrolments&cutoff=x"]
)
def test_knows_no_trail_of_what_is_not_there(reviewer: FlaskClient, query: str) -> None:
    assert reviewer.get(f"{ADDRESS}/trail?{query}").status_code == 404


def test_keeps_reports_of_other_units_closed(app: Flask, fresh_database: Database) -> None:
    reporter = client_of(app, fresh_database, "reporter", "330203")
    city = reporter.get(f"{ADDRESS}/trail?indicator=enrolments&at=330200")
    assert city.status_code == 200
    assert [address for address in trails_in(city.text) if "at=330205" in address] == []
    assert reporter.get(f"{ADDRESS}/trail?indicator=enrolments&at=330205").status_code == 404
    assert reporter.get(f"{ADDRESS}/trail?indicator=relief_funds&at=330200&own=1").status_code == 404


def test_stays_within_its_budget(reviewer: FlaskClient, fresh_database: Database) -> None:
    reviewer.get(ADDRESS)
    with counted_statements(fresh_database) as sent:
        assert reviewer.get(f"{ADDRESS}/trail?indicator=enrolments&at=330203").status_code == 200
    assert len(sent) <= BUDGET, "\n".join(sent)


def test_a_rate_shows_both_sums_it_is_divided_from(app: Flask, fresh_database: Database) -> None:
    with fresh_database.session() as session:
        units = plant_tree(session, {"330200": {"330203": {}, "330205": {}}})
        programme = plant_list(session, units["330200"], key=KEY)
        rate = plant_indicator(session, programme, "coverage", kind="ratio", measure="%")
        put_targets(session, rate, dict.fromkeys(units.values(), 850))
        accept_line(session, rate, units["330203"], 6, numerator=80, denominator=100)
        accept_line(session, rate, units["330205"], 6, numerator=270, denominator=300)
        person = make_person(session, "viewer", "330200")
        try_fold(session, NOW)
        session.commit()
    viewer = signed_in_client(app, person.account_id)
    told = text_of(viewer.get(f"{ADDRESS}/trail?indicator=coverage&cutoff=2018-06").text)
    for words in ("350 ÷ 400 = 87.5%", "80 ÷ 100", "270 ÷ 300", "相符"):
        assert words in told, told
