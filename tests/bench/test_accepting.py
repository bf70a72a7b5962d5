"""G4: sixteen reviewers accept at once on PostgreSQL, beside as many bare two-statement transactions."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import func, select, text

from tests.bench.conftest import prove
from tests.bench.peer import Peer
from tests.support.databases import on_postgresql
from tests.support.measuring import Measured, Results
from tracker.db import Database
from tracker.models.ledger import Posting
from tracker.services.ledger.folding import try_fold
from tracker.services.standings import Seen
from tracker.services.tree import Unit

THREADS = 16
ROUNDS = 5
BARE_EACH = 40


@on_postgresql
def test_g4_accepting_at_once_beside_bare_transactions(
    peer: Peer, engine_name: str, results: Results
) -> None:
    waits = Oldest(peer.database)
    units = peer.districts[-THREADS * ROUNDS :]
    waiting = peer.hand_over(units)
    _make_bare(peer.database)
    ratios, rates = [], []
    with waits:
        for at in range(ROUNDS):
            bare = _rate([_bare(peer.database, number) for number in range(THREADS)], BARE_EACH)
            part = units[at * THREADS : (at + 1) * THREADS]
            ours = _rate([_accepting(peer, unit, waiting[unit.id]) for unit in part], 1)
            ratios.append(ours / bare)
            rates.append((1 / ours, 1 / bare))
    ours_ms, bare_ms = (statistics.median(column) * 1000 for column in zip(*rates, strict=True))
    results.ratios.append(
        Measured(
            "G4 acceptances a second ÷ bare two-statement transactions, 16 threads", engine_name, 0.60, tuple(ratios),
            ours_ms, bare_ms, at_least=True, note=f"oldest unsealed p99 {waits.p99:.2f} s, 0 deadlocks",
        )
    )  # fmt: skip
    with peer.database.session() as session:
        while try_fold(session, datetime.now(UTC)) is not None:
            session.commit()
    prove(peer.database)


def _accepting(peer: Peer, unit: Unit, seen: list[Seen]) -> Callable[[], None]:
    def accept() -> None:
        with peer.database.session() as session:
            peer.accept(session, unit, seen)
            peer.settle(session)

    return accept


class Oldest:
    """Watches meanwhile how old the oldest posting without a seal is."""

    def __init__(self, database: Database) -> None:
        self._database, self._stop, self._ages = database, threading.Event(), [0.0]
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def p99(self) -> float:
        """Seconds that all but one in a hundred looks stayed below."""
        return statistics.quantiles([*self._ages, 0.0], n=100, method="inclusive")[98]

    def _watch(self) -> None:
        with self._database.read.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not self._stop.wait(0.02):
                oldest = connection.scalar(select(func.min(Posting.at)).where(Posting.seal.is_(None)))
                self._ages.append(0.0 if oldest is None else (datetime.now(UTC) - oldest).total_seconds())


def _make_bare(database: Database) -> None:
    with database.write.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS bare (id int PRIMARY KEY, n int)"))
        connection.execute(text("CREATE TABLE IF NOT EXISTS bare_log (id serial PRIMARY KEY, n int)"))
        connection.execute(text("INSERT INTO bare SELECT generate_series(0, 15), 0 ON CONFLICT DO NOTHING"))


def _bare(database: Database, number: int) -> Callable[[], None]:
    def transaction() -> None:
        with database.write.begin() as connection:
            connection.execute(text("UPDATE bare SET n = n + 1 WHERE id = :id"), {"id": number})
            connection.execute(text("INSERT INTO bare_log (n) VALUES (:id)"), {"id": number})

    return transaction


def _rate(works: Sequence[Callable[[], None]], each: int) -> float:
    """How many a second, all threads starting together; whatever goes wrong in one is raised."""
    barrier = threading.Barrier(len(works) + 1)
    wrong: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        try:
            for _ in range(each):
                work()
        except BaseException as error:
            wrong.append(error)
            raise

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    assert wrong == []
    return len(works) * each / (time.perf_counter() - began)
