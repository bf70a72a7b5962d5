"""The demonstration on a database of the test's own, and the whole application serving it."""

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
from tests.support.serving import serving
from tracker.app import create_app
from tracker.cli.demo import load_demonstration, sample_accounts
from tracker.db import Database
from tracker.services.ledger.settling import settle
from tracker.worker import run, tasks_of

PASSWORD: Final = "correct horse battery"
DEMO_TODAY: Final = "2018-07-03"


class Demonstration(NamedTuple):
    """A served demonstration: its address, its application and its database; every password is PASSWORD."""

    address: str
    app: Flask
    database: Database


@pytest.fixture
def demonstration(fresh_database: Database, tmp_path: Path) -> Iterator[Demonstration]:
    """The demonstration as ``flask demo load`` makes it, served on loopback with its worker, once for each engine."""
    url = fresh_database.write.url.render_as_string(hide_password=False)
    settings = config.testing({"DEMO_TODAY": DEMO_TODAY, "EVIDENCE_URL": str(tmp_path / "evidence")})
    app = create_app(replace(settings, DATABASE_URL=url))
    app.extensions["database"].dispose()
    app.extensions["database"] = fresh_database
    passwords = {account.login: PASSWORD for account in sample_accounts()}
    with app.app_context(), fresh_database.session() as session:
        load_demonstration(session, passwords=passwords, hasher=app.extensions["passwords"])
        settle(fresh_database, session, lambda: datetime.now(UTC))
    with serving(app) as address, working(app, fresh_database):
        yield Demonstration(address, app, fresh_database)


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
