"""The pages of those who judge: queue, review, and the three verdicts on all shown reports of a sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.editing import default_answer_by
from tracker.domain.messages import Conflict, Fault, Faults
from tracker.domain.periods import SHANGHAI, Period
from tracker.domain.permissions import Permission
from tracker.domain.workflow import UNDO_SECONDS
from tracker.features.reviews.commands import accept_sheet, return_sheet, sign_sheet
from tracker.features.reviews.forms import (
    ReturnForm,
    VerdictForm,
    kept_return,
    looked_at,
    read_seen,
    return_form,
    verdict_form,
)
from tracker.features.reviews.moved_page import moved_context
from tracker.features.reviews.onlooker import Onlooker, place_of
from tracker.features.reviews.queries import (
    Review,
    ReviewNotFound,
    find_review,
    list_queue,
    list_seen_before,
)
from tracker.features.reviews.queue_page import queue_context
from tracker.features.reviews.review_page import next_waiting, review_context
from tracker.features.reviews.undo_token import verdict_token
from tracker.services.desk import DeskList, list_desk
from tracker.services.handovers import list_handovers
from tracker.services.programme_heads import list_heads
from tracker.services.revising import comment, verdict_of
from tracker.services.standings import list_standings
from tracker.services.transitions import Doer, Seen, Standing
from tracker.services.visibility import find_visible_head, visible_programmes
from tracker.web.comment_form import CommentForm, offer_subjects, subject_of
from tracker.web.current import (
    calendar_now,
    current_calendar,
    current_identity,
    current_session,
    now,
    request_id,
)
from tracker.web.guard import requires
from tracker.web.i18n import translate
from tracker.web.undo import offer_undo

blueprint = Blueprint("reviews", __name__)

PLACE = "/programmes/<key:key>/reviews/<code:code>/<period:period>"

LONGEST_CODE = 60

Judging = Callable[[Review, Sequence[Seen], VerdictForm], list[Standing]]


@blueprint.get("/reviews")
@requires(Permission.SEE_REVIEWS)
def index() -> ResponseReturnValue:
    """Straight to the queue in which something waits longest; while nothing does, to the empty one of a list at work.

    From there people hand over their queue and see who has reported. Where there is no list yet: the desk.
    """
    session, identity = current_session(), current_identity()
    rows = list_desk(session, identity, calendar_now())
    waiting = [row.key for row in rows if row.list is DeskList.TO_JUDGE]
    heads = [] if waiting else list_heads(session, visible_programmes(identity))
    heads = [head for head in heads if head.state != "draft"]
    own = [head.key for head in heads if head.publisher_id == identity.place.org_unit_id]
    keys = [*waiting, *own, *(row.key for row in rows), *(head.key for head in heads)]
    if not keys:
        flash(_("现在没有要审的报告。"), "info")
        return redirect(url_for("accounts.desk"))
    return redirect(url_for("reviews.queue", key=keys[0]))


@blueprint.get("/programmes/<key:key>/reviews")
@requires(Permission.SEE_REVIEWS)
def queue(key: str) -> ResponseReturnValue:
    """What waits for this person in one programme, the longest first."""
    session, identity = current_session(), current_identity()
    head = find_visible_head(session, key, seen_by=identity)
    waiting = list_queue(session, head, seen_by=identity)
    handovers = list_handovers(session, identity, calendar_now())
    context = queue_context(head, waiting, handovers, _onlooker())
    return render_template("reviews/queue.html", **context)


@blueprint.get(PLACE)
@requires(Permission.SEE_REVIEWS)
def review(key: str, code: str, period: Period) -> ResponseReturnValue:
    """One sheet to judge, with what it said before."""
    return _review_page(_find(key, code, period))


@blueprint.post(PLACE + "/sign")
@requires(Permission.SIGN_REPORT)
def sign_off(key: str, code: str, period: Period) -> ResponseReturnValue:
    """The head of the unit signs what is shown."""

    def judge(shown: Review, seen: Sequence[Seen], form: VerdictForm) -> list[Standing]:
        return sign_sheet(current_session(), shown, seen, looked=looked_at(form, shown), doer=_doer())

    return _verdict(_find(key, code, period), judge, _("已审批"))


@blueprint.post(PLACE + "/accept")
@requires(Permission.ACCEPT_REPORT)
def accept_all(key: str, code: str, period: Period) -> ResponseReturnValue:
    """The superior's reviewer accepts what is shown; its figures count from now on."""

    def judge(shown: Review, seen: Sequence[Seen], form: VerdictForm) -> list[Standing]:
        looked = looked_at(form, shown)
        judged = accept_sheet(current_session(), shown, seen, looked=looked, doer=_doer())
        token = verdict_token(verdict_of(judged))
        offer_undo(place_of("reviews.take_back", shown.sheet), token, seconds=UNDO_SECONDS)
        return judged

    return _verdict(_find(key, code, period), judge, _("已通过"))


@blueprint.post(PLACE + "/return")
@requires(Permission.RETURN_REPORT)
def send_back(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Return what is shown, or only the reports of the ticked lines, with a reason and a date."""
    shown = _find(key, code, period)
    form = return_form(shown, is_posted=True, answer_by=_answer_by())
    seen = read_seen(form.version.data or "")
    if not form.validate() or form.deadline is None:
        if form.deadline is None:
            form.answer_by.errors = [_("请选一个日期，例如 2018-07-09")]
        return _review_page(shown, returning=form, status=422)
    try:
        judged = return_sheet(
            current_session(),
            shown,
            seen,
            lines=form.lines.data or [],
            reason=form.reason.data or "",
            answer_by=form.deadline,
            today=calendar_now(),
            doer=_doer(),
        )
    except Faults as wrong:
        _place_faults(form, wrong.faults)
        return _review_page(shown, returning=form, status=422)
    except Conflict as moved:
        return _moved_page(shown, seen, moved, refused=form)
    return _go_on(shown, judged, _("已退回"))


@blueprint.post(PLACE + "/comment")
@requires(Permission.COMMENT_REPORT)
def say(key: str, code: str, period: Period) -> ResponseReturnValue:
    """A remark in the permanent thread without leaving the review, pinned to a report or a line."""
    shown = _find(key, code, period)
    form = CommentForm()
    offer_subjects(form, shown.judged)
    if not form.validate():
        return _review_page(shown, saying=form, status=422)
    subject = subject_of(form, shown.judged)
    if subject is None or subject[0].filing is None:
        raise ReviewNotFound("没有这份报告")
    [standing] = list_standings(current_session(), [subject[0].filing.revision_id])
    comment(current_session(), standing, _doer(), text=form.text.data or "", pinned=subject[1])
    flash(_("已留言。"), "success")
    return _see_other(place_of("reviews.review", shown.sheet, _anchor="thread"))


def _verdict(shown: Review, judge: Judging, word: str) -> Response:
    form = verdict_form(shown, is_posted=True)
    if not form.validate():
        return _review_page(shown, accepting=form, status=422)
    seen = read_seen(form.version.data or "")
    try:
        judged = judge(shown, seen, form)
    except Faults as wrong:
        _place_faults(form, wrong.faults)
        return _review_page(shown, accepting=form, status=422)
    except Conflict as moved:
        return _moved_page(shown, seen, moved)
    return _go_on(shown, judged, word)


def _find(key: str, code: str, period: Period) -> Review:
    midnight = datetime.combine(now().astimezone(SHANGHAI).date(), time(0, 0), SHANGHAI)
    return find_review(current_session(), key, code, period, seen_by=current_identity(), since=midnight)


def _onlooker(*, is_returning: bool = False) -> Onlooker:
    return Onlooker(
        current_identity(),
        now(),
        is_comparing=request.args.get("compare") != "none",
        is_returning=is_returning or "return" in request.args,
        line=request.args.get("line", "")[:LONGEST_CODE],
    )


def _doer() -> Doer:
    return Doer(current_identity(), now(), request_id())


def _answer_by() -> datetime:
    """Three working days from today, 18:00."""
    return default_answer_by(*current_calendar())


def _review_page(
    shown: Review,
    *,
    accepting: VerdictForm | None = None,
    returning: ReturnForm | None = None,
    saying: CommentForm | None = None,
    status: int = 200,
) -> Response:
    saying = saying or CommentForm(formdata=None)
    offer_subjects(saying, shown.judged)
    context = review_context(
        shown,
        _onlooker(is_returning=returning is not None),
        accepting=accepting or verdict_form(shown, is_posted=False),
        returning=returning or return_form(shown, is_posted=False, answer_by=_answer_by()),
        saying=saying,
    )
    return make_response(render_template("reviews/review.html", **context), status)


def _moved_page(
    shown: Review, seen: Sequence[Seen], moved: Conflict, *, refused: ReturnForm | None = None
) -> Response:
    """Somebody was first: what happened meanwhile, the way back, and what was typed for a return."""
    session, sheet = current_session(), shown.sheet
    session.rollback()
    fresh = _find(sheet.head.key, sheet.unit.code, sheet.period)
    before = list_seen_before(session, {one.revision_id: one.digest for one in seen})
    context = moved_context(fresh, seen, before, [Fault("", moved.message)])
    kept = {
        "reason": (refused.reason.data or "") if refused else "",
        "return_form": kept_return(fresh, refused) if refused else None,
        "return_url": place_of("reviews.send_back", sheet),
    }
    return make_response(render_template("reviews/moved_on.html", **context, **kept), 409)


def _go_on(shown: Review, judged: Sequence[Standing], word: str) -> Response:
    """To what still waits of this sheet, else to the next in the queue, else to the empty queue."""
    sheet = shown.sheet
    flash(
        _(
            "%(word)s%(unit)s%(period)s的月报表（%(count)s 件）。",
            word=word,
            unit=sheet.unit.short_name,
            period=translate(sheet.period.title),
            count=len(judged),
        ),
        "success",
    )
    following = next_waiting(shown.queue, sheet.unit.code, sheet.period)
    if len(judged) < len(shown.judged):
        return _see_other(place_of("reviews.review", sheet))
    if following is None:
        return _see_other(url_for("reviews.queue", key=sheet.head.key))
    return _see_other(
        url_for("reviews.review", key=sheet.head.key, code=following.unit.code, period=following.period)
    )


def _see_other(url: str) -> Response:
    return make_response(redirect(url, 303))


def _place_faults(form: Any, faults: Sequence[Fault]) -> None:
    for fault in faults:
        form[fault.place].errors = [*form[fault.place].errors, translate(fault.message)]
