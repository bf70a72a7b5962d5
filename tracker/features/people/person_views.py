"""One person: appointments over time, what waits, signed-in browsers, what was done; and the acts on the account."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.messages import Faults, Refusal
from tracker.domain.permissions import Permission, holds
from tracker.features.people import access
from tracker.features.people.blueprint import (
    Context,
    blueprint,
    current_doer,
    put_faults,
    someone_of,
    trail_of,
)
from tracker.features.people.commands import end_appointment
from tracker.features.people.forms import AddressForm, ButtonForm
from tracker.features.people.list_views import held_text, state_tag
from tracker.features.people.queries import PersonNotFound, Someone, lacks_second_person, list_history
from tracker.features.people.request_rows import request_row
from tracker.models.granting import GrantRequest
from tracker.services.account_links import NoAddressKnown, TooManyLinks
from tracker.services.appointments import Held
from tracker.services.audit import Subject
from tracker.services.grant_requests import list_requests
from tracker.services.outbox import masked_address
from tracker.services.sessions import OpenSession, list_sessions
from tracker.web.current import current_database, current_identity, current_policy, current_session, now
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.people_words import last_day, person_action
from tracker.web.side_effects import record_view


@blueprint.get("/accounts/<int:account_id>")
@requires(Permission.SEE_PEOPLE)
def show(account_id: int) -> ResponseReturnValue:
    """Everything about one person; that it was looked at is written down."""
    someone = someone_of(account_id)
    record_view(Subject("account", str(account_id), access.unit_of(someone, current_doer())))
    return _page(someone, AddressForm(formdata=None))


@blueprint.post("/accounts/<int:account_id>/appointments/<int:appointment_id>/end")
@requires(Permission.APPOINT)
def end(account_id: int, appointment_id: int) -> ResponseReturnValue:
    """End an appointment in reach."""
    someone = someone_of(account_id)
    held = held_in_reach(someone, appointment_id)
    end_appointment(current_session(), someone, held, current_doer())
    flash(_("%(name)s在%(unit)s的任职已结束。", name=someone.name, unit=held.unit), "success")
    return _back(account_id)


@blueprint.post("/accounts/<int:account_id>/close")
@requires(Permission.CLOSE_ACCOUNT)
def close(account_id: int) -> ResponseReturnValue:
    """Close the account."""
    someone = someone_of(account_id)
    access.close_account(current_session(), someone, current_doer())
    flash(_("%(name)s的账号已停用，登录中的浏览器都已退出。", name=someone.name), "success")
    return _back(account_id)


@blueprint.post("/accounts/<int:account_id>/reopen")
@requires(Permission.CLOSE_ACCOUNT)
def reopen(account_id: int) -> ResponseReturnValue:
    """Open it again."""
    someone = someone_of(account_id)
    access.reopen_account(current_session(), someone, current_doer())
    flash(_("%(name)s的账号已启用，没有结束的任职照旧有效。", name=someone.name), "success")
    return _back(account_id)


@blueprint.post("/accounts/<int:account_id>/reset")
@requires(Permission.RESET_ACCOUNT)
def reset(account_id: int) -> ResponseReturnValue:
    """Send a link, or ask a second person to have it sent."""
    someone = someone_of(account_id)
    try:
        is_pending = access.ask_reset(current_session(), someone, current_doer())
    except Refusal as refused:
        if not isinstance(refused, (access.NoMail, NoAddressKnown, TooManyLinks)):
            raise
        form = AddressForm(formdata=None)
        form.form_errors.append(translate(refused.message))
        return _page(someone, form, status=422)
    flash(_sent_text(someone, is_pending=is_pending), "success")
    return _back(account_id)


@blueprint.post("/accounts/<int:account_id>/second-factor")
@requires(Permission.RESET_ACCOUNT)
def reset_factor(account_id: int) -> ResponseReturnValue:
    """Take a lost second factor off, or ask a second person to."""
    someone = someone_of(account_id)
    is_pending = access.ask_factor_reset(current_session(), someone, current_doer())
    flash(_factor_text(someone, is_pending=is_pending), "success")
    return _back(account_id)


@blueprint.post("/accounts/<int:account_id>/address")
@requires(Permission.ADD_ACCOUNT)
def change_address(account_id: int) -> ResponseReturnValue:
    """Put another address, or ask a second person to."""
    someone, form = someone_of(account_id), AddressForm()
    if not form.validate():
        return _page(someone, form, status=422)
    try:
        is_pending = access.change_address(current_session(), someone, form.email.data or "", current_doer())
    except Faults as refused:
        put_faults(form, refused.faults)
        return _page(someone, form, status=422)
    flash(_("更改邮箱已提出，等另一人确认。") if is_pending else _("邮箱已登记。"), "success")
    return _back(account_id)


@blueprint.post("/accounts/<int:account_id>/sessions/end")
@requires(Permission.REVOKE_SESSION)
def end_all_sessions(account_id: int) -> ResponseReturnValue:
    """Sign all of somebody's browsers out."""
    return _end_sessions(account_id, None)


@blueprint.post("/accounts/<int:account_id>/sessions/<int:session_id>/end")
@requires(Permission.REVOKE_SESSION)
def end_session(account_id: int, session_id: int) -> ResponseReturnValue:
    """Sign one of somebody's browsers out."""
    return _end_sessions(account_id, session_id)


def held_in_reach(someone: Someone, appointment_id: int) -> Held:
    """An appointment of theirs at a unit in reach, which alone can be ended or left. Raises PersonNotFound."""
    for held in someone.held:
        if held.id == appointment_id and held.id in someone.reached:
            return held
    raise PersonNotFound("没有找到这项任职")


def _end_sessions(account_id: int, session_id: int | None) -> Response:
    someone, idle = someone_of(account_id), current_policy().idle
    access.end_sessions(current_session(), someone, current_doer(), idle=idle, session_id=session_id)
    flash(_("已让%(name)s的浏览器退出登录。", name=someone.name), "success")
    return _back(account_id)


def _back(account_id: int) -> Response:
    return make_response(redirect(url_for("people.show", account_id=account_id), 303))


def _sent_text(someone: Someone, *, is_pending: bool) -> str:
    if is_pending:
        return _("重设密码已提出，等另一位管理员或该单位审核人确认后寄出。")
    return _(
        "链接已放入发件箱，寄往 %(address)s，24 小时内有效。", address=masked_address(someone.email or "")
    )


def _factor_text(someone: Someone, *, is_pending: bool) -> str:
    if is_pending:
        return _("重置动态口令已提出，等另一位管理员或该单位审核人确认后生效。")
    if someone.email is None or not current_doer().can_mail:
        return _(
            "已重置%(name)s的动态口令，登录中的浏览器都已退出；没有寄信，请当面告知本人。", name=someone.name
        )
    return _("已重置%(name)s的动态口令，登录中的浏览器都已退出；已写信告知本人。", name=someone.name)


def _page(someone: Someone, form: AddressForm, *, status: int = 200) -> Response:
    identity, doer = current_identity(), current_doer()
    idle = current_policy().idle
    with current_database().read_session() as reader:
        waiting = list_requests(reader, GrantRequest.person_id == someone.person_id, now())
        lacks_second = any(
            lacks_second_person(reader, one, seen_by=identity, now=now(), is_split=doer.is_split)
            for one in waiting[:1]
        )
        sessions = list_sessions(reader, someone.account_id, now=now(), idle=idle)
        history = list_history(reader, someone.account_id, seen_by=identity)
    is_self = someone.person_id == identity.person_id
    may = {
        permission: holds(identity, permission) and not is_self
        for permission in (
            Permission.APPOINT,
            Permission.CLOSE_ACCOUNT,
            Permission.RESET_ACCOUNT,
            Permission.ADD_ACCOUNT,
            Permission.REVOKE_SESSION,
        )
    }
    page = render_template(
        "people/person.html",
        heading=someone.name,
        trail=trail_of((someone.name, None)),
        someone=someone,
        account_id=someone.account_id,
        is_self=is_self,
        can_mail=doer.can_mail,
        is_judging=access.judging_place(someone, doer) is not None,
        may_appoint=may[Permission.APPOINT],
        may_close=may[Permission.CLOSE_ACCOUNT] and someone.is_whole,
        may_reset=may[Permission.RESET_ACCOUNT] and someone.is_whole,
        may_address=may[Permission.ADD_ACCOUNT] and someone.is_whole,
        may_revoke=may[Permission.REVOKE_SESSION] and someone.is_whole,
        appointments=[_held_row(one, someone) for one in someone.held],
        waiting=[request_row(one, identity) for one in waiting],
        lacks_second=lacks_second,
        sessions=[_session_row(one, someone.account_id) for one in sessions],
        history=[
            {"at": moment(one.at, with_year=True), "actor": one.actor, "action": person_action(one.action)}
            for one in history
        ],
        history_url=url_for("auditing.subject", kind="account", subject=str(someone.account_id))
        if history and holds(identity, Permission.SEE_AUDIT)
        else None,
        form=form,
        button_form=ButtonForm(formdata=None),
        **state_tag(
            someone.closed_at is not None,
            someone.has_password,
            any(one.is_open(now()) for one in someone.held),
        ),
    )
    return make_response(page, status)


def _held_row(one: Held, someone: Someone) -> Context:
    is_open = one.is_open(now())
    by = one.granted_by or _("操作员")
    confirmed = "" if one.confirmed_by is None else _("，%(name)s确认", name=one.confirmed_by)
    return {
        "id": one.id,
        "unit": one.unit,
        "text": held_text(one),
        "span": f"{moment(one.since, with_year=True)} — {last_day(one.until)}",
        "by": _("%(name)s任命", name=by) + confirmed,
        "is_open": is_open,
        "tag": _("任职中") if one.is_in_force(now()) else _("未开始") if is_open else _("已结束"),
        "tone": "green" if one.is_in_force(now()) else "yellow" if is_open else "grey",
        "can_end": is_open and one.id in someone.reached,
    }


def _session_row(one: OpenSession, account_id: int) -> Context:
    return {
        "address": one.address,
        "browser": one.browser,
        "seen": moment(one.last_seen_at, with_year=True),
        "end_url": url_for("people.end_session", account_id=account_id, session_id=one.id),
    }
