"""Writing a document as a workbook: indicators one a row, the head and the allocations on sheets of their own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from tracker.domain.messages import Refusal
from tracker.features.programmes.files import layout
from tracker.services.programme_documents.document import Document, Fields, document_fields

LONGEST_CELL = 32_767
NUMBERS = frozenset(
    {"number", "year", "due_day", "close_day", "decimals", "tolerance_percent", "target", "base", "last_year"}
)
"""Columns whose text is written as a number."""

WIDE = frozenset({"title", "name", "counting_rule", "plan", "stages", "items", "value"})
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""Workbooks carry no date of their own, so that equal documents give equal files."""


class TooLongForCell(Refusal):
    """A list does not fit into one cell of a workbook."""


def write_xlsx(document: Document, notes: Sequence[str] = ()) -> bytes:
    """The programme file of a document; ``notes`` stand on a sheet of their own. Raises TooLongForCell."""
    fields = document_fields(document)
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties({"created": MADE_AT.replace(tzinfo=None)})
        indicator_columns = (*layout.PLEDGE_COLUMNS, *layout.INDICATOR_COLUMNS)
        _write_sheet(workbook, layout.INDICATORS_SHEET, indicator_columns, _indicator_rows(fields))
        _write_sheet(workbook, layout.HEAD_SHEET, layout.HEAD_COLUMNS, _head_rows(fields))
        _write_sheet(workbook, layout.ALLOCATIONS_SHEET, layout.ALLOCATION_COLUMNS, _allocation_rows(fields))
        if notes:
            _write_notes(workbook, notes)
    return buffer.getvalue()


def _write_notes(workbook: xlsxwriter.Workbook, notes: Sequence[str]) -> None:
    sheet = workbook.add_worksheet(layout.NOTES_SHEET)
    sheet.set_column(0, 0, 100)
    for line, note in enumerate(notes):
        sheet.write_string(line, 0, note)


def _indicator_rows(fields: Fields) -> list[Fields]:
    return [
        {column: _cell(pledge[column]) for column in layout.PLEDGE_COLUMNS}
        | {column: _cell(indicator[column]) for column in layout.INDICATOR_COLUMNS}
        for pledge in fields["pledges"]
        for indicator in pledge["indicators"]
    ]


def _head_rows(fields: Fields) -> list[Fields]:
    lights = layout.SEPARATOR.join(fields["lights"].values())
    return [
        {"field": name, "value": lights if name == "lights" else _cell(fields[name])}
        for name in layout.HEAD_ROWS
    ]


def _allocation_rows(fields: Fields) -> list[Fields]:
    rows = []
    for pledge in fields["pledges"]:
        for indicator in pledge["indicators"]:
            for unit, said in indicator["allocations"].items():
                parts = said if isinstance(said, dict) else {"target": said, "base": None}
                rows.append(
                    {"indicator": indicator["code"], "org_unit": unit}
                    | {name: _cell(value) for name, value in parts.items()}
                )
    return rows


def _cell(value: Any) -> str:
    """A field in one cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return layout.SEPARATOR.join(_cell(part) for part in value)
    if isinstance(value, dict):
        return f"{value['until']}{layout.STAGE_MARK}{value['target']}"
    return str(value)


def _write_sheet(
    workbook: xlsxwriter.Workbook, name: str, columns: Sequence[str], rows: Sequence[Fields]
) -> None:
    sheet = workbook.add_worksheet(name)
    bold, as_text = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 36 if column in WIDE else 14, None if column in NUMBERS else as_text)
        sheet.write_string(0, place, column, bold)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, 1):
        for place, column in enumerate(columns):
            _write_cell(sheet, line, place, column=column, text=row[column], as_text=as_text)


def _write_cell(sheet: Any, line: int, place: int, *, column: str, text: str, as_text: Any) -> None:
    if len(text) > LONGEST_CELL or _is_taken_for_markup(text):
        raise TooLongForCell("“{column}”的内容放不进一格，请导出为 YAML", column=column)
    if text and column in NUMBERS:
        sheet.write_number(line, place, Decimal(text))
    elif text:
        sheet.write_string(line, place, text, as_text)


def _is_taken_for_markup(text: str) -> bool:
    """XlsxWriter would write it as it stands, and a workbook with broken markup opens nowhere."""
    return text.startswith("<r>") and text.endswith("</r>")
