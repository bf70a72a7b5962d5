"""``flask worker``: the background loop; it folds what no request has sealed, does the work requests left to
it, and clears what has run out.

On SQLite every request seals its own work, so there the loop finds nothing to fold. Crash-only: it may be
killed at any moment and simply starts again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker.db import Database
from tracker.domain.identity import Actor
from tracker.features.bulletins.issuing import (
    FILES_JOB,
    WRITERS,
    Press,
    get_issue_in_press,
    list_missing_styles,
    make_file,
    pack,
    release,
)
from tracker.features.bulletins.signing import Signer
from tracker.features.exports.making import make_long_table
from tracker.models.account import SignInAttempt, WebSession
from tracker.models.audit import IdempotentAnswer
from tracker.services.evidence_store import open_store
from tracker.services.jobs import Job, claim, fail, finish, has_work, step_done
from tracker.services.ledger.folding import has_open, try_fold
from tracker.services.table_exports import TABLE_JOB, clear_files

IDLE_S: Final = 1.0
CLEARING: Final = timedelta(hours=1)
ANSWERS_KEPT: Final = timedelta(days=7)
ATTEMPTS_KEPT: Final = timedelta(days=180)
SESSIONS_KEPT: Final = timedelta(days=180)

log = structlog.get_logger("worker")
Clock = Callable[[], datetime]
Task = Callable[[Database, Job, Clock], None]
"""What does one kind of work, in short transactions of its own, and says when it is finished."""


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """后台进程：封存遗留的分录，生成通报文件等耗时工作，清理过期的会话与幂等答复。例：flask worker"""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    tasks = tasks_of(current_app.config)
    run(current_app.extensions["database"], stop, clock=lambda: datetime.now(UTC), tasks=tasks)


def tasks_of(settings: Mapping[str, Any]) -> dict[str, Task]:
    """Kind of work → what does it."""
    press = Press(Signer.from_secret(settings["SIGNING_KEY"]), open_store(settings["EVIDENCE_URL"]))
    return {FILES_JOB: partial(make_bulletin_files, press=press), TABLE_JOB: make_long_table}


def run(
    database: Database, stop: threading.Event, *, clock: Clock, tasks: Mapping[str, Task] | None = None
) -> None:
    """Work until ``stop`` is set; a database that is away is waited for."""
    cleared = datetime.min.replace(tzinfo=UTC)
    while not stop.is_set():
        try:
            while not stop.is_set() and do_one_job(database, tasks or {}, clock):
                pass
            fold_leftovers(database, clock())
            if clock() - cleared >= CLEARING:
                cleared = clock()
                clear_expired(database, cleared)
        except OperationalError:
            log.warning("database away, trying again", exc_info=True)
        stop.wait(IDLE_S)


def do_one_job(database: Database, tasks: Mapping[str, Task], clock: Clock) -> bool:
    """Take the oldest piece of work and do it; False when there is none. What goes wrong is tried again later."""
    with database.read_session() as session:
        if not has_work(session, clock()):
            return False
    with database.session() as session:
        job = claim(session, clock())
        session.commit()
    if job is None:
        return False
    try:
        tasks[job.kind](database, job, clock)
    except Exception as refused:  # whatever it is: the row says so, and the loop lives on
        log.exception("job failed", job=job.id, kind=job.kind, attempt=job.attempts)
        with database.session() as session:
            fail(session, job, f"{type(refused).__name__}: {refused}", now=clock())
            session.commit()
        return False
    return True


def make_bulletin_files(database: Database, job: Job, clock: Clock, *, press: Press) -> None:
    """Make a countersigned bulletin's files one by one, then issue it."""
    with database.read_session() as session:
        head, issue = get_issue_in_press(session, job.subject)
        missing = list_missing_styles(session, issue)
    made = len(WRITERS) - len(missing)
    for at, style in enumerate(missing, made + 1):
        with database.session() as session:
            make_file(session, issue, style)
            step_done(session, job, at, now=clock())
            session.commit()
    with database.session() as session:
        pack(session, issue, press)
        step_done(session, job, len(WRITERS) + 1, now=clock())
        session.commit()
    with database.session() as session:
        release(session, head, issue, actor=Actor(**job.payload["actor"]), now=clock())
        finish(session, job, now=clock())
        session.commit()


def fold_leftovers(database: Database, now: datetime) -> int | None:
    """Seal what requests left open; looks on the read side first, so that an idle worker takes no lock."""
    with database.read_session() as session:
        if not has_open(session):
            return None
    with database.session() as session:
        number = try_fold(session, now)
        session.commit()
        return number


def clear_expired(database: Database, now: datetime) -> None:
    """Delete answers, attempts, sessions and files that nobody can ask for any more; history is not touched."""
    with database.session() as session:
        _clear(session, now)
        session.commit()


def _clear(session: Session, now: datetime) -> None:
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.at < now - ANSWERS_KEPT))
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - ATTEMPTS_KEPT))
    session.execute(delete(WebSession).where(WebSession.ends_at < now - SESSIONS_KEPT))
    clear_files(session, now)
