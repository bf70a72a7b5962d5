"""A bulletin as a workbook: real numbers, no formulas, ready to print on landscape A4."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from tracker.features.bulletins.sheets import Band, Document, Frame, Table, identity_line, tables_of
from tracker.services.tables.csv_writing import Cell

OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
A4: Final = 9
TITLE_ROW, IDENTITY_ROW, HEADING_ROW, FIRST_ROW = range(4)
FONT: Final = "宋体"
LONGEST_CELL: Final = 32_767
"""Letters a cell can hold; no text of ours comes near, and one that did would be cut by Excel anyway."""


class CellTooLong(ValueError):
    """A text does not fit into a cell."""


def write_xlsx(document: Document, frame: Frame) -> bytes:
    """The workbook's bytes; equal documents and frames give equal bytes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    _describe(book, document, frame)
    styles = _Styles(book)
    for table in tables_of(document, frame):
        _write_table(book.add_worksheet(table.name), table, document, frame, styles)
    book.close()
    return target.getvalue()


def _describe(book: Any, document: Document, frame: Frame) -> None:
    """Properties a reader and the verifier find without opening a sheet; the only date is that of issuing."""
    properties = {
        "title": document["title"],
        "company": document["publisher"],
        "author": document["publisher"],
        "comments": identity_line(document, frame.digest),
        "created": frame.issued_at,
    }
    book.set_properties(properties)
    book.set_custom_property("serial", document["serial"], "text")
    book.set_custom_property("digest", frame.digest, "text")
    book.set_size(2400, 1400)


class _Styles:
    """The formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}
        plain = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        boxed = plain | {"border": 1, "border_color": "#8C8778"}
        self.title = book.add_format(plain | {"bold": True, "font_size": 16})
        self.identity = book.add_format(plain | {"font_color": "#4B515B"})
        self.band = book.add_format(plain | {"bold": True, "bg_color": "#F1EEE7", "text_wrap": True})
        self.heading = book.add_format(
            boxed | {"bold": True, "bg_color": "#F1EEE7", "text_wrap": True, "align": "center"}
        )
        self.text = book.add_format(boxed | {"text_wrap": True, "num_format": "@"})
        self._boxed = boxed

    def number(self, places: int) -> Any:
        """Grouped, with exactly that many places."""
        return self._format("#,##0" + ("." + "0" * places if places else ""))

    def moment(self) -> Any:
        """A day and its time."""
        return self._format("yyyy-mm-dd hh:mm")

    def _format(self, spelling: str) -> Any:
        if spelling not in self._made:
            self._made[spelling] = self._book.add_format(self._boxed | {"num_format": spelling})
        return self._made[spelling]


def _write_table(sheet: Any, table: Table, document: Document, frame: Frame, styles: _Styles) -> None:
    _prepare_print(sheet, document, frame)
    sheet.write_string(TITLE_ROW, 0, f"{document['title']} · {table.name}", styles.title)
    sheet.write_string(IDENTITY_ROW, 0, identity_line(document, frame.digest), styles.identity)
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(HEADING_ROW, at, column.heading, styles.heading)
    sheet.set_row(HEADING_ROW, 32)
    for at, row in enumerate(table.rows, FIRST_ROW):
        _write_row(sheet, at, row, len(table.columns), styles)


def _prepare_print(sheet: Any, document: Document, frame: Frame) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(TITLE_ROW, HEADING_ROW)
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.set_footer(f"&L{document['serial']} · {frame.digest[:16]}&R第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)


def _write_row(sheet: Any, at: int, row: Sequence[Cell] | Band, width: int, styles: _Styles) -> None:
    if isinstance(row, Band):
        sheet.merge_range(at, 0, at, width - 1, "", styles.band)
        sheet.write_string(at, 0, row.text, styles.band)
        return
    for column, cell in enumerate(row):
        _WRITE[type(cell)](sheet, at, column, cell, styles)


def _write_text(sheet: Any, at: int, column: int, text: str, styles: _Styles) -> None:
    """As text whatever it begins with: never a formula, a link or a number."""
    if len(text) > LONGEST_CELL:
        raise CellTooLong(f"row {at}, column {column}: {len(text)} letters")
    sheet.write_string(at, column, text, styles.text)


def _write_number(sheet: Any, at: int, column: int, number: Decimal, styles: _Styles) -> None:
    places = -int(number.as_tuple().exponent)
    sheet.write_number(at, column, number, styles.number(places))


def _write_count(sheet: Any, at: int, column: int, count: int, styles: _Styles) -> None:
    sheet.write_number(at, column, count, styles.number(0))


def _write_moment(sheet: Any, at: int, column: int, moment: datetime, styles: _Styles) -> None:
    sheet.write_datetime(at, column, moment, styles.moment())


def _write_nothing(sheet: Any, at: int, column: int, _nothing: None, styles: _Styles) -> None:
    sheet.write_blank(at, column, None, styles.text)


_WRITE: Final[dict[type, Callable[..., None]]] = {
    str: _write_text,
    Decimal: _write_number,
    int: _write_count,
    datetime: _write_moment,
    type(None): _write_nothing,
}
"""How each type of cell is written; anything else is a KeyError, so nothing is guessed."""
