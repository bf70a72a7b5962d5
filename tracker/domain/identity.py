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
    """One role of a person at one org unit; ``department`` binds a reviewer to a lead department."""

    id: int
    role: Role
    org_unit_id: int
    org_unit_code: str
    org_unit_name: str
    department: str | None
    place: Place


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


@dataclass(frozen=True, slots=True)
class Actor:
    """Who answers for a change in the audit trail: a signed-in person, or an operator with a shell."""

    person_id: int | None
    label: str
    appointment_id: int | None = None
    request_id: str = ""


OPERATOR = Actor(person_id=None, label="operator")
"""Somebody at the machine itself, without a login."""


def actor_of(identity: Identity, request_id: str = "") -> Actor:
    """The actor that an identity is in the audit trail."""
    return Actor(
        identity.person_id,
        f"{identity.name}（{identity.login}）",
        identity.appointment.id,
        request_id,
    )
