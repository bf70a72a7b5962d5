"""Accepting all clean sheets of a queue together, and taking one's own acceptance back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.periods import Period
from tracker.domain.permissions import Permission
from tracker.domain.workflow import UNDO_SECONDS
from tracker.features.reviews.queries import list_queue
from tracker.features.reviews.together import Outcome, accept_together
from tracker.features.reviews.together_form import TogetherForm, read_chosen
from tracker.features.reviews.undo_token import read_verdict
from tracker.features.reviews.undoing import Given, names_of, undo_together
from tracker.features.reviews.views import blueprint
from tracker.services.revising import undo
from tracker.services.standings import Doer
from tracker.services.visibility import find_visible_head, find_visible_unit
from tracker.web.current import current_identity, current_session, now, request_id
from tracker.web.guard import requires
from tracker.web.i18n import translate
from tracker.web.punctuation import clauses, labelled, listed
from tracker.web.undo import UndoForm, offer_undo, withdraw_offer

__all__ = ["blueprint"]


@blueprint.post("/programmes/<key:key>/reviews/together")
@requires(Permission.ACCEPT_REPORT)
def accept_clean(key: str) -> ResponseReturnValue:
    """Accept the clean reports of every ticked sheet, exactly as they were shown."""
    session, identity = current_session(), current_identity()
    head = find_visible_head(session, key, seen_by=identity)
    form = TogetherForm()
    if not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    waiting = list_queue(session, head, seen_by=identity)
    doer = Doer(identity, now(), request_id())
    outcome = accept_together(session, waiting, read_chosen(form.chosen.data or []), doer)
    _tell(outcome)
    if outcome.accepted:
        offer_undo(url_for("reviews.take_all_back", key=key), doer.now.isoformat(), seconds=UNDO_SECONDS)
    return redirect(url_for("reviews.queue", key=key), 303)


def _tell(outcome: Outcome) -> None:
    withdraw_offer()
    if outcome.accepted:
        count = sum(len(sheet) for sheet in outcome.accepted)
        flash(
            _("已一并通过 %(sheets)s 张月报表、%(count)s 件。", sheets=len(outcome.accepted), count=count),
            "success",
        )
    if outcome.left:
        words = clauses(labelled(one.unit, translate(one.message)) for one in outcome.left)
        flash(_("%(count)s 张没有办理：%(words)s", count=len(outcome.left), words=words), "warning")


@blueprint.post("/programmes/<key:key>/reviews/together/undo")
@requires(Permission.UNDO_ACCEPTANCE)
def take_all_back(key: str) -> ResponseReturnValue:
    """Undo what was accepted together within ten seconds, each report where nothing has happened since."""
    session, identity = current_session(), current_identity()
    head = find_visible_head(session, key, seen_by=identity)
    form = UndoForm()
    at = _read_moment(form.version.data)
    if not form.validate() or at is None:
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    undone = undo_together(session, head, at, Doer(identity, now(), request_id()))
    withdraw_offer()
    if undone.back:
        told = _("已撤销 %(count)s 件的通过：%(names)s。", count=len(undone.back), names=_names(undone.back))
        flash(told, "success")
    if undone.left:
        told = _(
            "%(count)s 件没有撤销，之后又有人办理或已过 %(seconds)s 秒：%(names)s。确需撤回，请作废。",
            count=len(undone.left), seconds=UNDO_SECONDS, names=_names(undone.left),
        )  # fmt: skip
        flash(told, "warning")
    return redirect(url_for("reviews.queue", key=key), 303)


def _read_moment(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else None


def _names(given: Sequence[Given]) -> str:
    """海曙（第 1、2 件）；江北（第 1 件）."""
    return clauses(
        _("%(unit)s（第 %(numbers)s 件）", unit=unit, numbers=listed(str(number) for number in numbers))
        for unit, numbers in names_of(given)
    )


@blueprint.post("/programmes/<key:key>/reviews/<code:code>/<period:period>/undo")
@requires(Permission.UNDO_ACCEPTANCE)
def take_back(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Undo one's own acceptance within ten seconds."""
    session, identity = current_session(), current_identity()
    head = find_visible_head(session, key, seen_by=identity)
    unit = find_visible_unit(session, code, seen_by=identity)
    form = UndoForm()
    if not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    verdict = read_verdict(form.version.data or "")
    undo(session, verdict, Doer(identity, now(), request_id()))
    withdraw_offer()
    flash(_("已撤销通过，报告回到待审核。"), "success")
    return redirect(url_for("reviews.review", key=head.key, code=unit.code, period=period), 303)
