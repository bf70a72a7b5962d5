"""What the review page shows, ready to print: queue, frame, lines and side put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.periods import Period
from tracker.domain.workflow import Action, State
from tracker.features.reviews.forms import ReturnForm, VerdictForm
from tracker.features.reviews.onlooker import Onlooker, place_of, wait_text
from tracker.features.reviews.queries import Handled, LastJudged, Review, Waiting
from tracker.features.reviews.review_rows import has_changed, last_judged_of, report_item
from tracker.features.reviews.review_side import side_context
from tracker.services.sheets import Sheet, SheetReport, earlier_periods
from tracker.web.comment_form import CommentForm
from tracker.web.figure_words import short_period, state_word
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.punctuation import listed, phrases
from tracker.web.thread_words import who


def review_context(
    review: Review,
    onlooker: Onlooker,
    *,
    accepting: VerdictForm,
    returning: ReturnForm,
    saying: CommentForm,
) -> dict[str, Any]:
    """The context of ``reviews/review.html``."""
    sheet = review.sheet
    before = earlier_periods(sheet.period)
    last, now = short_period(before[-1]) if before else _("上期"), short_period(sheet.period)
    return {
        "queue": [_waiting_item(review, one, onlooker) for one in review.queue],
        "handled": [_handled_item(sheet, one) for one in review.handled],
        "review": _frame(review, onlooker),
        "accept_form": accepting,
        "return_form": returning,
        "phrases": [_("数字与佐证不一致"), _("单位有误"), _("缺佐证"), _("请补充说明")],
        "columns": {"before_label": last, "now_label": now, "change_label": _("较上期")},
        "reports": [report_item(review, report, accepting, onlooker) for report in review.judged],
        **side_context(review, onlooker, saying),
    }


def _waiting_item(review: Review, one: Waiting, onlooker: Onlooker) -> dict[str, Any]:
    sheet = review.sheet
    return {
        "unit": one.unit.short_name,
        "period": translate(one.period.title),
        "at_text": moment(one.since),
        "submission_text": _("第%(number)s次提交", number=one.submission_number),
        "wait_text": _("已等 %(span)s", span=wait_text(onlooker.now - one.since)),
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
        "checks": [*_checks(review), *_file_checks(review), *_change_checks(review, onlooker)],
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
    names = listed(dict.fromkeys(author.name for author in review.authors))
    parts = [_("%(names)s 填报", names=names)] if names else []
    signers = [
        step for step in review.steps if step.action is Action.SIGN and step.person_id == last.signed_by_id
    ]
    if signers and last.signed_at:
        parts.append(_("%(name)s %(at)s 审批", name=who(signers[-1]), at=moment(last.signed_at)))
    elif last.state in (State.SIGNED, State.ACCEPTED) and last.signed_by_id is None and names:
        parts.append(_("本单位免审批"))
    parts.append(_("第%(number)s次提交", number=last.submission_number))
    states = dict.fromkeys(state_word(filing.state) for filing in filings)
    return " · ".join([*parts, *states])


def _compare_links(review: Review, onlooker: Onlooker) -> list[dict[str, Any]]:
    """Only where something was judged before is there anything to compare with."""
    if not review.last_judged:
        return []
    return [
        {
            "label": _("与上次办理时对比"),
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


def _file_checks(review: Review) -> list[dict[str, Any]]:
    """How many files there are, and how many lines miss theirs; nothing where none are asked for."""
    count = sum(len(report.evidence) for report in review.judged)
    missing = sum(row.lacks_evidence for report in review.judged for row in report.rows)
    if not count and not missing:
        return []
    text = _("佐证 %(count)s 份，缺 %(missing)s", count=count, missing=missing)
    return [{"text": text, "light": "behind" if missing else None}]


def _change_checks(review: Review, onlooker: Onlooker) -> list[dict[str, Any]]:
    """In one sentence what changed since the submission judged last."""
    pairs = [(report, judged) for report in review.judged if (judged := last_judged_of(review, report))]
    if not pairs or not onlooker.is_comparing:
        return []
    lines = sum(has_changed(row, judged) for report, judged in pairs for row in report.rows)
    texts = sum(tuple(report.texts) != tuple(judged.texts) for report, judged in pairs)
    added = sum(len(_files_of(report) - judged.files) for report, judged in pairs)
    gone = sum(len(judged.files - _files_of(report)) for report, judged in pairs)
    parts = [_("改 %(count)s 项", count=lines)] if lines else []
    parts += [_("改文字说明 %(count)s 件", count=texts)] if texts else []
    parts += [_("佐证增 %(count)s 份", count=added)] if added else []
    parts += [_("佐证减 %(count)s 份", count=gone)] if gone else []
    told = _judged_word(pairs[-1][1])
    if not parts:
        return [{"text": _("%(judged)s后没有改动", judged=told), "light": "lagging"}]
    return [{"text": _("%(judged)s后%(parts)s", judged=told, parts=phrases(parts)), "light": None}]


def _judged_word(judged: LastJudged) -> str:
    words = {Action.RETURN: _("退回‖经过"), Action.REVOKE: _("作废‖经过"), Action.ACCEPT: _("通过‖经过")}
    number, at = judged.submission_number, moment(judged.at)
    return _("第%(number)s次提交 %(at)s %(word)s", number=number, at=at, word=words[judged.action])


def _files_of(report: SheetReport) -> set[tuple[str, str]]:
    codes = {row.listed.id: row.listed.rule.code for row in report.rows}
    return {(codes.get(file.indicator_id or 0, ""), file.sha256) for file in report.evidence}


def _later_url(review: Review) -> str | None:
    """The next sheet after this one in the queue; the queue itself where it is the only one."""
    following = next_waiting(review.queue, review.sheet.unit.code, review.sheet.period)
    if following is None:
        return url_for("reviews.queue", key=review.sheet.head.key) if review.is_waiting else None
    return url_for(
        "reviews.review", key=review.sheet.head.key, code=following.unit.code, period=following.period
    )


def next_waiting(queue: Sequence[Waiting], code: str, period: Period) -> Waiting | None:
    """Who comes after a sheet in the queue, going round; None when nothing else waits."""
    places = [(one.unit.code, one.period) for one in queue]
    at = places.index((code, period)) if (code, period) in places else -1
    others = [*queue[at + 1 :], *queue[: max(at, 0)]]
    return others[0] if others else None
