"""What python-docx has no words for, written into its elements: fields, faces, character indents, table marks."""

# ruff: noqa: SLF001 -- the library offers its elements under private names only.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, RGBColor

LATIN: Final = "Times New Roman"


def add_field(paragraph: Any, instruction: str) -> None:
    """A field the reader's program fills in, e.g. PAGE."""
    for kind in ("begin", None, "end"):
        run = paragraph.add_run()
        if kind is None:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = instruction
            run._r.append(code)
            continue
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)


def _indented(properties: Any, attribute: str, hundredths: int) -> None:
    """Indents in hundredths of a character, so that they follow the size of the type."""
    indent = properties.find(qn("w:ind"))
    if indent is None:
        indent = properties._add_ind()
    indent.set(qn(f"w:{attribute}"), str(hundredths))


def set_faces(properties: Any, font: str) -> None:
    """The East Asian face has its own attribute; the themes' would win over it."""
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for attribute, face in (("eastAsia", font), ("ascii", LATIN), ("hAnsi", LATIN)):
        fonts.set(qn(f"w:{attribute}"), face)


def rule_below(paragraph: Any, colour: RGBColor) -> None:
    """A red line below the paragraph."""
    _rule(paragraph, ("bottom",), sz="12", space="6", color=str(colour))


def rule_above_and_below(paragraph: Any, eighths: int) -> None:
    """Black lines above and below the paragraph, so many eighths of a point thick."""
    _rule(paragraph, ("top", "bottom"), sz=str(eighths), space="2", color="000000")


_AFTER_BORDERS: Final = ("w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _rule(paragraph: Any, sides: Sequence[str], **attributes: str) -> None:
    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for attribute, value in {"val": "single", **attributes}.items():
            line.set(qn(f"w:{attribute}"), value)
        borders.append(line)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *_AFTER_BORDERS)


def stand_at_the_bottom(paragraph: Any, width: Mm) -> None:
    """The paragraph stands on the lower edge of the text of the page the next one is on."""
    frame = OxmlElement("w:framePr")
    for attribute, value in (
        ("w", str(width.twips)), ("wrap", "notBeside"), ("vAnchor", "margin"), ("hAnchor", "margin"),
        ("xAlign", "left"), ("yAlign", "bottom"),
    ):  # fmt: skip
        frame.set(qn(f"w:{attribute}"), value)
    paragraph._p.get_or_add_pPr().insert_element_before(
        frame, "w:widowControl", "w:numPr", "w:suppressLineNumbers", "w:pBdr", *_AFTER_BORDERS
    )


def narrow_cells(table: Any) -> None:
    """A millimetre left and right of the text, so that amounts stay on one line."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(1).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def repeat_heading(row: Any) -> None:
    """The row stands again on top of each page the table runs over."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def indent_style(style: Any, attribute: str, hundredths: int) -> None:
    """An indent of a style, e.g. firstLineChars 200: two characters."""
    _indented(style.element.get_or_add_pPr(), attribute, hundredths)


def indent(paragraph: Any, attribute: str, hundredths: int) -> None:
    """An indent of one paragraph, in hundredths of a character."""
    _indented(paragraph._p.get_or_add_pPr(), attribute, hundredths)


def dress_run(run: Any, font: str) -> None:
    """Another East Asian face for a few words."""
    set_faces(run._r.get_or_add_rPr(), font)


def keep_whole(row: Any) -> None:
    """A row is not broken over two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def join_downwards(cells: Sequence[Any]) -> None:
    """Cells below each other become one; those after the first are empty."""
    for at, cell in enumerate(cells):
        mark = OxmlElement("w:vMerge")
        if at == 0:
            mark.set(qn("w:val"), "restart")
        cell._tc.get_or_add_tcPr().append(mark)
