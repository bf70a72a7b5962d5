"""The end of a writing transaction: commit, and have everything sealed before the answer is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.db import Database
from tracker.models.audit import AuditEntry
from tracker.services.audit import newest_audit_id
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.remembering import hand_over, take_over

PATIENCE_SECONDS = 1.0
"""How long an answer waits for its seal; the worker folds what is left."""

PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 0.08
"""Who waits looks less and less often: looking takes time from whoever folds."""

Clock = Callable[[], datetime]


def settle(database: Database, session: Session, clock: Clock) -> bool:
    """Commit the session and fold. True: totals everywhere contain it; False: 正在汇总, the worker follows.

    SQLite folds inside the transaction itself; PostgreSQL in a second one, where whoever gets the
    lock seals for everybody and the others only look whether theirs is sealed.
    """
    if database.is_sqlite:
        try_fold(session, clock())
        session.commit()
        return True
    waiting_for = newest_audit_id(session)
    session.commit()
    hand_over(session, database)
    return waiting_for is None or _wait_for_fold(database, waiting_for, clock)


def _wait_for_fold(database: Database, audit_id: int, clock: Clock) -> bool:
    """Fold, or wait until whoever folds has sealed our rows: they were committed together, so one tells for all."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, PAUSE_SECONDS
    while True:
        with database.session() as folding:
            take_over(folding, database)
            is_sealed = try_fold(folding, clock()) is not None or _is_sealed(folding, audit_id)
            folding.commit()
        if is_sealed or time.monotonic() > deadline:
            return is_sealed
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _is_sealed(session: Session, audit_id: int) -> bool:
    return session.scalar(select(AuditEntry.seal).where(AuditEntry.id == audit_id)) is not None
