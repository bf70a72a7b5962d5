"""The workbook: five sheets, real numbers, empty where nothing is known, nothing a formula, ready to print."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from tests.factories.ningbo import KEY, plant_ningbo
from tracker.domain.periods import Period
from tracker.features.bulletins import xlsx_writer
from tracker.features.bulletins.document import Document, Occasion, build_document
from tracker.features.bulletins.sheets import Frame
from tracker.features.bulletins.xlsx_writer import write_xlsx
from tracker.services.programme_heads import find_head

FRAME = Frame("7f" * 32, datetime(2018, 7, 16, tzinfo=UTC), "王建国", datetime(2018, 7, 18, 2, tzinfo=UTC))
SHEETS = ["总表", "分地区", "存在问题", "来源", "说明"]


@pytest.fixture
def document(session: Session) -> Document:
    plant_ningbo(session)
    head = find_head(session, KEY)
    assert head is not None
    occasion = Occasion(Period.parse("2018-H1"), Period.parse("2018-H1").end, 1, "杨立群")
    return build_document(session, head, occasion, seal=1)


def opened(document: Document) -> Any:
    return openpyxl.load_workbook(io.BytesIO(write_xlsx(document, FRAME)))


def rows_of(sheet: Worksheet) -> Iterator[dict[str, Cell]]:
    headings = [cell.value for cell in sheet[3]]
    for row in sheet.iter_rows(min_row=4):
        yield dict(zip(headings, row, strict=True))


def by_code(sheet: Worksheet) -> dict[object, dict[str, Cell]]:
    return {row["指标代码"].value: row for row in rows_of(sheet)}


def test_prints_the_public_figures_as_numbers(document: Document) -> None:
    overview = by_code(opened(document)["总表"])
    enrolments = overview["enrolments"]
    assert [enrolments[name].value for name in ("年度目标", "累计完成", "完成率（%）")] == [
        1_500_000,
        1_520_000,
        101.3,
    ]
    assert enrolments["完成率（%）"].number_format == "#,##0.0"
    assert enrolments["累计完成"].number_format == "#,##0"
    assert enrolments["亮灯"].value == "✓ 已完成"
    assert overview["loan_amount"]["累计完成"].value == 3_900_000_000


def test_leaves_what_is_unknown_empty(document: Document) -> None:
    overview = by_code(opened(document)["总表"])
    relief, courses = overview["relief_funds"], overview["public_courses"]
    assert (relief["累计完成"].value, relief["年度目标"].value, relief["完成率（%）"].value) == (
        480_000,
        None,
        None,
    )
    assert (courses["累计完成"].value, courses["数量不详"].value) == (None, 1)


def test_keeps_decimals_exact(document: Document) -> None:
    document["pledges"][0]["indicators"][0] |= {"target": "99999999999.9999", "actual": "-0.10"}
    row = by_code(opened(document)["总表"])["enrolments"]
    assert (row["年度目标"].value, row["年度目标"].number_format) == (99999999999.9999, "#,##0.0000")
    assert (row["累计完成"].value, row["累计完成"].number_format) == (-0.1, "#,##0.00")


def test_lists_the_districts_that_are_assigned(document: Document) -> None:
    rows = list(rows_of(opened(document)["分地区"]))
    haishu = next(row for row in rows if row["单位代码"].value == "330203")
    assert [haishu[name].value for name in ("目标", "累计完成", "完成率（%）")] == [180_000, 176_000, 97.8]
    assert len([row for row in rows if row["指标代码"].value == "enrolments"]) == 11
    assert {row["单位"].value for row in rows if row["指标代码"].value == "relief_funds"} == {
        "宁波市总工会（本级）"
    }


def test_lists_every_source_with_what_it_states(document: Document) -> None:
    rows = list(rows_of(opened(document)["来源"]))
    assert "导入的历史数据" in str(rows[0]["指标代码"].value)
    amounts = [row["数值"].value for row in rows if row["指标代码"].value == "enrolments"]
    assert sum(amounts) == 1_520_000
    words = {row["指标代码"].value: row["其他内容"].value for row in rows[1:]}
    assert (words["public_courses"], words["centre_opened"]) == ("不详", "2018-06-20 完成")


def test_says_in_the_notes_what_it_rests_on(document: Document) -> None:
    notes = {row["项目"].value: row["内容"].value for row in rows_of(opened(document)["说明"])}
    assert (notes["截至"], notes["封存号"], notes["期号"]) == ("2018-06", "1", "第 1 期")
    assert (notes["校验码"], notes["封存校验码"]) == (FRAME.digest, document["seal_digest"])
    assert notes["会签"] == "王建国，2018-07-18 10:00（北京时间）"


def test_every_sheet_names_cutoff_seal_issue_and_digest(document: Document) -> None:
    book = opened(document)
    assert book.sheetnames == SHEETS
    for sheet in book.worksheets:
        for said in ("2018-06", "第 1 号封存", "第 1 期", FRAME.digest):
            assert said in sheet["A2"].value, sheet.title


def test_is_ready_to_print(document: Document) -> None:
    for sheet in opened(document).worksheets:
        page = sheet.page_setup
        assert (page.orientation, page.paperSize, page.fitToHeight) == ("landscape", 9, 0)
        assert page.fitToWidth in (None, 1)  # one page wide is the format's default
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.freeze_panes == "A4"


PLANTED = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "{=1}", "https" + "://example.test/", "0123", "<r>1</r>")


@pytest.mark.parametrize("name", PLANTED)
def test_never_turns_a_text_into_anything_else(document: Document, name: str) -> None:
    document["title"] = document["publisher"] = document["drafted_by"] = name
    document["pledges"][0]["title"] = document["pledges"][0]["indicators"][0]["name"] = name
    document["imported"][0]["unit"] = document["imported"][0]["note"] = name
    document["branches"][0]["name"] = name
    book = opened(document)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value == name} <= {"s"}
    assert sum(cell.value == name for cell in cells) >= 5
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]


def test_would_find_a_formula(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_writer, "_write_rows", lambda sheet, *_others: sheet.write_formula(3, 0, "=1+1"))
    cells = [cell for sheet in opened(document).worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"]


def test_a_row_is_as_high_as_its_longest_text(document: Document) -> None:
    """Programs that do not find it out themselves would cut the text off."""
    document["explanations"]["enrolments"] = "十个汉字是二十个数字宽。" * 10
    document["imported"][0]["note"] = "一\n二\n三\n四\n五"
    book = opened(document)
    heights = {
        (sheet.title, row["指标代码"].row): sheet.row_dimensions[row["指标代码"].row].height
        for sheet in (book["总表"], book["来源"])
        for row in rows_of(sheet)
    }
    assert heights["总表", 4] >= 8 * 12
    assert heights["来源", 5] == 5 * 15
    assert book["分地区"].row_dimensions[4].height is None
