"""Every route × method × principal × relation answers as typed in the table, and the matrix can fail."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask

from tests.factories.people import signed_in_client
from tests.support.databases import Copies, on_sqlite
from tests.support.web import app_on
from tests.web.matrix import Cell, address, answered_cells, differing_cells, expected_cells, served_methods
from tests.web.matrix_table import TABLE
from tests.web.world import build_world
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now

pytestmark = on_sqlite  # who gets in is decided before a database is asked; rows are looked for by queries tested on both


class Answers(NamedTuple):
    """The application and what it answered to every cell."""

    app: Flask
    cells: dict[Cell, int]
    reviewer_account_id: int


@pytest.fixture(scope="module")
def answers(database_copies: Copies) -> Iterator[Answers]:
    with database_copies() as database:
        app = app_on(database)
        with database.session() as session:
            people = build_world(session)
            try_fold(session, real_now())
            session.commit()
        yield Answers(app, answered_cells(app, TABLE, people), people["reviewer"].account_id)


def test_answers_every_principal_as_the_table_says(answers: Answers) -> None:
    assert differing_cells(expected_cells(TABLE), answers.cells) == {}


def test_knows_every_route_and_method_the_application_serves(answers: Answers) -> None:
    assert {(line.endpoint, line.method) for line in TABLE} == served_methods(answers.app)


def test_catches_each_of_twenty_cells_flipped_at_random(answers: Answers) -> None:
    seed = random.SystemRandom().randrange(2**32)
    flipped = random.Random(seed).sample(sorted(expected_cells(TABLE)), 20)
    wrong = {
        cell: 403 if cell in flipped and status != 403 else 200 if cell in flipped else status
        for cell, status in expected_cells(TABLE).items()
    }
    assert set(differing_cells(wrong, answers.cells)) == set(flipped), f"seed {seed}"


def test_refuses_every_method_that_a_route_does_not_serve(answers: Answers) -> None:
    client = signed_in_client(answers.app, answers.reviewer_account_id)
    routes = answers.app.url_map.bind("localhost")
    for path in {address(answers.app, line).partition("?")[0] for line in TABLE}:
        served = set(routes.allowed_methods(path))
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - served:
            assert client.open(path, method=method).status_code == 405, f"{method} {path}"


def test_answers_head_like_get(answers: Answers) -> None:
    client = signed_in_client(answers.app, answers.reviewer_account_id)
    for line in TABLE:
        if line.method == "GET":
            path = address(answers.app, line)
            head, full = client.head(path), client.get(path)
            assert (head.status_code, head.data) == (full.status_code, b""), path
            head.close()
            full.close()
