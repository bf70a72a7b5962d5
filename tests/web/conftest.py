"""Fixtures: the application with planted views, and browsers of people in a small world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.people import MadePerson, signed_in_client
from tests.support.strict_client import StrictClient
from tests.support.web import built, lent
from tests.web.planted import planted_blueprint
from tests.web.world import build_world
from tracker.db import Database
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now


@pytest.fixture(scope="session")
def built_with_plants() -> Flask:
    """The application with the planted views, without a database."""
    return built(planted_blueprint())


@pytest.fixture
def planted_app(built_with_plants: Flask, fresh_database: Database, tmp_path: Path) -> Iterator[Flask]:
    """The application with the planted views on a fresh database, once for each engine."""
    with lent(built_with_plants, fresh_database, tmp_path) as app:
        yield app


@pytest.fixture
def people(planted_app: Flask) -> dict[str, MadePerson]:
    """Everybody of the matrix's world."""
    database: Database = planted_app.extensions["database"]
    with database.session() as session:
        made = build_world(session)
        try_fold(session, real_now())
        session.commit()
    return made


@pytest.fixture
def reviewer(planted_app: Flask, people: dict[str, MadePerson]) -> StrictClient:
    """The city reviewer's browser."""
    return signed_in_client(planted_app, people["reviewer"].account_id)
