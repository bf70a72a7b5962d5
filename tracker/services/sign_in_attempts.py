"""Tries to sign in: written first, then counted, so that simultaneous guesses cannot slip past a limit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select, text, update
from sqlalchemy.orm import Session, aliased

from tracker.db import is_sqlite
from tracker.models.account import SignInAttempt

ATTEMPT_LOCK: Final = 5_150_153
"""The advisory lock under which attempts are numbered on PostgreSQL; SQLite has its one write lock."""
MEMORY: Final = timedelta(hours=24)
"""How long wrong tries in a row are held against a place."""


class Try(NamedTuple):
    """One try: ``password`` or ``code``, of which login, counted by which source, and where it came from.

    ``source`` is the address, or a browser that the account is known by.
    """

    kind: str
    login: str
    source: str
    address: str


class Tally(NamedTuple):
    """What was tried before, as one try is told at its turn.

    ``wrong``: wrong ones in a row of this kind, login and source, this one left out, those refused
    unseen too · ``last_wrong_at``: the last of them · ``wrong_by_account``: the same from every source ·
    the others: all failed ones within the window, this one and those refused included.
    """

    attempt_id: int
    wrong: int
    last_wrong_at: datetime | None
    wrong_by_account: int
    by_source: int
    by_account: int
    everywhere: int


def add_attempt(session: Session, tried: Try, *, now: datetime, window: timedelta) -> Tally:
    """Add one attempt and count: of n simultaneous ones exactly one is told each number from 0 to n - 1."""
    if not is_sqlite(session.get_bind()):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ATTEMPT_LOCK})
    attempt = SignInAttempt(**tried._asdict(), at=now, has_succeeded=False, was_refused=False)
    session.add(attempt)
    session.flush()
    wrong, last_wrong_at, wrong_by_account = session.execute(_wrong_in_a_row(tried, attempt.id, now)).one()
    recent = session.execute(_within_window(tried, now - window)).one()
    return Tally(attempt.id, wrong, last_wrong_at, wrong_by_account, *recent)


def mark_succeeded(session: Session, attempt_id: int) -> None:
    """The attempt turned out right: it and the wrong ones before it from the same source no longer count."""
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(has_succeeded=True))


def mark_refused(session: Session, attempt_id: int) -> None:
    """The attempt came within a wait; nothing was checked, so it does not make the next wait longer."""
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(was_refused=True))


def _wrong_in_a_row(tried: Try, attempt_id: int, now: datetime) -> Select[int, datetime | None, int]:
    row, right = SignInAttempt, aliased(SignInAttempt)
    last_right = (
        select(func.coalesce(func.max(right.id), 0))
        .where(
            right.login == tried.login,
            right.kind == tried.kind,
            right.source == tried.source,
            right.has_succeeded.is_(True),
            right.at > now - MEMORY,
        )
        .scalar_subquery()
    )
    held = and_(row.source == tried.source, row.id > last_right)
    return select(
        _count(held), func.max(case((held, row.at), else_=None)), func.count(),
    ).where(
        row.login == tried.login,
        row.kind == tried.kind,
        row.id != attempt_id,
        row.at > now - MEMORY,
        row.has_succeeded.is_(False),
        row.was_refused.is_(False),
    )  # fmt: skip


def _within_window(tried: Try, since: datetime) -> Select[int, int, int]:
    row = SignInAttempt
    counts = select(_count(row.source == tried.source), _count(row.login == tried.login), func.count())
    return counts.where(row.at > since, row.has_succeeded.is_(False))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
