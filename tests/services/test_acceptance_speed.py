"""An acceptance and its fold stay within their statements, and a hundred of them leave the right total at the top."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import World, only
from tests.factories.rows import NOW, Nested, align, plant_indicator, plant_list, plant_tree, put_targets
from tests.support.databases import on_postgresql, on_sqlite
from tests.support.statements import counted_statements
from tracker.db import Database
from tracker.domain.identity import Identity, Role
from tracker.domain.messages import Refusal
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.ledger import MONTHS, Tally
from tracker.models.programme import Programme
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.settling import settle
from tracker.services.ledger.verifying import verify_totals
from tracker.services.revising import Verdict, correct, revoke, undo, verdict_of
from tracker.services.standings import Doer, Seen
from tracker.services.transitions import accept

BUDGET = 15
UNCOUNTED = 3  # entries, tally and days go in by the driver's own executemany or COPY, which the counter does not see


@on_sqlite
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
    assert len(statements) + UNCOUNTED <= BUDGET, "\n".join(statements)
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
        for seen in crowd.seen.values():
            accept(session, seen, Doer(crowd.reviewer, NOW))
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


@on_postgresql
@pytest.mark.parametrize("turn", range(4))
def test_of_an_undo_and_a_correction_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_accepted(fresh_database)
    outcomes = race(
        fresh_database,
        lambda session: undo(session, given.verdict, Doer(given.reviewer, NOW)),
        lambda session: correct(session, given.versions, Doer(given.reporter, NOW), reason="漏登"),
    )
    assert sorted(outcomes) == ["", "MovedOn"]
    prove(fresh_database)


@on_postgresql
@pytest.mark.parametrize("turn", range(4))
def test_of_a_correction_and_a_revocation_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_accepted(fresh_database)
    by = Doer(given.reviewer, NOW)
    outcomes = race(
        fresh_database,
        lambda session: revoke(session, given.versions, by, reason="重报", answer_by=NOW),
        lambda session: correct(session, given.versions, Doer(given.reporter, NOW), reason="漏登"),
    )
    assert sorted(outcomes) == ["", "MovedOn"]
    prove(fresh_database)


@on_postgresql
@pytest.mark.parametrize("turn", range(4))
def test_of_an_undo_and_a_revocation_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_accepted(fresh_database)
    by = Doer(given.reviewer, NOW)
    outcomes = race(
        fresh_database,
        lambda session: undo(session, given.verdict, by),
        lambda session: revoke(session, given.versions, by, reason="重报", answer_by=NOW),
    )
    assert sorted(outcomes) == ["", "MovedOn"]
    prove(fresh_database)


@on_postgresql
@pytest.mark.parametrize("turn", range(4))
def test_of_two_undos_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_accepted(fresh_database)
    acts = [lambda session: undo(session, given.verdict, Doer(given.reviewer, NOW))] * 2
    assert sorted(race(fresh_database, *acts)) == ["", "MovedOn"]
    prove(fresh_database)


class Crowd:
    """A province with an aligned list over a city with many units, each with a signed report of 10."""

    def __init__(self, session: Session, *, units: int) -> None:
        codes = [f"3302{number:05}" for number in range(units)]
        tree: Nested = {"330000": {"330200": {code: {} for code in codes}}}
        ids = plant_tree(session, tree)
        self.world = _Small(session, ids, plant_list(session, ids["330200"]))
        city = plant_indicator(session, self.world.programme, "enrolments")
        province = plant_list(session, ids["330000"], key="330000-2018")
        self.fed = plant_indicator(session, province, "all_enrolments")
        align(session, city, self.fed)
        put_targets(session, city, {ids[code]: 1_000 for code in codes})
        put_targets(session, self.fed, {ids["330200"]: 100_000})
        self.world.indicators = {"enrolments": city}
        self.reviewer: Identity = self.world.person(Role.REVIEWER, "330200")
        self.seen: dict[str, list[Seen]] = {}
        for code in codes:
            self.world.hand_in(code=code, enrolments=TypedLine(value="10"))
            self.world.sign(code=code)
            self.seen[code] = self.world.seen(code)
        while try_fold(session, NOW) is not None:
            session.flush()
        self.city, self.root = ids["330200"], ids["330000"]
        self.ids = (city.id, self.fed.id)

    def totals(self, session: Session) -> tuple[int, int]:
        """What the city's list has at the city, and the province's list at the province."""
        return (
            total(session, self.ids[0], self.root, self.city),
            total(session, self.ids[1], 0, self.root),
        )


class _Small(World):
    """The world's own verbs over another tree."""

    def __init__(self, session: Session, units: dict[str, int], programme: Programme) -> None:
        self.session = session
        self.units = units
        self.programme = programme
        self.people = {}
        session.flush()


class Given(NamedTuple):
    """An accepted report and everybody who could act on it."""

    world: World
    verdict: Verdict
    versions: dict[int, int]
    reviewer: Identity
    reporter: Identity


def given_accepted(database: Database) -> Given:
    """One accepted report, committed."""
    with database.session() as session:
        world = World(session, made=only("enrolments"))
        world.hand_in()
        world.sign()
        reviewer = world.person(Role.REVIEWER, "330200")
        verdict = verdict_of(accept(session, world.seen(), Doer(reviewer, NOW)))
        reporter = world.person(Role.REPORTER, "330203")
        session.commit()
    return Given(world, verdict, dict(verdict.versions), reviewer, reporter)


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


def prove(database: Database) -> None:
    """Everything folds and the totals are those of the entries."""
    with database.session() as session:
        while try_fold(session, NOW) is not None:
            session.commit()
        assert verify_totals(session) == []


def total(session: Session, indicator_id: int, parent_id: int, unit_id: int) -> int:
    """An indicator's accepted amount of the year at a unit."""
    wanted = select(*(getattr(Tally, month) for month in MONTHS)).where(
        Tally.indicator_id == indicator_id,
        Tally.parent_id == parent_id,
        Tally.org_unit_id == unit_id,
        Tally.basis == "accepted",
        Tally.part == "amount",
    )
    row = session.execute(wanted).one_or_none()
    return 0 if row is None else sum(row)
