"""A generated province is complete, and its totals are proven."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from tests.support.databases import on_sqlite
from tracker.cli.sample_province import KEY, Shape, list_text, places
from tracker.db import Database
from tracker.models.ledger import Posting
from tracker.models.org_unit import OrgUnit
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load
from tracker.services.tree import get_unit

SMALL = ("bench", "generate", "--units", "12", "--indicators", "3", "--periods", "1")


def test_generates_a_province_whose_totals_are_proven(app: Flask, fresh_database: Database) -> None:
    done = app.test_cli_runner().invoke(args=list(SMALL))
    assert done.exit_code == 0, done.output
    assert KEY in done.output
    with fresh_database.read_session() as session:
        assert verify_totals(session) == []
        head = find_head(session, KEY)
        assert head is not None
        table = load(session, head, get_unit(session, head.publisher_id), with_branches=True)
        counted = [(one.totals.assigned, one.totals.reported) for one in table.pledges[0].indicators]
        assert counted == [(12, 12), (10, 10), (10, 2)], "cities with nobody below them answer themselves"
        assert len(table.branches) == 10


@on_sqlite
def test_refuses_a_database_that_is_not_empty(app: Flask, fresh_database: Database) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=list(SMALL))
    again = runner.invoke(args=list(SMALL))
    assert again.exit_code == 1
    assert "空的数据库" in again.output


@on_sqlite
def test_makes_one_posting_for_each_city_and_step(app: Flask, fresh_database: Database) -> None:
    app.test_cli_runner().invoke(args=list(SMALL))
    with fresh_database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(OrgUnit)) == 23
        assert session.scalar(select(func.count()).select_from(Posting)) == 22


def test_has_every_level_where_units_are_many() -> None:
    found = [place.level for place in places(Shape(units=250))]
    counts = {level: found.count(level) for level in dict.fromkeys(found)}
    assert counts == {"province": 1, "city": 11, "county": 90, "township": 90, "grassroots": 250}
    assert len({place.code for place in places(Shape(units=250))}) == len(found)
    assert list_text(Shape(units=250)) == list_text(Shape(units=250))
