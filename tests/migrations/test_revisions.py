"""Revisions run one transaction each, on both engines, and leave references and triggers whole."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from tests.architecture.copies import ROOT
from tests.support.databases import on_sqlite
from tracker.cli.database import list_differences, revision_settings, upgrade_database
from tracker.db import Database, open_database

PARENT_AND_CHILD = """
    op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.Text))
    op.create_table(
        "child",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE"), nullable=False),
    )
    op.execute("INSERT INTO parent (id) VALUES (1)")
    op.execute("INSERT INTO child VALUES (1, 1)")
"""
REBUILD = """
    with op.batch_alter_table("parent", recreate="auto") as table:
        table.alter_column("note", type_=sa.String(40), existing_type=sa.Text)
        table.create_check_constraint("note_named", "note <> ''")
"""
REBUILD_ALL = """
    for name in sa.inspect(op.get_bind()).get_table_names():
        with op.batch_alter_table(name, recreate="always"):
            pass
"""
HALF_DONE = """
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("SELECT * FROM nowhere")
"""
ORPHAN = """
    op.execute("DELETE FROM parent")
"""


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A folder with the project's env.py and revisions planted by the test."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako", "alembic.ini"):
        (folder / name).write_bytes((ROOT / "migrations" / name).read_bytes())
    return folder


def add_revision(folder: Path, number: int, body: str, *, before: str | None = None) -> None:
    """Write revision ``number`` on top of ``before`` (else of the planted one before it)."""
    below = before or (f"{number - 1:04}_planted" if number > 1 else None)
    (folder / "versions" / f"{number:04}_planted.py").write_text(
        f'import sqlalchemy as sa\nfrom alembic import op\nrevision = "{number:04}_planted"\n'
        f"down_revision = {below!r}\n\ndef upgrade():{body}",
        encoding="utf-8",
    )


def run(folder: Path, connection: Connection) -> None:
    """Run the planted revisions on this connection."""
    settings = Config(str(folder / "alembic.ini"))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def list_tables(database: Database) -> set[str]:
    """The tables that are there now."""
    with database.read.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_rebuilds_a_table_and_keeps_its_children(planted: Path, empty_url: str) -> None:
    add_revision(planted, 1, PARENT_AND_CHILD)
    add_revision(planted, 2, REBUILD)
    database = open_database(empty_url)
    with database.write.connect() as connection:
        run(planted, connection)
        assert connection.scalar(text("SELECT count(*) FROM child")) == 1
        if database.is_sqlite:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        else:
            assert connection.scalar(text("SHOW statement_timeout")) == "30s"
    database.dispose()


@on_sqlite
def test_rebuilds_every_table_and_loses_no_check_and_no_trigger(planted: Path, empty_url: str) -> None:
    shutil.copytree(ROOT / "migrations" / "versions", planted / "versions", dirs_exist_ok=True)
    add_revision(planted, 9999, REBUILD_ALL, before=ScriptDirectory(str(planted)).get_current_head())
    database = open_database(empty_url)
    with database.write.connect() as connection:
        run(planted, connection)
    assert list_differences(database.write) == []
    database.dispose()


def test_leaves_nothing_of_a_revision_that_failed(planted: Path, empty_url: str) -> None:
    add_revision(planted, 1, PARENT_AND_CHILD)
    add_revision(planted, 2, HALF_DONE)
    database = open_database(empty_url)
    with database.write.connect() as connection, pytest.raises(Exception, match="nowhere"):
        run(planted, connection)
    assert list_tables(database) == {"alembic_version", "parent", "child"}
    with database.read.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0001_planted"
    database.dispose()


@on_sqlite
def test_refuses_a_revision_that_breaks_a_reference(planted: Path, empty_url: str) -> None:
    add_revision(planted, 1, PARENT_AND_CHILD)
    add_revision(planted, 2, ORPHAN)
    database = open_database(empty_url)
    with database.write.connect() as connection, pytest.raises(Exception, match="child row 1"):
        run(planted, connection)
    with database.read.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM parent")) == 1
    database.dispose()


def test_makes_the_database_the_models_describe(empty_url: str) -> None:
    database = open_database(empty_url)
    upgrade_database(database.write)
    upgrade_database(database.write)
    assert list_differences(database.write) == []
    database.dispose()


def test_goes_down_to_nothing_and_up_again(empty_url: str) -> None:
    database = open_database(empty_url)
    upgrade_database(database.write)
    with database.write.connect() as connection:
        command.downgrade(revision_settings(connection), "base")
    assert list_tables(database) <= {"alembic_version"}
    upgrade_database(database.write)
    assert list_differences(database.write) == []
    database.dispose()


def test_names_each_revision_by_its_file() -> None:
    revisions = list(ScriptDirectory(str(ROOT / "migrations")).walk_revisions())
    for revision in revisions:
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+", revision.revision)
        assert len(revision.revision) <= 32
        assert Path(revision.path).stem == revision.revision
        assert {"upgrade", "downgrade"} <= set(vars(revision.module))
