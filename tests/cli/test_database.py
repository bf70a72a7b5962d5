"""``flask db``: upgrades, and tells where the database left the models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import CheckConstraint, Column, MetaData, Table, text

from tracker.cli import database as commands
from tracker.db import Database, open_database
from tracker.models.base import NAMING, Figure, Instant, Key

LOOSENED = """
    CREATE TABLE planted (
        id {key} NOT NULL, amount BIGINT NOT NULL, at {moment},
        CONSTRAINT pk_planted PRIMARY KEY (id), CONSTRAINT ck_planted_positive CHECK (id > -9){whole})
"""
SPELLED = {
    "sqlite": {
        "key": "INTEGER",
        "moment": "DATETIME",
        "whole": ", CONSTRAINT ck_planted_amount_whole CHECK (amount IS NULL OR typeof(amount) = 'integer')",
    },
    "postgresql": {"key": "BIGSERIAL", "moment": "TIMESTAMPTZ", "whole": ""},
}


def run(database: Database, *arguments: str) -> Result:
    """Run ``flask db …`` in an application with this database and nothing else."""
    app = Flask(__name__)
    app.extensions["database"] = database
    app.cli.add_command(commands.database_commands)
    return app.test_cli_runner().invoke(args=["db", *arguments])


@pytest.fixture
def planted(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database equal to stand-in models: one table with our column types and one CHECK."""
    metadata = MetaData(naming_convention=NAMING)
    columns = (
        Column("id", Key, primary_key=True),
        Column("amount", Figure, nullable=False),
        Column("at", Instant),
    )
    Table("planted", metadata, *columns, CheckConstraint("id > 0", name="positive"))
    monkeypatch.setattr(commands, "metadata", metadata)
    monkeypatch.setattr(commands, "expected_triggers", lambda _dialect: {})
    database = open_database(empty_url)
    metadata.create_all(database.write)
    yield database
    database.dispose()


def change(database: Database, *statements: str) -> None:
    """Change the database behind the models' back."""
    with database.write.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_upgrades_an_empty_database(empty_url: str) -> None:
    database = open_database(empty_url)
    assert run(database, "upgrade").exit_code == 0
    result = run(database, "check")
    database.dispose()
    assert (result.exit_code, result.output) == (0, "数据库与模型一致。\n")


def test_finds_nothing_where_nothing_differs(planted: Database) -> None:
    assert commands.list_differences(planted.write) == []
    assert commands.list_differences(planted.write) == [], "looking must change nothing"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER TABLE planted ADD COLUMN extra INTEGER", "extra"),
        ("CREATE TABLE stray (id INTEGER)", "stray"),
        ("CREATE TABLE stray (id INTEGER, CONSTRAINT small CHECK (id < 9))", "check stray.small"),
        ("DROP TABLE planted", "planted"),
    ],
)
def test_names_what_differs(planted: Database, statement: str, said: str) -> None:
    change(planted, statement)
    result = run(planted, "check")
    assert result.exit_code == 1
    assert said in result.output


def test_names_a_check_that_was_loosened(planted: Database, engine_name: str) -> None:
    change(planted, "DROP TABLE planted", LOOSENED.format_map(SPELLED[engine_name]))
    [difference] = commands.list_differences(planted.write)
    assert "ck_planted_positive" in difference


def test_names_a_missing_trigger(planted: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "expected_triggers", lambda _dialect: {"guard": "CREATE TRIGGER guard"})
    assert commands.list_differences(planted.write) == [
        "trigger guard: found 'nothing', expected 'CREATE TRIGGER guard'"
    ]
