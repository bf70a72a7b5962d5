"""No page looks through a table that grows with the province: SQLite tells how it would find the rows."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from tests.features.dashboards.test_overview import ADDRESS, client_of
from tests.support.databases import on_sqlite
from tests.support.plans import SCAN, noted_plans
from tracker.db import Database

PAGES = (
    ADDRESS,
    f"{ADDRESS}?at=330203",
    f"{ADDRESS}/pledges/1",
    f"{ADDRESS}/compare",
    f"{ADDRESS}/trail?indicator=enrolments",
    f"{ADDRESS}/trail?indicator=enrolments&reports=1",
    f"{ADDRESS}/trail?indicator=enrolments&at=330203",
)


@on_sqlite
@pytest.mark.parametrize("role", ["reviewer", "viewer"])
def test_no_page_looks_through_what_grows(app: Flask, fresh_database: Database, role: str) -> None:
    client = client_of(app, fresh_database, role, "330200")
    for page in PAGES:
        with noted_plans(fresh_database.read) as plans:
            assert client.get(page).status_code == 200
        assert plans.found, page
        assert plans.matching(SCAN) == {}, page


@on_sqlite
def test_knows_a_statement_that_does(fresh_database: Database) -> None:
    with noted_plans(fresh_database.read) as plans, fresh_database.read.connect() as connection:
        connection.execute(text("SELECT count(*) FROM revision WHERE state = 'signed'"))
        connection.execute(text("SELECT 1 FROM revision WHERE report_id = 1"))
    assert [*plans.matching(SCAN)] == ["SELECT count(*) FROM revision WHERE state = 'signed'"]
