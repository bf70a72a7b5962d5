"""A load balancer is told whether the process lives and whether it can serve."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tracker.db import Database, open_database


def test_is_alive_and_ready(visitor: StrictClient) -> None:
    assert [visitor.get(path).text for path in ("/healthz", "/readyz")] == ["ok\n", "ready\n"]


def test_is_not_ready_before_the_schema_is(visitor: StrictClient, fresh_database: Database) -> None:
    with fresh_database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001_org_units'"))
        session.commit()
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "database not migrated\n")
    with fresh_database.session() as session:
        session.execute(text("DELETE FROM alembic_version"))
        session.commit()
    assert visitor.get("/readyz").status_code == 503


@on_sqlite
def test_is_alive_but_not_ready_without_its_database(app: Flask, visitor: StrictClient) -> None:
    away = open_database("postgresql://nobody@127.0.0.1:1/none")
    app.extensions["database"] = away
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/readyz").status_code == 503
    with visitor.session_transaction() as cookie:
        cookie["_user_id"] = "somebody"
    answer = visitor.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    away.dispose()
