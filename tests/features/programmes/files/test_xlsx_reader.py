"""A workbook is read row by row, and its faults stand at their rows and columns."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl import Workbook

from tests.features.programmes.files.lists import EVERY_FIELD, PLAIN, document_of, faults_of
from tracker.features.programmes.files.formats import read_file, write_file
from tracker.features.programmes.files.nodes import UnreadableFile

Change = Callable[[Workbook], object]


def changed(change: Change, text: str = EVERY_FIELD) -> bytes:
    """A list's workbook after somebody changed it."""
    book = openpyxl.load_workbook(io.BytesIO(write_file(document_of(text), ".xlsx")))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def put(sheet: str, cell: str, value: object) -> Change:
    def change(book: Workbook) -> None:
        book[sheet][cell] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("指标", "N2", "六十万"), "第 2 行 target：“六十万”不是一个数"),
        (put("指标", "N3", 399.5), "第 3 行 target：“399.5”有小数"),
        (put("指标", "X1", "remarks"), "第 1 行：没有“remarks”这一列"),
        (put("指标", "B3", "另一个"), "第 3 行 title：同一实事项目与第 2 行写的不一样"),
        (put("指标", "E3", "members"), "第 3 行 code：指标代码 members 重复"),
        (put("指标", "Q9", "2018-12"), "第 9 行 stages：每个阶段写成"),
        (put("清单", "B3", "宁波"), "清单 第 3 行 publisher：“宁波”不是单位代码"),
        (put("清单", "A6", "year"), "清单 第 6 行 year：写了两次"),
        (put("分解", "A2", "nobody"), "分解 第 2 行 indicator：没有代码为 nobody 的指标"),
        (put("分解", "B3", "330203"), "分解 第 3 行 org_unit：写了两次"),
        (put("分解", "C2", "约9万"), "分解 第 2 行 target：“约9万”是约数"),
    ],
    ids=lambda part: part if isinstance(part, str) else "cell",
)
def test_names_the_row_and_column(change: Change, said: str) -> None:
    found = faults_of(changed(change))
    assert any(fault.startswith(said) for fault in found), found


def test_takes_what_a_clerk_changes_in_a_cell() -> None:
    content = changed(put("指标", "N2", 1_600_000), PLAIN)
    [indicator] = read_file(content).require_sound().indicators
    assert indicator.target == 1_600_000


def test_goes_on_with_the_pledge_above_where_its_cells_are_blank() -> None:
    def blank(book: Workbook) -> None:
        for column in "ABCD":
            book["指标"][f"{column}3"] = None

    assert read_file(changed(blank)).require_sound() == document_of(EVERY_FIELD)


@pytest.mark.parametrize("sheet", ["指标", "清单"])
def test_needs_its_sheets(sheet: str) -> None:
    with pytest.raises(UnreadableFile, match=sheet):
        read_file(changed(lambda book: book.remove(book[sheet])))


def test_takes_a_workbook_without_allocations() -> None:
    content = changed(lambda book: book.remove(book["分解"]), PLAIN)
    assert read_file(content).require_sound() == document_of(PLAIN)
