"""What the queue and the review page show, ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.figures import MINUS, round_half_away
from tracker.domain.identity import Identity, Role
from tracker.domain.kinds import EvidenceRule, Kind
from tracker.domain.periods import Period
from tracker.domain.workflow import Action, State
from tracker.features.reviews.cleanness import needs_tick
from tracker.features.reviews.commands import tick_name
from tracker.features.reviews.forms import ReturnForm, VerdictForm
from tracker.features.reviews.queries import Handled, Review, Waiting
from tracker.features.reviews.together_form import TogetherForm, chosen_value
from tracker.services.figures_of_lines import figure_of
from tracker.services.programme_heads import Head
from tracker.services.sheets import Filing, Row, Sheet, SheetReport, earlier_periods
from tracker.services.snapshots import LineContent
from tracker.web.evidence_words import file_item, in_line_order
from tracker.web.figure_words import (
    NOTHING,
    actual_text,
    figure_text,
    short_period,
    state_word,
    whole_text,
)
from tracker.web.filters import moment, span_text
from tracker.web.i18n import translate
from tracker.web.thread_words import told_steps

LARGE_CHANGE_PERCENT = 80
OLD_DAYS = 2
_AMOUNTS = (Kind.FLOW, Kind.STOCK, Kind.KEPT, Kind.CHECKLIST)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks, when, and how: compared with the submission judged before, or the return dialog open."""

    identity: Identity
    now: datetime
    is_comparing: bool = True
    is_returning: bool = False

    @property
    def is_approver(self) -> bool:
        return self.identity.role is Role.APPROVER

    @property
    def queue_heading(self) -> str:
        """What waits is called at this desk."""
        return _("待审批") if self.is_approver else _("待审核")

    @property
    def verb(self) -> str:
        """What accepting is called at this desk."""
        return _("审批") if self.is_approver else _("通过")


def place_of(endpoint: str, sheet: Sheet, **more: Any) -> str:
    """The address of one of a review's pages."""
    return url_for(endpoint, key=sheet.head.key, code=sheet.unit.code, period=sheet.period, **more)


def queue_context(head: Head, waiting: Sequence[Waiting], onlooker: Onlooker) -> dict[str, Any]:
    """The context of ``reviews/queue.html``."""
    return {
        "heading": onlooker.queue_heading,
        "trail": [
            {"label": onlooker.identity.appointment.org_unit_name, "url": None},
            {"label": head.title, "url": f"/programmes/{head.key}"},
            {"label": _("审核"), "url": None},
        ],
        "trail_note": None,
        "lead": _("等得久的排在前面。") if waiting else None,
        "action_word": onlooker.verb,
        **_together(head, waiting, onlooker),
        "states": [],
        "waiting": [_queue_row(head, one, onlooker) for one in waiting],
        "pager": None,
        "empty_text": _("有新的月报提交上来，会出现在这里。"),
    }


def _together(head: Head, waiting: Sequence[Waiting], onlooker: Onlooker) -> dict[str, Any]:
    """The ticks and the one button, for reviewers who have something clean before them."""
    can_accept = not onlooker.is_approver and any(one.clean for one in waiting)
    return {
        "form": TogetherForm(formdata=None) if can_accept else None,
        "chosen_name": "chosen",
        "accept_url": url_for("reviews.accept_clean", key=head.key) if can_accept else None,
        "periods_url": None if onlooker.is_approver else url_for("periods.current", key=head.key),
    }


def _queue_row(head: Head, one: Waiting, onlooker: Onlooker) -> dict[str, Any]:
    waited = onlooker.now - one.since
    return {
        "key": chosen_value(one),
        "unit": one.unit.short_name,
        "url": url_for("reviews.review", key=head.key, code=one.unit.code, period=one.period),
        "period": translate(one.period.title),
        "submission_text": _("第%(number)s次提交", number=one.submission_number),
        "submitted_text": moment(one.submitted_at),
        "wait_text": span_text(waited),
        "is_old": waited.days >= OLD_DAYS,
        "notes_count": one.notes_count,
        "evidence_text": _reports_text(one),
        "is_clean": bool(one.clean),
    }


def _reports_text(one: Waiting) -> str:
    """How many reports, and how many of them can be accepted together where not all can."""
    if len(one.clean) in (0, one.reports_count):
        return _("%(count)s 件实事", count=one.reports_count)
    return _("%(count)s 件实事，%(clean)s 件可一并办理", count=one.reports_count, clean=len(one.clean))


def review_context(
    review: Review, accept_form: VerdictForm, return_form: ReturnForm, onlooker: Onlooker
) -> dict[str, Any]:
    """The context of ``reviews/review.html``."""
    sheet = review.sheet
    before = earlier_periods(sheet.period)
    last, now = short_period(before[-1]) if before else _("上期"), short_period(sheet.period)
    return {
        "queue": [_waiting_item(review, one) for one in review.queue],
        "handled": [_handled_item(sheet, one) for one in review.handled],
        "review": _frame(review, onlooker),
        "accept_form": accept_form,
        "return_form": return_form,
        "phrases": [_("数字与台账不一致"), _("单位有误"), _("请补充说明")],
        "columns": {"before_label": last, "now_label": now, "change_label": _("较上期")},
        "reports": [_report(review, report, accept_form, onlooker) for report in review.judged],
        "evidence": _evidence(review),
        "events": told_steps(review.steps),
        "comments": [],
        "comment_url": None,
        "links": _links(review, onlooker),
    }


def _evidence(review: Review) -> dict[str, Any] | None:
    """The files of what is judged, line by line; none where nothing is attached and nothing was asked for."""
    reports = [report for report in review.judged if report.evidence]
    files = [file_item(review.sheet, report, file) for report in reports for file in in_line_order(report)]
    asked = any(row.listed.evidence != EvidenceRule.NONE for report in review.judged for row in report.rows)
    if not files and not asked:
        return None
    return {"count": len(files), "line_name": None, "files": files, "preview": None}


def _links(review: Review, onlooker: Onlooker) -> list[dict[str, str]]:
    """What else can be done about the sheet: talk about it, and revoke what is accepted."""
    if not review.judged:
        return []
    links = [{"label": _("沟通"), "url": place_of("threads.show", review.sheet)}]
    is_accepted = any(report.state is State.ACCEPTED or report.replaces for report in review.sheet.reports)
    if is_accepted and not onlooker.is_approver:
        links.append(
            {"label": _("作废已通过的报告"), "url": place_of("corrections.show_revoke", review.sheet)}
        )
    return links


def _waiting_item(review: Review, one: Waiting) -> dict[str, Any]:
    sheet = review.sheet
    return {
        "unit": one.unit.short_name,
        "period": translate(one.period.title),
        "at_text": moment(one.since),
        "submission_text": _("第%(number)s次提交", number=one.submission_number),
        "notes_count": one.notes_count,
        "url": url_for("reviews.review", key=sheet.head.key, code=one.unit.code, period=one.period),
        "is_current": (one.unit.id, one.period) == (sheet.unit.id, sheet.period),
        "tag": None,
    }


def _handled_item(sheet: Sheet, one: Handled) -> dict[str, Any]:
    is_return = one.action is Action.RETURN
    words = {Action.RETURN: _("已退回"), Action.SIGN: _("已审批")}
    return {
        "unit": f"{one.unit} {short_period(one.period)}",
        "url": url_for("reviews.review", key=sheet.head.key, code=one.code, period=one.period),
        "is_current": (one.code, one.period) == (sheet.unit.code, sheet.period),
        "tag": words.get(one.action, _("已通过")),
        "tag_tone": "red" if is_return else "green",
    }


def _frame(review: Review, onlooker: Onlooker) -> dict[str, Any]:
    sheet = review.sheet
    is_author = review.is_author(onlooker.identity.person_id)
    can_judge = review.is_waiting and not is_author
    endpoint = "reviews.sign_off" if onlooker.is_approver else "reviews.accept_all"
    return {
        "heading": f"{sheet.unit.short_name} · {translate(sheet.period.title)}",
        "queue_heading": onlooker.queue_heading,
        "byline": _byline(review),
        "compare_links": _compare_links(review, onlooker),
        "checks": _checks(review),
        "accept_label": onlooker.verb,
        "accept_url": place_of(endpoint, sheet) if can_judge else None,
        "accept_note": _accept_note(review, onlooker, is_author=is_author),
        "return_url": place_of("reviews.send_back", sheet) if review.is_waiting else None,
        "return_page_url": place_of("reviews.review", sheet, **{"return": 1}),
        "return_heading": _(
            "退回%(unit)s%(period)s的月报表", unit=sheet.unit.short_name, period=translate(sheet.period.title)
        ),
        "later_url": _later_url(review),
        "is_returning": onlooker.is_returning,
    }


def _accept_note(review: Review, onlooker: Onlooker, *, is_author: bool) -> str:
    if not review.judged:
        return _("本期还没有提交。")
    if not review.is_waiting:
        return _("这张表现在不需要您办理。")
    if is_author:
        return _("您填写过这份报告，须由另一位同事办理。")
    if onlooker.is_approver:
        return _("审批后报上级工会审核")
    return _("通过后计入合计，各级同时可见")


def _byline(review: Review) -> str:
    filings = [report.filing for report in review.judged if report.filing]
    if not filings:
        return _("还没有提交")
    last = max(filings, key=lambda filing: (filing.submitted_at or filing.changed_at, filing.revision_id))
    names = "、".join(dict.fromkeys(author.name for author in review.authors))
    parts = [_("%(names)s 填报", names=names)] if names else []
    signers = [
        step for step in review.steps if step.action is Action.SIGN and step.person_id == last.signed_by_id
    ]
    if signers and last.signed_at:
        parts.append(_("%(name)s %(at)s 审批", name=signers[-1].person, at=moment(last.signed_at)))
    elif last.state in (State.SIGNED, State.ACCEPTED) and last.signed_by_id is None and names:
        parts.append(_("本单位免审批"))
    parts.append(_("第%(number)s次提交", number=last.submission_number))
    states = dict.fromkeys(state_word(filing.state) for filing in filings)
    return " · ".join([*parts, *states])


def _compare_links(review: Review, onlooker: Onlooker) -> list[dict[str, Any]]:
    """Only where something was returned before is there anything to compare with."""
    if not review.last_judged:
        return []
    return [
        {
            "label": _("与上次提交对比"),
            "url": place_of("reviews.review", review.sheet),
            "is_current": onlooker.is_comparing,
        },
        {
            "label": _("仅看本次"),
            "url": place_of("reviews.review", review.sheet, compare="none"),
            "is_current": not onlooker.is_comparing,
        },
    ]


def _checks(review: Review) -> list[dict[str, Any]]:
    rows = [row for report in review.judged for row in report.rows]
    odd = [row for row in rows if row.notes]
    silent = [row for row in odd if not row.line.note]
    checks = [
        {
            "text": _("%(all)s 项自动核对，%(clean)s 项无提示", all=len(rows), clean=len(rows) - len(odd)),
            "light": "on_track",
        }
    ]
    if odd and silent:
        text = _("%(odd)s 项提示，%(silent)s 项没有说明", odd=len(odd), silent=len(silent))
        checks.append({"text": text, "light": "behind"})
    elif odd:
        checks.append({"text": _("%(odd)s 项提示，均有说明", odd=len(odd)), "light": "lagging"})
    return checks


def _later_url(review: Review) -> str | None:
    """The next sheet after this one in the queue."""
    following = next_waiting(review.queue, review.sheet.unit.code, review.sheet.period)
    if following is None:
        return None
    return url_for(
        "reviews.review", key=review.sheet.head.key, code=following.unit.code, period=following.period
    )


def next_waiting(queue: Sequence[Waiting], code: str, period: Period) -> Waiting | None:
    """Who comes after a sheet in the queue, going round; None when nothing else waits."""
    places = [(one.unit.code, one.period) for one in queue]
    at = places.index((code, period)) if (code, period) in places else -1
    others = [*queue[at + 1 :], *queue[: max(at, 0)]]
    return others[0] if others else None


def _report(review: Review, report: SheetReport, form: VerdictForm, onlooker: Onlooker) -> dict[str, Any]:
    filing = report.filing
    shows_tick = review.is_waiting and needs_tick(report) and tick_name(report) in form
    old = review.last_judged.get(filing.revision_id, {}) if filing and onlooker.is_comparing else {}
    labels = (_("做法成效"), _("存在问题"), _("下步措施"))
    return {
        "number": report.promise.number,
        "title": report.promise.title,
        "hidden": [],
        "tick": form[tick_name(report)] if shows_tick else None,
        "texts": [(label, text) for label, text in zip(labels, report.texts, strict=True) if text],
        "rows": [_row(review, row, filing, old) for row in report.rows],
    }


def _row(review: Review, row: Row, filing: Filing | None, old: Mapping[str, LineContent]) -> dict[str, Any]:
    rule, standing = row.listed.rule, row.standing
    now_text = figure_text(rule, row.figure)
    return {
        "name": rule.name,
        "measure": rule.measure,
        "url": place_of("reports.sheet", review.sheet, _anchor=f"row-{rule.code}"),
        "is_current": False,
        "is_flagged": bool(row.notes),
        "before_text": figure_text(rule, row.last),
        "now_text": now_text,
        "old_text": old_text(row, old, now_text),
        **_change(row),
        "total_text": actual_text(rule, standing),
        "target_text": whole_text(rule, standing),
        "percent_tenths": standing.completion_tenths,
        "light": str(standing.light),
        "judgement": None,
        "notes": _remarks(review, row, filing),
    }


def old_text(row: Row, old: Mapping[str, LineContent], now_text: str) -> str | None:
    """What the submission judged last said, where it said something else."""
    line = old.get(row.listed.rule.code)
    if line is None:
        return None
    text = figure_text(row.listed.rule, figure_of(row.kind, line))
    return None if text == now_text else text


def _change(row: Row) -> dict[str, Any]:
    """This period against the last: in percent, and as two bars in tenths of the longer one."""
    now, last = row.figure, row.last
    if row.kind not in _AMOUNTS or now is None or last is None or now.value is None or not last.value:
        return {"change_text": NOTHING, "is_large": False, "before_tenths": None, "now_tenths": None}
    percent = round_half_away((now.value - last.value) * 100, abs(last.value))
    longer = max(abs(now.value), abs(last.value))
    return {
        "change_text": f"{'+' if percent >= 0 else MINUS}{abs(percent):,}%",
        "is_large": abs(percent) >= LARGE_CHANGE_PERCENT,
        "before_tenths": round_half_away(abs(last.value) * 1000, longer),
        "now_tenths": round_half_away(abs(now.value) * 1000, longer),
    }


def _remarks(review: Review, row: Row, filing: Filing | None) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for step in review.steps:
        is_own = filing is not None and step.revision_id == filing.revision_id
        if is_own and step.action is Action.RETURN and row.listed.id in step.pinned:
            told.append({"tone": "told", "title": _("上次的退回意见："), "text": step.text})
    told += [{"tone": "explain", "title": None, "text": translate(note.message)} for note in row.notes]
    if row.line.note:
        title = _("情况：") if row.kind is Kind.NARRATIVE else _("填报人说明：")
        told.append({"tone": "told", "title": title, "text": row.line.note})
    return told
