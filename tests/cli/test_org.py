"""``flask org import``: a tree comes in whole or not at all."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from tests.factories.lists import CASES
from tracker.db import Database
from tracker.features.org_units.files import COLUMNS
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgUnit

TREE = CASES / "org-zhejiang.csv"


def run(app: Flask, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["org", "import", *map(str, arguments)])


def count_units(database: Database) -> int | None:
    with database.read_session() as session:
        return session.scalar(select(func.count()).select_from(OrgUnit))


def test_imports_a_tree_once(app: Flask, fresh_database: Database) -> None:
    assert run(app, TREE).output == "新增 31 个，更新 0 个，未变 0 个。\n"
    assert run(app, TREE).output == "没有变化：31 个单位与文件一致。\n"
    with fresh_database.read_session() as session:
        entries = session.execute(select(AuditEntry.action, AuditEntry.seal)).all()
    assert [tuple(entry) for entry in entries] == [("org_units.imported", 1)]


def test_writes_nothing_when_trying(app: Flask, fresh_database: Database) -> None:
    result = run(app, TREE, "--dry-run")
    assert result.output == "新增 31 个，更新 0 个，未变 0 个。\n试运行，什么都没有写入。\n"
    assert count_units(fresh_database) == 0


def test_shows_what_changes(app: Flask, tmp_path: Path) -> None:
    run(app, TREE)
    renamed = tmp_path / "renamed.csv"
    renamed.write_bytes(TREE.read_bytes().replace("海曙区总工会".encode(), "海曙总工会".encode()))
    assert run(app, renamed).output == (
        "新增 0 个，更新 1 个，未变 30 个。\n  330203 name：海曙区总工会 → 海曙总工会\n"
    )


def test_names_every_fault_and_fails(app: Flask, fresh_database: Database, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    lines = [",".join(COLUMNS), "1,甲,甲,city,club,9,,1,,", "1,甲,甲,nowhere,sector,,,1,,"]
    wrong.write_text("\n".join(lines), encoding="utf-8")
    result = run(app, wrong)
    assert result.exit_code == 1
    assert "有 4 处需要修改，什么都没有写入" in result.output
    assert count_units(fresh_database) == 0


def test_shows_a_bar_for_a_long_file(app: Flask, tmp_path: Path) -> None:
    long = tmp_path / "long.csv"
    rows = [f"{number},甲,甲,city,federation,,,{number},," for number in range(2600)]
    long.write_text("\n".join([",".join(COLUMNS), *rows]), encoding="gb18030")
    result = run(app, long)
    assert "新增 2600 个" in result.stdout
    assert "写入" in result.stderr


def test_explains_itself_with_an_example(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["org", "import", "--help"])
    assert "flask org import org-zhejiang.csv" in result.output
