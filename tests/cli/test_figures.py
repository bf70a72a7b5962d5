"""``flask figures import``: a file in, a sentence out; nothing half done."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from tests.factories.imports import KEY, plant_all_kinds
from tests.factories.rows import NOW
from tracker.cli.figures import figures_commands
from tracker.db import Database
from tracker.models.account import Account, Person
from tracker.models.audit import AuditEntry
from tracker.models.ledger import Posting
from tracker.models.report import Line

TEXT = "org_unit,indicator,period,value\n330203,enrolments,2018-01,1.5万\n330200,members,2018-01,7\n"


@pytest.fixture
def filled(fresh_database: Database) -> Database:
    with fresh_database.session() as session:
        plant_all_kinds(session)
        person = Person(name="王芳", created_at=NOW)
        session.add(person)
        session.flush()
        session.add(
            Account(person_id=person.id, login="wangfang", password_hash="x", password_changed_at=NOW)
        )
        session.commit()
    return fresh_database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "figures.csv"
    path.write_text(TEXT, encoding="gb18030")
    return path


def run(database: Database, *arguments: str | Path) -> Result:
    app = Flask(__name__)
    app.extensions["database"] = database
    app.cli.add_command(figures_commands)
    return app.test_cli_runner().invoke(args=["figures", "import", *map(str, arguments)])


def count(database: Database, model: type) -> int:
    with database.read_session() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def test_imports_and_says_what_it_did(filled: Database, file: Path) -> None:
    result = run(filled, file, "--programme", KEY, "--by", "wangfang", "--history")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "新增 2 行，更正 0 行，相同跳过 0 行。",
        "330203 原未承担 enrolments，现随数据承担（没有目标数）。",
    ]
    with filled.read_session() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert entry.after is not None
        assert "wangfang" in entry.after
        assert entry.seal is not None
        assert session.scalars(select(Posting)).one().seal is not None


def test_says_when_there_is_nothing_new(filled: Database, file: Path) -> None:
    run(filled, file, "--programme", KEY, "--history")
    result = run(filled, file, "--programme", KEY, "--history")
    assert (result.exit_code, result.output) == (0, "没有新数据：2 行与已通过的相同，什么都没有写入。\n")
    assert count(filled, AuditEntry) == 1


def test_a_dry_run_keeps_nothing(filled: Database, file: Path) -> None:
    result = run(filled, file, "--programme", KEY, "--history", "--dry-run")
    assert result.exit_code == 0
    assert result.output.startswith("只核对，没有写入。\n新增 2 行")
    assert (count(filled, Line), count(filled, AuditEntry)) == (0, 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--programme", KEY, "--history", "--by", "nobody"], "没有登录名为 nobody 的人员"),
        (["--programme", "330200-1999", "--history"], "没有编号为 330200-1999 的实事清单"),
        (["--programme", KEY], "- 第 2 行, period：报告期 2018-01 还没有关闭"),
    ],
)
def test_refuses_in_plain_words(filled: Database, file: Path, options: list[str], said: str) -> None:
    result = run(filled, file, *options)
    assert result.exit_code == 1
    assert said in result.output
    assert count(filled, Line) == 0


def test_one_bad_row_keeps_the_good_ones_out(filled: Database, file: Path) -> None:
    file.write_text(TEXT + "330203,enrolments,2018-02,约3\n", encoding="utf-8")
    result = run(filled, file, "--programme", KEY, "--history")
    assert result.exit_code == 1
    assert "有 1 处需要修改，什么都没有写入：\n- 第 4 行, value：“约3”是约数" in result.output
    assert count(filled, Line) == 0


def test_refuses_what_is_no_table(filled: Database, file: Path) -> None:
    file.write_bytes(b"PK\x03\x04")
    result = run(filled, file, "--programme", KEY)
    assert (result.exit_code, "已损坏" in result.output) == (1, True)


def test_refuses_a_header_it_does_not_know(filled: Database, file: Path) -> None:
    file.write_text("org_unit,indicator,month,value,value\n1,2,3,4,5\n")
    result = run(filled, file, "--programme", KEY)
    for said in (
        "第 1 行, month：没有这一列",
        "第 1 行, value：这一列出现了两次",
        "第 1 行, period：缺少这一列",
    ):
        assert said in result.output


def test_shows_an_example(filled: Database) -> None:
    assert "例：flask figures import" in run(filled, "--help").output
