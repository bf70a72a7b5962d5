"""What the check before submitting and the receipt after it show, ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault
from tracker.domain.workflow import PROVISIONAL, State
from tracker.features.reports.commands.handing_in import reports_to_hand_in
from tracker.features.reports.forms import TEXT_LABELS, ConfirmForm, PlainForm
from tracker.features.reports.receipts import digest_of_all, handed_in, last_handed_in, receipt_number
from tracker.features.reports.sheet_page import sheet_url, trail
from tracker.services.may_edit import leave_of
from tracker.services.sheets import Filing, Row, Sheet, SheetReport
from tracker.services.threads import ThreadStep
from tracker.web.figure_words import (
    actual_text,
    figure_text,
    target_text,
)
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.punctuation import clauses, labelled, listed
from tracker.web.thread_words import told_steps, who


def check_context(
    sheet: Sheet,
    form: ConfirmForm,
    *,
    missing: Sequence[Fault],
    approvers: Sequence[str],
    is_signed: bool,
    today: datetime,
) -> dict[str, Any]:
    """The context of ``reports/check.html``; ``is_signed``: the unit's approver signs before the superior judges."""
    handing = reports_to_hand_in(sheet)
    faults = [
        {"text": translate(fault.message), "url": sheet_url("reports.sheet", sheet, _anchor=fault.place)}
        for fault in missing
    ]
    if not handing:
        faults = [{"text": _("这张表已经提交过了。"), "url": sheet_url("reports.receipt", sheet)}]
    rows = [row for report in handing for row in report.rows]
    return {
        "heading": _(
            "提交前核对：%(unit)s %(period)s",
            unit=sheet.unit.short_name,
            period=translate(sheet.period.title),
        ),
        "back_url": sheet_url("reports.sheet", sheet),
        "print_url": sheet_url("reports.printed", sheet),
        "trail_note": None,
        "lead": _lead(_coming(sheet, handing, today), approvers, is_signed=is_signed),
        "form": form,
        "submit_url": sheet_url("reports.submit", sheet),
        "submit_label": _("提交给本单位审批") if is_signed else _("提交给上级工会审核"),
        "faults": faults,
        "explained": [
            {"text": labelled(row.listed.rule.name, row.line.note)}
            for row in rows
            if row.notes and row.line.note
        ],
        "groups": [
            {
                "number": report.promise.number,
                "title": report.promise.title,
                "rows": [_check_row(sheet, row) for row in report.rows],
                "texts": [(TEXT_LABELS[name], text) for name, text in report.texts._asdict().items() if text],
            }
            for report in handing
        ],
    }


def _coming(sheet: Sheet, reports: Sequence[SheetReport], today: datetime) -> datetime | None:
    """The next deadline of these reports that is still to come: the day asked for, else the period's; a correction has none."""
    leaves = [leave for report in reports if not (leave := leave_of(report)).is_correction]
    asked = [leave.answer_by or sheet.window.late for leave in leaves]
    return min((one for one in asked if one is not None and today < one), default=None)


def _lead(late: datetime | None, approvers: Sequence[str], *, is_signed: bool) -> list[dict[str, Any]]:
    """Who is next and until when, and what can still be changed."""
    due = moment(late)
    who = listed(approvers) or _("本单位审批人")
    if not is_signed:
        told = _("审核（本单位不需审批），%(due)s 截止。审核之前可以撤回。", due=due)
        return [
            {"text": _("提交后直接由"), "is_strong": False},
            {"text": _("上级工会"), "is_strong": True},
            {
                "text": told if late else _("审核（本单位不需审批）。审核之前可以撤回。"),
                "is_strong": False,
            },
        ]
    told = _(" 审批，%(due)s 前报上级工会审核。审批之前可以撤回。", due=due)
    return [
        {"text": _("提交后由 "), "is_strong": False},
        {"text": _("%(who)s（审批人）", who=who), "is_strong": True},
        {
            "text": told if late else _(" 审批，再报上级工会审核。审批之前可以撤回。"),
            "is_strong": False,
        },
    ]


def _check_row(sheet: Sheet, row: Row) -> dict[str, Any]:
    rule, standing = row.listed.rule, row.standing
    sign = "+" if row.kind is Kind.FLOW and row.line.value is not None and row.line.value > 0 else ""
    column = "value" if row.kind in (Kind.FLOW, Kind.STOCK, Kind.KEPT) else "note"
    odd = clauses(translate(note.message) for note in row.notes)
    told = _("说明：%(note)s", note=row.line.note) if row.line.note else ""
    proof = _("佐证：%(names)s", names=listed(file.name for file in row.evidence)) if row.evidence else ""
    return {
        "name": rule.name,
        "tag": None if not row.notes else _("已说明") if row.line.note else _("待说明"),
        "increment_text": f"{sign}{figure_text(rule, row.figure)}",
        "last_text": _("上期 %(value)s", value=figure_text(rule, row.last)),
        "total_text": actual_text(rule, standing),
        "target_text": _("累计 · %(target)s", target=target_text(rule, standing)),
        "percent_tenths": standing.completion_tenths,
        "light": str(standing.light),
        "edit_url": sheet_url("reports.sheet", sheet, _anchor=f"line-{rule.code}-{column}"),
        "remark": clauses(text for text in (odd, told, proof) if text) or None,
    }


def receipt_context(
    sheet: Sheet,
    *,
    steps: Sequence[ThreadStep],
    approvers: Sequence[str],
    person_id: int,
    today: datetime,
    form: PlainForm,
) -> dict[str, Any] | None:
    """The context of ``reports/receipt.html``; None while nothing is handed in."""
    handed = handed_in(sheet)
    if not handed:
        return None
    last = last_handed_in(handed)
    submitted = [report.filing for report in sheet.reports if report.filing and report.is_unjudged]
    can_take_back = any(filing.submitted_by_id == person_id for filing in submitted)
    names = {step.person_id: who(step) for step in steps}
    return {
        "heading": _("月报表已提交"),
        "trail": trail(sheet),
        "trail_note": None,
        "receipt": {
            "number": receipt_number(sheet, last),
            "submitted_text": moment(last.submitted_at, with_year=True),
            "submitted_by": names.get(last.submitted_by_id, ""),
            "digest": digest_of_all(handed),
            **_next_step(sheet, handed, approvers, today=today),
            "reports_text": _reports_text(handed, last),
        },
        "withdraw_url": sheet_url("reports.take_back", sheet) if can_take_back else None,
        "withdraw_form": form,
        "withdraw_note": _("审批之前可以撤回，撤回后接着修改。"),
        "sheet_url": sheet_url("reports.sheet", sheet),
        "print_url": sheet_url("reports.printed", sheet),
        "desk_url": url_for("accounts.desk"),
        "events": told_steps(steps),
    }


def _reports_text(handed: Sequence[Filing], last: Filing) -> str:
    """How much was handed in; of a part sent again, how much that was and how much lies there by now."""
    sent = [filing for filing in handed if filing.submitted_at == last.submitted_at]
    lines = sum(len(filing.lines) for filing in sent)
    if len(sent) == len(handed):
        return _("%(lines)s 项，覆盖 %(pledges)s 件实事", lines=lines, pledges=len(sent))
    return _(
        "本次 %(lines)s 项、%(pledges)s 件实事；本表已交的共 %(all)s 件",
        lines=lines, pledges=len(sent), all=len(handed),
    )  # fmt: skip


def _next_step(
    sheet: Sheet, handed: Sequence[Filing], approvers: Sequence[str], *, today: datetime
) -> dict[str, str | None]:
    """Who has to do what; until when only while that day is to come."""
    waiting = [report for report in sheet.reports if report.filing and report.filing.state in PROVISIONAL]
    late = _coming(sheet, waiting, today)
    due = None if late is None else moment(late)
    if any(filing.state is State.SUBMITTED for filing in handed):
        person = listed(approvers) or _("本单位审批人")
        return {"next_person": person, "next_step": _("审批"), "next_due_text": due}
    if any(filing.state is State.SIGNED for filing in handed):
        return {"next_person": _("上级工会"), "next_step": _("审核"), "next_due_text": due}
    return {"next_person": None, "next_step": None, "next_due_text": None}
