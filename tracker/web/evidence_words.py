"""How files are shown on pages: their address, size, kind, who brought them, and where else they serve."""

from __future__ import annotations

from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.attachments import PICTURES, Media
from tracker.services.evidence import Attached, reuse_notes
from tracker.services.sheets import Sheet, SheetReport
from tracker.web.filters import moment
from tracker.web.i18n import translate

KIB: Final = 1024
_LOOKS: Final = {Media.XLSX: "sheet", Media.CSV: "sheet", Media.PDF: "paper", Media.DOCX: "other"}


def folder_url(endpoint: str, sheet: Sheet, report: SheetReport, **more: Any) -> str:
    """The address of one of the pages of a report's files."""
    return url_for(
        endpoint,
        key=sheet.head.key,
        code=sheet.unit.code,
        period=sheet.period,
        number=report.promise.number,
        **more,
    )


def size_text(size: int) -> str:
    """820 KB, 1.4 MB."""
    if size < KIB * KIB:
        return f"{max(1, round(size / KIB))} KB"
    tenths = round(size * 10 / (KIB * KIB))
    return f"{tenths // 10}.{tenths % 10} MB"


def file_item(sheet: Sheet, report: SheetReport, file: Attached) -> dict[str, Any]:
    """One file as ``macros/timeline.html`` shows it."""
    has_preview = file.preview is not None
    return {
        "id": file.id,
        "name": file.name,
        "url": folder_url("evidence.download", sheet, report, evidence_id=file.id),
        "thumbnail": folder_url("evidence.preview", sheet, report, evidence_id=file.id)
        if has_preview
        else None,
        "kind": "picture" if file.media in PICTURES else _LOOKS.get(file.media, "other"),
        "mark": file.media.upper(),
        "note": _("%(size)s · %(by)s %(at)s", size=size_text(file.size), by=file.by, at=moment(file.at)),
        "reused": [translate(note.message) for note in reuse_notes([file])],
        "digest": file.sha256,
    }
