"""Every page of the matrix, as everybody who may open it, speaks English when asked to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask

from tests.factories.people import MadePerson, signed_in_client
from tests.support.databases import Copies, on_sqlite
from tests.support.strict_client import StrictClient
from tests.support.web import app_on
from tests.web.english import chinese_of, data_of
from tests.web.matrix import address
from tests.web.matrix_table import TABLE
from tests.web.world import PRINCIPALS, build_world
from tools.words import ROOT, compile_catalogue
from tracker.db import Database
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now

pytestmark = on_sqlite

SAMPLES = "gallery.show"
"""Components with invented data that is not in the database; for development only."""


class World(NamedTuple):
    """The application and its people."""

    app: Flask
    people: dict[str, MadePerson]


@pytest.fixture(scope="module")
def world(database_copies: Copies) -> Iterator[World]:
    compile_catalogue(ROOT)
    with database_copies() as database:
        app = app_on(database)
        with database.session() as session:
            people = build_world(session)
            try_fold(session, real_now())
            session.commit()
        yield World(app, people)


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_leaves_no_chinese_of_ours_on_a_page(world: World, principal: str) -> None:
    person = world.people.get(principal)
    client = StrictClient(world.app, use_cookies=True)
    if person is not None:
        client = signed_in_client(world.app, person.account_id)
    client.get("/login?lang=en")
    pages = dict(_pages(world.app, client))
    database: Database = world.app.extensions["database"]
    with database.session() as session:
        data = data_of(session)
    found = [f"{name}: {left}" for name, page in pages.items() for left in chinese_of(page, data)]
    assert not found, "\n".join(found)


def _pages(app: Flask, client: StrictClient) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(
        line for line in TABLE if line.method == "GET" and line.endpoint != SAMPLES
    ):
        response = client.get(address(app, line))
        if response.mimetype == "text/html":
            yield f"{number} {line.endpoint} {response.status_code}", response.text
        response.close()


def test_knows_every_text_of_the_database_as_data(world: World) -> None:
    database: Database = world.app.extensions["database"]
    with database.session() as session:
        assert {"人次", "名册不符"} <= data_of(session)
