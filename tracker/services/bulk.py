"""Writing thousands of rows at once, by the quickest way each engine has: COPY, or one prepared INSERT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from tracker.db import is_sqlite
from tracker.models.base import Base, table_of

Spell = Callable[[Any], Any]


def insert_rows(
    session: Session, model: type[Base], columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Insert plain rows, values in the order of ``columns``, in the session's own transaction.

    Triggers, constraints and the column types' own checks hold as for any insert; defaults written in
    Python do not, so every column that has no default of the engine must be named. What is wrong comes
    up as the driver's own error.
    """
    session.flush()
    connection, table = session.connection(), table_of(model)
    spelt = _spelt(connection, table, columns, rows)
    cursor: Any = connection.connection.cursor()
    try:
        if is_sqlite(connection):
            places = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {_target(table, columns)} VALUES ({places})", spelt)  # noqa: S608 (names of ours)
        else:
            _copy(cursor, f"COPY {_target(table, columns)} FROM STDIN", spelt)
    finally:
        cursor.close()


def _target(table: Table, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{table.c[column].name}"' for column in columns)
    return f'"{table.name}" ({names})'


def _copy(cursor: Any, statement: str, rows: Iterable[Sequence[object]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _spelt(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterator[Sequence[object]]:
    """The rows as the driver takes them: each value through its column type, where the type does anything."""
    dialect = connection.dialect
    found = [table.c[column].type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    spells: list[tuple[int, Spell]] = [(place, spell) for place, spell in enumerate(found) if spell]
    for row in rows:
        values = list(row)
        for place, spell in spells:
            values[place] = spell(values[place])
        yield values
