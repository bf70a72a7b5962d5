"""A bulletin as PDF/A, set by typst with fonts of its own: the same bytes on every machine."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import pylopdf_fonts_zh_cn
import typst

from tracker.features.bulletins.manuscript import Annex, manuscript_of
from tracker.features.bulletins.sheets import Document, Frame, identity_line, on_paper

LAYOUT: Final = Path(__file__).with_name("bulletin.typ")
FONTS: Final = Path(pylopdf_fonts_zh_cn.__file__).parent
STANDARD: Final = "a-2a"
"""PDF/A-2a: kept for ever, tagged for readers who listen."""


def write_pdf(document: Document, frame: Frame) -> bytes:
    """The file's bytes; equal documents and frames give equal bytes."""
    document, frame = on_paper(document, frame)
    made = typst.compile(
        LAYOUT,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"manuscript": json.dumps(_words(document, frame), ensure_ascii=False)},
        pdf_standards=STANDARD,
    )
    if not isinstance(made, bytes):
        raise TypeError("typst answers one document as bytes")
    return made


def _words(document: Document, frame: Frame) -> dict[str, Any]:
    """The manuscript as the layout reads it, with what stands in the file's own properties."""
    manuscript = manuscript_of(document, frame)
    return {
        **{
            name: getattr(manuscript, name)
            for name in (
                "publisher",
                "publisher_indent",
                "date",
                "date_indent",
                "title",
                "title_lines",
                "salutation",
                "annex_list",
            )
        },
        "remarks": manuscript.remarks,
        "facts": manuscript.facts,
        "imprint": manuscript.imprint,
        "sections": [
            {"heading": section.heading, "paragraphs": [one._asdict() for one in section.paragraphs]}
            for section in manuscript.sections
        ],
        "annexes": [annex._asdict() | {"cells": _cells(annex)} for annex in manuscript.annexes],
        "serial": document["serial"],
        "digest": frame.digest,
        "identity": identity_line(document, frame.digest),
        "issued": frame.issued_at.astimezone(UTC).timetuple()[:6],
    }


def _cells(annex: Annex) -> list[dict[str, Any]]:
    """The table's cells in order, each with how many rows it stands beside; those it covers are left out."""
    return [
        {"text": text, "rows": annex.rows_below(at, column)}
        for at, row in enumerate(annex.rows)
        for column, text in enumerate(row)
        if not annex.is_joined(at, column)
    ]
