"""Background work on lease: asked for in a request's transaction, taken by one worker at a time, safe to kill."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from tracker.domain.canonical import canonical
from tracker.models import job as rows

LEASE: Final = timedelta(seconds=60)
"""How long a worker may stay silent before another takes its work up; every step done renews it."""

MOST_ATTEMPTS: Final = 3
LONGEST_FAULT: Final = 400


class Job(NamedTuple):
    """A piece of work as its worker gets it."""

    id: int
    kind: str
    subject: str
    payload: Any
    attempts: int


class Progress(NamedTuple):
    """How far a piece of work is, for whoever waits for it."""

    id: int
    state: str
    steps: int
    steps_done: int
    fault: str | None


def enqueue(
    session: Session,
    kind: str,
    subject: str,
    *,
    payload: object,
    steps: int,
    now: datetime,
    asked_by_id: int | None = None,
) -> int:
    """Ask for work that is done only if this transaction commits; its number."""
    row = rows.Job(
        kind=kind,
        subject=subject,
        payload=canonical(payload),
        state="waiting",
        steps=steps,
        steps_done=0,
        attempts=0,
        asked_by_id=asked_by_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def claim(session: Session, now: datetime) -> Job | None:
    """Take the oldest piece that waits, or whose worker has fallen silent, in one statement."""
    table = rows.Job
    is_free = or_(table.state == "waiting", and_(table.state == "running", table.leased_until < now))
    oldest = select(table.id).where(is_free).order_by(table.id).limit(1).with_for_update(skip_locked=True)
    taken = (
        update(table)
        .where(table.id == oldest.scalar_subquery())
        .values(state="running", leased_until=now + LEASE, attempts=table.attempts + 1)
        .returning(table.id, table.kind, table.subject, table.payload, table.attempts)
    )
    row = session.execute(taken, execution_options={"synchronize_session": False}).one_or_none()
    return None if row is None else Job(row.id, row.kind, row.subject, json.loads(row.payload), row.attempts)


def has_work(session: Session, now: datetime) -> bool:
    """Whether ``claim`` would find anything; for the read side, so that an idle worker takes no lock."""
    table = rows.Job
    is_free = or_(table.state == "waiting", and_(table.state == "running", table.leased_until < now))
    return session.scalar(select(table.id).where(is_free).limit(1)) is not None


def step_done(session: Session, job: Job, steps_done: int, *, now: datetime) -> None:
    """Say how far it is, and keep the lease."""
    _change(session, job.id, steps_done=steps_done, leased_until=now + LEASE)


def finish(session: Session, job: Job, *, now: datetime) -> None:
    """It is done."""
    table = rows.Job
    _change(
        session, job.id, state="done", steps_done=table.steps, ended_at=now, leased_until=None, fault=None
    )


def fail(session: Session, job: Job, fault: str, *, now: datetime) -> None:
    """It went wrong: it waits for another attempt, and is given up after ``MOST_ATTEMPTS``."""
    state = "failed" if job.attempts >= MOST_ATTEMPTS else "waiting"
    ended = now if state == "failed" else None
    _change(session, job.id, state=state, fault=fault[:LONGEST_FAULT], leased_until=None, ended_at=ended)


def try_again(session: Session, job_id: int) -> None:
    """Let a piece of work that was given up wait once more."""
    table = rows.Job
    again = update(table).where(table.id == job_id, table.state == "failed")
    session.execute(
        again.values(state="waiting", attempts=0, fault=None, ended_at=None),
        execution_options={"synchronize_session": False},
    )


def find_progress(session: Session, kind: str, subject: str) -> Progress | None:
    """How far the newest piece of work of a kind on a subject is."""
    table = rows.Job
    wanted = (
        select(table.id, table.state, table.steps, table.steps_done, table.fault)
        .where(table.kind == kind, table.subject == subject)
        .order_by(table.id.desc())
        .limit(1)
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None else Progress(*row)


def _change(session: Session, job_id: int, **values: object) -> None:
    changed = update(rows.Job).where(rows.Job.id == job_id).values(**values)
    session.execute(changed, execution_options={"synchronize_session": False})
