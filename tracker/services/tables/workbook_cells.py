"""Cells of workbooks we write: text stays text, numbers are numbers with their places, nothing is a formula."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from tracker.services.tables.csv_writing import Cell

AS_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""What keeps XlsxWriter from making formulas, links or numbers out of text."""

FONT: Final = "宋体"
LONGEST_CELL: Final = 32_767
"""Letters a cell can hold; no text of ours comes near, and one that did would be cut by Excel anyway."""


class CellTooLong(ValueError):
    """A text does not fit into a cell."""


class Styles:
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


def write_cell(sheet: Any, at: int, column: int, cell: Cell, styles: Styles) -> None:
    """Write one cell by its type; anything but a ``Cell`` is a KeyError, so nothing is guessed."""
    _WRITE[type(cell)](sheet, at, column, cell, styles)


def _write_text(sheet: Any, at: int, column: int, text: str, styles: Styles) -> None:
    """As text whatever it begins with: never a formula, a link or a number."""
    if len(text) > LONGEST_CELL:
        raise CellTooLong(f"row {at}, column {column}: {len(text)} letters")
    sheet.write_string(at, column, text, styles.text)


def _write_number(sheet: Any, at: int, column: int, number: Decimal, styles: Styles) -> None:
    places = -int(number.as_tuple().exponent)
    sheet.write_number(at, column, number, styles.number(places))


def _write_count(sheet: Any, at: int, column: int, count: int, styles: Styles) -> None:
    sheet.write_number(at, column, count, styles.number(0))


def _write_moment(sheet: Any, at: int, column: int, moment: datetime, styles: Styles) -> None:
    sheet.write_datetime(at, column, moment, styles.moment())


def _write_nothing(sheet: Any, at: int, column: int, _nothing: None, styles: Styles) -> None:
    sheet.write_blank(at, column, None, styles.text)


_WRITE: Final[dict[type, Callable[..., None]]] = {
    str: _write_text,
    Decimal: _write_number,
    int: _write_count,
    datetime: _write_moment,
    type(None): _write_nothing,
}
