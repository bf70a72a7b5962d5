"""The triggers that guard what may never change, and their list as the catalogue should show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, inspect


class Trigger(NamedTuple):
    """One trigger on one engine.

    ``statement`` on PostgreSQL is written exactly as ``pg_get_triggerdef(oid, true)`` prints it
    (events in the order INSERT, DELETE, UPDATE, TRUNCATE; no WHEN: conditions stand in ``body``),
    so that the list of triggers can be compared without touching them.
    ``function`` and ``body`` are PostgreSQL's: a plpgsql function and what stands between its quotes.
    """

    dialect: str
    name: str
    table: str
    statement: str
    function: str = ""
    body: str = ""


TRIGGERS: Final[tuple[Trigger, ...]] = ()

SQLITE_CATALOGUE: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
POSTGRESQL_CATALOGUE: Final = """
    SELECT t.tgname, pg_get_triggerdef(t.oid, true) ||
           CASE WHEN t.tgenabled IN ('O', 'A') THEN '' ELSE ' DISABLED' END || ' ' || p.prosrc
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""


def install_triggers(connection: Connection, *, triggers: Sequence[Trigger] = TRIGGERS) -> None:
    """Replace the triggers of every table that exists; a table of a later revision is passed over."""
    drop_triggers(connection, triggers=triggers)
    for trigger in _of_existing_tables(connection, triggers):
        if trigger.function:
            connection.exec_driver_sql(
                f"CREATE OR REPLACE FUNCTION {trigger.function}() RETURNS trigger LANGUAGE plpgsql "
                f"AS $body${trigger.body}$body$"
            )
        connection.exec_driver_sql(trigger.statement)


def drop_triggers(connection: Connection, *, triggers: Sequence[Trigger] = TRIGGERS) -> None:
    """Take the triggers away, for a migration that must rewrite guarded rows."""
    on_table = connection.dialect.name == "postgresql"
    for trigger in _of_existing_tables(connection, triggers):
        place = f" ON {trigger.table}" if on_table else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger.name}{place}")


def expected_triggers(dialect_name: str, *, triggers: Sequence[Trigger] = TRIGGERS) -> dict[str, str]:
    """Name to definition of the triggers a database at head must have, in :func:`installed_triggers`' words."""
    return {
        trigger.name: _one_line(f"{trigger.statement} {trigger.body}")
        for trigger in triggers
        if trigger.dialect == dialect_name
    }


def installed_triggers(connection: Connection) -> dict[str, str]:
    """Name to definition (PostgreSQL: with the function's body) of the triggers the catalogue shows."""
    is_postgresql = connection.dialect.name == "postgresql"
    rows = connection.exec_driver_sql(POSTGRESQL_CATALOGUE if is_postgresql else SQLITE_CATALOGUE)
    return {name: _one_line(definition) for name, definition in rows}


def _of_existing_tables(connection: Connection, triggers: Sequence[Trigger]) -> list[Trigger]:
    tables = set(inspect(connection).get_table_names())
    dialect = connection.dialect.name
    return [trigger for trigger in triggers if trigger.dialect == dialect and trigger.table in tables]


def _one_line(definition: str) -> str:
    return " ".join(definition.split()).rstrip(";")
