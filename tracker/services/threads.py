"""The permanent thread of reports: every step and remark with who made it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.workflow import Action
from tracker.models.account import Person
from tracker.models.report import Report, Submission, ThreadEntry
from tracker.services.chunks import chunked
from tracker.services.stand_ins import Act, StandIn, find_stand_ins, may_stand_in


class ThreadStep(NamedTuple):
    """One step: what was done to which submission of which report. ``pinned`` are indicator ids.

    ``stand_in``: in whose place it was done (代理).
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
    stand_in: StandIn | None


def list_steps(session: Session, report_ids: Collection[int]) -> list[ThreadStep]:
    """Every step of these reports, oldest first."""
    steps: list[ThreadStep] = []
    doubtful: set[Act] = set()
    for part in chunked(sorted(report_ids)):
        wanted = (
            select(
                ThreadEntry.report_id, Report.pledge_id, ThreadEntry.revision_id, ThreadEntry.submission_id,
                Submission.number, ThreadEntry.action, ThreadEntry.person_id, Person.name, ThreadEntry.at,
                ThreadEntry.text, ThreadEntry.pinned, ThreadEntry.answer_by,
                may_stand_in(ThreadEntry.person_id, ThreadEntry.at).label("may_stand_in"),
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
            if told.pop("may_stand_in"):
                doubtful.add((row.person_id, row.at))
            told |= {"action": Action(row.action), "pinned": tuple(row.pinned), "person": name or ""}
            steps.append(ThreadStep(**told, submission_number=number, stand_in=None))
    return _with_stand_ins(steps, find_stand_ins(session, doubtful))


def _with_stand_ins(steps: list[ThreadStep], found: Mapping[Act, StandIn]) -> list[ThreadStep]:
    if not found:
        return steps
    return [
        step if step.person_id is None else step._replace(stand_in=found.get((step.person_id, step.at)))
        for step in steps
    ]
