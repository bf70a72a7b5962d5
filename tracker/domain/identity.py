"""Who is acting, as plain values: roles, appointments, and the identity a request carries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an appointment lets a person do; rights are in ``permissions``."""

    REPORTER = "reporter"
    APPROVER = "approver"
    REVIEWER = "reviewer"
    VIEWER = "viewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Duty(StrEnum):
    """A part of the admins' work; they can be split, and under policy ``mlps`` nobody holds two (document 5.1)."""

    SYSTEM = "system_admin"  # units, and opening accounts
    SECURITY = "security_admin"  # appointments, confirmations, resets, sessions
    AUDIT = "audit_admin"  # reads the trail of what the others did


EVERY_DUTY = frozenset(Duty)
NO_DUTY: frozenset[Duty] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's interval in one edition of the tree: B lies at or below A when A.pre ≤ B.pre ≤ A.last."""

    edition: int
    org_unit_id: int
    parent_id: int
    depth: int
    pre: int
    last: int

    def holds(self, other: Place) -> bool:
        """Whether ``other`` stands at or below this place (same edition)."""
        return self.edition == other.edition and self.pre <= other.pre <= self.last

    def is_parent_of(self, other: Place) -> bool:
        """Whether ``other`` stands exactly one level below this place."""
        return self.edition == other.edition and other.parent_id == self.org_unit_id


@dataclass(frozen=True, slots=True)
class Appointment:
    """One role of a person at one org unit; ``department`` binds a reviewer to a lead department.

    ``duties`` say which part of an admin's work it covers (other roles have none to split); ``stands_in_for``
    names the person whose place is taken for a while (代理).
    """

    id: int
    role: Role
    org_unit_id: int
    org_unit_code: str
    org_unit_name: str
    department: str | None
    place: Place
    duties: frozenset[Duty] = EVERY_DUTY
    stands_in_for: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """The person who acts and the appointment they act under; four-eyes rules compare ``person_id``."""

    person_id: int
    account_id: int
    login: str
    name: str
    appointment: Appointment
    others: tuple[Appointment, ...] = ()

    @property
    def role(self) -> Role:
        return self.appointment.role

    @property
    def place(self) -> Place:
        return self.appointment.place

    @property
    def duties(self) -> frozenset[Duty]:
        return self.appointment.duties


@dataclass(frozen=True, slots=True)
class Actor:
    """Who answers for a change in the audit trail: a signed-in person, or an operator with a shell."""

    person_id: int | None
    label: str
    appointment_id: int | None = None
    request_id: str = ""


LONGEST_LABEL = 120
OPERATOR = Actor(person_id=None, label="operator")
"""Somebody at the machine itself, without a login."""


def login_in(label: str) -> str:
    """The login in the label of a person's actor, also where they stood in for somebody."""
    return label.rpartition("（")[2].removesuffix("）").partition("，")[0]


def actor_of(identity: Identity, request_id: str = "") -> Actor:
    """The actor that an identity is in the audit trail; a stand-in is called one."""
    absent = identity.appointment.stands_in_for
    stands_in = "" if absent is None else f"，代理{absent}"
    return Actor(
        identity.person_id,
        f"{identity.name}（{identity.login}{stands_in}）"[:LONGEST_LABEL],
        identity.appointment.id,
        request_id,
    )
