"""Fixtures: the whole application on a database of the test's own, and a visitor's browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

import config
from tests.support.strict_client import StrictClient
from tracker.app import create_app
from tracker.db import Database
from tracker.services.evidence_store import open_store


def app_on(
    database: Database, *more: Blueprint, evidence: Path | None = None, limits: str = "memory://"
) -> Flask:
    """The application on this database, with further blueprints when a test plants them, and a place for files.

    ``limits`` is where visits are counted.
    """
    url = database.write.url.render_as_string(hide_password=False)
    given = replace(config.testing({}), DATABASE_URL=url, EVIDENCE_URL=str(evidence or ""))
    settings = replace(given, RATE_LIMIT_URL=limits)
    app = create_app(settings, more=more)
    app.extensions["database"].dispose()
    app.extensions["database"] = database
    app.test_client_class = StrictClient
    app.jinja_env.bytecode_cache = COMPILED
    return app


class CompiledTemplates(BytecodeCache):
    """Templates as this process compiled them before: each test has an application of its own to render with."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled from the same source; Jinja compares its digest."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next application."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


@pytest.fixture(scope="session")
def built_app() -> Flask:
    """The application without a database."""
    return built()


def built(*more: Blueprint) -> Flask:
    """The application without a database, to be lent to many tests: binding its routes takes longer than most of them."""
    app = create_app(replace(config.testing({}), DATABASE_URL="sqlite:///nowhere.db"), more=more)
    app.extensions["database"].dispose()
    app.test_client_class = StrictClient
    app.jinja_env.bytecode_cache = COMPILED
    return app


@contextmanager
def lent(app: Flask, database: Database, folder: Path) -> Iterator[Flask]:
    """An application of the whole test process, for one test on a database and an empty folder of its own.

    Settings and extensions are as they were after each test; what hangs itself into the application uses ``app_on``.
    """
    settings, extensions = dict(app.config), dict(app.extensions)
    app.config["DATABASE_URL"] = database.write.url.render_as_string(hide_password=False)
    app.config["EVIDENCE_URL"] = str(folder / "evidence")
    app.extensions["database"] = database
    app.extensions["evidence_store"] = open_store(app.config["EVIDENCE_URL"])
    yield app
    for kept, now in ((settings, app.config), (extensions, app.extensions)):
        now.clear()
        now.update(kept)
    for limiter in app.extensions["limiter"]:
        limiter.reset()


@pytest.fixture
def app(built_app: Flask, fresh_database: Database, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, once for each engine."""
    with lent(built_app, fresh_database, tmp_path) as app:
        yield app


@pytest.fixture
def visitor(app: Flask) -> StrictClient:
    """A browser nobody has signed in with."""
    return StrictClient(app, use_cookies=True)
