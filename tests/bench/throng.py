"""Many at once from several processes, as a server's workers are: each thread does its jobs, all start together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import URL, text

from tracker.db import Database, open_database
from tracker.domain.identity import Identity
from tracker.services.ledger.settling import settle
from tracker.services.standings import Doer, Seen
from tracker.services.transitions import accept

PROCESSES: Final = 4
THREADS_EACH: Final = 4
LEAD: Final = 0.4
"""Seconds from handing the work out until all begin."""


class Verdict(NamedTuple):
    """One acceptance to be given: by whom, of what."""

    reviewer: Identity
    seen: tuple[Seen, ...]


class Span(NamedTuple):
    """When a process worked, by the clock all share, and how much CPU it took."""

    began: float
    ended: float
    cpu: float


class Pace(NamedTuple):
    """How many jobs a second all together did, and the CPU seconds their processes took for each."""

    rate: float
    cpu_each: float


class Throng:
    """Processes that stay for several rounds, each with a database of its own at the same address."""

    def __init__(self, url: URL) -> None:
        address = url.render_as_string(hide_password=False)
        self._pool = ProcessPoolExecutor(
            PROCESSES, mp_context=get_context("spawn"), initializer=_open, initargs=(address,)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown()

    def accept(self, verdicts: Sequence[Verdict]) -> Pace:
        """Every thread accepts its share, each acceptance with its fold."""
        return self._run(_accept, verdicts)

    def write_bare(self, each: int) -> Pace:
        """Every thread does so many bare transactions of two statements, on a row of its own."""
        return self._run(_write_bare, list(range(PROCESSES * THREADS_EACH)) * each)

    def _run(self, job: Callable[[Database, Any], None], jobs: Sequence[Any]) -> Pace:
        start = time.time() + LEAD
        waiting = [self._pool.submit(_work, job, jobs[at::PROCESSES], start) for at in range(PROCESSES)]
        spans = [one.result() for one in waiting]
        seconds = max(one.ended for one in spans) - min(one.began for one in spans)
        return Pace(len(jobs) / seconds, sum(one.cpu for one in spans) / len(jobs))


_databases: list[Database] = []


def _open(address: str) -> None:
    _databases.append(open_database(address))


def _work(job: Callable[[Database, Any], None], jobs: Sequence[Any], start: float) -> Span:
    """One process's share; whatever goes wrong in a thread is raised."""
    wrong: list[BaseException] = []

    def run(share: Sequence[Any]) -> None:
        try:
            for one in share:
                job(_databases[0], one)
        except BaseException as error:
            wrong.append(error)
            raise

    threads = [threading.Thread(target=run, args=(jobs[at::THREADS_EACH],)) for at in range(THREADS_EACH)]
    time.sleep(max(0.0, start - time.time()))
    began, cpu = time.time(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in wrong:
        raise error
    return Span(began, time.time(), time.process_time() - cpu)


def _accept(database: Database, verdict: Verdict) -> None:
    with database.session() as session:
        accept(session, verdict.seen, Doer(verdict.reviewer, datetime.now(UTC)))
        settle(database, session, lambda: datetime.now(UTC))


def _write_bare(database: Database, number: int) -> None:
    with database.write.begin() as connection:
        connection.execute(text("UPDATE bare SET n = n + 1 WHERE id = :id"), {"id": number})
        connection.execute(text("INSERT INTO bare_log (n) VALUES (:id)"), {"id": number})
