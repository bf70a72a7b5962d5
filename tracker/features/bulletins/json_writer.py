"""A bulletin as canonical JSON: the document itself, whose SHA-256 is the bulletin's identity."""

from __future__ import annotations

from tracker.domain.canonical import canonical
from tracker.features.bulletins.sheets import Document, Frame


def write_json(document: Document, _frame: Frame) -> bytes:
    """The document in its one spelling, UTF-8 without an end of line: what ``digest`` was taken of."""
    return canonical(document).encode()
