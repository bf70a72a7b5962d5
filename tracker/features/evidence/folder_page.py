"""What the page of a report's files shows, ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.attachments import LARGEST_FILE, MOST_FILES
from tracker.domain.kinds import EvidenceRule
from tracker.domain.messages import Refusal
from tracker.features.evidence.commands import can_change, lines_asking
from tracker.features.evidence.forms import RemovalForm, UploadForm
from tracker.features.evidence.queries import FolderPlace, Removed
from tracker.services.evidence import Attached
from tracker.services.may_edit import check_may_change
from tracker.web.evidence_words import file_item, folder_url
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name

ACCEPTED = ".pdf,.png,.jpg,.jpeg,.webp,.xlsx,.docx,.csv,application/pdf,image/png,image/jpeg,image/webp"


@dataclass(frozen=True, slots=True)
class Opened:
    """The page's forms: adding (None for onlookers), and the removal that was refused, with its file."""

    adding: UploadForm | None
    removing: RemovalForm
    refused_id: int | None = None


def line_choices(folder: FolderPlace) -> list[tuple[str, str]]:
    """Code and name of each line that takes files, and the whole report."""
    lines = [(row.listed.rule.code, row.listed.rule.name) for row in lines_asking(folder)]
    return [*lines, ("", _("整件实事（不分项）"))]


def is_open(folder: FolderPlace, today: datetime) -> bool:
    """Whether files may come and go today."""
    try:
        check_may_change(folder.sheet, folder.report, today)
    except Refusal:
        return False
    return can_change(folder)


def folder_context(folder: FolderPlace, removed: Sequence[Removed], opened: Opened) -> dict[str, Any]:
    """The context of ``evidence/folder.html``."""
    sheet, report = folder
    back = url_for(
        "reports.sheet",
        key=sheet.head.key,
        code=sheet.unit.code,
        period=sheet.period,
        _anchor=f"pledge-{report.promise.id}",
    )
    return {
        "heading": _("第%(number)s件 · 佐证材料", number=report.promise.number),
        "subtitle": report.promise.title,
        "trail": [
            {"label": sheet.unit.name, "url": None},
            {"label": _("%(period)s · 月报表", period=translate(sheet.period.title)), "url": back},
            {"label": _("佐证材料"), "url": None},
        ],
        "back_url": back,
        "upload_url": folder_url("evidence.upload", sheet, report),
        "form": opened.adding,
        "accepted": ACCEPTED,
        "limits_text": _(
            "PDF、图片、.xlsx、.docx、.csv，每份不超过 %(size)s MB，每件实事最多 %(count)s 份。",
            size=LARGEST_FILE // 2**20,
            count=MOST_FILES,
        ),
        "sections": _sections(folder, opened),
        "count": len(report.evidence),
        "removed": [
            {
                "name": one.name,
                "text": _(
                    "%(by)s %(at)s 作废：%(reason)s",
                    by=acting_name(one.by, one.stand_in),
                    at=moment(one.at),
                    reason=one.reason,
                ),
            }
            for one in removed
        ],
    }


def _sections(folder: FolderPlace, opened: Opened) -> list[dict[str, Any]]:
    """One for each line that takes files or has some, and one for the whole report."""
    report = folder.report
    found = [
        {
            "name": row.listed.rule.name,
            "anchor": f"line-{row.listed.rule.code}",
            "is_required": row.listed.evidence == EvidenceRule.REQUIRED,
            "files": _items(folder, row.evidence, opened),
        }
        for row in report.rows
        if row.evidence or row.listed.evidence != EvidenceRule.NONE
    ]
    whole = [file for file in report.evidence if file.indicator_id is None]
    name = _("整件实事（不分项）")
    items = _items(folder, whole, opened)
    return [*found, {"name": name, "anchor": "whole", "is_required": False, "files": items}]


def _items(folder: FolderPlace, files: Sequence[Attached], opened: Opened) -> list[dict[str, Any]]:
    return [_item(folder, file, opened) for file in files]


def _item(folder: FolderPlace, file: Attached, opened: Opened) -> dict[str, Any]:
    sheet, report = folder
    remove_url = folder_url("evidence.remove", sheet, report, evidence_id=file.id)
    form = opened.removing if opened.refused_id == file.id else RemovalForm(formdata=None)
    return {
        **file_item(sheet, report, file),
        "remove_url": remove_url if opened.adding is not None else None,
        "remove_form": form,
        "is_removing": opened.refused_id == file.id,
    }
