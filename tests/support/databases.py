"""Fixtures: each test that asks for a database runs once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.postgresql import Cluster, running_cluster
from tests.support.recycling import CopyPool
from tracker.cli.database import upgrade_database
from tracker.db import POSTGRESQL, SQLITE, Database, open_database

ENGINES = (SQLITE, POSTGRESQL)
on_sqlite = pytest.mark.parametrize("engine_name", [SQLITE], indirect=True)
on_postgresql = pytest.mark.parametrize("engine_name", [POSTGRESQL], indirect=True)
Copies = Callable[[], AbstractContextManager[Database]]


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """``sqlite`` or ``postgresql``: asking for it, directly or not, runs the test once for each."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """The private cluster of this test process."""
    with running_cluster() as cluster:
        yield cluster


@dataclass
class Engines:
    """The engines of this test process by address: what they compiled is kept from one test to the next."""

    opened: dict[str, Database] = field(default_factory=dict)

    @contextmanager
    def open(self, url: str) -> Iterator[Database]:
        """A database with a memory of its own over the engines of this address, closed after the block."""
        kept = self.opened.setdefault(url, open_database(url))
        try:
            yield Database(write=kept.write, read=kept.read)
        finally:
            kept.dispose()


@pytest.fixture(scope="session")
def engines() -> Engines:
    """Statements compile once for a test process instead of once for each test."""
    return Engines()


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory, engines: Engines) -> Copies:
    """Makes migrated SQLite databases by copying one file, each to the first place that is free."""
    folder = tmp_path_factory.mktemp("sqlite")
    template = folder / "template.db"
    _migrate(f"sqlite:///{template}")
    numbers, free = itertools.count(), list[Path]()

    @contextmanager
    def copy() -> Iterator[Database]:
        file = free.pop() if free else folder / f"{next(numbers)}.db"
        shutil.copyfile(template, file)
        try:
            with engines.open(f"sqlite:///{file}") as database:
                yield database
        finally:
            _remove(file)
            free.append(file)

    return copy


@pytest.fixture(scope="session")
def postgresql_copies(postgresql_cluster: Cluster, engines: Engines) -> Copies:
    """Makes migrated PostgreSQL databases by copying one database, and lends them again once emptied."""
    template = postgresql_cluster.create()
    _migrate(postgresql_cluster.url(template))
    pool = CopyPool(postgresql_cluster, template)

    @contextmanager
    def copy() -> Iterator[Database]:
        with pool.lend() as name, engines.open(postgresql_cluster.url(name)) as database:
            yield database

    return copy


@pytest.fixture(scope="session")
def database_copies(engine_name: str, request: pytest.FixtureRequest) -> Copies:
    """Makes migrated databases on the engine this test runs on."""
    copies: Copies = request.getfixturevalue(f"{engine_name}_copies")
    return copies


@pytest.fixture(scope="session")
def database(database_copies: Copies) -> Iterator[Database]:
    """A migrated database shared by all tests of this process: read it, or write through ``session`` only."""
    with database_copies() as shared:
        yield shared


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session whose every change, committed or not, is gone after the test.

    It stands in one outer transaction and commits savepoints, so other connections never see its rows
    (and on SQLite wait for it): threads, other processes and the web app need ``fresh_database``.
    """
    with database.write.connect() as connection:
        outer = connection.begin()
        joined = Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        with joined:
            yield joined
        outer.rollback()


@pytest.fixture
def fresh_database(database_copies: Copies) -> Iterator[Database]:
    """A migrated database of this test's own, for real commits, threads and processes."""
    with database_copies() as own:
        yield own


@pytest.fixture
def empty_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with nothing in it, for tests of migrations."""
    if engine_name == SQLITE:
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


def _migrate(url: str) -> None:
    template = open_database(url)
    upgrade_database(template.write)
    template.dispose()


def _remove(file: Path) -> None:
    for part in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        part.unlink(missing_ok=True)
