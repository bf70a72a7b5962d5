"""Acts that start at the same moment from threads of their own, and what each came to."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.orm import Session

from tests.factories.rows import NOW
from tracker.db import Database
from tracker.domain.messages import Refusal
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals


def race(database: Database, *acts: Callable[[Session], object]) -> list[str]:
    """Run the acts from one thread each, all starting at once; what each came to ("": it won)."""
    barrier = threading.Barrier(len(acts))
    outcomes = ["unfinished"] * len(acts)

    def run(at: int, act: Callable[[Session], object]) -> None:
        with database.session() as session:
            barrier.wait()
            try:
                act(session)
                session.commit()
                outcomes[at] = ""
            except Refusal as refused:
                outcomes[at] = type(refused).__name__

    threads = [threading.Thread(target=run, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def assert_settled(database: Database) -> None:
    """Everything folds and the totals are those of the entries."""
    with database.session() as session:
        while try_fold(session, NOW) is not None:
            session.commit()
        assert verify_totals(session) == []
