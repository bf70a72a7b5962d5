"""Tables as CSV that spreadsheets open without guessing: UTF-8 with BOM, text that stays text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Final

from tracker.domain.periods import SHANGHAI

Cell = str | int | Decimal | datetime | None
"""Text, a count, an exact number with its places, a moment, or nothing known.

A moment with a zone is written as Asia/Shanghai wall time; one without is wall time already.
"""

BOM: Final = "\ufeff"
RISKY_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula."""

_RISKY: Final = tuple(f"\n{beginning}" for beginning in RISKY_BEGINNINGS)

ROWS_A_PIECE: Final = 500
HOUR: Final = len("2018-07-03 10")
MINUTE: Final = len("2018-07-03 10:30")
FEWEST_COLUMNS: Final = 2
"""Of a single column an empty cell needs quotation marks, or its line would be none."""

END: Final = "\r\n"
MARKS: Final = ('"', ",", "\r")


def csv_pieces(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file piece by piece, so that a long one never stands in memory whole.

    Lines end in CRLF (RFC 4180). A text a spreadsheet would calculate gets an apostrophe before it.
    """
    yield (BOM + _one_by_one([headings])).encode()
    left = iter(rows)
    while piece := [*islice(left, ROWS_A_PIECE)]:
        yield _lines(piece).encode()


def _lines(rows: Sequence[Sequence[Cell]]) -> str:
    """The lines of rows. Equally long ones are written column by column: what is true of a whole column
    is found out at once, at a fifth of what asking each cell costs.
    """
    lengths = {*map(len, rows)}
    if len(lengths) > 1 or min(lengths) < FEWEST_COLUMNS:
        return _one_by_one(rows)
    columns = map(_spelt, zip(*rows, strict=True))
    return END.join(map(",".join, zip(*columns, strict=True))) + END


def _one_by_one(rows: Iterable[Sequence[Cell]]) -> str:
    target = io.StringIO(newline="")
    csv.writer(target).writerows([as_text(cell) for cell in row] for row in rows)
    return target.getvalue()


def _spelt(column: Sequence[Cell]) -> Iterable[str]:
    """The cells of a column as the file holds them."""
    kinds = {*map(type, column)}
    if kinds == {int}:
        return map(str, column)
    if kinds == {datetime} and {cell.tzinfo for cell in column} == {UTC}:  # type: ignore[union-attr]
        return _moments(column)  # type: ignore[arg-type]
    texts: Sequence[str] = column  # type: ignore[assignment]
    if kinds != {str}:
        texts = [cell if isinstance(cell, str) else as_text(cell) for cell in column]
    together = "\n" + "\n".join(texts)
    if str in kinds and any(beginning in together for beginning in _RISKY):
        texts = [as_text(cell) for cell in column]
    if together.count("\n") > len(texts) or any(mark in together for mark in MARKS):
        return map(_quoted, texts)
    return texts


def _quoted(text: str) -> str:
    """In quotation marks where a reader would otherwise take a part of it for the end."""
    if not any(mark in text for mark in (*MARKS, "\n")):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def as_text(cell: Cell) -> str:
    """One cell as written: numbers with all their places, nothing known as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(RISKY_BEGINNINGS) else cell
    if isinstance(cell, datetime):
        return wall_time(cell).isoformat(" ", "minutes")
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def wall_time(moment: datetime) -> datetime:
    """The moment as clocks in Shanghai show it, without its zone, which spreadsheets do not know."""
    return moment if moment.tzinfo is None else moment.astimezone(SHANGHAI).replace(tzinfo=None)


def _moments(column: Sequence[datetime]) -> list[str]:
    """Moments in UTC, turned hour by hour: Shanghai is whole hours ahead, and a long table holds few hours."""
    hours: dict[str, str] = {}
    texts = [*map(str, column)]
    for hour in {text[:HOUR] for text in texts}:
        there = datetime.fromisoformat(f"{hour}:00+00:00").astimezone(SHANGHAI)
        hours[hour] = there.isoformat(" ", "hours")[:HOUR]
    return [hours[text[:HOUR]] + text[HOUR:MINUTE] for text in texts]
