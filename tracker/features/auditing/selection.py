"""Which entries of the audit trail are asked for, and which of them an identity may see."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity, Role
from tracker.features.auditing.subjects import about, acted_by
from tracker.models.account import Appointment
from tracker.models.audit import AuditEntry
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.models.org_unit import OrgPlace
from tracker.models.period import PeriodClosing
from tracker.models.report import Report, Revision, RevisionAuthor
from tracker.services.tree import Unit
from tracker.services.visibility import visible_units


class ListName(StrEnum):
    """The lists an auditor reads beside the whole trail."""

    IMPORTS = "imports"
    REVOCATIONS = "revocations"
    CORRECTIONS = "corrections"
    UNSIGNED = "unsigned"
    NEAR_MISSES = "near-misses"
    ACCOUNTS = "accounts"
    EXPORTS = "exports"


LIST_ACTIONS: Final[dict[ListName, tuple[str, ...]]] = {
    ListName.IMPORTS:     ("figures.imported",),
    ListName.REVOCATIONS: ("report.revoked",),
    ListName.CORRECTIONS: ("report.corrected",),
    ListName.UNSIGNED:    ("signature.waived", "signature.required"),
    ListName.NEAR_MISSES: ("report.signed", "report.accepted"),
    ListName.ACCOUNTS:    ("account.added", "appointment.granted", "appointment.moved", "appointment.confirmed",
                           "reset.confirmed", "address.confirmed", "password.set_by_operator",
                           "second_factor.reset", "second_factor.confirmed"),
    ListName.EXPORTS:     ("programme.exported", "bulletin.exported", "table.export_asked", "table.exported"),
}  # fmt: skip
"""The acts each list is made of."""

OPEN_TO_ADMIN: Final = frozenset(
    {"account", "appointment", "holidays", "org_unit", "permission", "setting", "tree_edition", "audit"}
)
"""Kinds of subject whose content holds no figure and no evidence: an admin reads nothing else (document 5.2)."""

ISSUED: Final = ("issued", "superseded", "withdrawn")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; None everywhere asks for all. ``until`` is exclusive; ``newest`` the last entry's id.

    With ``kind`` and ``subject_id`` everything about that subject is asked for, also what stands under its parts.
    """

    person: str | None = None
    unit: Unit | None = None
    action: str | None = None
    kind: str | None = None
    subject_id: str | None = None
    request: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    list: ListName | None = None
    newest: int | None = None

    @property
    def told(self) -> dict[str, Any]:
        """What is asked for by name: what is not asked for is left out."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        given["unit"] = None if self.unit is None else self.unit.code
        return {name: value for name, value in given.items() if value is not None}


def visible_entries(identity: Identity) -> ColumnElement[bool]:
    """Entries about units in reach; without a unit, of those who acted there; of operators, at the root only."""
    units = visible_units(identity)
    acting = select(Appointment.id).where(Appointment.org_unit_id.in_(units))
    elsewhere: ColumnElement[bool] = AuditEntry.appointment_id.in_(acting)
    if identity.place.parent_id == 0:
        elsewhere = or_(elsewhere, AuditEntry.appointment_id.is_(None))
    return or_(
        AuditEntry.org_unit_id.in_(visible_units(identity)), and_(AuditEntry.org_unit_id.is_(None), elsewhere)
    )


def may_read_content(identity: Identity, kind: str) -> bool:
    """Whether before and after of such a subject are shown to this person."""
    return identity.role is not Role.ADMIN or kind in OPEN_TO_ADMIN


def conditions(session: Session, wanted: Selection) -> list[ColumnElement[bool]]:
    """What rows of AuditEntry must meet."""
    found: list[ColumnElement[bool]] = []
    if wanted.person is not None:
        found.append(acted_by(session, wanted.person))
    if wanted.kind is not None and wanted.subject_id is not None:
        found.append(about(wanted.kind, wanted.subject_id))
    elif wanted.kind is not None:
        found.append(AuditEntry.subject_kind == wanted.kind)
    elif wanted.subject_id is not None:
        found.append(AuditEntry.subject_id == wanted.subject_id)
    if wanted.action is not None:
        found.append(AuditEntry.action == wanted.action)
    if wanted.request is not None:
        found.append(AuditEntry.request_id == wanted.request)
    if wanted.unit is not None:
        found.append(AuditEntry.org_unit_id.in_(_below(wanted.unit)))
    return [*found, *_moments(wanted), *_list_conditions(wanted.list)]


def _below(unit: Unit) -> Any:
    return select(OrgPlace.org_unit_id).where(
        OrgPlace.edition == unit.place.edition, OrgPlace.pre.between(unit.place.pre, unit.place.last)
    )


def _moments(wanted: Selection) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        found.append(AuditEntry.at < wanted.until)
    if wanted.newest is not None:
        found.append(AuditEntry.id <= wanted.newest)
    return found


def _list_conditions(listed: ListName | None) -> list[ColumnElement[bool]]:
    if listed is None:
        return []
    return [AuditEntry.action.in_(LIST_ACTIONS[listed])]


def judged_where_they_wrote() -> ColumnElement[bool]:
    """Who signed or accepted in this entry wrote another revision of the report: four eyes, but hardly two people."""
    return exists().where(
        Revision.report_id == REPORT_ID,
        RevisionAuthor.revision_id == Revision.id,
        RevisionAuthor.person_id == AuditEntry.actor_id,
    )


def judged_where_they_report() -> ColumnElement[bool]:
    """Who signed or accepted in this entry has, or has had, the duty to report for the same unit."""
    duty = aliased(Appointment)
    return exists().where(
        duty.person_id == AuditEntry.actor_id,
        duty.role == Role.REPORTER,
        duty.org_unit_id == AuditEntry.org_unit_id,
    )


REPORT_ID: Final = case((AuditEntry.subject_kind == "report", cast(AuditEntry.subject_id, BigInteger)))
"""The entry's report as a number, so that it and its revisions are found by their keys; of another subject NULL."""


def corrected_after_closing() -> ColumnElement[bool]:
    """The entry's report had its period closed by hand before the entry was made."""
    report = aliased(Report)
    return exists().where(
        report.id == REPORT_ID,
        PeriodClosing.programme_id == report.programme_id,
        PeriodClosing.period == report.period,
        PeriodClosing.at <= AuditEntry.at,
    )


def corrected_after_bulletin() -> ColumnElement[bool]:
    """A bulletin of the entry's report had been issued up to its month or later before the entry was made."""
    report = aliased(Report)
    return exists().where(
        report.id == REPORT_ID,
        Bulletin.programme_id == report.programme_id,
        BulletinIssue.bulletin_id == Bulletin.id,
        BulletinIssue.state.in_(ISSUED),
        BulletinIssue.issued_at <= AuditEntry.at,
        cast(func.substr(BulletinIssue.cutoff, 6, 2), Integer) >= report.month,
    )
