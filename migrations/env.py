"""Runs the revisions, one transaction each, on a connection handed in or on the configured database."""

from __future__ import annotations

import os
from typing import Any

from alembic import context
from sqlalchemy import Connection

import config as settings
import tracker.models as models
from tracker.db import is_sqlite, open_database
from tracker.models.base import metadata
from tracker.models.triggers import install_triggers

MODELS = models  # importing the package fills the metadata


class BrokenReference(Exception):
    """A revision left a row whose foreign key points at nothing; the revision was rolled back."""


def run_on(connection: Connection) -> None:
    """Bring the connection's database to the revision asked for."""
    if not is_sqlite(connection):
        _run_revisions(connection)
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    # Rebuilding a table on SQLite drops it: with foreign keys on, its children would go with it.
    # The pragma is ignored inside a transaction, so it goes to the driver before one begins.
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        _run_revisions(connection)
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


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


def _finish_revision(*, ctx: Any, **_others: object) -> None:
    """Inside each revision's own transaction: references hold, triggers stand."""
    connection: Connection = ctx.connection
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
