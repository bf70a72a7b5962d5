"""PostgreSQL copies made ready again: emptied in milliseconds, and dropped when more than rows has changed.

Copying a template costs half a second; most tests only add rows. What a test did to the schema, to rows the
migrations put there, or to connections it left open shows in the fingerprint or ends the copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from psycopg import Connection, sql

from tests.support.postgresql import Cluster

TABLES: Final = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
)
UNUSED_SEQUENCES: Final = "SELECT sequencename FROM pg_sequences WHERE last_value IS NULL"
SCHEMA: Final = """
    SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
        SELECT 'relation ' || relname || ' ' || xmin FROM pg_class WHERE oid >= 16384 AND relkind <> 't'
        UNION ALL SELECT 'column ' || attrelid || '.' || attname || ' ' || xmin FROM pg_attribute WHERE attrelid >= 16384
        UNION ALL SELECT 'constraint ' || conname || ' ' || xmin FROM pg_constraint WHERE oid >= 16384
        UNION ALL SELECT 'trigger ' || tgname || ' ' || xmin FROM pg_trigger WHERE oid >= 16384
        UNION ALL SELECT 'function ' || proname || ' ' || xmin FROM pg_proc WHERE oid >= 16384
        UNION ALL SELECT 'schema ' || nspname || ' ' || xmin FROM pg_namespace
    ) AS parts(part)
"""
ALONE: Final = """
    SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Pristine(NamedTuple):
    """A copy as it was made: what is empty, what has not counted yet, and the fingerprint of all the rest."""

    empty_tables: frozenset[str]
    unused_sequences: frozenset[str]
    fingerprint: str


@dataclass
class CopyPool:
    """Databases copied from ``template``, each lent to one test at a time."""

    cluster: Cluster
    template: str
    free: list[tuple[str, Pristine]] = field(default_factory=list)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The name of a pristine copy, for the length of the block."""
        name, pristine = self.free.pop() if self.free else self._make()
        try:
            yield name
        finally:
            with self.cluster.connect(name) as connection:
                is_pristine = restore(connection, pristine)
            if is_pristine:
                self.free.append((name, pristine))
            else:
                self.cluster.drop(name)

    def _make(self) -> tuple[str, Pristine]:
        name = self.cluster.create(template=self.template)
        with self.cluster.connect(name) as connection:
            return name, describe(connection)


def describe(connection: Connection) -> Pristine:
    """What this database holds now, as the state to come back to."""
    tables = _strings(connection, TABLES)
    empty = frozenset(table for table in tables if _is_empty(connection, table))
    return Pristine(
        empty, frozenset(_strings(connection, UNUSED_SEQUENCES)), _fingerprint(connection, tables, empty)
    )


def restore(connection: Connection, pristine: Pristine) -> bool:
    """Empty what was empty; whether the database is now as ``pristine`` says (else it is of no more use)."""
    connection.execute(ALONE)
    tables = _strings(connection, TABLES)
    if _fingerprint(connection, tables, pristine.empty_tables) != pristine.fingerprint:
        return False
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")  # past triggers and foreign keys
        for table in sorted(pristine.empty_tables):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for sequence in sorted(pristine.unused_sequences):
            connection.execute("SELECT setval(quote_ident(%s)::regclass, 1, false)", [sequence])
    return True


def _fingerprint(connection: Connection, tables: list[str], empty: frozenset[str]) -> str:
    """Schema, and the rows of the tables that are not to be emptied."""
    parts = [str(_strings(connection, SCHEMA))]
    for table in sorted(set(tables) - empty):
        query = sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(sql.Identifier(table))
        parts.append(f"{table}: {connection.execute(query).fetchall()}")
    return "\n".join(parts)


def _is_empty(connection: Connection, table: str) -> bool:
    query = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(table))
    return connection.execute(query).fetchone() is None


def _strings(connection: Connection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(query.encode())]
