"""Sign in, sign out, one's own desk and account."""

from __future__ import annotations

import time
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from tracker.domain.identity import Identity
from tracker.domain.messages import Refusal
from tracker.domain.permissions import Permission, holds
from tracker.features.accounts import commands
from tracker.features.accounts.desk_page import Moments, desk_sections, finding_sections, reminder_rows
from tracker.features.accounts.export_section import export_sections
from tracker.features.accounts.forms import PasswordForm, SignInForm, SignOutForm, SwitchForm
from tracker.features.accounts.grant_section import grant_sections
from tracker.features.accounts.known_browsers import remember_browser, source_of_attempt
from tracker.features.accounts.limits import Verdict, judge
from tracker.features.accounts.passwords import Passwords
from tracker.features.accounts.queries import (
    Credentials,
    find_credentials,
    find_own_address,
    list_programmes_on_desk,
)
from tracker.features.accounts.target_section import target_sections
from tracker.features.accounts.watch_page import watch_sections
from tracker.services.desk import list_desk
from tracker.services.findings import list_findings
from tracker.services.grant_requests import list_to_decide
from tracker.services.handovers import list_handovers
from tracker.services.notices import list_reminders
from tracker.services.sessions import list_appointments, list_sessions
from tracker.services.table_exports import list_waiting_exports
from tracker.services.target_desk import list_target_desk
from tracker.web.current import (
    Visitor,
    calendar_now,
    current_actor,
    current_database,
    current_identity,
    current_session,
    current_sign_in,
    find_identity,
    now,
    remote_address,
    request_id,
    start_clean_cookie,
)
from tracker.web.guard import own_path, requires
from tracker.web.headers import FORGET
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.navigation import role_name
from tracker.web.side_effects import record_attempt

blueprint = Blueprint("accounts", __name__)

PASSWORDS = "passwords"


@blueprint.get("/login")
@requires(Permission.SIGN_IN)
def sign_in() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in goes on."""
    target = request.args.get("next", "")
    if find_identity() is not None:
        return redirect(own_path(target))
    return _sign_in_page(SignInForm(data={"next": target}))


@blueprint.post("/login")
@requires(Permission.SIGN_IN)
def check_sign_in() -> ResponseReturnValue:
    """Count the attempt, check the password, begin a session."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, status=422)
    login = form.login.data or ""
    source, is_known = source_of_attempt(login, remote_address())
    tally = record_attempt(login=login, source=source)
    verdict = judge(tally, limits=current_app.config["SIGN_IN_LIMITS"], is_known=is_known)
    if verdict.is_refused:
        return _too_many(form)
    time.sleep(verdict.pause_s)
    credentials = _checked_credentials(login, form.password.data or "")
    if credentials is None:
        return _sign_in_page(form, status=422, warning=_wrong(verdict))
    return _begin(form, credentials, tally.attempt_id)


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


@blueprint.get("/")
@requires(Permission.SEE_DESK)
def desk() -> ResponseReturnValue:
    """One's own desk: what is due, and the lists in sight."""
    identity = current_identity()
    programmes = [
        {
            "title": each.title,
            "url": f"/programmes/{each.key}",
            "note": f"{each.publisher_name} · {each.year}",
            "lights": [],
        }
        for each in list_programmes_on_desk(current_session(), seen_by=identity)
    ]
    place = identity.appointment.org_unit_name
    return render_template(
        "accounts/desk.html",
        heading=_("%(name)s，您好", name=identity.name),
        lead=f"{place} · {role_name(identity.role)}",
        summary=[],
        reminders=reminder_rows(list_reminders(current_session(), identity), identity),
        sections=_sections(identity),
        programmes=programmes,
        programmes_way=_way_to_lists(identity),
    )


def _way_to_lists(identity: Identity) -> dict[str, Any]:
    """What to say and where to go while there is no list in sight."""
    if holds(identity, Permission.EDIT_PROGRAMME):
        text = _("还没有清单。编制并公布之后，各单位就能填报。")
        return {"text": text, "url": url_for("programmes.list_all"), "label": _("去编制清单")}
    if holds(identity, Permission.SEE_PROGRAMME):
        text = _("还没有可以查看的清单。上级公布并分到本单位之后，会出现在这里。")
        return {"text": text, "url": url_for("programmes.list_all"), "label": _("看实事清单")}
    text = _("管理员办理账号、任职和单位，不看清单和数据。")
    return {"text": text, "url": url_for("auditing.entries"), "label": _("看操作记录")}


def _sections(identity: Identity) -> list[dict[str, Any]]:
    """What waits for this person, what they hand out, and what they watch over."""
    session, moments = current_session(), Moments(now(), calendar_now())
    handovers = list_handovers(session, identity, moments.today)
    return [
        *target_sections(list_target_desk(session, identity, moments.today), moments),
        *desk_sections(list_desk(session, identity, moments.today), identity, moments, handovers=handovers),
        *_findings(identity, moments),
        *_grants(identity, moments),
        *watch_sections(session, identity, moments.now),
        *export_sections(list_waiting_exports(session, seen_by=identity, now=moments.now)),
    ]


def _grants(identity: Identity, moments: Moments) -> list[dict[str, Any]]:
    """Appointments and resets somebody else asked for, for those who may confirm them."""
    if not holds(identity, Permission.CONFIRM_GRANT):
        return []
    return grant_sections(list_to_decide(current_session(), identity, moments.now), identity, moments.now)


def _findings(identity: Identity, moments: Moments) -> list[dict[str, Any]]:
    """What auditors found at the own unit, for those who answer it."""
    if not holds(identity, Permission.ANSWER_FINDING):
        return []
    return finding_sections(list_findings(current_session(), seen_by=identity), moments.today)


@blueprint.get("/account")
@requires(Permission.SEE_DESK)
def own_account() -> ResponseReturnValue:
    """One's own appointments and password."""
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
        idle=current_app.config["SESSION_IDLE"],
    )
    flash(_("已让那个浏览器退出登录。"), "success")
    return redirect(url_for("accounts.own_account"), 303)


@blueprint.post("/account/password")
@requires(Permission.SEE_DESK)
def change_password() -> ResponseReturnValue:
    """Replace one's password; every session of the account ends, this one too."""
    identity, form = current_identity(), PasswordForm()
    with current_database().read_session() as reader:
        credentials = find_credentials(reader, identity.login)
    if credentials is None or not form.validate():
        return _account_page(form, status=422)
    try:
        commands.change_password(
            current_session(),
            credentials,
            current=form.current.data or "",
            replacement=form.replacement.data or "",
            passwords=_passwords(),
            actor=current_actor(),
            now=now(),
        )
    except Refusal as refused:
        form.form_errors.append(translate(refused.message))
        return _account_page(form, status=422)
    logout_user()
    start_clean_cookie()
    flash(_("密码已更换，请用新密码登录。"))
    return redirect(url_for("accounts.sign_in"), 303)


def _passwords() -> Passwords:
    passwords: Passwords = current_app.extensions[PASSWORDS]
    return passwords


def _checked_credentials(login: str, password: str) -> Credentials | None:
    """The account when the password fits; the hash is computed outside of every transaction."""
    with current_database().read_session() as reader:
        credentials = find_credentials(reader, login)
    stored = None if credentials is None else credentials.password_hash
    return credentials if _passwords().is_right(password, stored) else None


def _begin(form: SignInForm, credentials: Credentials, attempt_id: int) -> ResponseReturnValue:
    browser = commands.Browser(address=remote_address(), name=request.user_agent.string)
    try:
        token = commands.sign_in(
            current_session(),
            credentials,
            attempt_id=attempt_id,
            browser=browser,
            now=now(),
            length=current_app.config["SESSION_LENGTH"],
            request_id=request_id(),
        )
    except commands.NoAppointment as refused:
        return _sign_in_page(form, status=422, warning=translate(refused.message))
    start_clean_cookie()
    login_user(Visitor(token))
    response = redirect(own_path(form.next.data or ""), 303)
    return remember_browser(make_response(response), credentials.login)


def _sign_in_page(form: SignInForm, *, status: int = 200, warning: str | None = None) -> Response:
    page = render_template(
        "accounts/sign_in.html",
        form=form,
        sign_in_url=url_for("accounts.check_sign_in"),
        sso_url=None,
        reset_url=None,
        warning=warning,
        contact=None,
    )
    return make_response(page, status)


def _too_many(form: SignInForm) -> Response:
    window = current_app.config["SIGN_IN_LIMITS"].window
    minutes = int(window.total_seconds()) // 60
    warning = _("试的次数太多，请 %(minutes)s 分钟后再试，或联系本单位管理员。", minutes=minutes)
    response = _sign_in_page(form, status=429, warning=warning)
    response.headers["Retry-After"] = str(int(window.total_seconds()))
    return response


def _wrong(verdict: Verdict) -> str:
    """The same words whether the name or the password is wrong."""
    if verdict.tries_left <= 0:
        return _("账号或密码不对。")
    return _("账号或密码不对，还可以再试 %(count)s 次。", count=verdict.tries_left)


def _account_page(form: PasswordForm, *, status: int = 200) -> Response:
    identity, here = current_identity(), current_sign_in()
    idle = current_app.config["SESSION_IDLE"]
    with current_database().read_session() as reader:
        appointments = list_appointments(reader, identity.person_id, now())
        sessions = list_sessions(reader, identity.account_id, now=now(), idle=idle)
        email = find_own_address(reader, identity.person_id)
    page = render_template(
        "accounts/account.html",
        heading=_("我的账号"),
        identity=identity,
        email=email,
        appointments=appointments,
        sessions=sessions,
        session_id=None if here is None else here.session_id,
        role_name=role_name,
        form=form,
    )
    return make_response(page, status)
