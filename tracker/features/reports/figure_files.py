"""The figures file (document 3.4): from a table to rows by column name, before any rule looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tracker.domain.canonical import digest
from tracker.domain.messages import Fault, Faults, Message
from tracker.services.tables.reading import Sheet, TableRow, read_table


class FigureRow(NamedTuple):
    """One row as text, blank where the file says nothing; ``line`` is its place in the file (from 1)."""

    line: int
    org_unit: str = ""
    indicator: str = ""
    period: str = ""
    value: str = ""
    cumulative: str = ""
    numerator: str = ""
    denominator: str = ""
    done_on: str = ""
    items_done: str = ""
    note: str = ""


KEY_COLUMNS: Final = ("org_unit", "indicator", "period")
FIGURE_COLUMNS: Final = ("value", "cumulative", "numerator", "denominator", "done_on", "items_done")
COLUMNS: Final = (*KEY_COLUMNS, *FIGURE_COLUMNS, "note")


class FigureFile(NamedTuple):
    """A file's digest and its rows that state a figure."""

    digest: str
    rows: list[FigureRow]


def place_of(line: int, column: str) -> str:
    """How a fault names its place: ``第 3 行, value``."""
    return f"第 {line} 行, {column}" if column else f"第 {line} 行"


def line_of(fault: Fault) -> int:
    """The line in the place ``place_of`` made, so that faults can be put in the file's order."""
    return int(fault.place.split()[1])


def read_figure_file(content: bytes) -> FigureFile:
    """The rows of a figures file; blank ones, whatever their note, are no lines and left out.

    Raises UnreadableTable, and Faults when the header names unknown columns, one twice or lacks a key.
    """
    return FigureFile(digest(content), rows_of(read_table(content)))


def rows_of(sheet: Sheet) -> list[FigureRow]:
    """The rows of a table whose first row names the columns."""
    header, *body = sheet.rows
    faults = _header_faults(header)
    order = [header.cells.index(column) if column in header.cells else None for column in COLUMNS]
    width = len(header.cells)
    faults += [_overhang(row) for row in body if any(row.cells[width:])]
    faults += _unnamed(header, body)
    if faults:
        raise Faults(faults)
    rows = [_row(row, order) for row in body]
    return [row for row in rows if any(row[4:10])]  # the figure columns


def _row(row: TableRow, order: Sequence[int | None]) -> FigureRow:
    cells, width = row.cells, len(row.cells)
    return FigureRow(row.line, *["" if index is None or index >= width else cells[index] for index in order])


def _header_faults(header: TableRow) -> list[Fault]:
    names = [name for name in header.cells if name]
    known = "、".join(COLUMNS)
    found = [
        Fault(place_of(header.line, name), Message("没有这一列，可用的列：{known}", {"known": known}))
        for name in dict.fromkeys(names)
        if name not in COLUMNS
    ]
    found += [
        Fault(place_of(header.line, name), Message("这一列出现了两次"))
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    found += [
        Fault(place_of(header.line, name), Message("缺少这一列，第一行应写明各列的名称"))
        for name in KEY_COLUMNS
        if name not in names
    ]
    return found


def _overhang(row: TableRow) -> Fault:
    return Fault(place_of(row.line, ""), Message("这一行的格数比表头多，可能有未加引号的逗号"))


def _unnamed(header: TableRow, body: Sequence[TableRow]) -> list[Fault]:
    nameless = [index for index, name in enumerate(header.cells) if not name]
    if not nameless:
        return []
    return [
        Fault(place_of(row.line, ""), Message("有内容填在没有名称的列里"))
        for row in body
        if any(row.cells[index] for index in nameless if index < len(row.cells))
    ]
