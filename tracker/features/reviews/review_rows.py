"""The middle of the review: every line with its figures, what changed, and what was said about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from tracker.domain.figures import MINUS, round_half_away
from tracker.domain.kinds import Kind
from tracker.domain.workflow import Action
from tracker.features.reviews.cleanness import needs_judgement, needs_tick
from tracker.features.reviews.commands import judgement_name, tick_name
from tracker.features.reviews.forms import VerdictForm
from tracker.features.reviews.onlooker import Onlooker, place_of
from tracker.features.reviews.queries import LastJudged, Review
from tracker.services.figures_of_lines import figure_of
from tracker.services.sheets import Row, SheetReport
from tracker.services.snapshots import LineContent
from tracker.services.threads import ThreadStep
from tracker.web.figure_words import NOTHING, actual_text, figure_text, whole_text
from tracker.web.i18n import translate
from tracker.web.thread_words import who

LARGE_CHANGE_PERCENT = 80
_SIGNS = {1: "+", 0: "", -1: MINUS}
_AMOUNTS = (Kind.FLOW, Kind.STOCK, Kind.KEPT, Kind.CHECKLIST)


def report_item(review: Review, report: SheetReport, form: VerdictForm, onlooker: Onlooker) -> dict[str, Any]:
    """One report of ``reviews/_lines.html``."""
    shows_tick = review.is_waiting and needs_tick(report) and tick_name(report) in form
    judged = last_judged_of(review, report) if onlooker.is_comparing else None
    return {
        "number": report.promise.number,
        "title": report.promise.title,
        "hidden": [],
        "tick": form[tick_name(report)] if shows_tick else None,
        "texts": _texts(report, judged),
        "rows": [_row(review, report, row, judged, form, onlooker) for row in report.rows],
    }


def last_judged_of(review: Review, report: SheetReport) -> LastJudged | None:
    """What was judged last of a report, where that was another submission."""
    return review.last_judged.get(report.filing.revision_id) if report.filing else None


def old_text(row: Row, old: Mapping[str, LineContent], now_text: str) -> str | None:
    """What another submission said, where it said something else."""
    line = old.get(row.listed.rule.code)
    if line is None:
        return None
    text = figure_text(row.listed.rule, figure_of(row.kind, line))
    return None if text == now_text else text


def has_changed(row: Row, judged: LastJudged) -> bool:
    """Whether the row says something else than what was judged last: its figure, or its note."""
    before = judged.lines.get(row.listed.rule.code, LineContent())
    return before != row.line


def _texts(report: SheetReport, judged: LastJudged | None) -> list[dict[str, Any]]:
    labels = (_("做法成效"), _("存在问题"), _("下步措施"))
    before = judged.texts if judged else report.texts
    return [
        {"label": label, "text": text, "old": None if text == old else old or NOTHING}
        for label, text, old in zip(labels, report.texts, before, strict=True)
        if text or old
    ]


def _row(
    review: Review,
    report: SheetReport,
    row: Row,
    judged: LastJudged | None,
    form: VerdictForm,
    onlooker: Onlooker,
) -> dict[str, Any]:
    rule, standing = row.listed.rule, row.standing
    now_text = figure_text(rule, row.figure)
    old = old_text(row, judged.lines, now_text) if judged else None
    asks = review.is_waiting and needs_judgement(row) and judgement_name(row) in form
    is_current = rule.code == onlooker.line
    return {
        "code": rule.code,
        "name": rule.name,
        "measure": rule.measure,
        "url": place_of("reviews.review", review.sheet, line=rule.code, _anchor=f"row-{rule.code}"),
        "is_current": is_current,
        "is_flagged": bool(row.notes),
        "evidence_count": len(row.evidence),
        "lacks_evidence": row.lacks_evidence,
        "before_text": figure_text(rule, row.last),
        "now_text": now_text,
        "old_text": old,
        **_change(row),
        "total_text": actual_text(rule, standing),
        "target_text": whole_text(rule, standing),
        "percent_tenths": standing.completion_tenths,
        "light": str(standing.light),
        "judgement": form[judgement_name(row)] if asks else None,
        "notes": _remarks(review, report, row, has_changed=judged is not None and has_changed(row, judged)),
    }


def _change(row: Row) -> dict[str, Any]:
    """This period against the last: in percent, and as two bars in tenths of the longer one."""
    now, last = row.figure, row.last
    if row.kind not in _AMOUNTS or now is None or last is None or now.value is None or not last.value:
        return {"change_text": NOTHING, "is_large": False, "before_tenths": None, "now_tenths": None}
    percent = round_half_away((now.value - last.value) * 100, abs(last.value))
    longer = max(abs(now.value), abs(last.value))
    return {
        "change_text": f"{_SIGNS[(percent > 0) - (percent < 0)]}{abs(percent):,}%",
        "is_large": abs(percent) >= LARGE_CHANGE_PERCENT,
        "before_tenths": round_half_away(abs(last.value) * 1000, longer),
        "now_tenths": round_half_away(abs(now.value) * 1000, longer),
    }


def _remarks(review: Review, report: SheetReport, row: Row, *, has_changed: bool) -> list[dict[str, Any]]:
    """The last return of this line, what is odd about it, the reporter's word, and what was said since."""
    pinned = [step for step in _steps_of(review, report) if row.listed.id in step.pinned]
    told = [_returned(step, has_changed=has_changed) for step in pinned if step.action is Action.RETURN][-1:]
    told += [{"tone": "explain", "title": None, "text": translate(note.message)} for note in row.notes]
    if row.line.note:
        title = _("情况：") if row.kind is Kind.NARRATIVE else _("填报人说明：")
        told.append({"tone": "told", "title": title, "text": row.line.note})
    told += [
        {"tone": "told", "title": _("%(name)s留言：", name=who(step)), "text": step.text}
        for step in pinned
        if step.action is Action.COMMENT
    ]
    return told


def _steps_of(review: Review, report: SheetReport) -> list[ThreadStep]:
    filing = report.filing
    return [step for step in review.steps if filing is not None and step.report_id == filing.report_id]


def _returned(step: ThreadStep, *, has_changed: bool) -> dict[str, Any]:
    if has_changed:
        return {"tone": "settled", "title": _("上次的退回意见，本项已改动："), "text": step.text}
    return {"tone": "told", "title": _("上次的退回意见："), "text": step.text}
