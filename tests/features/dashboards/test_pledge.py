"""A pledge's page says what was promised, how the year runs, and who stands where, within its budget."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.ningbo import NOW, bring_in
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import plant_indicator, plant_list, plant_tree, put_targets
from tests.features.dashboards.test_overview import ADDRESS, client_of, text_of
from tests.features.dashboards.test_trail import walk
from tests.support.statements import counted_statements
from tracker.db import Database
from tracker.services.ledger.settling import settle

PAGE = f"{ADDRESS}/pledges/1"
HEADER = "org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note\n"
BUDGET = 6
"""Who asks, the list with its surroundings, figures, texts, thread, the bar; promises are remembered."""


@pytest.fixture
def reviewer(app: Flask, fresh_database: Database) -> FlaskClient:
    return client_of(app, fresh_database, "reviewer", "330200")


def test_tells_the_pledge_and_every_number_s_trail(reviewer: FlaskClient) -> None:
    page = text_of(reviewer.get(PAGE).text)
    for words in ("优化职工互助保障", "152万人次", "150万人次", "101.3", "海曙", "97.8", "牵头部门"):
        assert words in page
    pages = walk(reviewer, PAGE)
    assert len(pages) > 10
    assert [address for address, trail in pages.items() if "不符" in trail] == []


def test_says_the_same_in_chart_and_table(reviewer: FlaskClient) -> None:
    page = reviewer.get(PAGE).text
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    lines = {line["kind"]: line["values"] for line in json.loads(found[1])["lines"]}
    assert lines["actual"][5] == "101.3"
    assert lines["actual"][6:] == [None] * 6
    assert lines["expected"][5] == "50.0"
    table = text_of(page[page.index("curve-table") :])
    assert "6月 152万人次 101.3% 50.0% 51.3" in table


def test_draws_the_indicator_asked_for(reviewer: FlaskClient) -> None:
    page = text_of(reviewer.get(f"{ADDRESS}/pledges/3?indicator=loan_amount").text)
    assert "39亿元" in page
    assert reviewer.get(f"{ADDRESS}/pledges/3?indicator=enrolments").status_code == 404


def test_is_linked_from_the_overview(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{ADDRESS}?cutoff=2018-05").text
    assert f'href="{PAGE}?cutoff=2018-05"' in page


def test_keeps_a_past_instant(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{PAGE}?as_of=0&cutoff=2018-06").text
    assert "不是现在的" in page
    assert "今天 152万人次（101.3%）" in page
    assert "152万人次" not in page[page.index('class="lead"') :]


def test_stays_within_its_budget(reviewer: FlaskClient, fresh_database: Database) -> None:
    reviewer.get(ADDRESS)
    with counted_statements(fresh_database) as sent:
        assert reviewer.get(PAGE).status_code == 200
    assert len(sent) <= BUDGET, "\n".join(sent)


@pytest.mark.parametrize("base", [None, 700])
def test_a_first_level_without_a_base_is_no_pace(
    app: Flask, fresh_database: Database, base: int | None
) -> None:
    """760 sites standing at the end of June say nothing of how many a month brings, unless January's are known."""
    with fresh_database.session() as session:
        units = plant_tree(session, {"330200": {"330203": {}}})
        programme = plant_list(session, units["330200"], key="330200-2018")
        indicator = plant_indicator(session, programme, "sites", kind="stock", measure="个")
        put_targets(session, indicator, {units["330200"]: 900}, base=base)
        bring_in(session, HEADER + "330200,sites,2018-06,760,,,,,\n")
        person = make_person(session, "reviewer", units["330200"])
        settle(fresh_database, session, lambda: NOW)
    page = text_of(signed_in_client(app, person.account_id).get(PAGE).text)
    assert "760个" in page
    assert ("按近三期速度" in page) == (base is not None), page
