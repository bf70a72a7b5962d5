"""Rows spelt straight into a worksheet: what is read back is what was written, and nothing breaks out of a cell."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from tracker.services.tables.csv_writing import Cell
from tracker.services.tables.exporting import Sheet, xlsx_pieces
from tracker.services.tables.workbook_cells import LONGEST_CELL, CellTooLong
from tracker.services.tables.worksheet_rows import ROWS_A_PIECE, TALLEST_PT, row_height, text_lines

FIRST = 3


def written(rows: list[tuple[Cell, ...]]) -> bytes:
    width = max(map(len, rows))
    return b"".join(xlsx_pieces(Sheet("表", [], [f"第{at}列" for at in range(width)], rows, [12] * width)))


def values(content: bytes) -> list[list[object]]:
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page is not None
    return [
        [unescape(cell) if isinstance(cell, str) else cell for cell in row]
        for row in page.iter_rows(min_row=FIRST + 1, values_only=True)
    ]


HOSTILE = (
    "<r><t>1</t></r>", "</t></is></c>", "&amp;", "]]>", "=1+1", "@SUM(A1)", "a@b", " 前后 ", "两\n行", "\x00\x0b\x1f",
    "_x0041_", "\ufffe", "制表\t符", "",
)  # fmt: skip


@pytest.mark.parametrize("mixed", [False, True])
def test_text_stays_text_whatever_it_holds(mixed: bool) -> None:
    rows: list[tuple[Cell, ...]] = [(text, None if mixed else "旁边") for text in HOSTILE]
    found = values(written([*rows, (7, "末行") if mixed else ("末行", "末行")]))
    assert [row[0] or "" for row in found[:-1]] == [*HOSTILE]
    assert found[-1][1] == "末行"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=8))
def test_any_text_comes_back(texts: list[str]) -> None:
    found = values(written([(text, "末") for text in texts]))
    assert [str(row[0] or "") for row in found] == texts


def test_numbers_and_moments_keep_their_places_over_several_pieces() -> None:
    at = datetime(2018, 7, 3, 2, 30, tzinfo=UTC)
    count = ROWS_A_PIECE + 1
    rows: list[tuple[Cell, ...]] = [(number, Decimal(number).scaleb(-2), at) for number in range(count)]
    found = values(written(rows))
    assert len(found) == count
    assert found[-1] == [count - 1, (count - 1) / 100, datetime(2018, 7, 3, 10, 30)]  # noqa: DTZ001 (wall time)


def test_refuses_what_is_no_cell_and_what_no_cell_holds() -> None:
    with pytest.raises(KeyError):
        written([(1.5,)])  # type: ignore[list-item]
    with pytest.raises(KeyError):
        written([(True, "x"), (2, "x")])
    for beside in ("短", None):
        with pytest.raises(CellTooLong):
            written([("长" * (LONGEST_CELL + 1), 1), (beside, 1)])


def test_a_row_has_room_for_its_longest_text() -> None:
    content = written([("短", "短"), ("一行放不下的一段说明文字", None), ("a" * 40, "\n\n")])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    heights = dict(re.findall(r'<row r="(\d+)"(?: ht="(\d+)" customHeight="1")?>', sheet))
    assert [heights[str(FIRST + row)] for row in (1, 2, 3)] == ["", "45", "75"]
    assert row_height(10_000) == TALLEST_PT
    assert [text_lines(text, 11) for text in ("五个汉字宽", "六个汉字宽啊", "", "12345678", "1234567890")] == [
        1, 2, 1, 1, 2,
    ]  # fmt: skip
