"""Background work: taken once, taken over from the dead, tried again, given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

from sqlalchemy.orm import Session

from tracker.db import Database
from tracker.services.jobs import (
    LEASE,
    MOST_ATTEMPTS,
    claim,
    enqueue,
    fail,
    find_progress,
    finish,
    has_work,
    step_done,
    try_again,
)

NOW = datetime(2018, 7, 3, 2, tzinfo=UTC)
LATER = NOW + LEASE + timedelta(seconds=1)


def ask(session: Session, subject: str = "one") -> int:
    return enqueue(session, "test.work", subject, payload={"a": 1}, steps=3, now=NOW)


def test_is_taken_once_and_in_order(session: Session) -> None:
    ask(session, "one"), ask(session, "two")
    taken = [claim(session, NOW), claim(session, NOW), claim(session, NOW)]
    assert [job and (job.subject, job.payload, job.attempts) for job in taken] == [
        ("one", {"a": 1}, 1),
        ("two", {"a": 1}, 1),
        None,
    ]
    assert not has_work(session, NOW)


def test_is_taken_over_when_its_worker_falls_silent(session: Session) -> None:
    ask(session)
    first = claim(session, NOW)
    assert first is not None
    step_done(session, first, 2, now=NOW)
    assert claim(session, NOW + LEASE) is None
    second = claim(session, LATER)
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)


def test_tells_how_far_it_is(session: Session) -> None:
    ask(session)
    job = claim(session, NOW)
    assert job is not None
    step_done(session, job, 2, now=NOW)
    told = find_progress(session, "test.work", "one")
    assert told is not None
    assert (told.state, told.steps_done, told.steps) == ("running", 2, 3)
    finish(session, job, now=NOW)
    ended = find_progress(session, "test.work", "one")
    assert ended is not None
    assert (ended.state, ended.steps_done) == ("done", 3)
    assert claim(session, LATER) is None


def test_is_given_up_after_its_attempts_and_can_be_asked_for_again(session: Session) -> None:
    number = ask(session)
    for _attempt in range(MOST_ATTEMPTS):
        job = claim(session, NOW)
        assert job is not None
        fail(session, job, "broken " * 200, now=NOW)
    assert claim(session, LATER) is None
    told = find_progress(session, "test.work", "one")
    assert told is not None
    assert (told.state, len(told.fault or "")) == ("failed", 400)
    try_again(session, number)
    again = claim(session, NOW)
    assert again is not None
    assert again.attempts == 1


def test_two_workers_never_take_the_same(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        for number in range(6):
            ask(session, str(number))
        session.commit()
    taken: list[str] = []
    start = Barrier(2)

    def work() -> None:
        start.wait()
        for _time in range(3):
            with fresh_database.session() as session:
                job = claim(session, NOW)
                session.commit()
            assert job is not None
            taken.append(job.subject)

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == [str(number) for number in range(6)]
