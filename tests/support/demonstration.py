"""Both stories of the demonstration: the first half served on a database of the test's own, and the year to be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from flask import Flask

import config
from tests.support.databases import Copies
from tests.support.serving import serving
from tracker.app import create_app
from tracker.cli.demonstration.half_year import load_first_half
from tracker.cli.demonstration.people import first_accounts
from tracker.db import Database
from tracker.services.ledger.settling import settle
from tracker.worker import run, tasks_of

PASSWORD: Final = "correct horse battery"
DEMO_TODAY: Final = "2018-07-03"
LIVING_TODAY: Final = "2018-08-08"


class Demonstration(NamedTuple):
    """A served demonstration: its address, its application and its database; every password is PASSWORD."""

    address: str
    app: Flask
    database: Database


@pytest.fixture
def demonstration(fresh_database: Database, tmp_path: Path) -> Iterator[Demonstration]:
    """The first half of 2018 with June half reported, served on loopback with its worker, once for each engine."""
    app = app_on(fresh_database, today=DEMO_TODAY, evidence=tmp_path / "evidence")
    passwords = {account.login: PASSWORD for account in first_accounts()}
    hasher, now = app.extensions["passwords"], datetime.now(UTC)
    with app.app_context(), fresh_database.session() as session:
        today = app.config["DEMO_TODAY"]
        load_first_half(session, today=today, now=now, passwords=passwords, hasher=hasher)
        settle(fresh_database, session, lambda: datetime.now(UTC))
    with serving(app) as address, working(app, fresh_database):
        yield Demonstration(address, app, fresh_database)


def app_on(database: Database, *, today: str, evidence: Path) -> Flask:
    """The application over a database of the tests, its calendar to be set to that day."""
    url = database.write.url.render_as_string(hide_password=False)
    settings = config.testing({"DEMO_TODAY": today, "EVIDENCE_URL": str(evidence)})
    app = create_app(replace(settings, DATABASE_URL=url))
    app.extensions["database"].dispose()
    app.extensions["database"] = database
    return app


class LivingYear(NamedTuple):
    """The year as ``flask demo load`` makes it: what the command said, its file of accounts, and the database."""

    app: Flask
    database: Database
    accounts: Path
    said: str


@pytest.fixture(scope="session")
def living_year(database_copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingYear]:
    """Loaded once for each engine and test process; tests read it and change nothing."""
    folder = tmp_path_factory.mktemp("living-year")
    with database_copies() as database:
        app = app_on(database, today=LIVING_TODAY, evidence=folder / "evidence")
        file = folder / "accounts.csv"
        done = app.test_cli_runner().invoke(args=["demo", "load", "--accounts", str(file)])
        assert done.exit_code == 0, done.output
        yield LivingYear(app, database, file, done.output)


@contextmanager
def working(app: Flask, database: Database) -> Iterator[None]:
    """The background process beside the server, as a thread of this one."""
    stop = threading.Event()
    options = {"clock": lambda: datetime.now(UTC), "tasks": tasks_of(app.config)}
    thread = threading.Thread(target=run, args=(database, stop), kwargs=options)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
