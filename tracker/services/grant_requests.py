"""What waits for a second person about people: appointments, resets and addresses, with who may confirm each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, false, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Duty, Identity, Role
from tracker.domain.permissions import Permission, holds
from tracker.models.account import Account, Person
from tracker.models.granting import GrantRequest
from tracker.models.org_unit import OrgUnit
from tracker.services.visibility import visible_units

STANDS_FOR: Final = timedelta(days=30)
"""How long a request may be confirmed; nobody acts on an old one."""
MOST_LISTED: Final = 200


class Request(NamedTuple):
    """One request; ``email`` is another address asked for, ``address`` the one there is; ``until`` is exclusive."""

    id: int
    kind: str
    person_id: int
    account_id: int
    person: str
    login: str
    org_unit_id: int
    unit_code: str
    unit: str
    role: Role | None
    department: str | None
    duty: Duty | None
    stands_in_for_id: int | None
    stands_in_for: str | None
    since: datetime | None
    until: datetime | None
    email: str | None
    address: str | None
    origin: str
    requested_by_id: int
    requested_by: str
    requested_at: datetime

    def may_be_decided_by(self, identity: Identity) -> bool:
        """Whether this person is a third one, neither who asks nor whom it is about."""
        return identity.person_id not in (self.requested_by_id, self.person_id)


def deciding_units(identity: Identity) -> ColumnElement[bool]:
    """Requests this person's appointment lets them decide: an admin's in the subtree, a reviewer's of the own unit."""
    if not holds(identity, Permission.CONFIRM_GRANT):
        return false()
    if identity.role is Role.REVIEWER:
        return GrantRequest.org_unit_id == identity.place.org_unit_id
    return GrantRequest.org_unit_id.in_(visible_units(identity))


def still_open(now: datetime) -> ColumnElement[bool]:
    """Undecided, and not too old."""
    return and_(GrantRequest.state == "open", GrantRequest.requested_at > now - STANDS_FOR)


def list_to_decide(session: Session, identity: Identity, now: datetime) -> list[Request]:
    """What this person may see of what waits, their own requests too, oldest first."""
    return list_requests(session, deciding_units(identity), now)


def list_requests(session: Session, which: ColumnElement[bool], now: datetime) -> list[Request]:
    """Open requests that meet a condition on GrantRequest, oldest first."""
    absent, asker = aliased(Person), aliased(Person)
    wanted = (
        select(
            GrantRequest.id, GrantRequest.kind, GrantRequest.person_id, Account.id, Person.name, Account.login,
            OrgUnit.id, OrgUnit.code, OrgUnit.short_name, GrantRequest.role, GrantRequest.department,
            GrantRequest.duty, GrantRequest.stands_in_for_id, absent.name, GrantRequest.valid_from,
            GrantRequest.valid_to, GrantRequest.email, Person.email, GrantRequest.origin, GrantRequest.requested_by_id,
            asker.name, GrantRequest.requested_at,
        )
        .join(Person, Person.id == GrantRequest.person_id)
        .join(Account, Account.person_id == GrantRequest.person_id)
        .join(OrgUnit, OrgUnit.id == GrantRequest.org_unit_id)
        .join(asker, asker.id == GrantRequest.requested_by_id)
        .join(absent, absent.id == GrantRequest.stands_in_for_id, isouter=True)
        .where(which, still_open(now))
        .order_by(GrantRequest.requested_at, GrantRequest.id)
        .limit(MOST_LISTED)
    )  # fmt: skip
    return [_request(row) for row in session.execute(wanted)]


def _request(row: Row[*tuple[Any, ...]]) -> Request:
    values: list[Any] = list(row)
    values[9] = None if row.role is None else Role(row.role)
    values[11] = None if row.duty is None else Duty(row.duty)
    return Request(*values)
