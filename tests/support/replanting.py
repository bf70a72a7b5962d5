"""Rows that many tests begin with: planted once for each engine and test process, put back as they were for the next test.

Planting goes through the program and posts to the ledger, which takes up to a second; putting its rows back takes
milliseconds. Only an empty database is served this way: where a test wrote rows before, its plants are made anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterable
from contextlib import closing
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy.orm import Session

from tracker.db import POSTGRESQL, SQLITE, is_sqlite
from tracker.models.base import metadata

T = TypeVar("T")
Rows = dict[str, Any]

TABLES: Final = tuple(table.name for table in metadata.sorted_tables)
FIRST: Final = ("org_unit", "account", "programme", "audit_entry")
"""Tables that hold nothing before the first plant."""

INSERT_TRIGGERS: Final = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '% INSERT ON %'"
)
COUNTERS: Final = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"


class Kept(NamedTuple):
    """The rows of the tables that planting changed, PostgreSQL's counters, and what the planting gave back.

    ``once_empty``: the tables among them that held nothing before.
    """

    rows: Rows
    once_empty: tuple[str, ...]
    counters: dict[str, int]
    made: Any


class Store(Protocol):
    """The rows of one database, within the transaction of a session."""

    engine: str

    def is_empty(self, tables: Iterable[str]) -> bool:
        """Whether none of these tables holds a row."""

    def read(self) -> Rows:
        """All rows, by table, as this store writes them."""

    def counters(self) -> dict[str, int]:
        """Where the numbering of rows stands, for engines that keep it beside the rows."""

    def write(self, kept: Kept) -> None:
        """Make the tables hold just these rows, past triggers and the order of foreign keys."""


_KEPT: dict[tuple[str, Hashable], Kept] = {}


def replanted(
    session: Session, key: Hashable, plant: Callable[[], T], again: Callable[[], T] | None = None
) -> T:
    """What ``plant`` gives; if it was planted under this key before, its rows are put back instead.

    ``again`` finds the same in a database that holds the rows; without it ``plant`` must give plain data.
    Either way the session is committed.
    """
    session.flush()
    store = store_of(session)
    kept = _KEPT.get((store.engine, key))
    if not store.is_empty(FIRST if kept is None else kept.once_empty):
        return plant()
    if kept is not None:
        store.write(kept)
        session.commit()
        return kept.made if again is None else again()
    before = store.read()
    session.commit()  # plants may stand in transactions of their own
    made = plant()
    session.commit()
    store = store_of(session)
    changed = {name: rows for name, rows in store.read().items() if rows != before[name]}
    once_empty = tuple(name for name in changed if not before[name])
    _KEPT[store.engine, key] = Kept(changed, once_empty, store.counters(), made if again is None else None)
    return made


def store_of(session: Session) -> Store:
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    return SqliteStore(driver) if is_sqlite(connection) else PostgresqlStore(driver)


class SqliteStore:
    """Rows as tuples."""

    engine = SQLITE

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def is_empty(self, tables: Iterable[str]) -> bool:
        """Whether none of these tables holds a row."""
        return not any(self._all(f'SELECT 1 FROM "{table}" LIMIT 1') for table in tables)

    def read(self) -> Rows:
        """Each table's rows in the order they lie there."""
        return {table: self._all(f'SELECT * FROM "{table}" ORDER BY rowid') for table in TABLES}

    def counters(self) -> dict[str, int]:
        """SQLite numbers by the greatest row."""
        return {}

    def write(self, kept: Kept) -> None:
        """Without the triggers that watch new rows, which are put back within the same transaction."""
        self._run("PRAGMA defer_foreign_keys = ON")
        triggers = self._all(INSERT_TRIGGERS)
        for name, _statement in triggers:
            self._run(f"DROP TRIGGER {name}")
        for table, rows in kept.rows.items():
            self._run(f'DELETE FROM "{table}"')
            if rows:
                places = ", ".join("?" * len(rows[0]))
                with closing(self._connection.cursor()) as cursor:
                    cursor.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)
        for _name, statement in triggers:
            self._run(statement)

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        with closing(self._connection.cursor()) as cursor:
            return cursor.execute(query).fetchall()

    def _run(self, statement: str) -> None:
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(statement)


class PostgresqlStore:
    """Rows as COPY writes them."""

    engine = POSTGRESQL

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def is_empty(self, tables: Iterable[str]) -> bool:
        """Whether none of these tables holds a row."""
        parts = [sql.SQL("EXISTS (SELECT FROM {})").format(sql.Identifier(table)) for table in tables]
        found = self._connection.execute(sql.SQL("SELECT {}").format(sql.SQL(" OR ").join(parts))).fetchone()
        return found is not None and not found[0]

    def read(self) -> Rows:
        """Each table's rows in the order they lie there."""
        return {table: self._copied(table) for table in TABLES}

    def counters(self) -> dict[str, int]:
        """The sequences that have counted."""
        return {row[0]: row[1] for row in self._connection.execute(COUNTERS.encode())}

    def write(self, kept: Kept) -> None:
        """As a replica does: triggers and foreign keys rest."""
        self._connection.execute("SET LOCAL session_replication_role = replica")
        for table, rows in kept.rows.items():
            name = sql.Identifier(table)
            self._connection.execute(sql.SQL("DELETE FROM {}").format(name))
            with (
                self._connection.cursor() as cursor,
                cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy,
            ):
                copy.write(rows)
        for counter, value in kept.counters.items():
            self._connection.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [counter, value])
        self._connection.execute("SET LOCAL session_replication_role = origin")

    def _copied(self, table: str) -> bytes:
        query = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
        with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            return b"".join(copy)
