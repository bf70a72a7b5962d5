"""Fixtures: the whole application on a database of the test's own, and a visitor's browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Blueprint, Flask

import config
from tests.support.strict_client import StrictClient
from tracker.app import create_app
from tracker.db import Database


def app_on(database: Database, *more: Blueprint, evidence: Path | None = None) -> Flask:
    """The application on this database, with further blueprints when a test plants them, and a place for files."""
    url = database.write.url.render_as_string(hide_password=False)
    settings = replace(config.testing({}), DATABASE_URL=url, EVIDENCE_URL=str(evidence or ""))
    app = create_app(settings, more=more)
    app.extensions["database"].dispose()
    app.extensions["database"] = database
    app.test_client_class = StrictClient
    return app


@pytest.fixture
def app(fresh_database: Database, tmp_path: Path) -> Flask:
    """The application on a fresh database, once for each engine, with an empty folder for evidence."""
    return app_on(fresh_database, evidence=tmp_path / "evidence")


@pytest.fixture
def visitor(app: Flask) -> StrictClient:
    """A browser nobody has signed in with."""
    return StrictClient(app, use_cookies=True)
