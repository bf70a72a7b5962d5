"""What a role can do: folded and unfolded on the desk, and whole under 帮助."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnprocessableEntity

from tracker.domain.permissions import Permission
from tracker.features.accounts.blueprint import blueprint
from tracker.features.accounts.forms import GuideForm
from tracker.features.accounts.guide import fold_guide, rights_in_words, things_to_do
from tracker.web.current import current_actor, current_identity, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.navigation import role_name


@blueprint.get("/help")
@requires(Permission.SEE_DESK)
def help_page() -> ResponseReturnValue:
    """What this appointment is for, everything it permits, and how pages are used without a mouse."""
    identity = current_identity()
    return render_template(
        "accounts/help.html",
        heading=_("帮助"),
        lead=f"{identity.appointment.org_unit_name} · {role_name(identity.role)}",
        guide=things_to_do(identity),
        rights=rights_in_words(identity),
    )


@blueprint.post("/account/guide")
@requires(Permission.KEEP_ACCOUNT)
def keep_guide() -> ResponseReturnValue:
    """Fold the panel up, or open it again."""
    form = GuideForm()
    if not form.validate():
        raise UnprocessableEntity
    fold_guide(
        current_session(),
        is_folded=form.state.data == "folded",
        account_id=current_identity().account_id,
        actor=current_actor(),
        now=now(),
    )
    return redirect(url_for("accounts.desk", _anchor="guide"), 303)
