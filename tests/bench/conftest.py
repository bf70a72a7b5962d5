"""Fixtures: the provinces that are measured on, and the results that are printed and kept at the end."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.peer import PEER, Peer
from tests.support.databases import Copies
from tests.support.measuring import Results
from tracker.cli.sample_province import Shape, generate
from tracker.db import Database
from tracker.services.ledger.verifying import verify_totals

KEPT = Path(__file__).resolve().parents[2] / "build" / "bench.json"
SMALL_UNITS = 1_400
LARGE_UNITS = {"small": 10_000, "full": 150_000}


@pytest.fixture(scope="session")
def large_units() -> int:
    """How many units the large province has: by the environment's SIZE, small or full."""
    return LARGE_UNITS[os.environ.get("SIZE", "small")]


@pytest.fixture(scope="session")
def results(pytestconfig: pytest.Config) -> Iterator[Results]:
    """What this run has measured; printed as a table and kept as JSON at its end."""
    found = Results()
    yield found
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    found.write(KEPT, machine=machine)
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write(f"\n{machine}\n\n{found.table()}\n\n")


def _province(copies: Copies, shape: Shape) -> Iterator[Database]:
    with copies() as database:
        generate(database, shape, say=lambda _step: None)
        analyse(database)
        yield database


def analyse(database: Database) -> None:
    """Let the engine look at its tables, as it does by itself in service."""
    with database.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def prove(database: Database) -> None:
    """The only thing a measurement fails on: totals that are not what the entries add up to."""
    with database.read_session() as session:
        assert verify_totals(session) == []


@pytest.fixture(scope="session")
def small(database_copies: Copies) -> Iterator[Database]:
    """A province of 1,400 reporting units."""
    yield from _province(database_copies, Shape(units=SMALL_UNITS))


@pytest.fixture(scope="session")
def large(database_copies: Copies, large_units: int) -> Iterator[Database]:
    """A province of many more."""
    yield from _province(database_copies, Shape(units=large_units))


@pytest.fixture(scope="module")
def peer(database_copies: Copies) -> Iterator[Peer]:
    """111 units, 30 indicators, 4 quarters, 3,000 accepted revisions."""
    for database in _province(database_copies, PEER):
        yield Peer(database)
