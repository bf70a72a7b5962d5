"""Tables as files: what they rest on stands at the top, text stays text, memory stays flat."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from tracker.services.tables.csv_writing import Cell
from tracker.services.tables.exporting import Sheet, csv_file, xlsx_file, xlsx_pieces

ROWS: list[tuple[Cell, ...]] = [
    ("海曙区总工会", 12, Decimal("-1.50"), datetime(2018, 7, 3, 10, 30), None),  # noqa: DTZ001 (wall time)
    ("=1+1", 0, Decimal(0), None, "＝2"),
]
SHEET = Sheet(
    "各地区进展", [("清单", "330200-2018"), ("封存号", "12")], ["单位", "件数", "差距", "时间", "备注"], ROWS
)


def test_csv_begins_with_what_it_rests_on() -> None:
    text = b"".join(csv_file(SHEET)).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["各地区进展"], ["清单", "330200-2018"], ["封存号", "12"], [], ["单位", "件数", "差距", "时间", "备注"],
        ["海曙区总工会", "12", "-1.50", "2018-07-03 10:30", ""], ["'=1+1", "0", "0", "", "'＝2"],
    ]  # fmt: skip


def test_a_workbook_holds_numbers_and_text_and_no_formula() -> None:
    page = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_pieces(SHEET)))).active
    assert page is not None
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert [row[:2] for row in rows[:3]] == [["各地区进展", None], ["清单", "330200-2018"], ["封存号", "12"]]
    assert rows[4] == ["单位", "件数", "差距", "时间", "备注"]
    assert rows[5] == ["海曙区总工会", 12, -1.5, datetime(2018, 7, 3, 10, 30), None]  # noqa: DTZ001
    assert [cell.data_type for cell in page[7]] == ["s", "n", "n", "n", "s"]
    assert page.freeze_panes == "A6"


def many(count: int) -> Iterator[tuple[Cell, ...]]:
    return (("单位", number, Decimal(number) / 10, None, "备注") for number in range(count))


@pytest.mark.parametrize("style", ["csv", "xlsx"])
def test_memory_stays_flat_however_long_the_table(style: str) -> None:
    def peak(count: int) -> int:
        sheet = Sheet("长表", [], ["单位", "件数", "差距", "时间", "备注"], many(count))
        tracemalloc.start()
        if style == "csv":
            for _piece in csv_file(sheet):
                pass
        else:
            with xlsx_file(sheet):
                pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)  # what is imported and kept for good
    assert peak(8_000) < peak(1_000) * 2 + 200_000
