"""``flask worker``: the background loop; it folds what no request has sealed and clears what has run out.

On SQLite every request seals its own work, so there the loop finds nothing to fold. Crash-only: it may be
killed at any moment and simply starts again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker.db import Database
from tracker.models.account import SignInAttempt, WebSession
from tracker.models.audit import IdempotentAnswer
from tracker.services.ledger.folding import has_open, try_fold

IDLE_S: Final = 1.0
CLEARING: Final = timedelta(hours=1)
ANSWERS_KEPT: Final = timedelta(days=7)
ATTEMPTS_KEPT: Final = timedelta(days=180)
SESSIONS_KEPT: Final = timedelta(days=180)

log = structlog.get_logger("worker")
Clock = Callable[[], datetime]


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """后台进程：每秒封存遗留的分录，每小时清理过期的会话与幂等答复。例：flask worker"""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run(current_app.extensions["database"], stop, clock=lambda: datetime.now(UTC))


def run(database: Database, stop: threading.Event, *, clock: Clock) -> None:
    """Work until ``stop`` is set; a database that is away is waited for."""
    cleared = datetime.min.replace(tzinfo=UTC)
    while not stop.is_set():
        try:
            fold_leftovers(database, clock())
            if clock() - cleared >= CLEARING:
                cleared = clock()
                clear_expired(database, cleared)
        except OperationalError:
            log.warning("database away, trying again", exc_info=True)
        stop.wait(IDLE_S)


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
    """Delete answers, attempts and sessions that nobody can ask for any more; history is not touched."""
    with database.session() as session:
        _clear(session, now)
        session.commit()


def _clear(session: Session, now: datetime) -> None:
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.at < now - ANSWERS_KEPT))
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - ATTEMPTS_KEPT))
    session.execute(delete(WebSession).where(WebSession.ends_at < now - SESSIONS_KEPT))
