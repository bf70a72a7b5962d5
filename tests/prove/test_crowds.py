"""Many acceptances: sixteen reviewers at once without a deadlock, and a hundred with the province right after each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.factories.crowds import Crowd
from tests.factories.rows import NOW
from tests.support.databases import on_postgresql
from tests.support.kept_results import kept_result
from tests.support.racing import assert_settled
from tracker.db import Database
from tracker.services.ledger.posting import lock_streams
from tracker.services.ledger.settling import settle
from tracker.services.ledger.verifying import verify_totals
from tracker.services.standings import Doer
from tracker.services.transitions import accept

REVIEWERS = 16
EACH = 16
HUNDRED = 100
VERIFIED_EACH = 20  # deriving everything from zero takes longer than an acceptance
Work = Callable[[Session, int], object]


@on_postgresql
def test_sixteen_reviewers_accept_without_a_deadlock(fresh_database: Database) -> None:
    units = REVIEWERS * EACH
    with kept_result("sixteen-reviewers", reviewers=REVIEWERS, acceptances=units) as noted:
        crowd = planted(fresh_database, units)
        work = list(crowd.seen.values())
        wrong = crowded(fresh_database, lambda session, at: accept(session, work[at], by(crowd)), units)
        noted["failures"] = wrong
        assert wrong == []
        assert_settled(fresh_database)
        with fresh_database.read_session() as session:
            assert crowd.totals(session) == (units * 10, units * 10)


@on_postgresql
def test_the_crowd_notices_a_deadlock(fresh_database: Database) -> None:
    """The planted fault: every second reviewer holds the streams of all units one by one in the other order."""
    crowd = planted(fresh_database, 8)
    programme_id = crowd.programme_id
    units = sorted(set(crowd.world.units.values()) - {crowd.city, crowd.root})

    def locks_as_it_likes(session: Session, at: int) -> None:
        for unit in units if at % 2 else reversed(units):
            lock_streams(session, programme_id, [unit])

    wrong = crowded(fresh_database, locks_as_it_likes, REVIEWERS * 4)
    assert any("deadlock" in one for one in wrong), wrong


def test_the_province_is_right_after_each_of_a_hundred(fresh_database: Database, engine_name: str) -> None:
    with kept_result(f"hundred-one-by-one-{engine_name}", acceptances=HUNDRED) as noted:
        crowd = planted(fresh_database, HUNDRED)
        noted["wrong_after"] = one_by_one(fresh_database, crowd, settle_all)
        assert noted["wrong_after"] == []


def test_a_total_that_lags_behind_is_noticed_at_once(fresh_database: Database) -> None:
    """The planted fault: the answer goes out without the fold."""
    crowd = planted(fresh_database, 3)
    assert one_by_one(fresh_database, crowd, lambda _database, session: session.commit()) == [1, 2, 3]


def test_a_hundred_together_are_right_at_the_province(fresh_database: Database, engine_name: str) -> None:
    with kept_result(f"hundred-together-{engine_name}", acceptances=HUNDRED):
        crowd = planted(fresh_database, HUNDRED)
        with fresh_database.session() as session:
            for seen in crowd.seen.values():
                accept(session, seen, by(crowd))
            settle_all(fresh_database, session)
        with fresh_database.read_session() as session:
            assert crowd.totals(session) == (HUNDRED * 10, HUNDRED * 10)
            assert verify_totals(session) == []


def planted(database: Database, units: int) -> Crowd:
    """A crowd of signed reports, committed."""
    with database.session() as session:
        crowd = Crowd(session, units=units)
        session.commit()
    return crowd


def by(crowd: Crowd) -> Doer:
    """The city's reviewer."""
    return Doer(crowd.reviewer, NOW)


def settle_all(database: Database, session: Session) -> None:
    """What the edge does before an answer goes out."""
    assert settle(database, session, lambda: NOW)


def one_by_one(database: Database, crowd: Crowd, answer: Callable[[Database, Session], object]) -> list[int]:
    """Accept everything, each in a transaction of its own; after which acceptances the province was wrong."""
    wrong = []
    for at, seen in enumerate(crowd.seen.values(), 1):
        with database.session() as session:
            accept(session, seen, by(crowd))
            answer(database, session)
        with database.read_session() as session:
            is_right = crowd.totals(session) == (at * 10, at * 10)
            if not is_right or (at % VERIFIED_EACH == 0 and verify_totals(session)):
                wrong.append(at)
    return wrong


def crowded(database: Database, work: Work, count: int) -> Sequence[str]:
    """Sixteen threads share ``count`` pieces of work; what went wrong, in words."""
    barrier, wrong = threading.Barrier(REVIEWERS), list[str]()

    def run(number: int) -> None:
        barrier.wait()
        for at in range(number, count, REVIEWERS):
            try:
                with database.session() as session:
                    work(session, at)
                    settle(database, session, lambda: NOW)
            except (OperationalError, AssertionError) as error:
                wrong.append(str(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(REVIEWERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong
