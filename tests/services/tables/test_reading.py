"""Tables are read as text with their line numbers, and what would cost too much is refused before it is parsed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
import xlsxwriter

from tracker.services.tables.reading import LIMITS, TableRow, UnreadableTable, read_sheets, read_table

TEXT = "org_unit,note\n330203,中文，㐀\n"


def workbook(fill: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    """The bytes of a workbook that ``fill`` writes."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    fill(book)
    book.close()
    return written.getvalue()


def changed(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part rewritten."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.namelist():
            part = source.read(entry)
            target.writestr(entry, change(part) if entry == name else part)
    return written.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SMALL = workbook(lambda book: book.add_worksheet().write_row(0, 0, ["org_unit", "value"]))


def refusal(content: bytes, **limits: int) -> str:
    with pytest.raises(UnreadableTable) as refused:
        read_table(content, replace(LIMITS, **limits))
    return str(refused.value.message)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_reads_csv_in_the_encodings_offices_save(encoding: str) -> None:
    assert read_table(TEXT.encode(encoding)).rows == (
        TableRow(1, ("org_unit", "note")),
        TableRow(2, ("330203", "中文，㐀")),
    )


def test_numbers_lines_by_the_file_past_blank_rows_and_broken_cells() -> None:
    content = b'a,b\r\n\r\n , \r\n1,"two\r\nlines"\r\n2,x\r\n'
    assert [(row.line, row.cells) for row in read_table(content).rows] == [
        (1, ("a", "b")), (4, ("1", "two\r\nlines")), (6, ("2", "x")),
    ]  # fmt: skip


def test_reads_a_workbook_as_the_text_it_shows() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("数据")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 0, [330203, 39.5, 0.1, 82.0, " 近3万 ", True])
        sheet.write_datetime(4, 1, datetime(2018, 6, 20), day)  # noqa: DTZ001 (a cell knows no zone)
        book.add_worksheet("说明").write(0, 0, "x")

    first, second = read_sheets(workbook(fill))
    assert (first.name, second.name) == ("数据", "说明")
    assert first.rows == (
        TableRow(3, ("330203", "39.5", "0.1", "82", "近3万", "TRUE")),
        TableRow(5, ("", date(2018, 6, 20).isoformat(), "", "", "", "")),
    )


@pytest.mark.parametrize("number", [2.0**53, -(2.0**60), 1e300])
def test_refuses_numbers_a_workbook_cannot_hold_exactly(number: float) -> None:
    content = workbook(lambda book: book.add_worksheet().write(0, 0, number))
    assert "超过 16 位" in refusal(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "没有内容"),
        (b"\n , \n", "没有内容"),
        ("a,b".encode("utf-16"), "CSV UTF-8"),
        (b"a\0b", "CSV UTF-8"),
        (b"\x81\xff\xff", "编码认不出来"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版或加了密码"),
        (b'a,b\n"x"y,1\n', "第 2 行的引号"),
        (b'a,b\n1,"open', "第 2 行的引号"),
        (b"PK\x03\x04 nothing behind", "已损坏"),
        (SMALL[:-40], "已损坏"),
        (changed(SMALL, SHEET, lambda xml: b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + xml), "DTD"),
        (changed(SMALL, SHEET, lambda xml: xml.decode().encode("utf-16")), "DTD"),
    ],
)
def test_says_why_a_file_is_no_table(content: bytes, said: str) -> None:
    assert said in refusal(content)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"file_bytes": 100}, "MB"),
        ({"entries": 3}, "部件太多"),
        ({"unzipped_bytes": 1000}, "太大"),
        ({"cells": 1}, "格子太多"),
        ({"rows": 0}, "行数太多"),
        ({"columns": 1}, "列数太多"),
        ({"memory_bytes": 8 * 2**20}, "太大"),
    ],
)
def test_keeps_workbooks_within_each_limit(limits: dict[str, int], said: str) -> None:
    assert said in refusal(SMALL, **limits)


@pytest.mark.parametrize(
    ("limits", "said"), [({"rows": 1}, "1 行"), ({"columns": 1}, "1 列"), ({"cells": 3}, "3 格")]
)
def test_keeps_csv_within_each_limit(limits: dict[str, int], said: str) -> None:
    assert said in refusal(TEXT.encode(), **limits)


def test_refuses_a_cell_longer_than_a_workbook_holds() -> None:
    assert "第 2 行有一格超过" in refusal(b"a\n" + b"x" * 32_768)


def test_refuses_an_archive_that_swells(record_property: Callable[[str, object], None]) -> None:
    bomb = changed(
        SMALL, SHEET, lambda xml: xml.replace(b"</worksheet>", b" " * 30_000_000 + b"</worksheet>")
    )
    record_property("bytes", len(bomb))
    assert "压缩得不正常" in refusal(bomb)


def test_survives_a_sheet_that_claims_every_cell_there_is() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, 1)
        sheet.write(1_048_575, 16_383, 1)

    assert "太大" in refusal(workbook(fill)) or "太多" in refusal(workbook(fill))


def test_stops_a_child_that_takes_too_long(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    assert "太大" in refusal(SMALL, wait_seconds=0)
