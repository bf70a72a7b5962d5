"""``flask db``: bring the database to the newest revision, and compare it with the models."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Connection, Engine, create_engine, inspect

import tracker.models as models
from tracker.db import Database, is_sqlite
from tracker.models.base import metadata
from tracker.models.triggers import expected_triggers, installed_triggers

MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "migrations"
MODELS: Final = models  # importing the package fills the metadata
SCRATCH_SCHEMA: Final = "fresh_comparison"
HEAD: Final = "head"

database_commands = AppGroup("db", help="数据库结构：升级、核对。")


def current_database() -> Database:
    """The running application's database."""
    database: Database = current_app.extensions["database"]
    return database


def revision_settings(connection: Connection) -> Config:
    """Alembic's settings, to run revisions on this connection."""
    settings = Config(str(MIGRATIONS / "alembic.ini"))
    settings.attributes["connection"] = connection
    return settings


def upgrade_database(engine: Engine, revision: str = HEAD) -> None:
    """Run every revision not yet run, up to and with this one, each in its own transaction."""
    with engine.connect() as connection:
        command.upgrade(revision_settings(connection), revision)


def newest_revision() -> str:
    """The revision this version of the program works with."""
    [found] = ScriptDirectory(str(MIGRATIONS)).get_heads()
    return found


def has_revision(revision: str) -> bool:
    """Whether this version of the program knows a revision, and so can go on from it."""
    return any(each.revision == revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def list_differences(engine: Engine) -> list[str]:
    """Where the database and the models disagree: tables, columns, constraints, CHECKs, triggers; empty = equal."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [f"structure: {difference!r}" for difference in compare_metadata(found, metadata)]
        triggers = expected_triggers(connection.dialect.name)
        differences += _unequal("trigger", found=installed_triggers(connection), expected=triggers)
        differences += _unequal(
            "check", found=_list_checks(connection), expected=_list_fresh_checks(connection)
        )
        connection.rollback()
    return differences


@database_commands.command("upgrade")
def upgrade() -> None:
    """升级到最新结构。例：flask db upgrade"""
    upgrade_database(current_database().write)
    click.echo("数据库已是最新结构。")


@database_commands.command("check")
def check() -> None:
    """核对数据库与模型（含约束与触发器）是否一致。例：flask db check"""
    differences = list_differences(current_database().write)
    if differences:
        raise click.ClickException("数据库与模型不一致：\n" + "\n".join(differences))
    click.echo("数据库与模型一致。")


def _list_fresh_checks(connection: Connection) -> dict[str, str]:
    """The CHECKs of tables made from the models, read back from the same engine and so in the same words."""
    if is_sqlite(connection):
        scratch = create_engine("sqlite://")
        with scratch.begin() as fresh:
            metadata.create_all(fresh)
            return _list_checks(fresh)
    connection.exec_driver_sql(f"CREATE SCHEMA {SCRATCH_SCHEMA}")
    connection.exec_driver_sql(f"SET LOCAL search_path TO {SCRATCH_SCHEMA}")
    metadata.create_all(connection)
    return _list_checks(connection)


def _list_checks(connection: Connection) -> dict[str, str]:
    reflected = inspect(connection).get_multi_check_constraints()
    return {
        f"{table}.{check['name']}": " ".join(check["sqltext"].split())
        for (_schema, table), checks in reflected.items()
        for check in checks
    }


def _unequal(kind: str, *, found: dict[str, str], expected: dict[str, str]) -> list[str]:
    return [
        f"{kind} {name}: found {found.get(name, 'nothing')!r}, expected {expected.get(name, 'nothing')!r}"
        for name in sorted(found.keys() | expected.keys())
        if found.get(name) != expected.get(name)
    ]
