"""The printable 填报表: every row of the sheet with its targets and notes, the texts, and lines to sign on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from tracker.features.reports.forms import TEXT_LABELS
from tracker.features.reports.receipts import digest_of_all, handed_in, last_handed_in, receipt_number
from tracker.features.reports.sheet_page import sheet_url
from tracker.services.sheets import Row, Sheet, SheetReport, earlier_periods
from tracker.services.threads import ThreadStep
from tracker.web.figure_words import actual_text, figure_text, short_period, state_word, target_text
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.punctuation import clauses, listed
from tracker.web.thread_words import who


def print_context(sheet: Sheet, steps: Sequence[ThreadStep], *, printed_at: datetime) -> dict[str, Any]:
    """The context of ``reports/print.html``."""
    before = earlier_periods(sheet.period)
    last, now = short_period(before[-1]) if before else _("上期"), short_period(sheet.period)
    return {
        "heading": _("%(title)s填报表", title=sheet.head.title),
        "unit": sheet.unit.name,
        "period": translate(sheet.period.title),
        "back_url": sheet_url("reports.sheet", sheet),
        "printed_text": moment(printed_at, with_year=True),
        "columns": [
            _("指标"),
            _("全年目标"),
            _("%(period)s末累计", period=last),
            _("%(period)s填报", period=now),
            _("%(period)s末累计", period=now),
            _("完成率"),
            _("说明、佐证"),
        ],
        "groups": [_group(report) for report in sheet.reports],
        **_standing(sheet, steps),
    }


def _standing(sheet: Sheet, steps: Sequence[ThreadStep]) -> dict[str, Any]:
    """Number and people of what was handed in; a sheet with anything left to hand in is a draft."""
    handed = handed_in(sheet)
    if not handed or len(handed) < len(sheet.reports):
        return {"is_draft": True, "receipt": None, "reporter": "", "approver": ""}
    last = last_handed_in(handed)
    names = {step.person_id: who(step) for step in steps}
    signers = {filing.signed_by_id for filing in handed}
    return {
        "is_draft": False,
        "receipt": {
            "number": receipt_number(sheet, last),
            "digest": digest_of_all(handed),
            "submitted_text": moment(last.submitted_at, with_year=True),
        },
        "reporter": names.get(last.submitted_by_id, ""),
        "approver": listed(sorted(names[key] for key in signers if key in names)),
    }


def _group(report: SheetReport) -> dict[str, Any]:
    texts = report.texts if report.filing else None
    return {
        "number": report.promise.number,
        "title": report.promise.title,
        "state": state_word(report.state),
        "rows": [_row(row) for row in report.rows],
        "texts": [
            (TEXT_LABELS[name], text) for name, text in (texts._asdict() if texts else {}).items() if text
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    rule, standing = row.listed.rule, row.standing
    proofs = _("佐证 %(count)s 份", count=len(row.evidence)) if row.evidence else ""
    done = listed(row.line.items_done or ())
    day = row.line.done_on.isoformat() if row.line.done_on else ""
    return {
        "name": rule.name,
        "measure": rule.measure,
        "target_text": target_text(rule, standing),
        "last_text": actual_text(rule, row.standing_before),
        "now_text": day or figure_text(rule, row.figure),
        "total_text": actual_text(rule, standing),
        "percent_tenths": standing.completion_tenths,
        "note": clauses(text for text in (done, row.line.note, proofs) if text),
    }
