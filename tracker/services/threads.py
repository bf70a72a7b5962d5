"""The permanent thread of reports: every step and remark with who made it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.workflow import Action
from tracker.models.account import Person
from tracker.models.report import Report, Submission, ThreadEntry
from tracker.services.chunks import chunked


class ThreadStep(NamedTuple):
    """One step: what was done to which submission of which report. ``pinned`` are indicator ids."""

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


def list_steps(session: Session, report_ids: Collection[int]) -> list[ThreadStep]:
    """Every step of these reports, oldest first."""
    steps: list[ThreadStep] = []
    for part in chunked(sorted(report_ids)):
        wanted = (
            select(
                ThreadEntry.report_id, Report.pledge_id, ThreadEntry.revision_id, ThreadEntry.submission_id,
                Submission.number, ThreadEntry.action, ThreadEntry.person_id, Person.name, ThreadEntry.at,
                ThreadEntry.text, ThreadEntry.pinned, ThreadEntry.answer_by,
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
