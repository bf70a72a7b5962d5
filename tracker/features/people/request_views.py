"""What waits for a second person: the list, and the three answers."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.permissions import Permission, holds
from tracker.features.people import deciding
from tracker.features.people.blueprint import LARGEST_KEY, blueprint, current_doer, trail_of
from tracker.features.people.forms import ButtonForm
from tracker.features.people.request_rows import request_row
from tracker.services.grant_requests import STANDS_FOR, list_to_decide
from tracker.web.current import current_identity, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.people_words import request_text


@blueprint.get("/accounts/requests")
@requires(Permission.CONFIRM_GRANT)
def requests() -> ResponseReturnValue:
    """What this person may confirm, and what they asked for themselves."""
    return _page()


@blueprint.post("/accounts/requests/<int:request_id>/confirm")
@requires(Permission.CONFIRM_GRANT)
def confirm(request_id: int) -> ResponseReturnValue:
    """Let it take effect."""
    if not ButtonForm().validate():
        return _page(status=422)
    done = deciding.confirm(current_session(), min(request_id, LARGEST_KEY), current_doer())
    flash(_("已确认：%(name)s，%(what)s。", name=done.person, what=request_text(done)), "success")
    return redirect(url_for("people.requests"), 303)


@blueprint.post("/accounts/requests/<int:request_id>/refuse")
@requires(Permission.CONFIRM_GRANT)
def refuse(request_id: int) -> ResponseReturnValue:
    """Say no."""
    if not ButtonForm().validate():
        return _page(status=422)
    done = deciding.refuse(current_session(), min(request_id, LARGEST_KEY), current_doer())
    flash(_("已不同意：%(name)s，%(what)s。", name=done.person, what=request_text(done)), "success")
    return redirect(url_for("people.requests"), 303)


@blueprint.post("/accounts/requests/<int:request_id>/withdraw")
@requires(Permission.SEE_PEOPLE)
def withdraw(request_id: int) -> ResponseReturnValue:
    """Take one's own request back."""
    done = deciding.withdraw(current_session(), min(request_id, LARGEST_KEY), current_doer())
    flash(_("已撤回：%(name)s，%(what)s。", name=done.person, what=request_text(done)), "success")
    return redirect(url_for("people.show", account_id=done.account_id), 303)


def _page(*, status: int = 200) -> Response:
    identity = current_identity()
    found = list_to_decide(current_session(), identity, now())
    page = render_template(
        "people/requests.html",
        heading=_("待确认"),
        trail=trail_of((_("待确认"), None)) if holds(identity, Permission.SEE_PEOPLE) else [],
        days=STANDS_FOR.days,
        rows=[request_row(one, identity) for one in found],
    )
    return make_response(page, status)
