"""Rows spelt column by column into a worksheet's file: XlsxWriter writes cell by cell, at more than three times the cost.

The sheet's book keeps its memory constant (``constant_memory``), so rows go down in order and are never held.
"""

# ruff: noqa: SLF001 -- the library offers the file of a sheet's rows under private names only.

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from xlsxwriter.utility import xl_col_to_name

from tracker.services.tables.csv_writing import Cell, wall_time
from tracker.services.tables.workbook_cells import LONGEST_CELL, CellTooLong, Styles

ROWS_A_PIECE: Final = 500
LINE_PT: Final = 15
TALLEST_PT: Final = 409
"""What a row may be at most."""

PLACE: Final = "@"
"""Stands for the row's number while a column is spelt; no style or number holds one."""

_FIRST_DAY: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (workbooks know no zones)
_DAY: Final = timedelta(days=1)
_ODD: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class RowFile:
    """The rows of one worksheet from some row on, each as high as its longest text needs."""

    def __init__(self, sheet: Any, styles: Styles, widths: Sequence[int]) -> None:
        self._sheet, self._styles, self._widths = sheet, styles, widths
        self._spell: dict[type, Callable[[Any], str]] = {
            str: self._text,
            int: self._count,
            Decimal: self._number,
            datetime: self._moment,
            type(None): self._nothing,
        }
        self._indexes: dict[int, int] = {}

    def write(self, at: int, rows: Iterable[Sequence[Cell]]) -> int:
        """Write rows from row ``at`` (counted from 0) on; the row after the last.

        Anything but a ``Cell`` is a KeyError, so nothing is guessed. Raises CellTooLong.
        """
        left = iter(rows)
        while piece := [*islice(left, ROWS_A_PIECE)]:
            self._sheet._write_single_row(at)  # what the library still holds comes first
            self._sheet.row_data_fh.write(self._lines(at + 1, piece))
            at += len(piece)
            self._reach(at, max(map(len, piece)))
        return at

    def _reach(self, after: int, width: int) -> None:
        """Tell the library how far the sheet goes by now."""
        sheet = self._sheet
        sheet.previous_row = after
        sheet.dim_rowmax = max(sheet.dim_rowmax or 0, after - 1)
        sheet.dim_colmax = max(sheet.dim_colmax or 0, width - 1)

    def _lines(self, first: int, rows: Sequence[Sequence[Cell]]) -> str:
        width = max(map(len, rows))
        filled = [row if len(row) == width else (*row, *[None] * (width - len(row))) for row in rows]
        columns = [*zip(*filled, strict=True)]
        heights = _heights(columns, self._widths)
        cells = map("".join, zip(*map(self._column, range(width), columns), strict=True))
        return "".join(
            [
                f'<row r="{number}"{height}>{line.replace(PLACE, str(number))}</row>'
                for number, height, line in zip(range(first, first + len(rows)), heights, cells, strict=True)
            ]
        )

    def _column(self, at: int, column: Sequence[Cell]) -> list[str]:
        begin = f'<c r="{xl_col_to_name(at)}{PLACE}"'
        kinds = {*map(type, column)}
        if kinds == {int}:
            style = self._style(self._styles.number(0))
            return [f'{begin} s="{style}"><v>{count}</v></c>' for count in column]
        if kinds == {str} and _is_plain("".join(column)):  # type: ignore[arg-type]
            style = self._style(self._styles.text)
            return [f'{begin} s="{style}" t="inlineStr"><is><t>{text}</t></is></c>' for text in column]
        spell = self._spell
        return [begin + spell[type(cell)](cell) for cell in column]

    def _style(self, style: Any) -> int:
        """The number of a format in the book."""
        found = self._indexes.get(id(style))
        if found is None:
            found = self._indexes[id(style)] = style._get_xf_index()
        return found

    def _text(self, text: str) -> str:
        """As text whatever it begins with: never a formula, a link, a number or markup."""
        if len(text) > LONGEST_CELL:
            raise CellTooLong(f"{len(text)} letters")
        kept = ' xml:space="preserve"' if text.strip() != text else ""
        spelt = _ODD.sub(_coded, text).translate(_MARKUP).replace(PLACE, "&#64;")
        return f' s="{self._style(self._styles.text)}" t="inlineStr"><is><t{kept}>{spelt}</t></is></c>'

    def _number(self, number: Decimal) -> str:
        places = -int(number.as_tuple().exponent)
        return f' s="{self._style(self._styles.number(places))}"><v>{number:f}</v></c>'

    def _count(self, count: int) -> str:
        return f' s="{self._style(self._styles.number(0))}"><v>{count}</v></c>'

    def _moment(self, moment: datetime) -> str:
        days = (wall_time(moment) - _FIRST_DAY) / _DAY
        return f' s="{self._style(self._styles.moment())}"><v>{days:.16G}</v></c>'

    def _nothing(self, _nothing: None) -> str:
        return f' s="{self._style(self._styles.text)}"/>'


@contextmanager
def rows_on_disk(book: Any) -> Iterator[None]:
    """Close the book after the block; where the block fails, only the files that hold its rows."""
    try:
        yield
    except BaseException:
        for sheet in book.worksheets():
            sheet.row_data_fh.close()
        raise
    book.close()


def _is_plain(together: str) -> bool:
    """Whether the texts of a column can stand in XML as they are. Blanks may be at an edge, so they count as odd."""
    return (
        together.isprintable()
        and len(together) <= LONGEST_CELL
        and not any(mark in together for mark in ("<", "&", ">", " ", "_x", PLACE))
    )


def _coded(found: re.Match[str]) -> str:
    """A letter XML has no place for, as workbooks spell it."""
    return f"_x{ord(found[0]):04X}_"


def _heights(columns: Sequence[Sequence[Cell]], widths: Sequence[int]) -> Iterator[str]:
    """The height of each row, as its element says it; nothing where one line is enough."""
    lines = [1] * len(columns[0])
    for column, width in zip(columns, widths, strict=False):
        if str in {*map(type, column)}:
            needed = (text_lines(cell, width) if isinstance(cell, str) else 1 for cell in column)
            lines = [*map(max, lines, needed)]
    return map(_height, lines)


def _height(lines: int) -> str:
    return "" if lines == 1 else f' ht="{row_height(lines)}" customHeight="1"'


def row_height(lines: int) -> int:
    """In points, with room for fonts that are taller than ours."""
    return min(LINE_PT * lines, TALLEST_PT)


def text_lines(text: str, width: int) -> int:
    """Lines a text takes in a column so many digits wide: letters of East Asia are two digits wide.

    Other letters count a fifth more than a digit: fonts that stand in for ours are wider.
    """
    if "\n" in text:
        return sum(text_lines(line, width) for line in text.split("\n"))
    fifths = 4 * len(text) + 2 * len(text.encode("utf-8", "replace"))  # 6 for one byte, 10 for three
    usable = 5 * (width - 1)
    return 1 if fifths <= usable else -(-fifths // usable)
