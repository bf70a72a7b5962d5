"""Writing thousands of rows at once, by the quickest way each engine has: COPY, or one prepared INSERT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from tracker.db import is_sqlite
from tracker.models.base import Base, Figure, table_of

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


def add_rows(
    session: Session,
    model: type[Base],
    key: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
) -> None:
    """Insert plain rows; where one with the same key stands, add the numbers outside ``key`` that ``columns`` end with.

    Columns between the key and the first number are those of the standing row. All of a table's columns are named,
    the key first, then what follows from it, then the numbers: those are the Figure columns.
    """
    session.flush()
    connection, table = session.connection(), table_of(model)
    spelt = _spelt(connection, table, columns, rows)
    clash = _adding(table, key, columns)
    cursor: Any = connection.connection.cursor()
    try:
        if is_sqlite(connection):
            places = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {_target(table, columns)} VALUES ({places}) {clash}", spelt)  # noqa: S608 (names of ours)
        elif len(rows) < WORTH_COPYING:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {_target(table, columns)} VALUES ({places}) {clash}", spelt)  # noqa: S608 (names of ours)
        else:
            _copy_and_add(cursor, table, columns, spelt, clash)
    finally:
        cursor.close()


WORTH_COPYING = 500
"""From so many rows on PostgreSQL is quicker by way of a table of this transaction's own."""


def copy_rows(
    session: Session,
    source: type[Base],
    into: type[Base],
    *,
    keys: Sequence[str],
    rows: Sequence[Sequence[object]],
    more: Mapping[str, object],
) -> None:
    """Copy rows of one table by their keys into a table that has its columns and ``more``; what stands there is replaced."""
    session.flush()
    connection, origin, target = session.connection(), table_of(source), table_of(into)
    names = [column.name for column in origin.columns]
    mark = "?" if is_sqlite(connection) else "%s"
    found = ", ".join([f'"{name}"' for name in names] + [mark] * len(more))
    where = " AND ".join(f'"{origin.c[key].name}" = {mark}' for key in keys)
    clash = ", ".join(f'"{column.name}"' for column in target.primary_key)
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    statement = (
        f'INSERT INTO {_target(target, [*names, *more])} SELECT {found} FROM "{origin.name}" WHERE {where}'  # noqa: S608 (names of ours)
        f" ON CONFLICT ({clash}) DO UPDATE SET {replaced}"
    )
    values = next(iter(_spelt(connection, target, list(more), [list(more.values())])))
    cursor: Any = connection.connection.cursor()
    try:
        cursor.executemany(statement, [(*values, *row) for row in rows])
    finally:
        cursor.close()


def _adding(table: Table, key: Sequence[str], columns: Sequence[str]) -> str:
    numbers = [table.c[name].name for name in columns if isinstance(table.c[name].type, Figure)]
    added = ", ".join(f'"{name}" = "{table.name}"."{name}" + excluded."{name}"' for name in numbers)
    names = ", ".join(f'"{table.c[name].name}"' for name in key)
    return f"ON CONFLICT ({names}) DO UPDATE SET {added}"


def _copy_and_add(
    cursor: Any, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]], clash: str
) -> None:
    own = f"added_{table.name}"
    cursor.execute(f'CREATE TEMPORARY TABLE "{own}" (LIKE "{table.name}") ON COMMIT DROP')
    names = ", ".join(f'"{table.c[name].name}"' for name in columns)
    _copy(cursor, f'COPY "{own}" ({names}) FROM STDIN', rows)
    cursor.execute(f'INSERT INTO {_target(table, columns)} SELECT {names} FROM "{own}" {clash}')  # noqa: S608 (names of ours)
    cursor.execute(f'DROP TABLE "{own}"')


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
