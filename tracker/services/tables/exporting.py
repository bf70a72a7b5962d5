"""A table on a screen as a file: what it rests on at the top, then its rows, streamed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from tracker.services.tables.csv_writing import Cell, csv_pieces
from tracker.services.tables.workbook_cells import AS_TEXT, Styles
from tracker.services.tables.worksheet_rows import RowFile, rows_on_disk

PIECE: Final = 1 << 16
USUAL_WIDTH: Final = 16
MOST_ROWS: Final = 1_000_000
"""Rows a worksheet has room for below the facts, with a margin."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, the facts it rests on (list, unit, cut-off, filters, seal …), headings and rows."""

    title: str
    facts: Sequence[tuple[str, str]]
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = field(default=())


class TooManyRows(ValueError):
    """A worksheet cannot hold that many rows; CSV can."""


def csv_file(sheet: Sheet) -> Iterator[bytes]:
    """The table as CSV: title and facts, an empty line, headings, rows."""
    return csv_pieces((sheet.title,), chain(sheet.facts, [(), tuple(sheet.headings)], sheet.rows))


@contextmanager
def xlsx_file(sheet: Sheet) -> Iterator[Path]:
    """The table as a workbook on disk while the block runs; memory stays flat however many rows there are."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "table.xlsx"
        book = xlsxwriter.Workbook(str(made), {**AS_TEXT, "constant_memory": True, "tmpdir": folder})
        with rows_on_disk(book):
            _write(book, sheet)
        yield made


def xlsx_pieces(sheet: Sheet) -> Iterator[bytes]:
    """The workbook's bytes piece by piece."""
    with xlsx_file(sheet) as made, made.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


def _write(book: Any, sheet: Sheet) -> None:
    styles, page = Styles(book), book.add_worksheet("表")
    heading_row = len(sheet.facts) + 2
    widths = sheet.widths or [USUAL_WIDTH] * len(sheet.headings)
    for at, width in enumerate(widths):
        page.set_column(at, at, width)
    _prepare_print(page, heading_row)
    page.write_string(0, 0, sheet.title, styles.title)
    for at, (label, value) in enumerate(sheet.facts, 1):
        page.write_string(at, 0, label, styles.identity)
        page.write_string(at, 1, value, styles.identity)
    for at, heading in enumerate(sheet.headings):
        page.write_string(heading_row, at, heading, styles.heading)
    RowFile(page, styles, widths).write(heading_row + 1, _fitting(sheet.rows, MOST_ROWS - heading_row))


def _fitting(rows: Iterable[Sequence[Cell]], most: int) -> Iterator[Sequence[Cell]]:
    for at, row in enumerate(rows):
        if at >= most:
            raise TooManyRows(f"more than {most} rows")
        yield row


def _prepare_print(page: Any, heading_row: int) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(heading_row)
    page.freeze_panes(heading_row + 1, 0)
    page.hide_gridlines(2)
