"""How files are shown on pages: their address, size, kind, who brought them, and where else they serve."""

from __future__ import annotations

from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.attachments import PICTURES, Media
from tracker.domain.kinds import EvidenceRule
from tracker.services.evidence import Attached, reuse_notes
from tracker.services.sheets import Row, Sheet, SheetReport
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name

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
    names = {row.listed.id: row.listed.rule.name for row in report.rows}
    url = folder_url("evidence.download", sheet, report, evidence_id=file.id)
    by = acting_name(file.by, file.stand_in)
    told = _("%(size)s · %(by)s %(at)s", size=size_text(file.size), by=by, at=moment(file.at))
    return {
        "id": file.id,
        "line_name": names.get(file.indicator_id or 0, report.promise.title),
        "name": file.name,
        "url": url,
        "original_url": f"{url}?original=1" if file.cleaned else None,
        "thumbnail": folder_url("evidence.preview", sheet, report, evidence_id=file.id)
        if has_preview
        else None,
        "kind": file_look(file.media),
        "mark": file.media.upper(),
        "note": " · ".join(text for text in (told, _rows_text(report, file)) if text),
        "reused": [translate(note.message) for note in reuse_notes([file])],
        "digest": file.sha256,
    }


def file_look(media: Media) -> str:
    """Which icon stands for a kind of file: sheet, paper, picture or other."""
    return "picture" if media in PICTURES else _LOOKS.get(media, "other")


def _rows_text(report: SheetReport, file: Attached) -> str:
    """312 行, and whether the lists of the line agree with its figure."""
    if file.row_count is None:
        return ""
    rows = _("%(count)s 行", count=file.row_count)
    row = next((row for row in report.rows if row.listed.id == file.indicator_id), None)
    if row is None or row.figure is None or row.figure.value is None or row.listed_rows is None:
        return rows
    if row.listed_rows * 10**row.listed.rule.target_decimals != row.figure.value:
        return rows
    return _("%(rows)s，与填报数相符", rows=rows)


def in_line_order(report: SheetReport) -> list[Attached]:
    """A report's files in the order of its lines, those of the whole report last."""
    of_lines = [file for row in report.rows for file in row.evidence]
    return [*of_lines, *(file for file in report.evidence if file not in of_lines)]


def line_evidence(sheet: Sheet, report: SheetReport, row: Row, *, is_locked: bool) -> dict[str, Any]:
    """What a row of the sheet says of its files; without an address where none are asked for and none are there."""
    is_offered = row.listed.evidence != EvidenceRule.NONE and not is_locked
    url = folder_url("evidence.folder", sheet, report, line=row.listed.rule.code)
    return {
        "evidence_url": url if is_offered or row.evidence else None,
        "evidence_id": f"line-{row.listed.rule.code}-evidence",
        "evidence_count": len(row.evidence),
        "needs_evidence": row.lacks_evidence,
    }


def report_evidence(sheet: Sheet, report: SheetReport) -> dict[str, Any]:
    """The same of a whole report: files that belong to no single line."""
    count = sum(file.indicator_id is None for file in report.evidence)
    return {
        "evidence_url": folder_url("evidence.folder", sheet, report, line=""),
        "evidence_count": count,
    }
