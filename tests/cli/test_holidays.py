"""``flask holidays import``: days come in whole or not at all, and move deadlines."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tracker.db import Database
from tracker.domain.periods import Period, late_from
from tracker.models.audit import AuditEntry
from tracker.models.period import Holiday
from tracker.services.openings import read_holidays

GOOD = "day,is_working\n2018-07-05,休\n2018-07-06,0\n2018-07-07,班\n"


def run(app: Flask, folder: Path, text: str, *more: str) -> Result:
    file = folder / "days.csv"
    file.write_text(text, encoding="utf-8")
    return app.test_cli_runner().invoke(args=["holidays", "import", str(file), *more])


def test_imports_days_that_move_a_deadline(app: Flask, fresh_database: Database, tmp_path: Path) -> None:
    assert run(app, tmp_path, GOOD).output == "新增 3 天，更新 0 天，未变 0 天。\n"
    with fresh_database.read_session() as session:
        late = late_from(Period.parse("2018-06"), 5, read_holidays(session))
        assert late.date() == date(2018, 7, 7)


def test_a_second_import_changes_only_what_differs(
    app: Flask, fresh_database: Database, tmp_path: Path
) -> None:
    run(app, tmp_path, GOOD)
    assert run(app, tmp_path, GOOD).output == "新增 0 天，更新 0 天，未变 3 天。\n"
    changed = run(app, tmp_path, "day,is_working\n2018-07-07,休\n")
    assert changed.output == "新增 0 天，更新 1 天，未变 0 天。\n"
    with fresh_database.read_session() as session:
        assert len(session.scalars(select(Holiday.day)).all()) == 3
        assert session.scalars(select(AuditEntry.action)).all() == ["holidays.imported"] * 2


def test_a_dry_run_writes_nothing(app: Flask, fresh_database: Database, tmp_path: Path) -> None:
    assert "试运行" in run(app, tmp_path, GOOD, "--dry-run").output
    with fresh_database.read_session() as session:
        assert session.scalars(select(Holiday.day)).all() == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("date,off\n2018-07-05,休\n", "第一行须为 day,is_working"),
        ("day,is_working\n7月5日,休\n", "不是日期"),
        ("day,is_working\n2018-07-05,也许\n", "请写成 休 或 班"),
        ("day,is_working\n2018-07-05\n", "请写成 休 或 班"),
        ("day,is_working\n2018-07-05,休\n2018-07-05,班\n", "在前面写的是另一种"),
    ],
)
def test_says_what_is_wrong_and_writes_nothing(
    app: Flask, fresh_database: Database, tmp_path: Path, text: str, told: str
) -> None:
    result = run(app, tmp_path, text)
    assert result.exit_code == 1
    assert told in result.output
    with fresh_database.read_session() as session:
        assert session.scalars(select(Holiday.day)).all() == []
