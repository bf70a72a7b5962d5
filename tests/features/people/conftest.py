"""Fixtures: a city and two districts with their admins, and an application that has somewhere to send letters."""

from __future__ import annotations

from typing import Final, NamedTuple

import pytest
from flask import Flask

from tests.factories.people import MadePerson, make_person, proven_client, signed_in_client
from tests.factories.rows import Nested, plant_indicator, plant_list, plant_tree
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.models.account import SecondFactor

TREE: Final[Nested] = {"330000": {"330200": {"330203": {}, "330205": {}}, "330500": {}}}
PEOPLE: Final = {
    "chief": ("admin", "330200", "周主管"),
    "second": ("admin", "330200", "吴主管"),
    "local": ("admin", "330203", "郑主管"),
    "far": ("admin", "330500", "湖主管"),
    "reviewer": ("reviewer", "330200", "孙审核"),
    "wang": ("reporter", "330203", "王芳"),
    "li": ("approver", "330203", "李强"),
}


class Place(NamedTuple):
    """The application and who is there, by login."""

    app: Flask
    database: Database
    people: dict[str, MadePerson]

    def browser(self, login: str) -> StrictClient:
        """A browser of theirs, past all that the profile in force asks at sign-in."""
        number = self.number(login)
        with self.database.read_session() as session:
            has_factor = session.get(SecondFactor, number) is not None
        is_asked = has_factor or self.app.config["POLICY"] == "mlps"
        return (proven_client if is_asked else signed_in_client)(self.app, number)

    def number(self, login: str) -> int:
        """Their account."""
        return self.people[login].account_id


@pytest.fixture
def place(app: Flask, fresh_database: Database) -> Place:
    """The city's people; letters would leave by an address nobody listens on."""
    app.config["MAIL_URL"] = "smtp://127.0.0.1:9"
    with fresh_database.session() as session:
        units = plant_tree(session, TREE)
        programme = plant_list(session, units["330200"])
        plant_indicator(session, programme, "enrolments")
        people = {
            login: make_person(session, role, units[code], login=login, name=name)
            for login, (role, code, name) in PEOPLE.items()
        }
        session.commit()
    return Place(app, fresh_database, people)
