"""A bulletin as a workbook: real numbers, no formulas, ready to print on landscape A4."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

import xlsxwriter

from tracker.features.bulletins.sheets import Band, Document, Frame, Table, identity_line, on_paper, tables_of
from tracker.services.fixed_zip import with_fixed_dates
from tracker.services.tables.workbook_cells import AS_TEXT, Styles
from tracker.services.tables.worksheet_rows import RowFile, row_height, rows_on_disk, text_lines

A4: Final = 9
TITLE_ROW, IDENTITY_ROW, HEADING_ROW, FIRST_ROW = range(4)


def write_xlsx(document: Document, frame: Frame) -> bytes:
    """The workbook's bytes; equal documents and frames give equal bytes."""
    document, frame = on_paper(document, frame)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {**AS_TEXT, "constant_memory": True})
    _describe(book, document, frame)
    styles = Styles(book)
    with rows_on_disk(book):
        for table in tables_of(document, frame):
            _write_table(book.add_worksheet(table.name), table, document, frame, styles)
    return with_fixed_dates(target.getvalue())


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
    sheet.set_row(TITLE_ROW, 27)
    sheet.write_string(TITLE_ROW, 0, f"{document['title']} · {table.name}", styles.title)
    sheet.write_string(IDENTITY_ROW, 0, identity_line(document, frame.digest), styles.identity)
    lines = max(text_lines(column.heading, column.width) for column in table.columns)
    sheet.set_row(HEADING_ROW, max(32, row_height(lines)))
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(HEADING_ROW, at, column.heading, styles.heading)
    _write_rows(sheet, table, styles)


def _prepare_print(sheet: Any, document: Document, frame: Frame) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(TITLE_ROW, HEADING_ROW)
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.set_footer(f"&L{document['serial']} · {frame.digest[:16]}&R第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)


def _write_rows(sheet: Any, table: Table, styles: Styles) -> None:
    """Each row as high as its longest text needs: programs differ in whether they find that out themselves."""
    file, at = RowFile(sheet, styles, [column.width for column in table.columns]), FIRST_ROW
    for _is_band, group in groupby(table.rows, key=lambda row: isinstance(row, Band)):
        rows = [*group]
        bands = [row for row in rows if isinstance(row, Band)]
        at = _write_bands(sheet, at, bands, table, styles)
        at = file.write(at, (row for row in rows if not isinstance(row, Band)))


def _write_bands(sheet: Any, at: int, bands: Iterable[Band], table: Table, styles: Styles) -> int:
    width = sum(column.width for column in table.columns)
    for row, band in enumerate(bands, at):
        sheet.set_row(row, row_height(text_lines(band.text, width)))
        sheet.merge_range(row, 0, row, len(table.columns) - 1, "", styles.band)
        sheet.write_string(row, 0, band.text, styles.band)
        at = row + 1
    return at
