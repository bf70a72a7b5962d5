"""No page looks through a table that grows with the province: SQLite tells how it would find the rows."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.bench.calls import noted_statements
from tests.features.dashboards.test_overview import ADDRESS, client_of
from tests.support.databases import on_sqlite
from tracker.db import Database

GROWING = (
    "acceptance|audit_entry|entry|line|org_place|org_unit|posting|report|revision|submission|tally|target"
)
SCAN = re.compile(rf"SCAN ({GROWING})(?! USING (COVERING )?INDEX (ix_\w+_unsealed|uq_revision_open))\b")
PAGES = (
    ADDRESS,
    f"{ADDRESS}?at=330203",
    f"{ADDRESS}/pledges/1",
    f"{ADDRESS}/compare",
    f"{ADDRESS}/trail?indicator=enrolments",
    f"{ADDRESS}/trail?indicator=enrolments&reports=1",
    f"{ADDRESS}/trail?indicator=enrolments&at=330203",
)


def scans(database: Database, statement: str, parameters: object) -> list[str]:
    with database.read.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
        return [row.detail for row in plan if SCAN.match(row.detail)]


@on_sqlite
@pytest.mark.parametrize("role", ["reviewer", "viewer"])
def test_no_page_looks_through_what_grows(app: Flask, fresh_database: Database, role: str) -> None:
    client = client_of(app, fresh_database, role, "330200")
    for page in PAGES:
        with noted_statements(fresh_database.read) as sent:
            assert client.get(page).status_code == 200
        found = [
            (page, scan, statement)
            for statement, asked in sent
            for scan in scans(fresh_database, statement, asked)
        ]
        assert found == []


@on_sqlite
def test_knows_a_statement_that_does(fresh_database: Database) -> None:
    assert scans(fresh_database, "SELECT count(*) FROM revision WHERE state = ?", ("signed",))
    assert not scans(fresh_database, "SELECT 1 FROM revision WHERE report_id = ?", (1,))
