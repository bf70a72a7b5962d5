"""A bulletin as a workbook: real numbers, no formulas, ready to print on landscape A4."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter

from tracker.features.bulletins.sheets import Band, Document, Frame, Table, identity_line, tables_of
from tracker.services.tables.csv_writing import Cell
from tracker.services.tables.workbook_cells import AS_TEXT, Styles, write_cell

A4: Final = 9
TITLE_ROW, IDENTITY_ROW, HEADING_ROW, FIRST_ROW = range(4)


def write_xlsx(document: Document, frame: Frame) -> bytes:
    """The workbook's bytes; equal documents and frames give equal bytes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {**AS_TEXT, "in_memory": True})
    _describe(book, document, frame)
    styles = Styles(book)
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


def _write_table(sheet: Any, table: Table, document: Document, frame: Frame, styles: Styles) -> None:
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


def _write_row(sheet: Any, at: int, row: Sequence[Cell] | Band, width: int, styles: Styles) -> None:
    if isinstance(row, Band):
        sheet.merge_range(at, 0, at, width - 1, "", styles.band)
        sheet.write_string(at, 0, row.text, styles.band)
        return
    for column, cell in enumerate(row):
        write_cell(sheet, at, column, cell, styles)
