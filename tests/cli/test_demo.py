"""``flask demo load``: a living half-year in an empty database, and never twice."""

from __future__ import annotations

import csv
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

import config
from tests.factories.lists import CASES
from tracker.app import create_app
from tracker.cli.demo import FILES, sample_accounts
from tracker.db import Database
from tracker.domain.identity import Role
from tracker.models.account import Account, Person
from tracker.models.report import Revision
from tracker.services.clock import calendar_now
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals


@pytest.fixture
def runner(fresh_database: Database) -> FlaskCliRunner:
    """Commands on an empty database that shall show 3 July 2018."""
    url = fresh_database.write.url.render_as_string(hide_password=False)
    app = create_app(replace(config.testing({"DEMO_TODAY": "2018-07-03"}), DATABASE_URL=url))
    app.extensions["database"].dispose()
    app.extensions["database"] = fresh_database
    return app.test_cli_runner()


def load(runner: FlaskCliRunner, file: Path) -> str:
    done = runner.invoke(args=["demo", "load", "--accounts", str(file)])
    assert done.exit_code == 0, done.output
    return done.output


def test_shows_a_half_year_in_every_state(
    runner: FlaskCliRunner, fresh_database: Database, tmp_path: Path
) -> None:
    load(runner, tmp_path / "accounts.csv")
    with fresh_database.read_session() as session:
        states = set(session.scalars(select(Revision.state)))
        assert states >= {"accepted", "signed", "submitted", "draft"}
        assert verify_totals(session) == []
        assert verify_history(session) == []
        assert calendar_now(session, datetime.now(UTC)).date().isoformat() == "2018-07-03"
        assert (
            session.scalar(select(func.count()).select_from(Person).where(Person.is_sample.is_(False))) == 0
        )


def test_gives_every_role_an_account_in_a_private_file(
    runner: FlaskCliRunner, fresh_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.csv"
    load(runner, file)
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert list(rows[0]) == ["login", "password", "role", "org_unit"]
    assert {row["role"] for row in rows} == {role.value for role in Role}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with fresh_database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == len(rows)


def test_leaves_a_database_alone_that_has_units(runner: FlaskCliRunner, tmp_path: Path) -> None:
    load(runner, tmp_path / "accounts.csv")
    assert "不再装入" in load(runner, tmp_path / "again.csv")
    assert not (tmp_path / "again.csv").exists()


def test_marks_every_name_as_a_sample() -> None:
    assert all("样例" in account.name for account in sample_accounts())


def test_refuses_to_run_in_service(app: Flask) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert (done.exit_code, "正式环境" in done.output) == (1, True)


@pytest.mark.parametrize("name", ["org-zhejiang.csv", "ningbo-2018.yaml", "ningbo-2018-figures.csv"])
def test_tells_the_same_as_the_real_lists(name: str) -> None:
    assert (FILES / name).read_bytes() == (CASES / name).read_bytes()
