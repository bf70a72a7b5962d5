"""The second person's part: confirming, refusing and taking back what waits. Four eyes by person."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from tracker.domain.messages import Conflict, Forbidden, NotFound
from tracker.features.people.access import FACTOR, put_address
from tracker.features.people.commands import AccountIsClosed, record_act
from tracker.features.people.doing import Doer
from tracker.models.account import Account, Appointment, Person
from tracker.models.granting import GrantRequest
from tracker.services.account_links import Holder, send_link
from tracker.services.appointments import Held, duty_fault, list_held
from tracker.services.grant_requests import (
    Request,
    deciding_units,
    list_requests,
    still_open,
)
from tracker.services.second_factors import factor_since, reset_factor


class RequestNotFound(NotFound):
    """There is no such request in reach."""


class NotYours(Forbidden):
    """Who asks, or whom it is about, does not decide."""


class RequestMoved(Conflict):
    """Somebody else has decided it, or it has lain too long, or what it asks for cannot be any more."""


def confirm(session: Session, request_id: int, doer: Doer) -> Request:
    """Let what was asked for take effect; of many at once one succeeds. Raises RequestMoved, NotYours, RequestNotFound."""
    request = _get(session, request_id, doer)
    _decide(session, request, doer, "confirmed")
    holder, has_password = _holder(session, request.person_id)
    if request.kind == "appointment":
        _begin_appointment(session, request, doer)
        _welcome(session, holder, doer, has_password=has_password)
    elif request.kind == "reset":
        purpose = "reset" if has_password else "activate"
        send_link(session, holder, purpose, by_id=request.requested_by_id, now=doer.now)
    elif request.kind == FACTOR:
        _take_factor_off(session, request, holder, doer)
    else:
        put_address(session, holder, request.person_id, request.email or "", doer)
    _record(session, request, doer, f"{request.kind}.confirmed")
    return request


def refuse(session: Session, request_id: int, doer: Doer) -> Request:
    """Say no. Raises RequestMoved, NotYours, RequestNotFound."""
    request = _get(session, request_id, doer)
    _decide(session, request, doer, "refused")
    _record(session, request, doer, "grant.refused")
    return request


def withdraw(session: Session, request_id: int, doer: Doer) -> Request:
    """Take one's own request back. Raises RequestMoved, RequestNotFound."""
    own = GrantRequest.requested_by_id == doer.identity.person_id
    request = _find(session, request_id, doer, own)
    if not _change(session, request_id, doer, own, state="withdrawn"):
        raise RequestMoved("这项申请刚刚已经办过，请刷新页面。")
    _record(session, request, doer, "grant.withdrawn")
    return request


def _get(session: Session, request_id: int, doer: Doer) -> Request:
    request = _find(session, request_id, doer, deciding_units(doer.identity))
    if not request.may_be_decided_by(doer.identity):
        raise NotYours("须由申请人和本人以外的另一个人确认。")
    return request


def _find(session: Session, request_id: int, doer: Doer, in_reach: ColumnElement[bool]) -> Request:
    found = list_requests(session, (GrantRequest.id == request_id) & in_reach, doer.now)
    if found:
        return found[0]
    if session.scalar(select(GrantRequest.id).where(GrantRequest.id == request_id, in_reach)) is not None:
        raise RequestMoved("这项申请已经办过，或已超过 30 天，请刷新页面。")
    raise RequestNotFound("没有找到这项申请")


def _decide(session: Session, request: Request, doer: Doer, state: str) -> None:
    mine = doer.identity.person_id
    is_third = (GrantRequest.requested_by_id != mine) & (GrantRequest.person_id != mine)
    if not _change(session, request.id, doer, is_third, state=state):
        raise RequestMoved("这项申请刚刚已经由别人办过，请刷新页面。")


def _change(
    session: Session, request_id: int, doer: Doer, condition: ColumnElement[bool], **values: object
) -> bool:
    changed = (
        update(GrantRequest)
        .where(GrantRequest.id == request_id, still_open(doer.now), condition)
        .values(decided_by_id=doer.identity.person_id, decided_at=doer.now, **values)
    )
    done = session.execute(changed, execution_options={"synchronize_session": False})
    return bool(cast("CursorResult[Any]", done).rowcount)


def _holder(session: Session, person_id: int) -> tuple[Holder, bool]:
    wanted = (
        select(
            Account.id, Person.name, Account.login, Person.email, Account.has_password, Account.closed_at
        )
        .join(Person, Person.id == Account.person_id)
        .where(Account.person_id == person_id)
    )  # fmt: skip
    row = session.execute(wanted).one()
    if row.closed_at is not None:
        raise AccountIsClosed("这个账号已经停用，不能确认。")
    return Holder(row[0], row[1], row[2], row[3]), row.has_password


def _take_factor_off(session: Session, request: Request, holder: Holder, doer: Doer) -> None:
    """Only the one that was there when it was asked for: a newer one is not lost."""
    since = factor_since(session, holder.account_id)
    if since is None or since > request.requested_at:
        raise RequestMoved("此人的动态口令已经停用，或重新设置过，不必再重置。")
    reset_factor(session, holder, now=doer.now, can_mail=doer.can_mail)


def _welcome(session: Session, holder: Holder, doer: Doer, *, has_password: bool) -> None:
    """Whose first appointment this is gets the link to set a password."""
    if not has_password and holder.email is not None and doer.can_mail:
        send_link(session, holder, "activate", by_id=doer.identity.person_id, now=doer.now)


def _begin_appointment(session: Session, request: Request, doer: Doer) -> None:
    role, since = request.role, max(request.since or doer.now, doer.now)
    if role is None or (request.until is not None and request.until <= since):
        raise RequestMoved("这项任职的期限已经过去，请重新提出。")
    held = list_held(session, [request.person_id]).get(request.person_id, [])
    standing = [one for one in held if one.is_open(doer.now)]
    if any(_is_same(one, request) for one in standing):
        raise RequestMoved("此人已经有这项任职。")
    if duty_fault(role, request.duty, standing, is_split=doer.is_split) is not None:
        raise RequestMoved("按等级保护要求，一人不得兼任两项管理分工。")
    begun = Appointment(
        person_id=request.person_id,
        org_unit_id=request.org_unit_id,
        role=role,
        department=request.department,
        duty=request.duty,
        stands_in_for_id=request.stands_in_for_id,
        valid_from=since,
        valid_to=request.until,
        origin=request.origin,
        granted_by_id=request.requested_by_id,
        confirmed_by_id=doer.identity.person_id,
    )
    session.add(begun)
    session.flush()
    made = update(GrantRequest).where(GrantRequest.id == request.id).values(appointment_id=begun.id)
    session.execute(made, execution_options={"synchronize_session": False})


def _is_same(one: Held, request: Request) -> bool:
    asked = (request.role, request.org_unit_id, request.department, request.duty)
    return (one.role, one.org_unit_id, one.department, one.duty) == asked


def _record(session: Session, request: Request, doer: Doer, action: str) -> None:
    after = {
        "kind": request.kind,
        "role": request.role,
        "org_unit": request.unit_code,
        "department": request.department,
        "duty": request.duty,
        "stands_in_for": request.stands_in_for,
        "requested_by": request.requested_by,
    }
    record_act(session, doer, action, request.account_id, unit_id=request.org_unit_id, after=after)
