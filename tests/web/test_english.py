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
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now

pytestmark = on_sqlite


class World(NamedTuple):
    """The application, its people, and the Chinese that is data."""

    app: Flask
    people: dict[str, MadePerson]
    data: set[str]


@pytest.fixture(scope="module")
def world(database_copies: Copies) -> Iterator[World]:
    compile_catalogue(ROOT)
    with database_copies() as database:
        app = app_on(database)
        with database.session() as session:
            people = build_world(session)
            try_fold(session, real_now())
            session.commit()
            data = data_of(session)
        yield World(app, people, data)


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_leaves_no_chinese_of_ours_on_a_page(world: World, principal: str) -> None:
    person = world.people.get(principal)
    client = StrictClient(world.app, use_cookies=True)
    if person is not None:
        client = signed_in_client(world.app, person.account_id)
    client.get("/login?lang=en")
    found = []
    for line in (line for line in TABLE if line.method == "GET"):
        response = client.get(address(world.app, line))
        if response.mimetype == "text/html":
            page = f"{line.endpoint} {response.status_code}"
            found += [f"{page}: {left}" for left in chinese_of(response.text, world.data)]
        response.close()
    assert not found, "\n".join(dict.fromkeys(found))
