"""G4: sixteen reviewers accept at once on PostgreSQL, beside as many bare two-statement transactions."""

from __future__ import annotations

import statistics
import threading
import time
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import select, text

from tests.bench.conftest import prove
from tests.bench.peer import Peer
from tests.bench.throng import PROCESSES, THREADS_EACH, Throng, Verdict
from tests.support.databases import on_postgresql
from tests.support.measuring import Measured, Results
from tracker.db import Database
from tracker.models.ledger import Posting
from tracker.services.ledger.folding import try_fold

THREADS = PROCESSES * THREADS_EACH
ROUNDS = 5
BARE_EACH = 40
IN_A_SHEET = 10
"""Reports in each sheet of the peer's world."""


@on_postgresql
def test_g4_accepting_at_once_beside_bare_transactions(
    peer: Peer, engine_name: str, results: Results
) -> None:
    units = peer.districts[-THREADS * (ROUNDS + 1) :]
    waiting = peer.hand_over(units)
    verdicts = [Verdict(peer.judges[unit.id], tuple(waiting[unit.id])) for unit in units]
    _make_bare(peer.database)
    bare, ours = [], []
    watched, url = Oldest(peer.database), peer.database.write.url
    with Worker(peer.database), watched as oldest, Throng(url) as throng:
        throng.write_bare(BARE_EACH), throng.accept(verdicts[:THREADS])
        oldest.forget()
        for at in range(1, ROUNDS + 1):
            bare.append(throng.write_bare(BARE_EACH))
            ours.append(throng.accept(verdicts[at * THREADS : (at + 1) * THREADS]))
            prove(peer.database)
    ratios = [one.rate / floor.rate for one, floor in zip(ours, bare, strict=True)]
    ours_ms, bare_ms = (statistics.median(1000 / one.rate for one in rounds) for rounds in (ours, bare))
    cpu_ms = statistics.median(one.cpu_each for one in ours) * 1000
    results.ratios += [
        Measured(
            f"G4 {what} a second ÷ bare two-statement transactions, {PROCESSES} × {THREADS_EACH} threads",
            engine_name, goal, tuple(times * ratio for ratio in ratios), ours_ms / times, bare_ms, at_least=True,
            note=f"Python {cpu_ms / times:.1f} ms each; oldest unsealed p99 {oldest.p99:.2f} s, 0 deadlocks",
        )
        for what, goal, times in (("sheets of 10 reports", 0.60, 1), ("reports accepted", None, IN_A_SHEET))
    ]  # fmt: skip
    with peer.database.session() as session:
        while try_fold(session, datetime.now(UTC)) is not None:
            session.commit()
    prove(peer.database)


class Worker:
    """Folds each second what nobody's request has, as the worker does in service."""

    def __init__(self, database: Database) -> None:
        self._database, self._stop = database, threading.Event()
        self._thread = threading.Thread(target=self._fold)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _fold(self) -> None:
        while not self._stop.wait(1.0):
            with self._database.session() as session:
                try_fold(session, datetime.now(UTC))
                session.commit()


class Oldest:
    """Watches meanwhile for how long postings that everybody can see have been without a seal."""

    def __init__(self, database: Database) -> None:
        self._database, self._stop = database, threading.Event()
        self._ages: list[float] = []
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def forget(self) -> None:
        """Begin anew, after a round that only warms up."""
        self._ages.clear()

    @property
    def p99(self) -> float:
        """Seconds that all but one in a hundred looks stayed below."""
        return statistics.quantiles([*self._ages, 0.0, 0.0], n=100, method="inclusive")[98]

    def _watch(self) -> None:
        first_seen: dict[int, float] = {}
        with self._database.read.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not self._stop.wait(0.02):
                unsealed = set(connection.scalars(select(Posting.id).where(Posting.seal.is_(None))))
                now = time.monotonic()
                first_seen = {key: first_seen.get(key, now) for key in unsealed}
                self._ages.append(max((now - seen for seen in first_seen.values()), default=0.0))


def _make_bare(database: Database) -> None:
    with database.write.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS bare (id int PRIMARY KEY, n int)"))
        connection.execute(text("CREATE TABLE IF NOT EXISTS bare_log (id serial PRIMARY KEY, n int)"))
        connection.execute(text("INSERT INTO bare SELECT generate_series(0, 15), 0 ON CONFLICT DO NOTHING"))
