"""One-time links: whoever opens one sets the password of the account it was sent for."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from tracker.domain.messages import Faults
from tracker.domain.permissions import Permission
from tracker.features.accounts.blueprint import current_passwords
from tracker.features.accounts.forms import LinkForm
from tracker.features.accounts.link_commands import set_password
from tracker.services.account_links import LinkDead, LiveLink, get_link
from tracker.web.current import (
    current_database,
    current_policy,
    current_session,
    now,
    request_id,
    start_clean_cookie,
)
from tracker.web.guard import requires
from tracker.web.headers import FORGET
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

blueprint = Blueprint("links", __name__)


@blueprint.get("/links/<token>")
@requires(Permission.USE_LINK)
def show_link(token: str) -> ResponseReturnValue:
    """The page to set a password; looking does not use the link up (mail scanners look)."""
    try:
        return _page(get_link(current_session(), token, now()), LinkForm(formdata=None), token)
    except LinkDead as dead:
        return _dead(dead)


@blueprint.post("/links/<token>")
@requires(Permission.USE_LINK)
def use_link(token: str) -> ResponseReturnValue:
    """Set the password; the link is used up, and every browser of the account is out."""
    form = LinkForm()
    try:
        with current_database().read_session() as reader:
            link = get_link(reader, token, now())
    except LinkDead as dead:
        return _dead(dead)
    if not form.validate():
        return _page(link, form, token, status=422)
    try:
        set_password(
            current_session(),
            link,
            form.replacement.data or "",
            passwords=current_passwords(),
            now=now(),
            request_id=request_id(),
        )
    except LinkDead as dead:
        return _dead(dead)
    except Faults as refused:
        form.replacement.errors = [translate(fault.message) for fault in refused.faults]
        return _page(link, form, token, status=422)
    logout_user()
    start_clean_cookie()
    flash(_("密码已设定，请登录。"))
    response = make_response(redirect(url_for("accounts.sign_in"), 303))
    response.headers.set(*FORGET)
    return response


def _page(link: LiveLink, form: LinkForm, token: str, *, status: int = 200) -> Response:
    page = render_template(
        "accounts/link.html",
        heading=_("启用账号") if link.purpose == "activate" else _("重设密码"),
        lead=_("%(name)s，您好。请为登录名 %(login)s 设定密码。", name=link.name, login=link.login),
        action=url_for("links.use_link", token=token),
        form=form,
        policy=current_policy(),
    )
    response = make_response(page, status)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return response


def _dead(dead: LinkDead) -> Response:
    page = render_template(
        "accounts/link_dead.html",
        heading=_("链接不能用了"),
        text=translate(dead.message),
        sign_in_url=url_for("accounts.sign_in"),
    )
    return make_response(page, 404)
