"""The permanent thread of reports: every step and remark with who made it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ScalarSelect, String, cast, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.workflow import Action
from tracker.models.account import Appointment, Person
from tracker.models.audit import AuditEntry
from tracker.models.report import Report, Submission, ThreadEntry
from tracker.services.chunks import chunked


class ThreadStep(NamedTuple):
    """One step: what was done to which submission of which report. ``pinned`` are indicator ids.

    ``absent`` is whose place a stand-in took (代理).
    """

    report_id: int
    pledge_id: int
    revision_id: int
    submission_id: int | None
    submission_number: int | None
    action: Action
    person_id: int | None
    person: str
    at: datetime
    text: str
    pinned: tuple[int, ...]
    answer_by: datetime | None
    absent: str | None


def list_steps(session: Session, report_ids: Collection[int]) -> list[ThreadStep]:
    """Every step of these reports, oldest first."""
    steps: list[ThreadStep] = []
    for part in chunked(sorted(report_ids)):
        wanted = (
            select(
                ThreadEntry.report_id, Report.pledge_id, ThreadEntry.revision_id, ThreadEntry.submission_id,
                Submission.number, ThreadEntry.action, ThreadEntry.person_id, Person.name, ThreadEntry.at,
                ThreadEntry.text, ThreadEntry.pinned, ThreadEntry.answer_by, _absent().label("absent"),
            )
            .join(Report, Report.id == ThreadEntry.report_id)
            .join(Person, Person.id == ThreadEntry.person_id, isouter=True)
            .join(Submission, Submission.id == ThreadEntry.submission_id, isouter=True)
            .where(ThreadEntry.report_id.in_(part))
            .order_by(ThreadEntry.at, ThreadEntry.id)
        )  # fmt: skip
        for row in session.execute(wanted):
            told = row._asdict()
            name, number = told.pop("name"), told.pop("number")
            told |= {"action": Action(row.action), "pinned": tuple(row.pinned), "person": name or ""}
            steps.append(ThreadStep(**told, submission_number=number))
    return steps


def _absent() -> ScalarSelect[str]:
    """Whose place was taken in a step: the trail knows under which appointment it was made."""
    absent = aliased(Person)
    return (
        select(absent.name)
        .join(Appointment, Appointment.stands_in_for_id == absent.id)
        .join(AuditEntry, AuditEntry.appointment_id == Appointment.id)
        .where(
            AuditEntry.subject_kind == "report",
            AuditEntry.subject_id == cast(ThreadEntry.report_id, String),
            AuditEntry.actor_id == ThreadEntry.person_id,
            AuditEntry.at == ThreadEntry.at,
        )
        .limit(1)
        .correlate(ThreadEntry)
        .scalar_subquery()
    )
