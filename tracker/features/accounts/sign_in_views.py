"""Signing in and out, and what is asked after the password: a code, a second factor where the policy wants one, a new password."""

from __future__ import annotations

import time
from typing import Final

from flask import (
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from wtforms import HiddenField

from tracker.domain.identity import actor_of
from tracker.domain.messages import Faults, Refusal
from tracker.domain.permissions import Permission
from tracker.features.accounts import commands
from tracker.features.accounts.blueprint import (
    blueprint,
    count_try,
    credentials_of,
    current_box,
    current_passwords,
    keep_token,
    name_password_faults,
    tries_words,
    wait_words,
)
from tracker.features.accounts.enrolment_page import codes_page, enrolment, read_secret
from tracker.features.accounts.forms import CodeForm, EnrolmentForm, PasswordForm, SignInForm, SignOutForm
from tracker.features.accounts.known_browsers import remember_browser
from tracker.features.accounts.limits import Verdict
from tracker.features.accounts.password_commands import WrongPassword, change_password
from tracker.features.accounts.queries import Credentials, find_factor
from tracker.features.accounts.second_factor_commands import FreshCodes, enrol, finish_sign_in, read_code
from tracker.services.sessions import SignedIn
from tracker.web.current import (
    current_actor,
    current_database,
    current_policy,
    current_session,
    current_sign_in,
    find_how_it_ended,
    find_identity,
    half_signed_in,
    now,
    remote_address,
    request_id,
    start_clean_cookie,
)
from tracker.web.ending_words import ending_word
from tracker.web.guard import own_path, requires
from tracker.web.headers import FORGET
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.side_effects import note_success

RECOVERY: Final = "recovery"


class NobodyHalfSignedIn(Exception):
    """A page between password and desk was reached by somebody else: the guard and the code disagree."""


@blueprint.get("/login")
@requires(Permission.SIGN_IN)
def sign_in() -> ResponseReturnValue:
    """The sign-in page, with why the last session ended; whoever is signed in goes on."""
    target = request.args.get("next", "")
    if find_identity() is not None:
        return redirect(own_path(target))
    ending = find_how_it_ended()
    told = None if ending is None else ending_word(ending)
    return _sign_in_page(SignInForm(data={"next": target}), told=told)


@blueprint.post("/login")
@requires(Permission.SIGN_IN)
def check_sign_in() -> ResponseReturnValue:
    """Count the attempt, check the password, begin a session."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, status=422)
    login = form.login.data or ""
    verdict = count_try(login)
    if verdict.is_refused:
        return _waiting(_sign_in_page(form, status=429, warning=wait_words(verdict.retry_after)), verdict)
    time.sleep(verdict.pause_s)
    credentials = _checked_credentials(login, form.password.data or "")
    if credentials is None:
        warning = tries_words(_("账号或密码不对。"), verdict.tries_left)
        return _sign_in_page(form, status=422, warning=warning)
    return _begin(form, credentials, verdict.attempt_id)


@blueprint.post("/logout")
@requires(Permission.SIGN_OUT)
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    signed_in = current_sign_in()
    form = SignOutForm()
    if signed_in is None or not form.validate():
        return make_response(render_template("errors/422.html"), 422)
    account_id = signed_in.identity.account_id
    commands.sign_out(
        current_session(),
        session_id=signed_in.session_id,
        account_id=account_id,
        actor=current_actor(),
        now=now(),
    )
    logout_user()
    start_clean_cookie()
    flash(_("您已退出登录。"))
    response = make_response(redirect(url_for("accounts.sign_in"), 303))
    response.headers.set(*FORGET)
    return response


@blueprint.get("/login/code")
@requires(Permission.GIVE_CODE)
def ask_code() -> ResponseReturnValue:
    """Ask for the code of the second factor, or (``?with=recovery``) for a recovery code."""
    return _code_page(CodeForm(data=_heading_for()))


@blueprint.post("/login/code")
@requires(Permission.GIVE_CODE)
def check_code() -> ResponseReturnValue:
    """Count the try like a password's, use the code up, and let the person in under a new session number."""
    half, form = _half(), CodeForm()
    if not form.validate():
        return _code_page(form, status=422)
    verdict = count_try(half.identity.login, is_code=True)
    if verdict.is_refused:
        return _waiting(_code_page(form, status=429, warning=wait_words(verdict.retry_after)), verdict)
    time.sleep(verdict.pause_s)
    try:
        token = _finish(half, form.code.data or "", verdict.attempt_id)
    except Refusal as refused:
        warning = tries_words(translate(refused.message), verdict.tries_left)
        return _code_page(form, status=422, warning=warning)
    start_clean_cookie()
    keep_token(token)
    return remember_browser(_onward(form.next), half.identity.login)


@blueprint.get("/login/second-factor")
@requires(Permission.ENROL_FACTOR)
def ask_to_enrol() -> ResponseReturnValue:
    """Set up the second factor that the policy asks of this person before anything else."""
    return _enrolment_page(EnrolmentForm(data=_heading_for()))


@blueprint.post("/login/second-factor")
@requires(Permission.ENROL_FACTOR)
def enrol_at_sign_in() -> ResponseReturnValue:
    """Take the first code, then show the recovery codes, once."""
    half, form = _half(), EnrolmentForm()
    if not form.validate():
        return _enrolment_page(form, status=422)
    fresh = FreshCodes.draw(current_passwords())
    try:
        secret = read_secret(form, half.identity)
        token = enrol(
            current_session(), half.identity, secret, form.code.data or "",
            fresh=fresh, box=current_box(), session_id=half.session_id,
            actor=actor_of(half.identity, request_id()), now=now(),
        )  # fmt: skip
    except Refusal as refused:
        return _enrolment_page(form, status=422, warning=translate(refused.message))
    start_clean_cookie()
    keep_token(token)
    return codes_page(fresh.shown, half.identity, onward=own_path(form.next.data or ""))


@blueprint.get("/login/password")
@requires(Permission.RENEW_PASSWORD)
def ask_new_password() -> ResponseReturnValue:
    """Have a password replaced that is too old, or that somebody else drew."""
    return _password_page(PasswordForm(data=_heading_for()))


@blueprint.post("/login/password")
@requires(Permission.RENEW_PASSWORD)
def renew_password() -> ResponseReturnValue:
    """Replace it and go on."""
    half, form = _half(), PasswordForm()
    credentials = credentials_of(half.identity.login)
    if credentials is None:
        raise NobodyHalfSignedIn(request.endpoint)
    if not form.validate():
        name_password_faults(form, credentials)
        return _password_page(form, status=422)
    verdict = count_try(half.identity.login)
    if verdict.is_refused:
        return _waiting(_password_page(form, status=429, warning=wait_words(verdict.retry_after)), verdict)
    try:
        token = change_password(
            current_session(), credentials, current=form.current.data or "",
            replacement=form.replacement.data or "", passwords=current_passwords(),
            session_id=half.session_id, attempt_id=verdict.attempt_id,
            actor=actor_of(half.identity, request_id()), now=now(),
        )  # fmt: skip
    except WrongPassword as wrong:
        form.current.errors = [tries_words(translate(wrong.message), verdict.tries_left)]
        return _password_page(form, status=422)
    except Faults as faults:
        note_success(verdict.attempt_id)
        form.replacement.errors = [translate(fault.message) for fault in faults.faults]
        return _password_page(form, status=422)
    start_clean_cookie()
    keep_token(token)
    return _onward(form.next)


def _half() -> SignedIn:
    half = half_signed_in()
    if half is None:
        raise NobodyHalfSignedIn(request.endpoint)
    return half


def _heading_for() -> dict[str, str]:
    return {"next": request.args.get("next", "")}


def _onward(heading: HiddenField) -> Response:
    return make_response(redirect(own_path(heading.data or ""), 303))


def _finish(half: SignedIn, typed: str, attempt_id: int) -> str:
    """The new token, once the code is used up. Raises Refusal."""
    with current_database().read_session() as reader:
        factor = find_factor(reader, half.identity.account_id)
    if factor is None:
        raise NobodyHalfSignedIn(request.endpoint)
    proof = read_code(factor, typed, now=now(), box=current_box(), passwords=current_passwords())
    return finish_sign_in(
        current_session(), half.identity, proof, session_id=half.session_id, attempt_id=attempt_id,
        browser=_browser(), actor=actor_of(half.identity, request_id()), now=now(), policy=current_policy(),
    )  # fmt: skip


def _browser() -> commands.Browser:
    return commands.Browser(address=remote_address(), name=request.user_agent.string)


def _checked_credentials(login: str, password: str) -> Credentials | None:
    """The account when the password fits; the hash is computed outside of every transaction."""
    credentials = credentials_of(login)
    stored = None if credentials is None else credentials.password_hash
    return credentials if current_passwords().is_right(password, stored) else None


def _begin(form: SignInForm, credentials: Credentials, attempt_id: int) -> ResponseReturnValue:
    try:
        token = commands.sign_in(
            current_session(), credentials, attempt_id=attempt_id, browser=_browser(), now=now(),
            policy=current_policy(), request_id=request_id(),
        )  # fmt: skip
    except commands.NoAppointment as refused:
        return _sign_in_page(form, status=422, warning=translate(refused.message))
    start_clean_cookie()
    session.setdefault("language", credentials.language)
    keep_token(token)
    if credentials.has_second_factor:
        return redirect(url_for("accounts.ask_code", next=form.next.data or None), 303)
    return remember_browser(_onward(form.next), credentials.login)


def _waiting(response: Response, verdict: Verdict) -> Response:
    response.headers["Retry-After"] = str(max(1, int(verdict.retry_after.total_seconds())))
    return response


def _sign_in_page(
    form: SignInForm, *, status: int = 200, warning: str | None = None, told: str | None = None
) -> Response:
    page = render_template(
        "accounts/sign_in.html",
        form=form,
        sign_in_url=url_for("accounts.check_sign_in"),
        sso_url=None,
        reset_url=None,
        warning=warning,
        told=told,
        contact=None,
    )
    return make_response(page, status)


def _code_page(form: CodeForm, *, status: int = 200, warning: str | None = None) -> Response:
    page = render_template(
        "accounts/code.html",
        form=form,
        identity=_half().identity,
        warning=warning,
        is_recovery=request.args.get("with") == RECOVERY,
        heading_for=form.next.data or None,
    )
    return make_response(page, status)


def _enrolment_page(form: EnrolmentForm, *, status: int = 200, warning: str | None = None) -> Response:
    shown = enrolment(form, _half().identity)
    page = render_template(
        "accounts/enrol_at_sign_in.html", form=form, shown=shown, identity=_half().identity, warning=warning
    )
    return make_response(page, status)


def _password_page(form: PasswordForm, *, status: int = 200, warning: str | None = None) -> Response:
    half, policy = _half(), current_policy()
    page = render_template(
        "accounts/renew_password.html",
        form=form,
        identity=half.identity,
        policy=policy,
        is_old=(policy.ends_at(half.password_changed_at) or now()) < now(),
        warning=warning,
    )
    return make_response(page, status)
