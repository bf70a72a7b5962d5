"""No act on a report looks through what grows with the province: its tree, its targets, its reports, its sums."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories.districts import World
from tests.support.databases import on_sqlite
from tests.support.plans import SCAN, WHOLE, noted_plans
from tracker.db import Database
from tracker.services.effects import effects_of
from tracker.services.ledger.folding import try_fold

pytestmark = on_sqlite
ACTS: dict[str, Callable[[World], object]] = {
    "handing in": lambda world: world.hand_in(),
    "signing": lambda world: world.sign(),
    "looking at the effects": lambda world: effects_of(world.session, world.sheet(), world.sheet().reports),
    "accepting": lambda world: world.accept(),
    "sealing": lambda world: try_fold(world.session, world.sheet().window.opens),
}


def test_no_act_looks_through_what_grows(session: Session, database: Database) -> None:
    world = World(session)
    world.hand_in(code="330205")
    for name, act in ACTS.items():
        session.flush()
        with noted_plans(database.write) as plans:
            act(world)
            session.flush()
        assert plans.found, name
        assert plans.matching(SCAN, WHOLE) == {}, name


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM org_place WHERE edition = 1 AND (org_unit_id IN (1, 2) OR parent_id IN (1, 2))",
        "UPDATE revision SET number = number WHERE (id, version_id) IN (VALUES (1, 1), (2, 1)) AND state = 'draft'",
        "SELECT value FROM target WHERE programme_id = 1",
        "SELECT m1 FROM tally WHERE (parent_id, org_unit_id) IN (VALUES (1, 1)) AND indicator_id = 1",
    ],
)
def test_knows_statements_that_do(session: Session, database: Database, statement: str) -> None:
    with noted_plans(database.write) as plans:
        session.execute(text(statement))
    assert [*plans.matching(SCAN, WHOLE)] == [statement]
