"""``flask demo load``: the living year in an empty database, whole or not at all, and never twice."""

from __future__ import annotations

import csv
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.lists import CASES
from tests.support.databases import on_sqlite
from tests.support.demonstration import LIVING_TODAY, Demonstration, LivingYear, app_on
from tracker.cli.demonstration import year
from tracker.cli.demonstration.people import first_accounts, sample_accounts
from tracker.cli.demonstration.stage import FILES, Hour, Stage, entry, on
from tracker.db import Database
from tracker.domain.identity import Role
from tracker.models.account import Account, Person
from tracker.models.audit import AuditEntry, Setting
from tracker.models.org_unit import OrgUnit
from tracker.models.report import Revision
from tracker.services.clock import calendar_now
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals


def test_gives_every_role_an_account_in_a_private_file(living_year: LivingYear) -> None:
    with living_year.accounts.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert list(rows[0]) == ["login", "password", "role", "org_unit"]
    assert {row["role"] for row in rows} == {role.value for role in Role}
    assert stat.S_IMODE(living_year.accounts.stat().st_mode) == 0o600
    with living_year.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == len(rows)


def test_leaves_a_database_alone_that_has_units(living_year: LivingYear, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    done = living_year.app.test_cli_runner().invoke(args=["demo", "load", "--accounts", str(again)])
    assert (done.exit_code, "不再装入" in done.output) == (0, True)
    assert not again.exists()


class Unplugged(Exception):
    """What ends a load in the middle."""


def _pull_the_plug(_stage: Stage, _hour: Hour) -> None:
    raise Unplugged


def test_leaves_nothing_of_a_load_that_was_broken_off(
    fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_on(fresh_database, today=LIVING_TODAY, evidence=tmp_path / "evidence")
    monkeypatch.setattr(year, "elsewhere", lambda: [entry(on(2, 7), _pull_the_plug)])
    done = app.test_cli_runner().invoke(args=["demo", "load", "--accounts", str(tmp_path / "accounts.csv")])
    assert isinstance(done.exception, Unplugged)
    with fresh_database.read_session() as session:
        for model in (OrgUnit, Person, Revision, AuditEntry, Setting):
            assert session.scalar(select(func.count()).select_from(model)) == 0
    assert not (tmp_path / "accounts.csv").exists()


@on_sqlite
def test_keeps_the_first_half_for_stories_that_begin_there(demonstration: Demonstration) -> None:
    with demonstration.database.read_session() as session:
        assert set(session.scalars(select(Revision.state))) == {"accepted", "signed", "submitted", "draft"}
        assert verify_totals(session) == []
        assert verify_history(session) == []
        assert calendar_now(session, datetime.now(UTC)).date().isoformat() == "2018-07-03"


def test_marks_every_name_as_a_sample() -> None:
    assert all("样例" in account.name for account in sample_accounts())
    assert {one.login for one in first_accounts()} < {one.login for one in sample_accounts()}


def test_refuses_a_day_on_which_it_has_not_happened_yet(app: Flask) -> None:
    app.config["DEMO_TODAY"] = date(2018, 8, 7)
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert (done.exit_code, "2018-08-08" in done.output) == (1, True)


def test_refuses_to_run_in_service(app: Flask) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert (done.exit_code, "正式环境" in done.output) == (1, True)


@pytest.mark.parametrize(
    "name",
    [
        "org-zhejiang.csv",
        "ningbo-2018.yaml",
        "ningbo-2018-figures.csv",
        "huzhou-2024.yaml",
        "huzhou-2024-figures.csv",
    ],
)
def test_tells_the_same_as_the_real_lists(name: str) -> None:
    assert (FILES / name).read_bytes() == (CASES / name).read_bytes()
