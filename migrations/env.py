"""Runs the revisions, one transaction each, on a connection handed in or on the configured database."""

from __future__ import annotations

import os

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

import config as settings
import tracker.models as models
from tracker.db import is_sqlite, open_database
from tracker.models.base import metadata
from tracker.models.triggers import install_triggers

MODELS = models  # importing the package fills the metadata

# Rebuilding a table on SQLite drops it and renames its copy. With foreign keys on, its children would go
# with it; without legacy_alter_table the renaming fails where a trigger of another table names the dropped one.
# Rewriting a large table on PostgreSQL takes longer than a request may.
FOR_REVISIONS = {
    "sqlite": (
        ("PRAGMA foreign_keys = OFF", "PRAGMA legacy_alter_table = ON"),
        ("PRAGMA legacy_alter_table = OFF", "PRAGMA foreign_keys = ON"),
    ),
    "postgresql": (("SET statement_timeout = 0",), ("RESET statement_timeout",)),
}


class BrokenReference(Exception):
    """A revision left a row whose foreign key points at nothing; the revision was rolled back."""


def run_on(connection: Connection) -> None:
    """Bring the connection's database to the revision asked for."""
    before, after = FOR_REVISIONS[connection.dialect.name]
    _tell_driver(connection, before)
    try:
        _run_revisions(connection)
    finally:
        _tell_driver(connection, after)


def _tell_driver(connection: Connection, statements: tuple[str, ...]) -> None:
    """Run statements outside any transaction: SQLite ignores foreign_keys inside one."""
    driver = connection.connection.driver_connection
    assert driver is not None, "a pooled connection has a driver behind it"
    for statement in statements:
        driver.execute(statement)
    driver.commit()


def _run_revisions(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        transaction_per_migration=True,
        on_version_apply=_finish_revision,
    )
    with context.begin_transaction():
        context.run_migrations()


def _finish_revision(ctx: MigrationContext, *_: object, **_others: object) -> None:
    """Inside each revision's own transaction: references hold, triggers stand."""
    connection = ctx.connection
    assert connection is not None, "revisions are run on a database, not printed"
    if is_sqlite(connection):
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise BrokenReference("; ".join(f"{row[0]} row {row[1]} → {row[2]}" for row in broken))
    install_triggers(connection)


def _run_on_configured_database() -> None:
    database = open_database(settings.from_environment(os.environ).DATABASE_URL)
    with database.write.connect() as connection:
        run_on(connection)
    database.dispose()


given = context.config.attributes.get("connection")
if given is None:
    _run_on_configured_database()
else:
    run_on(given)
