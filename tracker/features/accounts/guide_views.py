"""What a role can do: folded and unfolded on the desk, whole under 帮助, and step by step in the role's handbook."""

from __future__ import annotations

from flask import abort, redirect, render_template, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnprocessableEntity

from tracker.domain.identity import Role
from tracker.domain.permissions import Permission
from tracker.features.accounts.blueprint import blueprint
from tracker.features.accounts.forms import GuideForm
from tracker.features.accounts.guide import fold_guide, rights_in_words, things_to_do
from tracker.features.accounts.handbook import DOCS, LANGUAGES, Addresses, read_handbook
from tracker.web.current import current_actor, current_identity, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import is_chinese
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
        handbook_url=url_for("accounts.handbook", role=identity.role),
    )


@blueprint.get(f"/help/<any({', '.join(Role)}):role>")
@requires(Permission.SEE_DESK)
def handbook(role: str) -> ResponseReturnValue:
    """The handbook of any role, in the language of the page."""
    addresses = Addresses(
        picture=lambda language, name: url_for("accounts.handbook_picture", language=language, name=name),
        page=lambda other: url_for("accounts.handbook", role=other),
    )
    found = read_handbook(Role(role), LANGUAGES[0 if is_chinese() else 1], addresses)
    if found is None:
        abort(404)
    others = [(role_name(one), addresses.page(one)) for one in Role if one != role]
    return render_template(
        "accounts/handbook.html", handbook=found, others=others, help_page_url=url_for("accounts.help_page")
    )


@blueprint.get(f"/help/pictures/<any({', '.join(LANGUAGES)}):language>/<name>.png")
@requires(Permission.SEE_DESK)
def handbook_picture(language: str, name: str) -> ResponseReturnValue:
    """A picture of a handbook."""
    return send_from_directory(DOCS / "img" / language, f"{name}.png")


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
