"""Ten pledges and eleven districts: what a leader reads in ten seconds, and what a district reads of itself."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.full_list import KEY, plant_full_list
from tests.factories.ningbo import NOW, bring_in
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import accept_line, act, plant_indicator, plant_list, plant_tree, put_targets
from tests.features.dashboards.test_overview import BUDGET, text_of
from tests.features.dashboards.test_pledge import BUDGET as PLEDGE_BUDGET
from tests.features.dashboards.test_trail import walk
from tests.support.statements import counted_statements
from tracker.db import Database
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Programme, ProgrammeVersion
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.posting import post
from tracker.services.ledger.settling import settle

ADDRESS = f"/programmes/{KEY}"
HEADINGS = (
    "org_unit",
    "indicator",
    "period",
    "value",
    "numerator",
    "denominator",
    "done_on",
    "items_done",
    "note",
)

ANNOUNCED = NOW.replace(month=1, day=10)


@pytest.fixture
def database(fresh_database: Database) -> Database:
    with fresh_database.session() as session:
        made = plant_full_list(session)
        add_versions(session, made.programme_id)
        settle(fresh_database, session, lambda: NOW)
    return fresh_database


def add_versions(session: Session, programme_id: int) -> None:
    """The counting rule of the stations changed once."""
    for number, text in ((1, "以挂牌为准"), (2, "以实际完成并登记为准")):
        document = f'{{"pledges":[{{"indicators":[{{"code":"stations","counting_rule":"{text}"}}]}}]}}'
        session.add(
            ProgrammeVersion(
                programme_id=programme_id, number=number, at=ANNOUNCED if number == 1 else NOW, by_id=None, reason="", document=document,
                digest="0" * 64,
            )
        )  # fmt: skip


def client(app: Flask, database: Database, role: str, code: str) -> FlaskClient:
    with database.session() as session:
        person = make_person(session, role, code)
        session.commit()
    return signed_in_client(app, person.account_id)


@pytest.fixture
def reviewer(app: Flask, database: Database) -> FlaskClient:
    return client(app, database, "reviewer", "330200")


def lead_of(page: str) -> str:
    found = re.search(r'<p class="lead">(.*?)</p>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", "", text_of(found[1]))


def test_the_sentence_names_the_pledge_the_districts_the_distance_and_the_silent(
    reviewer: FlaskClient,
) -> None:
    told = lead_of(reviewer.get(ADDRESS).text)
    assert told.startswith("有1件滞后，需要盯紧。共10件实事：")
    assert "建设户外劳动者服务站点落后20.6点，主要是宁海、镇海、江北，按目前速度年底完成68.2%；" in told
    assert "推进职工疗休养落后3.9点。" in told
    assert told.endswith("奉化、象山本期未报。")


def test_lists_what_will_be_missed_and_what_would_mend_it(reviewer: FlaskClient) -> None:
    page = reviewer.get(ADDRESS).text
    told = text_of(page[page.index('id="warnings"') :])
    assert "建设户外劳动者服务站点 按近三期速度，年底约完成 68.2%，完不成。" in told
    assert "要完成，余下 6 个月平均每月需 39家，比近三期的每月 21家 多 18家。" in told


def test_does_not_call_late_what_waits_for_a_verdict(reviewer: FlaskClient) -> None:
    assert "2 家未报" in text_of(reviewer.get(ADDRESS).text)


def test_tells_a_part_from_nothing(app: Flask, database: Database) -> None:
    with database.session() as session:
        bring_in(session, f"{','.join(HEADINGS)}\n330213,enrolments,2018-06,100,,,,,\n")
        settle(database, session, lambda: NOW)
    page = text_of(client(app, database, "reviewer", "330200").get(ADDRESS).text)
    assert "已报 1 / 10 件，其余尚未填报" in page
    assert page.count("尚未填报") == 2


def test_a_district_sees_its_targets_the_middle_and_what_a_month_needs(
    app: Flask, database: Database
) -> None:
    reporter = client(app, database, "reporter", "330203")
    with counted_statements(database) as sent:
        page = reporter.get(ADDRESS).text
    assert len(sent) <= BUDGET, "\n".join(sent)
    own = text_of(page[page.index('id="own"') :])
    assert "同级 11 家的中位数是 59.0%，排第 3 位" in own
    row = own[own.index("就业创业培训") :][:200]
    for words in ("1,314人 / 1,800人", "73.0%", "超前 23.0 点", "65.0%", "高 8.0 点", "3 / 11", "81人"):
        assert words in row, row
    assert "at=330205" not in page


def test_a_silent_district_reads_no_zero_but_what_is_late(app: Flask, database: Database) -> None:
    reporter = client(app, database, "reporter", "330213")
    page = reporter.get(ADDRESS).text
    told = text_of(page)
    assert "本期的数还没有通过。 尚未填报；报送截止" in told
    assert f'href="{ADDRESS}/sheets/330213/2018-06"' in page
    assert "平均完成率 —" in told
    assert "0.0%" not in told[told.index("平均完成率") : told.index("亮灯情况")]


def test_hides_peers_where_nothing_is_ranked(app: Flask, database: Database) -> None:
    with database.session() as session:
        session.connection().exec_driver_sql("UPDATE programme SET is_ranked = false")
        session.commit()
    page = client(app, database, "reporter", "330203").get(ADDRESS).text
    assert "同级中位数" not in page
    assert "每月还需" in page
    assert "同级中位数" in client(app, database, "reviewer", "330200").get(f"{ADDRESS}?at=330203").text


def test_the_pledge_s_page_tells_ranks_versions_words_and_the_warning(
    reviewer: FlaskClient, database: Database
) -> None:
    reviewer.get(ADDRESS)  # promises are remembered
    with counted_statements(database) as sent:
        page = reviewer.get(f"{ADDRESS}/pledges/6").text
    assert len(sent) <= PLEDGE_BUDGET, "\n".join(sent)
    told = text_of(page)
    for words in (
        "牵头部门 基层工作部",
        "配合部门 办公室",
        "年底会完不成。",
        "口径的 2 个版本",
        "第 2 版，2018年7月16日 14:08起 以实际完成并登记为准",
        "第 1 版，2018年1月10日 14:08起 以挂牌为准",
        "宁海 2018-06 问题 站点选址与沿街商户协调较慢。 下步打算 七月起每周调度一次，九月底前补齐。",
        "5 ↓1 市直 33.3%",
        "地区排名",
    ):
        assert words in told, words


@pytest.mark.parametrize("place", ["/pledges/6", "?at=330203", "/pledges/1?at=330203"])
def test_every_number_leads_to_a_trail_that_adds_up(reviewer: FlaskClient, place: str) -> None:
    pages = walk(reviewer, ADDRESS + place)
    assert pages
    assert [address for address, page in pages.items() if "不符" in page] == []


def test_lists_all_reports_below_a_unit_with_a_way_back_to_the_parts(app: Flask, database: Database) -> None:
    viewer = client(app, database, "viewer", "330000")
    address = f"{ADDRESS}/trail?indicator=stations&at=330200"
    told = text_of(viewer.get(f"{address}&reports=1").text)
    assert told.count("2018-06") >= 9
    assert "按单位看" in told
    assert "依据哪些报告" in told


def test_says_that_acts_are_not_summed_yet_and_when_the_shown_result_was(
    reviewer: FlaskClient, database: Database
) -> None:
    assert "还没有汇总进来" not in reviewer.get(ADDRESS).text
    with database.session() as session:
        programme = session.scalars(select(Programme)).one()
        city = session.scalars(select(OrgUnit).where(OrgUnit.code == "330200")).one()
        plant_indicator(session, programme, "late")
        post(session, act("target", programme.id), {city.id})
        session.commit()
    assert "有 1 次办理还没有汇总进来，这里是 7月16日 14:08 的结果" in reviewer.get(ADDRESS).text


def test_drilling_keeps_the_order_for_the_way_back(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{ADDRESS}?sort=lag&cutoff=2018-06").text
    trail = re.search(rf'href="({ADDRESS}/trail[^"]*)"', page)
    assert trail is not None
    back = reviewer.get(unescape(trail[1])).text
    assert f'href="{ADDRESS}?cutoff=2018-06&amp;sort=lag#pledge-' in back
    assert f'{ADDRESS}/compare?cutoff=2018-06"' in page


def test_a_district_with_townships_sees_its_own_heat_map(app: Flask, fresh_database: Database) -> None:
    with fresh_database.session() as session:
        units = plant_tree(session, {"330000": {"330200": {"330203": {"330203001": {}, "330203002": {}}}}})
        programme = plant_list(session, units["330200"], key=KEY)
        counted = plant_indicator(session, programme, "courses")
        put_targets(session, counted, {units["330203"]: 100})
        put_targets(session, counted, {units["330203001"]: 60, units["330203002"]: 40})
        accept_line(session, counted, units["330203001"], 6, value=45)
        try_fold(session, NOW)
        session.commit()
    reviewer = client(app, fresh_database, "reviewer", "330203")
    page = reviewer.get(f"{ADDRESS}?cutoff=2018-06").text
    matrix = text_of(page[page.index('id="matrix"') :])
    assert "330203001" in matrix
    assert "75" in matrix
    assert "未报" in matrix
    assert "一键催报" not in page
    assert "催报" in page
