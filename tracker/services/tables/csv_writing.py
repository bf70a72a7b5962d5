"""Tables as CSV that spreadsheets open without guessing: UTF-8 with BOM, text that stays text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

Cell = str | int | Decimal | datetime | None
"""Text, a count, an exact number with its places, a moment in Asia/Shanghai wall time, or nothing known."""

BOM: Final = "\ufeff"
RISKY_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula."""

ROWS_A_PIECE: Final = 500


def csv_pieces(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file piece by piece, so that a long one never stands in memory whole.

    Lines end in CRLF (RFC 4180). A text a spreadsheet would calculate gets an apostrophe before it.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    target.write(BOM)
    writer.writerow([as_text(heading) for heading in headings])
    for at, row in enumerate(rows, 1):
        writer.writerow([as_text(cell) for cell in row])
        if at % ROWS_A_PIECE == 0:
            yield _taken(target)
    yield _taken(target)


def _taken(target: io.StringIO) -> bytes:
    piece = target.getvalue().encode()
    target.seek(0)
    target.truncate()
    return piece


def as_text(cell: Cell) -> str:
    """One cell as written: numbers with all their places, nothing known as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(RISKY_BEGINNINGS) else cell
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
