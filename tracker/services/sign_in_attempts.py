"""Tries to sign in: written first, then counted, so that simultaneous guesses cannot slip past a limit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, func, select, text, update
from sqlalchemy.orm import Session

from tracker.db import is_sqlite
from tracker.models.account import SignInAttempt

ATTEMPT_LOCK = 5_150_153
"""The advisory lock under which attempts are numbered on PostgreSQL; SQLite has its one write lock."""


class Tally(NamedTuple):
    """Failed or undecided attempts within the window, this one included."""

    attempt_id: int
    by_account_and_source: int
    by_source: int
    by_account: int
    everywhere: int


def add_attempt(session: Session, *, login: str, source: str, now: datetime, window: timedelta) -> Tally:
    """Add one attempt and count: of n simultaneous ones exactly one is told each number from 1 to n.

    ``source`` is an address, or a browser that the account is known by (``SignInAttempt.address``).
    """
    if not is_sqlite(session.get_bind()):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ATTEMPT_LOCK})
    attempt = SignInAttempt(login=login, address=source, at=now, has_succeeded=False)
    session.add(attempt)
    session.flush()
    of_login, of_source = SignInAttempt.login == login, SignInAttempt.address == source
    counts = select(
        func.coalesce(func.sum(case((of_login & of_source, 1), else_=0)), 0),
        func.coalesce(func.sum(case((of_source, 1), else_=0)), 0),
        func.coalesce(func.sum(case((of_login, 1), else_=0)), 0),
        func.count(),
    ).where(SignInAttempt.at > now - window, SignInAttempt.has_succeeded.is_(False))
    return Tally(attempt.id, *session.execute(counts).one())


def mark_succeeded(session: Session, attempt_id: int) -> None:
    """The attempt turned out right, so it no longer counts."""
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(has_succeeded=True))
