"""How the installation is: its clock against the database's, its worker, its chain, what waits; no person in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select, text, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.db import is_sqlite
from tracker.models.account import SignInAttempt
from tracker.models.job import JOB_STATES, Heartbeat, Job
from tracker.models.ledger import Seal
from tracker.services.jobs import LEASE
from tracker.services.ledger.folding import SEALED_TABLES

WORKER: Final = "worker"
BEAT: Final = timedelta(seconds=10)
"""How often a worker says that it lives."""

SILENT: Final = timedelta(seconds=60)
"""A worker not heard of for longer is reported."""

Clock = Callable[[], datetime]


class Measures(NamedTuple):
    """What is counted when somebody looks. Moments are None before the first; ``jobs`` by state."""

    newest_seal: int
    oldest_unsealed_at: datetime | None
    unsealed_rows: int
    jobs: Mapping[str, int]
    failed_sign_ins: int
    worker_seen_at: datetime | None


def beat(session: Session, name: str, now: datetime) -> None:
    """Say that a background process lives; of several of one name the newest word counts."""
    insert: Any = sqlite.insert if is_sqlite(session.get_bind()) else postgresql.insert
    row = insert(Heartbeat).values(name=name, at=now)
    session.execute(row.on_conflict_do_update(index_elements=[Heartbeat.name], set_={"at": now}))


def find_worker_seen(session: Session) -> datetime | None:
    """When a worker was last heard of: by its own word, or because it renewed its hold on a piece of work."""
    said = select(Heartbeat.at).where(Heartbeat.name == WORKER).scalar_subquery()
    held = select(func.max(Job.leased_until)).where(Job.state == "running").scalar_subquery()
    row = session.execute(select(said, held)).one()
    moments = [row[0], None if row[1] is None else row[1] - LEASE]
    return max((moment for moment in moments if moment is not None), default=None)


def clock_skew(session: Session, clock: Clock) -> timedelta:
    """How far the database's clock is ahead of this process's; half the time of asking is the error."""
    session.connection()  # so that connecting is not timed
    asked = clock()
    found = session.scalar(text(_NOW[is_sqlite(session.get_bind())]))
    answered = clock()
    theirs = found if isinstance(found, datetime) else datetime.fromisoformat(str(found)).replace(tzinfo=UTC)
    return theirs - (asked + (answered - asked) / 2)


_NOW: Final = {True: "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')", False: "SELECT clock_timestamp()"}


def measure(session: Session, *, now: datetime, window: timedelta) -> Measures:
    """Count everything, in four statements; failed sign-ins are those of the last ``window``."""
    oldest, unsealed = session.execute(_unsealed()).one()
    jobs = dict.fromkeys(JOB_STATES, 0)
    for state, count in session.execute(select(Job.state, func.count()).group_by(Job.state)):
        jobs[state] = count
    failed = select(func.count()).where(
        SignInAttempt.at > now - window, SignInAttempt.has_succeeded.is_(False)
    )
    newest = select(func.max(Seal.number)).scalar_subquery()
    row = session.execute(select(newest, failed.scalar_subquery())).one()
    return Measures(row[0] or 0, oldest, unsealed, jobs, row[1], find_worker_seen(session))


def _unsealed() -> Any:
    parts = [select(model.at.label("at")).where(model.seal.is_(None)) for _kind, model in SEALED_TABLES]
    waiting = union_all(*parts).subquery()
    return select(func.min(waiting.c.at), func.count()).select_from(waiting)
