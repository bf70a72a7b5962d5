"""``flask audit verify`` and ``flask totals verify`` find what was edited by shell, and name it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from tests.factories.ningbo import NOW, plant_ningbo
from tracker.db import Database
from tracker.models.triggers import drop_triggers
from tracker.services.ledger.settling import settle


@pytest.fixture
def runner(app: Flask, fresh_database: Database) -> FlaskCliRunner:
    """Commands on the half-year of 2018."""
    with fresh_database.session() as session:
        plant_ningbo(session)
        settle(fresh_database, session, lambda: NOW)
    return app.test_cli_runner()


def edit(database: Database, statement: str, *, with_triggers: bool = True) -> None:
    """What somebody with a shell might do."""
    with database.write.begin() as connection:
        if not with_triggers:
            drop_triggers(connection)
        assert connection.execute(text(statement)).rowcount == 1


def test_finds_nothing_where_nothing_was_done(runner: FlaskCliRunner) -> None:
    for command in ("totals", "audit"):
        done = runner.invoke(args=[command, "verify"])
        assert (done.exit_code, "相符" in done.output) == (0, True), done.output


def test_names_the_row_and_the_missing_triggers(runner: FlaskCliRunner, fresh_database: Database) -> None:
    statement = (
        "UPDATE submission SET content = replace(content, '17600', '17601') WHERE content LIKE '%\"17600\"%'"
    )
    edit(fresh_database, statement, with_triggers=False)
    done = runner.invoke(args=["audit", "verify"])
    assert done.exit_code == 1
    assert "submission " in done.output
    assert "trigger submission_frozen" in done.output


def test_names_a_line_that_says_something_else_than_was_handed_in(
    runner: FlaskCliRunner, fresh_database: Database
) -> None:
    edit(fresh_database, "UPDATE line SET value = 17601 WHERE value = 17600", with_triggers=False)
    done = runner.invoke(args=["audit", "verify"])
    assert done.exit_code == 1
    assert "revision " in done.output


def test_names_the_cell_of_the_tally(runner: FlaskCliRunner, fresh_database: Database) -> None:
    edit(
        fresh_database,
        "UPDATE tally SET m6 = m6 + 1 WHERE part = 'amount' AND m6 = 17600 AND parent_id = org_unit_id",
    )
    done = runner.invoke(args=["totals", "verify"])
    assert done.exit_code == 1
    assert "m6：应为 17600，现为 17601" in done.output
