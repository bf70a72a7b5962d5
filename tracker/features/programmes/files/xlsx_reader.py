"""Reading a workbook into the nodes a YAML file would give; limits and the child process are ``services.tables``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tracker.domain.messages import Message
from tracker.features.programmes.files import layout
from tracker.features.programmes.files.nodes import Findings, Listed, Mapped, Node, Scalar, UnreadableFile
from tracker.services.tables.reading import Sheet, TableLimits, TableRow, read_sheets

LIMITS = TableLimits(file_bytes=2 * 2**20, unzipped_bytes=32 * 2**20, cells=500_000, rows=20_000, columns=100)


class _Record(NamedTuple):
    """One row by its columns; ``path`` is how its cells' places begin."""

    path: str
    texts: Mapping[str, str]

    def scalar(self, column: str) -> Scalar:
        text = self.texts.get(column, "")
        return Scalar(f"{self.path}{column}", text, is_null=not text)

    def node(self, column: str) -> Node:
        """The cell as the field it stands for."""
        found = self.scalar(column)
        if found.is_null:
            return found
        if column == "stages":
            return Listed(found.place, [_stage(found, part) for part in _parts(found.text)])
        if column in layout.LISTED_COLUMNS:
            return Listed(found.place, [Scalar(found.place, part) for part in _parts(found.text)])
        return found


def read_xlsx(content: bytes, findings: Findings) -> Node:
    """The workbook as nodes. Raises UnreadableTable or UnreadableFile when it cannot be read at all."""
    sheets = {sheet.name: sheet for sheet in read_sheets(content, LIMITS)}
    for name in (layout.INDICATORS_SHEET, layout.HEAD_SHEET):
        if name not in sheets:
            raise UnreadableFile("工作簿里没有“{name}”这张表", name=name)
    head = _head_fields(sheets[layout.HEAD_SHEET], findings)
    columns = (*layout.PLEDGE_COLUMNS, *layout.INDICATOR_COLUMNS)
    rows = list(_records(sheets[layout.INDICATORS_SHEET], columns, findings))
    allocations = _allocations(sheets.get(layout.ALLOCATIONS_SHEET), rows, findings)
    pledges = Listed(layout.INDICATORS_SHEET, list(_pledges(rows, allocations, findings)))
    return Mapped(layout.HEAD_SHEET, {**head, "pledges": pledges}, f"{layout.HEAD_SHEET} ")


def _records(sheet: Sheet, columns: Sequence[str], findings: Findings, prefix: str = "") -> Iterator[_Record]:
    """The rows below the header, which names the columns in any order."""
    if not sheet.rows:
        return
    header, *rows = sheet.rows
    _check_header(header, columns, findings, prefix)
    for row in rows:
        path = f"{prefix}第 {row.line} 行 "
        texts = dict(zip(header.cells, row.cells, strict=False))
        if any(row.cells[len(header.cells) :]):
            findings.add(path.strip(), Message("格数多于列数"))
        yield _Record(path, texts)


def _check_header(header: TableRow, columns: Sequence[str], findings: Findings, prefix: str) -> None:
    place = f"{prefix}第 {header.line} 行"
    for name in header.cells:
        if name and name not in columns:
            findings.add(place, Message("没有“{name}”这一列", {"name": name}))
    for name in sorted({name for name in header.cells if name and header.cells.count(name) > 1}):
        findings.add(place, Message("“{name}”列出现了两次", {"name": name}))


def _head_fields(sheet: Sheet, findings: Findings) -> dict[str, Node]:
    fields: dict[str, Node] = {}
    for record in _records(sheet, layout.HEAD_COLUMNS, findings, f"{layout.HEAD_SHEET} "):
        name = record.texts.get("field", "")
        text = record.texts.get("value", "")
        found = Scalar(f"{record.path}{name}", text, is_null=not text)
        if name in fields:
            findings.add(found.place, Message("写了两次"))
        elif name:
            fields[name] = _lights(found) if name == "lights" else found
    return fields


def _lights(found: Scalar) -> Node:
    parts = _parts(found.text)
    if len(parts) != 2:
        return found
    on_track, lagging = (Scalar(found.place, part) for part in parts)
    return Mapped(found.place, {"on_track": on_track, "lagging": lagging}, f"{found.place} ")


def _parts(text: str) -> list[str]:
    return [
        part.strip() for part in text.replace(";", layout.SEPARATOR).split(layout.SEPARATOR) if part.strip()
    ]


def _stage(found: Scalar, part: str) -> Node:
    until, mark, target = part.partition(layout.STAGE_MARK)
    if not mark:
        return Scalar(found.place, part)
    fields = {"until": Scalar(found.place, until.strip()), "target": Scalar(found.place, target.strip())}
    return Mapped(found.place, fields, f"{found.place} ")


def _pledges(
    rows: Sequence[_Record], allocations: Mapping[str, Mapped], findings: Findings
) -> Iterator[Mapped]:
    """Rows of one number are one pledge; a blank number goes on with the row above."""
    groups: dict[str, list[_Record]] = {}
    number = ""
    for row in rows:
        number = row.texts.get("number", "") or number
        groups.setdefault(number, []).append(row)
    for group in groups.values():
        first = group[0]
        for row in group[1:]:
            _check_repeated(first, row, findings)
        fields: dict[str, Node] = {column: first.node(column) for column in layout.PLEDGE_COLUMNS}
        indicators = [_indicator(row, allocations) for row in group]
        yield Mapped(
            first.path.strip(), fields | {"indicators": Listed(first.path.strip(), indicators)}, first.path
        )


def _check_repeated(first: _Record, row: _Record, findings: Findings) -> None:
    for column in layout.PLEDGE_COLUMNS[1:]:
        text = row.texts.get(column, "")
        if text and text != first.texts.get(column, ""):
            place = {"place": first.path.strip()}
            findings.add(f"{row.path}{column}", Message("同一实事项目与{place}写的不一样", place))


def _indicator(row: _Record, allocations: Mapping[str, Mapped]) -> Mapped:
    fields = {column: row.node(column) for column in layout.INDICATOR_COLUMNS}
    allocated = allocations.get(row.texts.get("code", ""))
    return Mapped(
        row.path.strip(), fields if allocated is None else fields | {"allocations": allocated}, row.path
    )


def _allocations(sheet: Sheet | None, rows: Sequence[_Record], findings: Findings) -> dict[str, Mapped]:
    codes = {row.texts.get("code", "") for row in rows}
    found: dict[str, dict[str, Node]] = {}
    if sheet is None:
        return {}
    for record in _records(sheet, layout.ALLOCATION_COLUMNS, findings, f"{layout.ALLOCATIONS_SHEET} "):
        code, unit = record.texts.get("indicator", ""), record.texts.get("org_unit", "")
        if code not in codes:
            findings.add(
                f"{record.path}indicator", Message("没有代码为 {code} 的指标", {"code": code or "（空）"})
            )
        elif unit in found.setdefault(code, {}):
            findings.add(f"{record.path}org_unit", Message("写了两次"))
        else:
            fields: dict[str, Node] = {name: record.scalar(name) for name in ("target", "base")}
            found[code][unit] = Mapped(record.path.strip(), fields, record.path)
    return {code: Mapped(layout.ALLOCATIONS_SHEET, units) for code, units in found.items()}
