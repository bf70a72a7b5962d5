"""Reading a CSV or XLSX file into rows of text with their line numbers."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tracker.domain.messages import Refusal, sentence

CHILD = Path(__file__).with_name("workbook_child.py")
ARCHIVE = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
LONGEST_CELL = 32_767
"""What a workbook's cell holds at most; CSV gets no more."""


@dataclass(frozen=True, slots=True)
class TableLimits:
    """What a file may cost; ``ratio`` is unzipped ÷ zipped, ``wait_seconds`` real time for the child."""

    file_bytes: int = 20 * 2**20
    entries: int = 200
    unzipped_bytes: int = 128 * 2**20
    ratio: int = 100
    cells: int = 1_200_000
    rows: int = 200_001
    columns: int = 100
    memory_bytes: int = 256 * 2**20
    cpu_seconds: int = 5
    wait_seconds: int = 30


LIMITS = TableLimits()


class TableRow(NamedTuple):
    """One row: the number of the line it begins on (from 1) and its cells, stripped of surrounding space."""

    line: int
    cells: tuple[str, ...]


class Sheet(NamedTuple):
    """A named table; a CSV file is one sheet without a name. Rows without any text are left out."""

    name: str
    rows: tuple[TableRow, ...]


class UnreadableTable(Refusal):
    """The file is no table we read, or costs more than we spend; the message says what to do."""


def read_sheets(content: bytes, limits: TableLimits = LIMITS) -> list[Sheet]:
    """All sheets of a file, told apart by its first bytes, never by its name. Raises UnreadableTable."""
    if len(content) > limits.file_bytes:
        raise UnreadableTable("文件超过 {size} MB，请分成几个文件", size=limits.file_bytes // 2**20)
    if content.startswith(ARCHIVE):
        return _read_workbook(content, limits)
    if content.startswith(OLD_WORKBOOK):
        raise UnreadableTable("这是旧版或加了密码的工作簿，请另存为不带密码的 .xlsx 后再用")
    return [Sheet("", tuple(_read_csv(_decoded(content), limits)))]


def read_table(content: bytes, limits: TableLimits = LIMITS) -> Sheet:
    """The only sheet with rows, or the first of them. Raises UnreadableTable, also for a file without rows."""
    for sheet in read_sheets(content, limits):
        if sheet.rows:
            return sheet
    raise UnreadableTable("文件里没有内容")


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, else GB18030, which holds every text older offices save."""
    if content.startswith(WIDE_MARKS) or b"\0" in content:
        raise UnreadableTable("不是文本文件；请另存为“CSV UTF-8”后再用")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable("文字编码认不出来，请另存为“CSV UTF-8”后再用")


def _read_csv(text: str, limits: TableLimits) -> Iterator[TableRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line, cells = 1, 0
    try:
        for row in reader:
            cells += len(row)
            _check_size(len(row), line, cells, limits)
            stripped = _stripped(row, line)
            if any(stripped):
                yield TableRow(line, stripped)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableTable("第 {line} 行的引号不成对，或内容过长", line=line) from error


def _check_size(width: int, line: int, cells: int, limits: TableLimits) -> None:
    if width > limits.columns:
        raise UnreadableTable("第 {line} 行超过 {columns} 列", line=line, columns=limits.columns)
    if line > limits.rows or cells > limits.cells:
        raise UnreadableTable(
            "超过 {rows} 行或 {cells} 格，请分成几个文件", rows=limits.rows, cells=limits.cells
        )


def _stripped(row: list[str], line: int) -> tuple[str, ...]:
    if any(len(cell) > LONGEST_CELL for cell in row):
        raise UnreadableTable("第 {line} 行有一格超过 {length} 个字", line=line, length=LONGEST_CELL)
    return tuple([cell.strip() for cell in row])


_REFUSED = {
    "too_many_entries": sentence("工作簿里的部件太多，请只保留要导入的工作表"),
    "too_large": sentence("工作簿展开后太大，请分成几个文件"),
    "too_dense": sentence("工作簿压缩得不正常，没有打开；请另存一份再试"),
    "too_many_cells": sentence("工作簿里的格子太多，请分成几个文件"),
    "too_many_rows": sentence("工作表的行数太多，请分成几个文件"),
    "too_many_columns": sentence("工作表的列数太多，请删去多余的列"),
    "declares_types": sentence("工作簿里有不允许的声明（DTD），没有打开"),
    "encrypted": sentence("工作簿加了密码，请去掉密码再用"),
    "inexact_number": sentence("工作簿里有超过 16 位的数字，表格软件已不能准确保存，请把那一格设为文本"),
    "unreadable": sentence("工作簿已损坏或不是 .xlsx，请另存一份再试"),
}


def _read_workbook(content: bytes, limits: TableLimits) -> list[Sheet]:
    answer = _ask_child(content, limits)
    if "refused" in answer:
        raise UnreadableTable(_REFUSED[answer["refused"]])
    return [Sheet(sheet["name"], tuple(_numbered(sheet["rows"]))) for sheet in answer["sheets"]]


def _numbered(rows: list[list[str]]) -> Iterator[TableRow]:
    for line, row in enumerate(rows, 1):
        stripped = _stripped(row, line)
        if any(stripped):
            yield TableRow(line, stripped)


def list_parts(content: bytes, limits: TableLimits = LIMITS) -> list[str]:
    """The names of an Office archive's parts, measured and not read. Raises UnreadableTable."""
    answer = _ask_child(content, limits, "parts")
    if "refused" in answer:
        raise UnreadableTable(_REFUSED[answer["refused"]])
    parts: list[str] = answer["parts"]
    return parts


def _ask_child(content: bytes, limits: TableLimits, *task: str) -> dict[str, Any]:
    """What the child answers; one that was stopped by its limits counts as a refusal."""
    command = [sys.executable, "-I", str(CHILD), json.dumps(asdict(limits)), *task]
    try:
        done = subprocess.run(  # noqa: S603 (our own file, by our own interpreter)
            command, input=content, capture_output=True, timeout=limits.wait_seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        return {"refused": "too_large"}
    if done.returncode != 0:
        return {"refused": "too_large"}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
