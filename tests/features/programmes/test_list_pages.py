"""The page of a list says what is promised in plain words, to whoever may see it, within its budget."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from flask import Flask

from tests.features.programmes.desks import Desk, text_of
from tests.features.programmes.files.lists import EVERY_FIELD
from tests.support.statements import counted_statements
from tracker.domain.periods import Month
from tracker.features.programmes.files.formats import read_file
from tracker.features.programmes.words import value_words
from tracker.services.anchors import find_newest_seal, list_anchors
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load
from tracker.services.tree import get_unit
from tracker.web.current import real_now

BUDGET = 15
"""Statements of the list's page: who asks (1), what waits (1), the list (1), its publisher (2), the document (7), units, versions (1)."""


def rows(page: str) -> dict[str, str]:
    """Code of an indicator → what its row says."""
    found = re.findall(r'<tr id="indicator-([^"]+)">(.*?)</tr>', page, re.DOTALL)
    return {code: text_of(row) for code, row in found}


def test_marks_exactly_the_three_targets_of_huzhou_below_last_years_result(app: Flask) -> None:
    page = Desk(app, "huzhou-2025").sign_in("reviewer", "330500").get("/programmes/330500-2025/list").text
    said = rows(page)
    marked = {code: row for code, row in said.items() if "低于上年实绩" in row}
    assert set(marked) == {"hu25_05", "hu25_09", "hu25_10"}
    for code, figures in {
        "hu25_05": ("200 场", "208 场"),
        "hu25_09": ("5,000 人次", "5,056 人次"),
        "hu25_10": ("700,000 人次", "703,000 人次"),
    }.items():
        assert all(figure in marked[code] for figure in figures), marked[code]
    assert "有 3 项目标低于上年实绩" in page
    assert "85.0%" in said["hu25_07"]
    assert "82.0%" in said["hu25_07"]


def test_shows_stage_and_goal_of_nanxun(app: Flask) -> None:
    page = Desk(app, "nanxun-2021").sign_in("reviewer", "330503").get("/programmes/330503-2021/list").text
    said = rows(page)["homes_finished"]
    assert "今年阶段：到2021年12月底累计 1,000 套" in said
    assert "总目标：到2025年12月底累计 10,000 套" in said
    assert "总目标" not in rows(page)["homes_started"]
    assert "力争 名单上 10 个逐个完成" in rows(page)["culture_palaces"]
    assert "按分年阶段，到阶段月份才评判，不按时间进度" in text_of(page)


def test_says_that_the_kept_level_of_xianning_is_judged_without_time_progress(app: Flask) -> None:
    desk = Desk(app, "xianning-2026")
    said = rows(desk.sign_in("reviewer", "421200").get("/programmes/421200-2026/list").text)["registered"]
    assert "每期看是否保持，不按时间进度评判" in said
    assert "≥ 400 户" in said
    with desk.database.read_session() as session:
        head = find_head(session, "421200-2026")
        assert head is not None
        table = load(session, head, get_unit(session, head.publisher_id), cutoff=Month(2026, 6))
    kept = [
        one.standing
        for pledge in table.pledges
        for one in pledge.indicators
        if one.listed.rule.code == "registered"
    ]
    assert [(one.expected_tenths, one.completion_tenths) for one in kept] == [(None, None)]


def test_tells_every_field_there_is(app: Flask) -> None:
    desk = Desk(app)
    desk.bring(EVERY_FIELD)
    page = text_of(desk.sign_in("reviewer", "330200").get("/programmes/330200-2018-second-list/list").text)
    for said in (
        "按季报", "次月 10 日", "次月 25 日", "按天", "不计入合计", "达序时 ≥ 0.5 点，预警 ≥ −7.5 点", "牵头：职工保障部",
        "配合：财务部、办公室, 一", "力争 ≥ 1,500,000 人次", "1,480,000 人次", "必须附佐证", "分到 4 家", "有 2 个部分",
        "各部分合起来等于整体", "是“参加职工医疗互助保障人次”的一部分", "按自定的计划进度评判", "各月末累计百分数：1、2、8.3", "≈ 3,950,000,000.00 元",
        "左右，少 2.5% 以内算达到", "年初 500,000", "动态保持", "&gt; 85.5%", "年内完成", "练市镇、双林镇", "文字判断", "≤ 1,000 套",
    ):  # fmt: skip
        assert said in page, said


def test_offers_changes_to_the_publishers_reviewer_alone(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018")
    own = desk.sign_in("reviewer", "330200").get("/programmes/330200-2018/list").text
    for said in ("增加实事", "开始执行", "调整顺序", "复制到下一年", "导出 Excel", "保存"):
        assert said in own, said
    for role, unit in (("viewer", "330200"), ("reviewer", "330000"), ("reporter", "330203")):
        page = desk.sign_in(role, unit).get("/programmes/330200-2018/list").text
        assert "参加职工医疗互助保障人次" in page
        assert "/list/indicators/" not in page
        assert "开始执行" not in page
        assert ('href="/programmes/330200-2018/targets"' in page) == (role != "reporter")
        assert ("导出 Excel" in page) == (role != "reporter")


def test_changes_nothing_of_a_list_that_is_only_in_sight(app: Flask) -> None:
    province = Desk(app, "ningbo-2018").sign_in("reviewer", "330000")
    for path in ("head", "pledges/1", "indicators/enrolments", "order", "copy", "state/run"):
        assert province.get(f"/programmes/330200-2018/list/{path}").status_code == 403, path


def test_keeps_a_draft_from_everybody_else(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018", publish=False)
    assert desk.sign_in("reviewer", "330200").get("/programmes/330200-2018/list").status_code == 200
    for role, unit in (("viewer", "330200"), ("reviewer", "330000"), ("reporter", "330203")):
        assert desk.sign_in(role, unit).get("/programmes/330200-2018/list").status_code == 404


def test_stays_within_its_budget(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018")
    browser = desk.sign_in("reviewer", "330200")
    browser.get("/programmes/330200-2018/list")
    with counted_statements(desk.database) as sent:
        browser.get("/programmes/330200-2018/list")
    assert len(sent) <= BUDGET, "\n".join(sent)


def test_is_linked_from_the_overview_and_from_all_lists(app: Flask) -> None:
    browser = Desk(app, "ningbo-2018").sign_in("reviewer", "330200")
    for path in ("/programmes", "/programmes/330200-2018"):
        assert 'href="/programmes/330200-2018/list"' in browser.get(path).text


def printed_in(content: bytes, ending: str) -> str:
    """Everything a person can read in a file."""
    if ending == "yaml":
        return content.decode()
    book = openpyxl.load_workbook(io.BytesIO(content))
    return "\n".join(str(cell) for row in book["说明"].iter_rows(values_only=True) for cell in row)


@pytest.mark.parametrize("ending", ["xlsx", "yaml"])
def test_exports_a_file_that_changes_nothing_when_it_comes_back(app: Flask, ending: str) -> None:
    desk = Desk(app, "ningbo-2018")
    viewer = desk.sign_in("viewer", "330200")
    gone = viewer.submit("/programmes/330200-2018/list/exports", {"format": ending})
    file = viewer.get(gone.location)
    assert file.headers["Content-Disposition"] == f"attachment; filename=330200-2018.{ending}"
    assert read_file(file.data).document == desk.document("330200-2018")
    with desk.database.session() as session:
        try_fold(session, real_now())
        session.commit()
        seal = find_newest_seal(session)
    assert seal is not None
    again = viewer.get(viewer.submit("/programmes/330200-2018/list/exports", {"format": ending}).location)
    assert read_file(again.data).document == desk.document("330200-2018")
    with desk.database.read_session() as session:
        assert list_anchors(session, limit=1)[0].seal == seal.number
    assert seal.written in printed_in(again.data, ending)
    assert desk.actions() == ["programme.exported"] * 2
    assert desk.sign_in("viewer", "330200").get(gone.location).status_code == 404, "another person's export"


def test_switches_the_ranking_once_and_tells_who_was_too_late(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018")
    browser = desk.sign_in("reviewer", "330200")
    page = browser.get("/programmes/330200-2018/list").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    path, typed = "/programmes/330200-2018/list/ranking", {"is_ranked": "false", "version": version[1]}
    assert browser.submit(path, typed).status_code == 303
    assert browser.submit(path, typed).status_code == 409
    assert desk.actions() == ["programme.ranking_switched"]
    assert "不排名" in text_of(desk.sign_in("viewer", "330200").get("/programmes/330200-2018/list").text)


def test_a_unit_without_a_number_is_called_as_in_the_matrix() -> None:
    place = "indicators/enrolments/allocations/330203"
    assert [value_words(place, text) for text in ("null", None, "180000")] == [
        "不定数",
        "（没有）",
        "180,000",
    ]
