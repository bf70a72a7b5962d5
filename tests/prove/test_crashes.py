"""A process killed in the middle of accepting: nothing answered is lost, nothing half done stays, the worker ends it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select

from tests.factories.crowds import Crowd
from tests.factories.rows import NOW
from tests.support.databases import on_postgresql
from tests.support.kept_results import kept_result
from tracker.db import Database
from tracker.models.report import Revision
from tracker.services.ledger.folding import has_open
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals
from tracker.worker import fold_leftovers

ROOT: Final = Path(__file__).resolve().parents[2]
KILLED: Final = -9
ROUNDS: Final = 8
SEED: Final = 20181120


def planted(database: Database, units: int) -> tuple[Crowd, list[int]]:
    """A crowd of signed reports, committed, and their revisions."""
    with database.session() as session:
        crowd = Crowd(session, units=units)
        session.commit()
    return crowd, [seen[0].revision_id for seen in crowd.seen.values()]


def start(database: Database, moment: str, revisions: list[int]) -> subprocess.Popen[str]:
    """The process that accepts them."""
    url = database.write.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.prove.crashing", url, moment],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write("".join(f"{one}\n" for one in revisions))
    process.stdin.flush()
    return process


def answered(process: subprocess.Popen[str]) -> list[int]:
    """The revisions whose acceptance was answered before the process ended; a torn last line is none."""
    assert process.stdout is not None
    lines = process.stdout.read().splitlines(keepends=True)
    process.wait()
    assert process.stdin is not None
    process.stdin.close()
    process.stdout.close()
    return [int(line) for line in lines if line.endswith("\n")]


def accepted(database: Database) -> set[int]:
    """What is accepted in the database."""
    with database.read_session() as session:
        return set(session.scalars(select(Revision.id).where(Revision.state == "accepted")))


def total(database: Database, crowd: Crowd) -> int:
    """What the province's totals say, in reports."""
    with database.read_session() as session:
        city, province = crowd.totals(session)
    assert city == province
    return city // 10


def fold_all(database: Database) -> None:
    """What the worker does each second."""
    while fold_leftovers(database, NOW) is not None:
        pass


def assert_whole(database: Database, crowd: Crowd) -> None:
    """Everything accepted is in the totals, and history stands."""
    assert total(database, crowd) == len(accepted(database))
    with database.session() as session:
        assert not has_open(session)
        assert verify_totals(session) == []
        assert verify_history(session) == []


@on_postgresql
def test_the_worker_folds_what_a_killed_process_left(fresh_database: Database) -> None:
    with kept_result("killed-between-commit-and-fold") as noted:
        crowd, revisions = planted(fresh_database, 5)
        process = start(fresh_database, "between", revisions)
        told = answered(process)
        assert process.returncode == KILLED
        assert (told, len(accepted(fresh_database))) == (revisions[:2], 3)
        # the planted fault: without the worker the third is accepted and in no total
        noted["missing_before_the_worker"] = 3 - total(fresh_database, crowd)
        assert noted["missing_before_the_worker"] == 1
        with pytest.raises(AssertionError):
            assert_whole(fresh_database, crowd)
        fold_all(fresh_database)
        assert_whole(fresh_database, crowd)


def test_a_process_killed_before_its_commit_leaves_nothing(fresh_database: Database) -> None:
    crowd, revisions = planted(fresh_database, 5)
    process = start(fresh_database, "before", revisions)
    assert answered(process) == revisions[:2]
    assert process.returncode == KILLED
    assert accepted(fresh_database) == set(revisions[:2])
    fold_all(fresh_database)
    assert_whole(fresh_database, crowd)


def test_nothing_answered_is_lost_at_any_moment(fresh_database: Database, engine_name: str) -> None:
    """Killed from outside at random moments, again and again over the same reports."""
    chance = random.Random(SEED)
    with kept_result(f"killed-at-random-{engine_name}", seed=SEED, rounds=ROUNDS) as noted:
        crowd, revisions = planted(fresh_database, ROUNDS * 8)
        noted["answered"], noted["unanswered_but_done"] = 0, 0
        for _ in range(ROUNDS):
            waiting = [one for one in revisions if one not in accepted(fresh_database)]
            before = accepted(fresh_database)
            process = start(fresh_database, "never", waiting)
            assert process.stdout is not None
            first = process.stdout.readline()  # it works now
            time.sleep(chance.random() * 0.25)
            process.kill()
            told = [int(first), *answered(process)]
            done = accepted(fresh_database) - before
            assert set(told) <= done, "an answered acceptance is lost"
            assert len(done) - len(told) in (0, 1), "more than the one in flight"
            fold_all(fresh_database)
            assert_whole(fresh_database, crowd)
            noted["answered"] += len(told)
            noted["unanswered_but_done"] += len(done) - len(told)
