"""Fixtures: everybody who has to do with a bulletin."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.ningbo import plant_ningbo
from tests.factories.people import make_person, signed_in_client
from tests.features.bulletins.by_page import Browsers
from tracker.db import Database


@pytest.fixture
def browsers(app: Flask) -> Browsers:
    """Everybody who has to do with the bulletin, signed in."""
    database: Database = app.extensions["database"]
    with database.session() as session:
        plant_ningbo(session)
        people = {
            "drafter": make_person(session, "reviewer", "330200", name="杨立群"),
            "signer": make_person(session, "viewer", "330200", name="王建国"),
            "auditor": make_person(session, "auditor", "330200"),
            "district": make_person(session, "reporter", "330203"),
        }
        session.commit()
    return {name: signed_in_client(app, person.account_id) for name, person in people.items()}
