"""The overview says what the ledger holds, within its budget, to whoever may see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.ningbo import KEY, NOW, plant_ningbo
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import accept_line, plant_indicator, plant_list, plant_tree, put_targets
from tests.support.statements import counted_statements
from tracker.db import Database
from tracker.domain.identity import OPERATOR
from tracker.services.audit import Subject, record
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.settling import settle

ADDRESS = f"/programmes/{KEY}"
BUDGET = 6
"""Who asks, the list with its surroundings, promises, figures, reports under way, the bar."""
BUDGET_UNCHANGED = 2
"""Who asks, the list with its surroundings."""
BUDGET_AS_OF = 6
"""Where the seal stands among days and the figures of today more; promises are remembered, nobody is under way."""


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


def test_shows_the_city_done_early_and_what_is_unknown_as_a_dash(reviewer: FlaskClient) -> None:
    page = reviewer.get(ADDRESS).text
    first = text_of(page[page.index('id="pledge-1"') : page.index('id="pledge-2"')])
    assert "101.3 %" in first
    assert "已完成" in first
    assert "超前 51.3 点" in first
    fourth = text_of(page[page.index('id="pledge-4"') : page.index('class="legend"')])
    assert "公益乐学培训 —" in fourth
    assert "公益乐学培训 0" not in fourth
    told = text_of(reviewer.get(f"{ADDRESS}/trail?indicator=public_courses&own=1").text)
    assert "不详" in told


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
    assert "与今天相比，有" in before
    assert "参加职工医疗互助保障人次：— → 今天 152万人次（101.3%）" in before
    assert "数字没有变化" in text_of(reviewer.get(f"{ADDRESS}?as_of=1&cutoff=2018-06").text)


def test_keeps_the_instant_in_its_links(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{ADDRESS}?as_of=1").text
    trails = re.findall(r'href="([^"]*/trail[^"]*)"', page)
    assert trails
    assert all("as_of=1" in address for address in trails)


@pytest.mark.parametrize("instant", ["99", "-1", "yesterday", "2018-13-01", "9" * 40, "１"])
def test_knows_no_such_instant(reviewer: FlaskClient, instant: str) -> None:
    assert reviewer.get(ADDRESS, query_string={"as_of": instant}).status_code == 404


def test_stays_within_its_budget_in_the_past(reviewer: FlaskClient, fresh_database: Database) -> None:
    reviewer.get(ADDRESS)
    with counted_statements(fresh_database) as sent:
        assert reviewer.get(f"{ADDRESS}?as_of=1").status_code == 200
    assert len(sent) <= BUDGET_AS_OF, "\n".join(sent)


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything within one minute, as far as tags go."""
    monkeypatch.setattr("tracker.features.dashboards.unchanged.now", lambda: NOW)


@pytest.mark.usefixtures("one_minute")
def test_answers_an_unchanged_page_without_building_it(
    reviewer: FlaskClient, fresh_database: Database
) -> None:
    tag = reviewer.get(ADDRESS).headers["ETag"]
    with counted_statements(fresh_database) as sent:
        again = reviewer.get(ADDRESS, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert len(sent) <= BUDGET_UNCHANGED, "\n".join(sent)
    for other in ("?sort=lag", "?basis=provisional", "?cutoff=2018-05", "?as_of=1", "?lang=en"):
        assert reviewer.get(ADDRESS + other, headers={"If-None-Match": tag}).status_code == 200


def trails_in(page: str) -> set[str]:
    return set(re.findall(r'href="[^"]*/trail[^"]*at=(\w+)', page))


def test_keeps_what_one_may_not_see_from_the_next_who_asks(
    app: Flask, fresh_database: Database, reviewer: FlaskClient
) -> None:
    assert {"330203", "330205"} <= trails_in(reviewer.get(ADDRESS).text)
    with fresh_database.session() as session:
        reporter = make_person(session, "reporter", "330203")
        session.commit()
    theirs = signed_in_client(app, reporter.account_id).get(f"{ADDRESS}?at=330200").text
    assert "330203" in trails_in(theirs)
    assert "330205" not in trails_in(theirs)
    assert "330205" in trails_in(reviewer.get(ADDRESS).text)


def test_keeps_parts_of_a_page_by_language_and_order_until_the_next_seal(
    reviewer: FlaskClient, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[object] = []
    monkeypatch.setattr(fresh_database.parts, "keep", _noting(fresh_database.parts.keep, kept))
    first = reviewer.get(ADDRESS).text
    parts = len(kept)
    assert parts
    assert text_of(reviewer.get(ADDRESS).text) == text_of(first)
    assert len(kept) == parts
    for number, other in enumerate(("?sort=lag", "?lang=en"), 2):
        reviewer.get(ADDRESS + other)
        assert len(kept) == number * parts
    with fresh_database.session() as session:
        subject = Subject("programme", KEY)
        record(session, actor=OPERATOR, now=NOW, action="programme.renamed", subject=subject)
        session.commit()  # something waits for a seal: nothing is kept
        assert reviewer.get(ADDRESS).status_code == 200
        assert len(kept) == 3 * parts
        settle(fresh_database, session, lambda: NOW)
    reviewer.get(ADDRESS)
    assert len(kept) == 4 * parts


def _noting(
    keep: Callable[[Hashable, object], None], keys: list[object]
) -> Callable[[Hashable, object], None]:
    def note(key: Hashable, value: object) -> None:
        keys.append(key)
        keep(key, value)

    return note


@pytest.mark.usefixtures("one_minute")
def test_builds_the_page_anew_after_any_change(reviewer: FlaskClient, fresh_database: Database) -> None:
    tag = reviewer.get(ADDRESS).headers["ETag"]
    with fresh_database.session() as session:
        subject = Subject("programme", KEY)
        record(session, actor=OPERATOR, now=NOW, action="programme.renamed", subject=subject)
        session.commit()
    assert reviewer.get(ADDRESS, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.usefixtures("one_minute")
def test_knows_nobody_else_by_the_tag(app: Flask, fresh_database: Database, reviewer: FlaskClient) -> None:
    tag = reviewer.get(ADDRESS).headers["ETag"]
    with fresh_database.session() as session:
        viewer = make_person(session, "viewer", "330200")
        session.commit()
    answer = signed_in_client(app, viewer.account_id).get(ADDRESS, headers={"If-None-Match": tag})
    assert answer.status_code == 200


def test_warns_which_pledges_will_miss_the_year(app: Flask, fresh_database: Database) -> None:
    viewer = client_with_list(app, fresh_database, value=30)
    page = text_of(viewer.get(ADDRESS).text)
    assert "按目前速度年底完成 60.0%" in page


def test_goes_by_last_year_s_season_where_there_was_one(app: Flask, fresh_database: Database) -> None:
    viewer = client_with_list(app, fresh_database, value=30, last_year=True)
    page = text_of(viewer.get(ADDRESS).text)
    assert "按去年同期进度，年底完成 40.0%" in page


def test_says_that_nothing_was_reported_or_assigned(app: Flask, fresh_database: Database) -> None:
    viewer = client_with_list(app, fresh_database, value=30)
    assert "本期还没有单位报数" in viewer.get(f"{ADDRESS}?cutoff=2018-07").text
    assert "目标还没有下达" in viewer.get(f"{ADDRESS}?as_of=0").text


def client_with_list(app: Flask, database: Database, *, value: int, last_year: bool = False) -> FlaskClient:
    """A city's viewer; its list counts one thing towards 100, reported each month so that June stands at ``value``."""
    with database.session() as session:
        city = plant_tree(session, {"330200": {}})["330200"]
        programme = plant_list(session, city, key=KEY)
        indicator = plant_indicator(session, programme, "courses")
        put_targets(session, indicator, {city: 100}, is_own_level=True)
        put_targets(session, indicator, {city: 100})
        for month in range(1, 7):
            accept_line(session, indicator, city, month, value=value // 6)
        if last_year:
            before = plant_list(session, city, key="330200-2017-before")
            before.year = 2017
            courses = plant_indicator(session, before, "courses")
            accept_line(session, courses, city, 6, value=90)
            accept_line(session, courses, city, 12, value=30)
        person = make_person(session, "viewer", city)
        try_fold(session, NOW)
        session.commit()
    return signed_in_client(app, person.account_id)
