"""Fixtures: a small tree, one person with an account, and the account's browser."""

from __future__ import annotations

from typing import Final

import pytest
from flask import Flask

from tests.factories.people import MadePerson, make_person, signed_in_client
from tests.factories.rows import Nested, plant_tree
from tests.support.strict_client import StrictClient
from tracker.db import Database

TREE: Final[Nested] = {"330200": {"330203": {}, "330205": {}}}


@pytest.fixture
def units(app: Flask, fresh_database: Database) -> dict[str, int]:
    """A city and two districts; code → id."""
    with fresh_database.session() as session:
        ids = plant_tree(session, TREE)
        session.commit()
    return ids


@pytest.fixture
def wang(units: dict[str, int], fresh_database: Database) -> MadePerson:
    """A reporter of 330203, login ``wang``."""
    with fresh_database.session() as session:
        person = make_person(session, "reporter", units["330203"], login="wang", name="王芳")
        session.commit()
    return person


@pytest.fixture
def browser(app: Flask, wang: MadePerson) -> StrictClient:
    """A browser signed in as Wang."""
    return signed_in_client(app, wang.account_id)
