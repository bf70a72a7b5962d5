"""The overview says what the ledger holds, within its budget, to whoever may see it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.ningbo import KEY, NOW, plant_ningbo
from tests.factories.people import make_person, signed_in_client
from tests.support.statements import counted_statements
from tracker.db import Database
from tracker.services.ledger.settling import settle

ADDRESS = f"/programmes/{KEY}"
BUDGET = 10
"""Who asks, the calendar, the list, its units, the seals (5), promises, tally, targets (3), reports under way, the bar (2)."""
BUDGET_AS_OF = 14
"""The entries instead of the tally, with the tree they were posted in (2), and the table of today (3)."""


@pytest.fixture
def reviewer(app: Flask, fresh_database: Database) -> FlaskClient:
    """The city's reviewer, signed in, with the half-year of 2018 accepted."""
    return client_of(app, fresh_database, "reviewer", "330200")


def client_of(app: Flask, database: Database, role: str, code: str) -> FlaskClient:
    with database.session() as session:
        ningbo = plant_ningbo(session)
        person = make_person(session, role, ningbo.units[code])
        settle(database, session, lambda: NOW)
    return signed_in_client(app, person.account_id)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_tells_the_reference_case(reviewer: FlaskClient) -> None:
    page = text_of(reviewer.get(ADDRESS).text)
    for words in (
        "101.3",
        "152万人次 / 150万人次",
        "48万元",
        "39.5万元",
        "39亿元",
        "2,219人",
        "已完成",
        "2018年6月",
    ):
        assert words in page
    assert "共 4 件实事： 2 件已完成，2 件不评判" in page.replace("：2", "： 2")


def test_shows_each_district_in_the_matrix(reviewer: FlaskClient) -> None:
    page = reviewer.get(ADDRESS).text
    cell = re.search(
        r'<a class="(heat-[\w-]+)" href="([^"]+)"[^>]*>(?:(?!</a>).)*海曙，优化职工互助保障', page, re.DOTALL
    )
    assert cell is not None
    assert cell[1] == "heat-ahead-20"
    assert "indicator=enrolments" in cell[2]
    assert "at=330203" in cell[2]


def test_goes_back_to_an_earlier_cut_off(reviewer: FlaskClient) -> None:
    page = text_of(reviewer.get(f"{ADDRESS}?cutoff=2018-05").text)
    assert "91.2" in page
    assert "达序时" in page


def test_shows_a_district_its_own_figures_first(app: Flask, fresh_database: Database) -> None:
    reporter = client_of(app, fresh_database, "reporter", "330203")
    page = text_of(reporter.get(ADDRESS).text)
    assert "97.8" in page
    assert "海曙" in page


def test_keeps_other_districts_closed_to_a_reporter(app: Flask, fresh_database: Database) -> None:
    reporter = client_of(app, fresh_database, "reporter", "330203")
    assert reporter.get(f"{ADDRESS}?at=330205").status_code == 404
    city = reporter.get(f"{ADDRESS}?at=330200")
    assert city.status_code == 200
    assert "at=330205" not in city.text


@pytest.mark.parametrize("query", ["cutoff=2018-13", "cutoff=June", "basis=all", "sort=name", "at=999999"])
def test_knows_no_page_for_a_malformed_address(reviewer: FlaskClient, query: str) -> None:
    assert reviewer.get(f"{ADDRESS}?{query}").status_code == 404


def test_sorts_by_lag_and_keeps_it_in_the_address(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{ADDRESS}?sort=lag").text
    numbers = re.findall(r'id="pledge-(\d+)"', page)
    assert sorted(numbers) == ["1", "2", "3", "4"]
    assert "sort=lag" in page


def test_stays_within_its_budget(reviewer: FlaskClient, fresh_database: Database) -> None:
    with counted_statements(fresh_database) as sent:
        assert reviewer.get(ADDRESS).status_code == 200
    assert len(sent) <= BUDGET, "\n".join(sent)


@pytest.mark.parametrize("instant", ["0", "2018-07-16", "2018-07-16T14:00", "2030-01-01T00:00+08:00"])
def test_tells_a_past_instant_with_a_way_back(reviewer: FlaskClient, instant: str) -> None:
    page = reviewer.get(ADDRESS, query_string={"as_of": instant, "cutoff": "2018-06"}).text
    assert "不是现在的" in page
    assert f'href="{ADDRESS}?cutoff=2018-06">回到现在' in page


def test_shows_the_difference_to_today(reviewer: FlaskClient) -> None:
    before = text_of(reviewer.get(f"{ADDRESS}?as_of=0&cutoff=2018-06").text)
    assert "今天 152万人次" in before
    assert "今天" not in text_of(reviewer.get(f"{ADDRESS}?as_of=1&cutoff=2018-06").text)


def test_keeps_the_instant_in_its_links(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{ADDRESS}?as_of=1").text
    trails = re.findall(r'href="([^"]*/trail[^"]*)"', page)
    assert trails
    assert all("as_of=1" in address for address in trails)


@pytest.mark.parametrize("instant", ["99", "-1", "yesterday", "2018-13-01", "9" * 40, "１"])
def test_knows_no_such_instant(reviewer: FlaskClient, instant: str) -> None:
    assert reviewer.get(ADDRESS, query_string={"as_of": instant}).status_code == 404


def test_stays_within_its_budget_in_the_past(reviewer: FlaskClient, fresh_database: Database) -> None:
    with counted_statements(fresh_database) as sent:
        assert reviewer.get(f"{ADDRESS}?as_of=1").status_code == 200
    assert len(sent) <= BUDGET_AS_OF, "\n".join(sent)
