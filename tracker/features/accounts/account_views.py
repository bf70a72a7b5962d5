"""One's own account: appointments, browsers, password, language, and how it was signed in to."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Unauthorized

from tracker.domain.messages import Faults
from tracker.domain.permissions import Permission
from tracker.features.accounts import commands
from tracker.features.accounts.blueprint import (
    blueprint,
    count_try,
    credentials_of,
    current_passwords,
    keep_token,
    name_password_faults,
    tries_words,
    wait_words,
)
from tracker.features.accounts.browser_words import browser_word
from tracker.features.accounts.forms import LanguageForm, PasswordForm, SignOutForm, SwitchForm
from tracker.features.accounts.limits import Verdict
from tracker.features.accounts.password_commands import WrongPassword, change_password
from tracker.features.accounts.queries import (
    find_factor,
    find_own_address,
    list_own_appointments,
    list_sign_ins,
)
from tracker.services.sessions import list_sessions
from tracker.web.current import (
    current_actor,
    current_database,
    current_identity,
    current_policy,
    current_session,
    current_sign_in,
    is_safe,
    now,
)
from tracker.web.errors import error_page
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import select_language, translate
from tracker.web.navigation import role_name
from tracker.web.side_effects import note_success, note_unchecked

CONFIRMED: Final = frozenset(
    {"accounts.save_password", "accounts.enrol", "accounts.renew_codes", "accounts.turn_off"}
)
"""Endpoints that ask the password of somebody signed in once more."""


@blueprint.before_request
def count_confirmation() -> ResponseReturnValue | None:
    """Count such a try before the request's own transaction begins, as at sign-in; beyond the limit: 429."""
    if is_safe() or request.endpoint not in CONFIRMED:
        return None
    g.confirmation = count_try(current_identity().login)
    if not g.confirmation.is_refused:
        return None
    response = error_page(429, wait_words(g.confirmation.retry_after))
    response.headers["Retry-After"] = str(int(g.confirmation.retry_after.total_seconds()))
    return response


def current_confirmation() -> Verdict:
    """The verdict on the password this request confirms with."""
    verdict: Verdict = g.confirmation
    return verdict


@blueprint.get("/account")
@requires(Permission.SEE_DESK)
def own_account() -> ResponseReturnValue:
    """One's own appointments, browsers, password and sign-ins."""
    return _account_page(PasswordForm())


@blueprint.post("/account/appointment")
@requires(Permission.SWITCH_APPOINTMENT)
def switch_appointment() -> ResponseReturnValue:
    """Act under another of one's appointments."""
    signed_in, form = current_sign_in(), SwitchForm()
    if signed_in is None or not form.validate():
        return _account_page(PasswordForm(formdata=None), status=422)
    commands.switch_appointment(
        current_session(),
        session_id=signed_in.session_id,
        appointment_id=form.appointment.data or 0,
        actor=current_actor(),
        now=now(),
    )
    return redirect(url_for("accounts.desk"), 303)


@blueprint.post("/account/sessions/<int:session_id>/end")
@requires(Permission.SIGN_OUT)
def end_session(session_id: int) -> ResponseReturnValue:
    """Sign another browser of one's own account out."""
    if not SignOutForm().validate():
        return _account_page(PasswordForm(formdata=None), status=422)
    commands.end_session(
        current_session(),
        session_id,
        account_id=current_identity().account_id,
        actor=current_actor(),
        now=now(),
        idle=current_policy().idle,
    )
    flash(_("已让那个浏览器退出登录。"), "success")
    return redirect(url_for("accounts.own_account"), 303)


@blueprint.post("/account/sessions/end-others")
@requires(Permission.KEEP_ACCOUNT)
def end_other_sessions() -> ResponseReturnValue:
    """Sign every other browser of one's own account out."""
    signed_in = current_sign_in()
    if signed_in is None or not SignOutForm().validate():
        return _account_page(PasswordForm(formdata=None), status=422)
    commands.end_other_sessions(
        current_session(),
        session_id=signed_in.session_id,
        account_id=signed_in.identity.account_id,
        actor=current_actor(),
        now=now(),
    )
    flash(_("已让其他浏览器都退出登录。"), "success")
    return redirect(url_for("accounts.own_account"), 303)


@blueprint.post("/account/password")
@requires(Permission.KEEP_ACCOUNT)
def save_password() -> ResponseReturnValue:
    """Replace one's password; every other session of the account ends, this one gets a new number."""
    signed_in, form = current_sign_in(), PasswordForm()
    credentials = credentials_of(current_identity().login)
    if credentials is None or signed_in is None:
        raise Unauthorized
    verdict = current_confirmation()
    if not form.validate():
        note_unchecked(verdict.attempt_id)
        name_password_faults(form, credentials)
        return _account_page(form, status=422)
    try:
        token = change_password(
            current_session(), credentials, current=form.current.data or "",
            replacement=form.replacement.data or "", passwords=current_passwords(),
            session_id=signed_in.session_id, attempt_id=verdict.attempt_id, actor=current_actor(), now=now(),
        )  # fmt: skip
    except WrongPassword as wrong:
        form.current.errors = [tries_words(translate(wrong.message), verdict.tries_left)]
        return _account_page(form, status=422)
    except Faults as faults:
        note_success(verdict.attempt_id)
        form.replacement.errors = [translate(fault.message) for fault in faults.faults]
        return _account_page(form, status=422)
    keep_token(token)
    flash(_("密码已更换；其他浏览器都已退出登录。"), "success")
    return redirect(url_for("accounts.own_account"), 303)


@blueprint.post("/account/language")
@requires(Permission.KEEP_ACCOUNT)
def choose_language() -> ResponseReturnValue:
    """Keep a language with the account, and take it here at once."""
    form = LanguageForm()
    if not form.validate():
        return _account_page(PasswordForm(formdata=None), status=422, language=form)
    language = form.language.data
    commands.choose_language(
        current_session(),
        language,
        account_id=current_identity().account_id,
        actor=current_actor(),
        now=now(),
    )
    session["language"] = language
    return redirect(url_for("accounts.own_account"), 303)


def _account_page(form: PasswordForm, *, status: int = 200, language: LanguageForm | None = None) -> Response:
    identity, here, policy = current_identity(), current_sign_in(), current_policy()
    with current_database().read_session() as reader:
        appointments = list_own_appointments(reader, identity.person_id, now())
        sessions = list_sessions(reader, identity.account_id, now=now(), idle=policy.idle)
        sign_ins = list_sign_ins(reader, identity, now())
        factor = find_factor(reader, identity.account_id)
        email = find_own_address(reader, identity.person_id)
    page = render_template(
        "accounts/account.html",
        heading=_("我的账号"),
        identity=identity,
        email=email,
        appointments=appointments,
        now=now(),
        sessions=sessions,
        session_id=None if here is None else here.session_id,
        browser_word=browser_word,
        role_name=role_name,
        form=form,
        policy=policy,
        password_ends_at=None if here is None else policy.ends_at(here.password_changed_at),
        factor=factor,
        language_form=language or _language_form(),
        sign_ins=sign_ins,
        outcome_words=_outcome_words(),
    )
    return make_response(page, status)


def _language_form() -> LanguageForm:
    return LanguageForm(formdata=None, data={"language": select_language()})


def _outcome_words() -> dict[str, tuple[str, Any]]:
    """How a sign-in came out, and the tone of its tag."""
    return {
        "begun": (_("已登录"), "green"),
        "code_asked": (_("密码正确，等动态口令"), "yellow"),
        "factor_reset": (_("动态口令由管理员或操作员重置"), "yellow"),
        "wrong_password": (_("密码不对或已被拒绝"), "red"),
        "wrong_code": (_("动态口令不对或已被拒绝"), "red"),
    }
