"""A bulletin as an official document in Word's format, laid out by GB/T 9704-2012."""

from __future__ import annotations

import io
from datetime import UTC
from typing import Any, Final, NamedTuple

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.shared import Mm, Pt, RGBColor

from tracker.features.bulletins.docx_parts import (
    LATIN,
    add_field,
    dress_run,
    indent,
    indent_style,
    join_downwards,
    keep_whole,
    narrow_cells,
    repeat_heading,
    rule_above_and_below,
    rule_below,
    set_faces,
    stand_at_the_bottom,
)
from tracker.features.bulletins.manuscript import Annex, Manuscript, Paragraph, manuscript_of
from tracker.features.bulletins.sheets import Document, Frame, on_paper
from tracker.services.fixed_zip import with_fixed_dates

SONG, FANG, KAI, HEI, TITLE_SONG = "宋体", "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"
RED: Final = RGBColor(0xC7, 0x16, 0x1D)
BODY_PT: Final = 16.0
LINE_PT: Final = 28.95
"""Twenty-two lines on a page."""
LONGEST_PROPERTY: Final = 255
"""Letters the format allows in a property."""

THICK_EIGHTHS: Final = 8
"""0.35 mm: the first and the last line of the imprint."""

TEXT_WIDTH_MM: Final = 156
"""210 less the margins of 28 and 26."""


class Face(NamedTuple):
    """How a paragraph style prints: its East Asian face, size, side, and indent in characters."""

    font: str
    size_pt: float
    side: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY
    indent_chars: int = 0
    line_pt: float = LINE_PT
    is_bold: bool = False
    colour: RGBColor | None = None


_CENTRE, _RIGHT, _LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT

# fmt: off
STYLES: Final[dict[str, Face]] = {
    "Normal":   Face(FANG, BODY_PT),
    "机关标志": Face(TITLE_SONG, 36, _CENTRE, line_pt=48, colour=RED),
    "发文字号": Face(FANG, BODY_PT, _CENTRE),
    "公文标题": Face(TITLE_SONG, 22, _CENTRE, line_pt=33),
    "主送机关": Face(FANG, BODY_PT, _LEFT),
    "公文正文": Face(FANG, BODY_PT, indent_chars=2),
    "一级标题": Face(HEI, BODY_PT, indent_chars=2),
    "附表说明": Face(FANG, BODY_PT, _LEFT, indent_chars=2),
    "落款":     Face(FANG, BODY_PT, _RIGHT),
    "表题":     Face(HEI, 14, _LEFT, line_pt=24),
    "表头":     Face(HEI, 9, _CENTRE, line_pt=14),
    "表文":     Face(SONG, 9, _LEFT, line_pt=14),
    "表数":     Face(SONG, 9, _RIGHT, line_pt=14),
    "注":       Face(SONG, 10.5, _LEFT, line_pt=16),
    "版记":     Face(FANG, 14, _LEFT, indent_chars=1, line_pt=24),
    "页码":     Face(SONG, 14, _RIGHT, line_pt=18),
}
# fmt: on


def write_docx(document: Document, frame: Frame) -> bytes:
    """The file's bytes; equal documents and frames give equal bytes."""
    document, frame = on_paper(document, frame)
    manuscript = manuscript_of(document, frame)
    book = docx.Document()
    _describe(book, manuscript, document, frame)
    _make_styles(book)
    _lay_out(book)
    _write_head(book, manuscript)
    for section in manuscript.sections:
        if section.heading:
            book.add_paragraph(section.heading, "一级标题").paragraph_format.keep_with_next = True
        for paragraph in section.paragraphs:
            _write_paragraph(book, paragraph, manuscript.salutation)
    _write_signature(book, manuscript)
    for annex in manuscript.annexes:
        _write_annex(book, annex)
    _write_facts(book, manuscript)
    _write_imprint(book, manuscript)
    target = io.BytesIO()
    book.save(target)
    return with_fixed_dates(target.getvalue())


def _describe(book: Any, manuscript: Manuscript, document: Document, frame: Frame) -> None:
    """Properties a reader and the verifier find; the only date is that of issuing."""
    properties = book.core_properties
    properties.title = manuscript.title[:LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = manuscript.publisher[:LONGEST_PROPERTY]
    properties.identifier = document["serial"]
    properties.subject = document["serial"]
    properties.comments = frame.digest
    properties.language = "zh-CN"
    properties.revision = document["issue"]
    properties.created = properties.modified = frame.issued_at.astimezone(UTC).replace(tzinfo=None)


def _lay_out(book: Any) -> None:
    page = book.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.header_distance, page.footer_distance = Mm(15), Mm(25)  # dashes 7 mm below the text
    book.settings.odd_and_even_pages_header_footer = True
    _write_page_number(page.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _write_page_number(page.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _write_page_number(footer: Any, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 —, on the outside of the leaf, one character in from the edge."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = "页码"
    paragraph.alignment = side
    is_right = side is WD_ALIGN_PARAGRAPH.RIGHT
    layout = paragraph.paragraph_format
    layout.right_indent, layout.left_indent = (Pt(14), None) if is_right else (None, Pt(14))
    indent(paragraph, "rightChars" if is_right else "leftChars", 100)
    paragraph.add_run("— ")
    add_field(paragraph, "PAGE")
    paragraph.add_run(" —")


def _make_styles(book: Any) -> None:
    for name, face in STYLES.items():
        style = (
            book.styles[name] if name == "Normal" else book.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        )
        if name != "Normal":
            style.base_style = book.styles["Normal"]
        _dress(style, face)
    for style in book.styles:
        if style.name not in STYLES and getattr(style, "font", None) is not None:
            set_faces(style.element.get_or_add_rPr(), FANG)


def _dress(style: Any, face: Face) -> None:
    style.font.name, style.font.size, style.font.bold = LATIN, Pt(face.size_pt), face.is_bold
    if face.colour is not None:
        style.font.color.rgb = face.colour
    set_faces(style.element.get_or_add_rPr(), face.font)
    layout = style.paragraph_format
    layout.alignment = face.side
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(face.line_pt)
    if face.indent_chars:
        layout.first_line_indent = Pt(
            face.indent_chars * face.size_pt
        )  # for readers that count no characters
        indent_style(style, "firstLineChars", face.indent_chars * 100)


def _write_head(book: Any, manuscript: Manuscript) -> None:
    """Red head with its line; the number is left for the office to fill in."""
    book.add_paragraph(f"{manuscript.publisher}文件", "机关标志")
    book.add_paragraph("", "发文字号")
    rule_below(book.add_paragraph("　　〔　　　　〕　　号", "发文字号"), RED)
    book.add_paragraph("", "公文正文")
    book.add_paragraph("\n".join(manuscript.title_lines), "公文标题")
    book.add_paragraph("", "公文正文")
    book.add_paragraph(manuscript.salutation, "主送机关")


def _write_paragraph(book: Any, paragraph: Paragraph, salutation: str) -> None:
    if not paragraph.lead and paragraph.text == salutation:
        return
    written = book.add_paragraph("", "公文正文")
    if paragraph.lead:
        dress_run(written.add_run(paragraph.lead), KAI)
    written.add_run(paragraph.text)


def _write_signature(book: Any, manuscript: Manuscript) -> None:
    """What is annexed; then publisher and date at the right, with room above for the stamp."""
    book.add_paragraph("", "公文正文")
    for listed in manuscript.annex_list:
        book.add_paragraph(listed, "附表说明")
    for _line in range(2):
        book.add_paragraph("", "公文正文")
    signed = (
        (manuscript.publisher, manuscript.publisher_indent),
        (manuscript.date, manuscript.date_indent),
    )
    for at, (text, letters) in enumerate(signed):
        paragraph = book.add_paragraph(text, "落款")
        paragraph.paragraph_format.keep_with_next = at == 0
        paragraph.paragraph_format.right_indent = Pt(
            letters * BODY_PT
        )  # for readers that count no characters
        indent(paragraph, "rightChars", round(letters * 100))
    for remark in manuscript.remarks:
        book.add_paragraph(remark, "注")


def _write_annex(book: Any, annex: Annex) -> None:
    """A table of its own page, its heading row repeated on each."""
    caption = book.add_paragraph(annex.caption, "表题")
    caption.paragraph_format.page_break_before = True
    caption.paragraph_format.keep_with_next = True
    if annex.note:
        book.add_paragraph(annex.note, "注")
    table = book.add_table(rows=0, cols=len(annex.headings))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    narrow_cells(table)
    widths = [Mm(TEXT_WIDTH_MM * share / 100) for share in annex.shares]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    _write_row(table, annex.headings, ["表头"] * len(widths), widths)
    repeat_heading(table.rows[0])
    styles = ["表数" if side == "r" else "表文" for side in annex.aligned]
    for row in annex.rows:
        _write_row(table, row, styles, widths)
    _join_cells(table, annex)


def _join_cells(table: Any, annex: Annex) -> None:
    """A cell that stands beside several rows is one cell."""
    for column in range(annex.joined):
        for at in range(len(annex.rows)):
            end = at + annex.rows_below(at, column)
            if end > at + 1 and not annex.is_joined(at, column):
                join_downwards([row.cells[column] for row in table.rows[at + 1 : end + 1]])


def _write_row(table: Any, texts: Any, styles: list[str], widths: list[Any]) -> None:
    row = table.add_row()
    keep_whole(row)
    for cell, text, style, width in zip(row.cells, texts, styles, widths, strict=True):
        cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
        cell.paragraphs[0].style = style
        cell.paragraphs[0].add_run(text)


def _write_facts(book: Any, manuscript: Manuscript) -> None:
    """What the figures rest on, small, at the end."""
    book.add_paragraph("", "注")
    book.add_paragraph("本期数据依据", "表题")
    for label, value in manuscript.facts:
        book.add_paragraph(f"{label}：{value}", "注")


def _write_imprint(book: Any, manuscript: Manuscript) -> None:
    """On the lower edge of the last page, between two thick lines: who issued it, one letter from the left, and when,
    one letter from the right."""
    issuer, issued = manuscript.imprint
    paragraph = book.add_paragraph(f"{issuer}\t{issued}", "版记")
    rule_above_and_below(paragraph, THICK_EIGHTHS)
    stand_at_the_bottom(paragraph, Mm(TEXT_WIDTH_MM))
    edge = Mm(TEXT_WIDTH_MM) - Pt(STYLES["版记"].size_pt)
    paragraph.paragraph_format.tab_stops.add_tab_stop(edge, WD_TAB_ALIGNMENT.RIGHT)
    book.add_paragraph("", "注")
