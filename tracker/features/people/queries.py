"""What admins read of the people in their reach: the list, one person, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Duty, Identity, Place, Role
from tracker.domain.messages import NotFound
from tracker.models.account import Account, Appointment, Person, SecondFactor, WebSession
from tracker.models.audit import AuditEntry
from tracker.models.granting import GrantRequest
from tracker.models.org_unit import OrgPlace, OrgUnit
from tracker.models.programme import Pledge, Programme
from tracker.services.account_links import Holder
from tracker.services.appointments import Held, list_held, not_ended
from tracker.services.grant_requests import Request, still_open
from tracker.services.visibility import visible_units

ROWS_A_PAGE = 50
MOST_UNITS = 30
MOST_HISTORY = 50
STATES = ("active", "new", "closed", "ended")
"""In use; nobody has set a password yet; closed; without an appointment that has not ended."""


PASSED_OVER = ("session.begun", "session.ended", "personal.viewed")
"""What a person's history leaves to the whole trail."""


class PersonNotFound(NotFound):
    """There is no such person in reach."""


class Wanted(NamedTuple):
    """What is asked of the list; None asks for all. ``place``: the unit and everything below."""

    text: str | None = None
    place: Place | None = None
    role: str | None = None
    state: str | None = None


class PersonRow(NamedTuple):
    """A person in the list."""

    person_id: int
    account_id: int
    name: str
    login: str
    has_password: bool
    closed_at: datetime | None
    last_sign_in: datetime | None


class PeoplePage(NamedTuple):
    """A page of the list, how many there are in all, and these people's appointments by person."""

    rows: Sequence[PersonRow]
    total: int
    held: dict[int, list[Held]]


class Someone(NamedTuple):
    """One person whole. ``reached``: which appointments lie in reach; ``is_whole``: all that have not ended do."""

    person_id: int
    account_id: int
    name: str
    login: str
    email: str | None
    has_password: bool
    closed_at: datetime | None
    has_factor: bool
    held: tuple[Held, ...]
    reached: frozenset[int]
    is_whole: bool

    @property
    def holder(self) -> Holder:
        """Whose links they are."""
        return Holder(self.account_id, self.name, self.login, self.email)


class UnitChoice(NamedTuple):
    """A unit to choose; ``depth`` counts from the own one."""

    code: str
    name: str
    depth: int


class Change(NamedTuple):
    """An act about a person, as the trail has it."""

    id: int
    at: datetime
    actor: str
    action: str
    after: str | None


def list_people(
    session: Session,
    wanted: Wanted,
    *,
    seen_by: Identity,
    now: datetime,
    page: int,
    size: int = ROWS_A_PAGE,
) -> PeoplePage:
    """People in reach who meet what is asked, in the tree's order, with their appointments; three statements."""
    seats = _seats(seen_by, wanted, now).subquery()
    first = (
        select(seats.c.person_id, func.min(seats.c.pre).label("pre")).group_by(seats.c.person_id).subquery()
    )
    found = (
        select(
            Person.id, Account.id, Person.name, Account.login, Account.has_password, Account.closed_at,
            _last_sign_in(),
        )
        .join(Account, Account.person_id == Person.id)
        .join(first, first.c.person_id == Person.id)
        .where(*_conditions(wanted, now))
    )  # fmt: skip
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    ordered = found.order_by(first.c.pre, Person.id).limit(size).offset((page - 1) * size)
    rows = [PersonRow(*row) for row in session.execute(ordered)]
    return PeoplePage(rows, total, list_held(session, [row.person_id for row in rows]))


def get_person(session: Session, account_id: int, *, seen_by: Identity, now: datetime) -> Someone:
    """The person with this account. Raises PersonNotFound for one out of reach."""
    seats = _seats(seen_by, Wanted(), now).subquery()
    wanted = (
        select(
            Person.id, Account.id, Person.name, Account.login, Person.email, Account.has_password,
            Account.closed_at, exists().where(SecondFactor.account_id == Account.id),
        )
        .join(Account, Account.person_id == Person.id)
        .where(Account.id == account_id, Person.id.in_(select(seats.c.person_id)))
    )  # fmt: skip
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise PersonNotFound("没有找到这个人")
    held = list_held(session, [row[0]]).get(row[0], [])
    mine = select(Appointment.id).where(
        Appointment.person_id == row[0], Appointment.org_unit_id.in_(visible_units(seen_by))
    )
    reached = frozenset(session.scalars(mine))
    is_whole = all(one.id in reached for one in held if one.is_open(now))
    return Someone(*row, held=tuple(held), reached=reached, is_whole=is_whole)


def list_history(session: Session, account_id: int, *, seen_by: Identity) -> list[Change]:
    """What was done about a person lately as far as it is in reach, newest first."""
    in_reach = or_(AuditEntry.org_unit_id.is_(None), AuditEntry.org_unit_id.in_(visible_units(seen_by)))
    wanted = select(
        AuditEntry.id, AuditEntry.at, AuditEntry.actor_label, AuditEntry.action, AuditEntry.after
    ).where(AuditEntry.subject_kind == "account", AuditEntry.subject_id == str(account_id))
    newest = wanted.where(AuditEntry.action.not_in(PASSED_OVER), in_reach)
    return [
        Change(*row) for row in session.execute(newest.order_by(AuditEntry.id.desc()).limit(MOST_HISTORY))
    ]


def list_units(session: Session, text: str, *, seen_by: Identity) -> list[UnitChoice]:
    """Units in reach whose name or code holds this text, in the tree's order, thirty at most."""
    own = seen_by.place
    wanted = (
        select(OrgUnit.code, OrgUnit.name, OrgPlace.depth - own.depth)
        .join(OrgPlace, OrgPlace.org_unit_id == OrgUnit.id)
        .where(OrgPlace.edition == own.edition, OrgPlace.pre.between(own.pre, own.last))
    )
    if text:
        fits = (
            column.contains(text, autoescape=True)
            for column in (OrgUnit.name, OrgUnit.short_name, OrgUnit.code)
        )
        wanted = wanted.where(or_(*fits))
    return [UnitChoice(*row) for row in session.execute(wanted.order_by(OrgPlace.pre).limit(MOST_UNITS))]


def list_departments(session: Session, org_unit_id: int) -> list[str]:
    """The lead departments of a publisher's lists: those a reviewer can be bound to."""
    wanted = (
        select(Pledge.lead)
        .join(Programme, Programme.id == Pledge.programme_id)
        .where(Programme.publisher_id == org_unit_id)
    )
    return list(session.scalars(wanted.distinct().order_by(Pledge.lead)))


def list_holders(session: Session, org_unit_id: int, now: datetime) -> list[tuple[str, str, str]]:
    """Who holds something at a unit, and could be stood in for: login, name and role, by name."""
    wanted = (
        select(Account.login, Person.name, Appointment.role)
        .join(Person, Person.id == Account.person_id)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(Appointment.org_unit_id == org_unit_id, Appointment.stands_in_for_id.is_(None), not_ended(now))
        .order_by(Person.name, Person.id, Appointment.role)
    )
    return [(row.login, row.name, row.role) for row in session.execute(wanted)]


def find_absent(
    session: Session, login: str, *, org_unit_id: int, role: str, now: datetime
) -> tuple[int, str] | None:
    """The person (id and name) with this login who holds this role at this unit; None: there is none."""
    wanted = (
        select(Person.id, Person.name)
        .join(Account, Account.person_id == Person.id)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Account.login == login,
            Appointment.org_unit_id == org_unit_id,
            Appointment.role == role,
            Appointment.stands_in_for_id.is_(None),
            not_ended(now),
        )
        .limit(1)
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None else (row[0], row[1])


def _seats(identity: Identity, wanted: Wanted, now: datetime) -> CompoundSelect[int, int]:
    """Person and place of everybody in reach: by what they hold, else by what is asked for them or they once held."""
    place = wanted.place or identity.place
    held = aliased(Appointment)
    holds_something = exists().where(
        held.person_id == Appointment.person_id, or_(held.valid_to.is_(None), held.valid_to > now)
    )
    is_asked = exists().where(
        held.person_id == GrantRequest.person_id, or_(held.valid_to.is_(None), held.valid_to > now)
    )
    holding = _placed(select(Appointment.person_id, OrgPlace.pre), Appointment.org_unit_id, place)
    asked = _placed(select(GrantRequest.person_id, OrgPlace.pre), GrantRequest.org_unit_id, place)
    asked = asked.where(still_open(now), GrantRequest.kind == "appointment", ~is_asked)
    if wanted.role is not None:
        holding = holding.where(Appointment.role == wanted.role)
        asked = asked.where(GrantRequest.role == wanted.role)
    return union_all(holding.where(not_ended(now)), holding.where(~holds_something), asked)


def _placed(wanted: Select[int, int], org_unit_id: Any, place: Place) -> Select[int, int]:
    return wanted.join(OrgPlace, OrgPlace.org_unit_id == org_unit_id).where(
        OrgPlace.edition == place.edition, OrgPlace.pre.between(place.pre, place.last)
    )


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        columns = (Person.name, Account.login)
        found.append(or_(*(column.contains(wanted.text, autoescape=True) for column in columns)))
    if wanted.state is not None:
        found.append(_is_in_state(wanted.state, now))
    return found


def _is_in_state(state: str, now: datetime) -> ColumnElement[bool]:
    holds_something = exists().where(Appointment.person_id == Person.id, not_ended(now))
    is_open = Account.closed_at.is_(None)
    return {
        "active": and_(is_open, Account.has_password, holds_something),
        "new": and_(is_open, ~Account.has_password),
        "closed": ~is_open,
        "ended": and_(is_open, ~holds_something),
    }[state]


def _last_sign_in() -> Any:
    newest = select(func.max(WebSession.created_at)).where(WebSession.account_id == Account.id)
    return newest.scalar_subquery()


def lacks_second_person(
    session: Session, request: Request, *, seen_by: Identity, now: datetime, is_split: bool
) -> bool:
    """Whether nobody could confirm a request: no third person's admin above the unit, no reviewer of the unit itself."""
    above, own = aliased(OrgPlace), aliased(OrgPlace)
    reaching = (
        select(above.org_unit_id)
        .join(own, and_(own.edition == above.edition, own.pre.between(above.pre, above.last)))
        .where(own.edition == seen_by.place.edition, own.org_unit_id == request.org_unit_id)
    )
    is_admin = (Appointment.role == Role.ADMIN) & Appointment.org_unit_id.in_(reaching)
    if is_split:
        is_admin &= Appointment.duty == Duty.SECURITY
    is_reviewer = (Appointment.role == Role.REVIEWER) & (Appointment.org_unit_id == request.org_unit_id)
    wanted = (
        select(Appointment.id)
        .join(Account, Account.person_id == Appointment.person_id)
        .where(
            or_(is_admin, is_reviewer),
            Appointment.person_id.not_in((request.requested_by_id, request.person_id)),
            Account.closed_at.is_(None),
            Appointment.valid_from <= now,
            not_ended(now),
        )
    )
    return session.scalar(wanted.limit(1)) is None
