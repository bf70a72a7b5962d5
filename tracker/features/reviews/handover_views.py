"""The page on which a queue is handed to a colleague, taken over, and given back."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.messages import Faults
from tracker.domain.permissions import Permission
from tracker.features.reviews.after_views import blueprint
from tracker.features.reviews.handing_over import end_handover, hand_over
from tracker.features.reviews.handover_form import EndForm, HandoverForm, offer_colleagues
from tracker.services.handovers import list_colleagues, list_handovers
from tracker.services.standings import Doer
from tracker.web.current import calendar_now, current_identity, current_session, now, request_id
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.handover_words import handover_text
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name

__all__ = ["blueprint"]


@blueprint.get("/reviews/handover")
@requires(Permission.HAND_OVER_QUEUE)
def handover() -> ResponseReturnValue:
    """Who looks after whose queue here, and a form to change it."""
    return _page()


@blueprint.post("/reviews/handover")
@requires(Permission.HAND_OVER_QUEUE)
def begin_handover() -> ResponseReturnValue:
    """Hand one's queue to a colleague, or take a colleague's over."""
    form = HandoverForm()
    _offer(form)
    if not form.validate():
        return _page(form, status=422)
    try:
        name = hand_over(current_session(), form.order(), _doer(), today=calendar_now())
    except Faults as wrong:
        for fault in wrong.faults:
            form[fault.place].errors = [*form[fault.place].errors, translate(fault.message)]
        return _page(form, status=422)
    words = {"give": _("待办已交给%(name)s。", name=name), "take": _("已接手%(name)s的待办。", name=name)}
    flash(words[form.direction.data], "success")
    return redirect(url_for("reviews.handover"), 303)


@blueprint.post("/reviews/handover/<int:handover_id>/end")
@requires(Permission.HAND_OVER_QUEUE)
def finish_handover(handover_id: int) -> ResponseReturnValue:
    """Take one's own queue back, or give a colleague's back."""
    form = EndForm()
    if not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    ended = end_handover(current_session(), handover_id, _doer(), today=calendar_now())
    flash(_("%(name)s的待办已回到本人。", name=ended.from_name), "success")
    return redirect(url_for("reviews.handover"), 303)


def _doer() -> Doer:
    return Doer(current_identity(), now(), request_id())


def _offer(form: HandoverForm) -> bool:
    """Whether there is anybody to choose."""
    colleagues = list_colleagues(current_session(), current_identity(), now())
    offer_colleagues(form, colleagues)
    return bool(colleagues)


def _page(form: HandoverForm | None = None, *, status: int = 200) -> Response:
    identity = current_identity()
    form = form or HandoverForm(formdata=None)
    has_colleagues = _offer(form)
    in_force = list_handovers(current_session(), identity, calendar_now())
    page = render_template(
        "reviews/handover.html",
        heading=_("待办交接"),
        trail=[
            {"label": identity.appointment.org_unit_name, "url": None},
            {"label": _("审核"), "url": url_for("reviews.index")},
            {"label": _("待办交接"), "url": None},
        ],
        handovers=[
            {
                "text": handover_text(one, person_id=identity.person_id),
                "note": _("%(by)s %(at)s 办理", by=acting_name(one.by, one.stand_in), at=moment(one.at)),
                "end_url": url_for("reviews.finish_handover", handover_id=one.id)
                if one.involves(identity.person_id)
                else None,
                "end_label": _("收回") if one.from_id == identity.person_id else _("交还"),
            }
            for one in in_force
        ],
        end_form=EndForm(formdata=None),
        form=form if has_colleagues else None,
        form_url=url_for("reviews.begin_handover"),
    )
    return make_response(page, status)
