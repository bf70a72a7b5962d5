"""Side by side: units of a list and lists of a year, on one scale, in a number of statements that does not grow."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories.full_list import plant_full_list
from tests.factories.ningbo import NOW, plant_ningbo
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import accept_line, align, plant_indicator, plant_list, plant_tree, put_targets
from tests.features.dashboards.test_overview import ADDRESS, client_of, text_of
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.models.org_unit import OrgUnit
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.settling import settle

BUDGET_UNITS = 5
"""Who asks, the list with its surroundings, promises, figures, the bar."""
BUDGET_LISTS = 6
"""Who asks, seals and calendar, the lists, their publishers, figures, the bar; promises are remembered."""


def province(app: Flask, database: Database, *, lists: int = 2) -> StrictClient:
    """A provincial viewer; beside Ningbo's list some of its districts publish one of their own."""
    with database.session() as session:
        ningbo = plant_ningbo(session)
        for code in list(ningbo.units)[2 : 1 + lists]:
            unit = ningbo.units[code]
            programme = plant_list(session, unit, key=f"{code}-2018")
            indicator = plant_indicator(session, programme, f"own_{code}")
            put_targets(session, indicator, {unit: 100})
            accept_line(session, indicator, unit, 6, value=40)
        person = make_person(session, "viewer", ningbo.units["330000"])
        try_fold(session, NOW)  # bare rows write no audit entry that settling would wait for
        settle(database, session, lambda: NOW)
    return signed_in_client(app, person.account_id)


def names(page: str) -> list[str]:
    """The panels' names in order."""
    return [text_of(found).strip() for found in re.findall(r'<h2 id="panel-\d+">(.*?)</h2>', page)]


def test_puts_the_units_of_a_list_side_by_side(app: Flask, fresh_database: Database) -> None:
    reviewer = client_of(app, fresh_database, "reviewer", "330200")
    page = reviewer.get(f"{ADDRESS}/compare")
    assert page.status_code == 200
    assert len(names(page.text)) == 11
    assert "97.8%" in text_of(page.text)
    assert "at=330203" in page.text


def test_orders_by_completion_or_officially(app: Flask, fresh_database: Database) -> None:
    reviewer = client_of(app, fresh_database, "reviewer", "330200")
    best_first = names(reviewer.get(f"{ADDRESS}/compare").text)
    official = names(reviewer.get(f"{ADDRESS}/compare?sort=official").text)
    assert sorted(best_first) == sorted(official)
    assert best_first[-1] == "宁海"
    assert official != best_first
    assert reviewer.get(f"{ADDRESS}/compare?sort=size").status_code == 404


def test_opens_no_other_district_to_a_reporter(app: Flask, fresh_database: Database) -> None:
    reporter = client_of(app, fresh_database, "reporter", "330203")
    page = reporter.get(f"{ADDRESS}/compare?at=330200").text
    assert len(names(page)) == 11
    assert "at=330205" not in page


def test_puts_the_lists_of_a_year_side_by_side(app: Flask, fresh_database: Database) -> None:
    viewer = province(app, fresh_database)
    page = viewer.get("/compare?year=2018")
    assert page.status_code == 200
    assert len(names(page.text)) == 2
    assert "40.0%" in text_of(page.text)
    assert "/programmes/330200-2018?at=330200" in page.text
    assert names(viewer.get("/compare?year=2017").text) == []


def test_ranks_lists_of_publishers_of_one_level_only(app: Flask, fresh_database: Database) -> None:
    client = province(app, fresh_database, lists=3)
    with fresh_database.session() as session:
        session.execute(update(OrgUnit).where(OrgUnit.code == "330200").values(level="city"))
        session.commit()
    cities = client.get("/compare?year=2018")
    assert names(cities.text) == ["宁波"]
    assert "level=county" in cities.text
    counties = client.get("/compare?year=2018&level=county&sort=official")
    assert len(names(counties.text)) == 2
    assert "宁波" not in names(counties.text)
    assert 'name="level" value="county"' in counties.text
    assert client.get("/compare?year=2018&level=township").status_code == 404


def test_compares_as_of_a_past_seal(app: Flask, fresh_database: Database) -> None:
    viewer = province(app, fresh_database)
    for address in ("/compare?year=2018&as_of=0", f"{ADDRESS}/compare?as_of=0&at=330200"):
        page = viewer.get(address)
        assert page.status_code == 200
        assert "不是现在的" in page.text
        assert "101.3" not in page.text


@pytest.mark.parametrize(
    "query", ["year=18", "year=二〇一八", "year=2018&cutoff=2017-06", "year=2018&as_of=99"]
)
def test_knows_no_such_comparison(app: Flask, fresh_database: Database, query: str) -> None:
    assert province(app, fresh_database).get(f"/compare?{query}").status_code == 404


@pytest.mark.parametrize("lists", [2, 9])
def test_stays_within_its_budget_however_many_there_are(
    app: Flask, fresh_database: Database, lists: int
) -> None:
    viewer = province(app, fresh_database, lists=lists)
    viewer.get("/compare?year=2018")
    with counted_statements(fresh_database) as sent:
        page = viewer.get("/compare?year=2018")
    assert len(names(page.text)) == lists
    assert len(sent) <= BUDGET_LISTS, "\n".join(sent)
    with counted_statements(fresh_database) as sent:
        assert viewer.get(f"{ADDRESS}/compare").status_code == 200
    assert len(sent) <= BUDGET_UNITS, "\n".join(sent)


def test_a_unit_without_a_list_has_an_empty_panel_that_says_so(app: Flask, fresh_database: Database) -> None:
    with fresh_database.session() as session:
        plant_full_list(session)
        person = make_person(session, "viewer", "330000")
        settle(fresh_database, session, lambda: NOW)
    page = signed_in_client(app, person.account_id).get("/compare?year=2018").text
    assert names(page) == ["宁波", "杭州", "温州", "湖州"]
    assert page.count("今年还没有公布清单") == 3
    assert "1 家平均完成" in text_of(page)


def test_a_province_s_own_list_is_compared_by_city_with_aligned_figures(
    app: Flask, fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        units = plant_tree(session, {"330000": {"330200": {"330203": {}}, "330500": {}}})
        city, province = (
            plant_list(session, units[code], key=f"{code}-2018") for code in ("330200", "330000")
        )
        counted, fed = (
            plant_indicator(session, city, "enrolments"),
            plant_indicator(session, province, "insured"),
        )
        align(session, counted, fed)
        put_targets(session, fed, {units["330000"]: 200, units["330200"]: 100})
        put_targets(session, counted, {units["330203"]: 100})
        accept_line(session, counted, units["330203"], 6, value=45)
        person = make_person(session, "viewer", "330000")
        try_fold(session, NOW)
        session.commit()
    viewer = signed_in_client(app, person.account_id)
    both = viewer.get("/compare?year=2018&cutoff=2018-06").text
    assert 'href="/programmes/330000-2018/compare"' in both
    page = viewer.get("/programmes/330000-2018/compare?cutoff=2018-06").text
    assert names(page) == ["330200"]
    assert "45.0%" in text_of(page)


def test_puts_nobody_first_where_nobody_has_reported(app: Flask, fresh_database: Database) -> None:
    with fresh_database.session() as session:
        units = plant_tree(session, {"330200": {"330203": {}, "330205": {}}})
        indicator = plant_indicator(
            session, plant_list(session, units["330200"], key="330200-2018"), "enrolments"
        )
        put_targets(session, indicator, {units["330203"]: 100, units["330205"]: 100})
        person = make_person(session, "viewer", "330200")
        try_fold(session, NOW)
        session.commit()
    viewer = signed_in_client(app, person.account_id)
    told = text_of(viewer.get("/programmes/330200-2018/compare?cutoff=2018-06").text)
    assert "还没有可以比较的数字" in told
    assert "0.0%" not in told.replace("50.0%", "")
    overview = viewer.get("/programmes/330200-2018?cutoff=2018-06").text
    assert "本期还没有单位报数" in overview
    assert "表中是此前的数字" not in overview
    past = text_of(viewer.get("/programmes/330200-2018?as_of=0&cutoff=2018-06").text)
    assert "—，不承担 → 今天 —，未报" in " ".join(past.split())


def test_names_who_counts_as_zero_for_want_of_a_report(app: Flask, fresh_database: Database) -> None:
    with fresh_database.session() as session:
        ningbo = plant_ningbo(session)
        unit = ningbo.units["330203"]
        programme = plant_list(session, unit, key="330203-2018")
        put_targets(session, plant_indicator(session, programme, "own"), {unit: 100})
        person = make_person(session, "viewer", ningbo.units["330000"])
        try_fold(session, NOW)
        settle(fresh_database, session, lambda: NOW)
    page = text_of(signed_in_client(app, person.account_id).get("/compare?year=2018").text)
    told = re.search(r"(\S+)本期都没有报，平均时按 0 计", page)
    assert told is not None
    assert told[1].endswith("。海曙")
