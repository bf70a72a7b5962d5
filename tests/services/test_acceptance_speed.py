"""An acceptance and its fold stay within their statements, and a hundred of them leave the right total at the top."""

from __future__ import annotations

import threading
import time

import pytest

from tests.factories.crowds import Crowd
from tests.factories.districts import PLAIN, World, only
from tests.factories.rows import NOW
from tests.support.databases import on_postgresql, on_sqlite
from tests.support.statements import counted_statements
from tracker.db import Database
from tracker.domain.identity import Role
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.settling import settle
from tracker.services.ledger.verifying import verify_totals
from tracker.services.standings import Doer
from tracker.services.transitions import accept, accept_sheets

BUDGET = 15
SUBMIT_BUDGET = 30


@pytest.mark.parametrize("codes", [("enrolments",), ("enrolments", "members", "coverage", "sites")])
def test_accepts_and_folds_in_fifteen_statements(fresh_database: Database, codes: tuple[str, ...]) -> None:
    with fresh_database.session() as session:
        world = World(session, made=only(*codes))
        world.hand_in()
        world.sign()
        try_fold(session, NOW)
        seen, reviewer = world.seen(), world.person(Role.REVIEWER, "330200")
        session.commit()
    with fresh_database.session() as session, counted_statements(fresh_database) as statements:
        accept(session, seen, Doer(reviewer, NOW))
        settle(fresh_database, session, lambda: NOW)
    assert len(statements) <= BUDGET, "\n".join(statements)
    with fresh_database.session() as session:
        assert verify_totals(session) == []


@on_sqlite
def test_a_hundred_acceptances_are_right_at_the_province_after_each(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        crowd = Crowd(session, units=100)
        session.commit()
    began = time.perf_counter()
    for at, (unit, seen) in enumerate(crowd.seen.items(), 1):
        with fresh_database.session() as session:
            accept(session, seen, Doer(crowd.reviewer, NOW))
            settle(fresh_database, session, lambda: NOW)
        with fresh_database.read_session() as session:
            assert crowd.totals(session) == (at * 10, at * 10), unit
    assert time.perf_counter() - began < 60
    with fresh_database.session() as session:
        assert verify_totals(session) == []


def test_a_hundred_acceptances_together_are_right_at_the_province(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        crowd = Crowd(session, units=100)
        session.commit()
    with fresh_database.session() as session:
        accept_sheets(session, list(crowd.seen.values()), Doer(crowd.reviewer, NOW))
        settle(fresh_database, session, lambda: NOW)
    with fresh_database.session() as session:
        assert crowd.totals(session) == (1_000, 1_000)
        assert verify_totals(session) == []


@on_postgresql
def test_sixteen_reviewers_at_once_never_deadlock(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        crowd = Crowd(session, units=64)
        session.commit()
    work = list(crowd.seen.values())
    outcomes: list[BaseException] = []
    barrier = threading.Barrier(16)

    def run(number: int) -> None:
        barrier.wait()
        try:
            for seen in work[number::16]:
                with fresh_database.session() as session:
                    accept(session, seen, Doer(crowd.reviewer, NOW))
                    settle(fresh_database, session, lambda: NOW)
        except BaseException as error:
            outcomes.append(error)
            raise

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == []
    with fresh_database.session() as session:
        while try_fold(session, NOW) is not None:
            session.commit()
        assert crowd.totals(session) == (640, 640)
        assert verify_totals(session) == []


def test_hands_in_a_sheet_of_any_size_in_thirty_statements(fresh_database: Database) -> None:
    """Eight reports here, ten with thirty lines in the bench: none costs a statement of its own."""
    with fresh_database.session() as session:
        world = World(session)
        reporter = world.person(Role.REPORTER, "330203")
        world.save_lines(PLAIN, by=reporter)
        try_fold(session, NOW)
        session.commit()
    with fresh_database.session() as session:
        world = World.again(session)
        with counted_statements(fresh_database) as statements:
            world.submit(by=reporter)
            settle(fresh_database, session, lambda: NOW)
    submitted = [one for one in statements if 'INTO "submission"' in one]
    assert (len(submitted), len(statements) <= SUBMIT_BUDGET) == (1, True), "\n".join(statements)
    with fresh_database.session() as session:
        assert verify_totals(session) == []
