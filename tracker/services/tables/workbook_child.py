"""The child process that reads a workbook: standard input to standard output, inside limits it sets itself.

Started by path in Python's isolated mode, so it imports nothing of ours and knows no database and no setting.
Nothing is parsed before the archive has been measured: entries, unzipped size, ratio, cells, DTDs.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from python_calamine import CalamineWorkbook, SheetTypeEnum

PIECE = 1 << 20
OVERLAP = 64
EXACT = 2**53
"""From here on a workbook's number, a double, no longer tells neighbouring integers apart."""

_CELL = re.compile(rb"<(?:[A-Za-z0-9]+:)?c[ />]")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class Refused(Exception):
    """The archive breaks a rule; the code is one the parent knows a sentence for."""


def main() -> None:
    """Answer one JSON object: each sheet's name and its rows (asked for ``parts``: their names), or the refusal's code."""
    limits = json.loads(sys.argv[1])
    _limit_process(limits["memory_bytes"], limits["cpu_seconds"])
    content = sys.stdin.buffer.read()
    try:
        parts = _measure(content, limits)
        is_read = sys.argv[2:] != ["parts"]
        answer: object = {"sheets": _read_sheets(content, limits)} if is_read else {"parts": parts}
    except Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": "too_large"}
    except Exception:  # noqa: BLE001 (whatever a hostile archive breaks is unreadable, no more)
        answer = {"refused": "unreadable"}
    sys.stdout.write(json.dumps(answer))


def _limit_process(memory_bytes: int, cpu_seconds: int) -> None:
    """No more memory and time than this, no file written, no core left behind."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _measure(content: bytes, limits: dict[str, int]) -> list[str]:
    """Walk through the archive once, keeping nothing but the names of its parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        _require(len(entries) <= limits["entries"], "too_many_entries")
        _require(len({entry.filename for entry in entries}) == len(entries), "unreadable")
        _require(all(not entry.flag_bits & 1 for entry in entries), "encrypted")
        unzipped = cells = 0
        for entry in entries:
            for piece, fresh in _pieces(archive, entry):
                unzipped += len(fresh)
                _require(unzipped <= limits["unzipped_bytes"], "too_large")
                _require(unzipped <= max(limits["ratio"] * len(content), PIECE), "too_dense")
                if _is_markup(entry.filename):
                    _require(b"\0" not in fresh and not _DECLARATION.search(piece), "declares_types")
                    cells += sum(
                        1 for found in _CELL.finditer(piece) if found.end() > len(piece) - len(fresh)
                    )
                    _require(cells <= limits["cells"], "too_many_cells")
    return [entry.filename for entry in entries]


def _require(is_met: bool, refusal: str) -> None:
    if not is_met:
        raise Refused(refusal)


def _is_markup(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[tuple[bytes, bytes]]:
    """What was unzipped since the last piece, and the same with the end of the last one before it."""
    tail = b""
    with archive.open(entry) as opened:
        while fresh := opened.read(PIECE):
            piece = tail + fresh
            yield piece, fresh
            tail = piece[-OVERLAP:]


def _read_sheets(content: bytes, limits: dict[str, int]) -> list[dict[str, object]]:
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        return [{"name": name, "rows": _read_rows(workbook, name, limits)} for name in names]


def _read_rows(workbook: CalamineWorkbook, name: str, limits: dict[str, int]) -> list[list[str]]:
    """The rows from the sheet's first to its last used one, cells as text; a number that lost digits is refused."""
    sheet = workbook.get_sheet_by_name(name)
    last_row, last_column = sheet.end or (-1, -1)
    _require(last_row < limits["rows"], "too_many_rows")
    _require(last_column < limits["columns"], "too_many_columns")
    return [[_text_of(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def _text_of(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (int, float)):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)


def _number_text(number: float) -> str:
    """Plain digits as the workbook shows them: 39.5, 330203; never an exponent."""
    exact = Decimal(repr(number))
    _require(abs(exact) < EXACT, "inexact_number")
    text = format(exact, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


if __name__ == "__main__":
    main()
