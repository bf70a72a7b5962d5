"""The file of org units: its columns, and every fault of its own rows with their line numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from tracker.domain.codes import UNIT_CODE
from tracker.domain.messages import Fault, Message, Refusal
from tracker.models.org_unit import KINDS, LEVELS
from tracker.services.tables.reading import Sheet, TableLimits, TableRow, read_table

COLUMNS = (
    "code", "name", "short_name", "level", "kind", "parent", "weight", "order", "valid_from", "valid_to",
)  # fmt: skip
NEEDED = ("code", "name", "level", "kind", "parent")
"""Columns no file is without; of the others what is stored stays (``completing``)."""
COMMENT = "#"
"""Begins a line that tells of the file and is no unit, such as the seal an export prints."""
LIMITS = TableLimits(
    file_bytes=64 * 2**20, unzipped_bytes=512 * 2**20, cells=6_000_000, rows=500_001, columns=40
)

CODE = re.compile(UNIT_CODE)
LONGEST_NAME = 120
LONGEST_SHORT_NAME = 40
LARGEST_NUMBER = 10**9


T = TypeVar("T")


class UnreadableCell(Refusal):
    """A cell does not say what its column asks for."""


class OrgRow(NamedTuple):
    """One unit as the file states it. ``parent`` "" is a root; a cell that was refused, or has no column, is empty."""

    line: int
    code: str
    name: str
    short_name: str
    level: str
    kind: str
    parent: str
    weight: int | None
    position: int
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class OrgFile:
    """The rows with a code, each code once, what is wrong with the file, and which columns it leaves out."""

    rows: Mapping[str, OrgRow]
    faults: tuple[Fault, ...]
    left_out: frozenset[str] = frozenset()


def line_place(line: int) -> str:
    """How a line of the file is named."""
    return str(Message("第 {line} 行", {"line": line}))


def cell_place(line: int, column: str) -> str:
    """How a cell of the file is named."""
    return f"{line_place(line)} {column}"


def read_org_file(content: bytes, limits: TableLimits = LIMITS) -> OrgFile:
    """Read a CSV (UTF-8 or GB18030) or XLSX file. Raises UnreadableTable when it is no table at all."""
    sheet = read_table(content, limits)
    header, *rows = sheet.rows
    rows = [row for row in rows if not row.cells[0].startswith(COMMENT)]
    faults = _header_faults(header)
    if faults:
        return OrgFile({}, tuple(faults))
    return _read_rows(Sheet(sheet.name, tuple(rows)), header.cells)


def _header_faults(header: TableRow) -> list[Fault]:
    place = line_place(header.line)
    names = [name for name in header.cells if name]
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in names]
    repeated = sorted({name for name in names if names.count(name) > 1})
    faults = [Fault(place, Message("没有“{name}”这一列", {"name": name})) for name in unknown]
    faults += [Fault(place, Message("缺少“{name}”列", {"name": name})) for name in missing]
    return faults + [Fault(place, Message("“{name}”列出现了两次", {"name": name})) for name in repeated]


def _read_rows(sheet: Sheet, header: tuple[str, ...]) -> OrgFile:
    faults: list[Fault] = []
    rows: dict[str, OrgRow] = {}
    for row in sheet.rows:
        if any(row.cells[len(header) :]):
            faults.append(Fault(line_place(row.line), Message("格数多于列数")))
        cells = dict(zip(header, [*row.cells, *[""] * len(header)], strict=False))
        read = _read_row(row.line, cells, faults)
        if read.code in rows:
            first = {"code": read.code, "line": rows[read.code].line}
            faults.append(
                Fault(cell_place(row.line, "code"), Message("代码 {code} 与第 {line} 行重复", first))
            )
        elif read.code:
            rows[read.code] = read
    return OrgFile(rows, tuple(faults), frozenset(COLUMNS) - {*header})


class _Cells:
    """The cells of one row; what cannot be read becomes a fault and the default."""

    def __init__(self, line: int, cells: Mapping[str, str], faults: list[Fault]) -> None:
        self._line, self._cells, self._faults = line, cells, faults

    def read(self, column: str, parse: Callable[[str], T], default: T) -> T:
        try:
            return parse(self._cells.get(column, ""))
        except Refusal as refused:
            self.fault(column, refused.message)
            return default

    def fault(self, column: str, message: Message) -> None:
        self._faults.append(Fault(cell_place(self._line, column), message))


def _read_row(line: int, texts: Mapping[str, str], faults: list[Fault]) -> OrgRow:
    cells = _Cells(line, texts, faults)
    name = cells.read("name", _name, "")
    row = OrgRow(
        line=line,
        code=cells.read("code", _code, ""),
        name=name,
        short_name=cells.read("short_name", lambda text: _short_name(text or name), "")
        if "short_name" in texts
        else "",
        level=cells.read("level", _level, ""),
        kind=cells.read("kind", _kind, ""),
        parent=texts["parent"],
        weight=cells.read("weight", _count, None),
        position=cells.read("order", _count, None) or 0,
        valid_from=cells.read("valid_from", _day, None),
        valid_to=cells.read("valid_to", _day, None),
    )
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        cells.fault("valid_to", Message("失效日期早于生效日期"))
    return row


def _code(text: str) -> str:
    if not text:
        raise UnreadableCell("缺少代码")
    if not CODE.fullmatch(text):
        raise UnreadableCell("代码“{text}”只能用字母、数字和下划线，最多 32 位", text=text[:40])
    return text


def _name(text: str) -> str:
    return _within(text, LONGEST_NAME)


def _short_name(text: str) -> str:
    return _within(text, LONGEST_SHORT_NAME)


def _within(text: str, longest: int) -> str:
    if not text:
        raise UnreadableCell("不能为空")
    if len(text) > longest:
        raise UnreadableCell("超过 {longest} 个字", longest=longest)
    if not text.isprintable():
        raise UnreadableCell("含有换行等看不见的字符")
    return text


def _level(text: str) -> str:
    if text not in LEVELS:
        raise UnreadableCell("层级“{text}”不对，只能是 {known}", text=text[:40], known=" ".join(LEVELS))
    return text


def _kind(text: str) -> str:
    if text not in KINDS:
        raise UnreadableCell("类型“{text}”不对，只能是 {known}", text=text[:40], known=" ".join(KINDS))
    return text


def _count(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > LARGEST_NUMBER:
        raise UnreadableCell("“{text}”不是 0 到 10 亿之间的整数", text=text[:40])
    return int(text)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise UnreadableCell("“{text}”这一天不存在", text=text) from error
    raise UnreadableCell("日期“{text}”请写成 2018-06-30 这样", text=text[:40])
