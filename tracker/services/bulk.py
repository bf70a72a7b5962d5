"""Writing many rows at once, by the quickest way each engine has: COPY, arrays, or one prepared INSERT."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.orm import Session

from tracker.db import is_sqlite
from tracker.models.base import Base, Figure, table_of
from tracker.services.chunks import chunked

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
    with closing(open_cursor(connection)) as cursor:
        if is_sqlite(connection):
            places = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {_target(table, columns)} VALUES ({places})", spelt)  # noqa: S608 (names of ours)
        else:
            _copy(cursor, f"COPY {_target(table, columns)} FROM STDIN", spelt)


def open_cursor(connection: Connection) -> Any:
    """The driver's own cursor in the connection's transaction: every statement of this module goes through one."""
    return connection.connection.cursor()


def insert_returning(
    session: Session,
    model: type[Base],
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    returning: Sequence[str] = ("id",),
) -> list[tuple[Any, ...]]:
    """Insert plain rows like ``insert_rows`` and answer columns of the new ones, in any order; one statement for each hundred."""
    session.flush()
    connection, table = session.connection(), table_of(model)
    mark = "?" if is_sqlite(connection) else "%s"
    place = f"({', '.join([mark] * len(columns))})"
    names = ", ".join(f'"{table.c[name].name}"' for name in returning)
    found: list[tuple[Any, ...]] = []
    with closing(open_cursor(connection)) as cursor:
        for part in chunked(rows, WORTH_NAMING):
            places = ", ".join([place] * len(part))
            values = [value for row in _spelt(connection, table, columns, part) for value in row]
            cursor.execute(
                f"INSERT INTO {_target(table, columns)} VALUES {places} RETURNING {names}",  # noqa: S608 (names of ours)
                values,
            )
            found += cursor.fetchall()
    return found


WORTH_NAMING = 100
"""So many rows stand in one INSERT with all their values."""


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
    with closing(open_cursor(connection)) as cursor:
        if is_sqlite(connection):
            places = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {_target(table, columns)} VALUES ({places}) {clash}", spelt)  # noqa: S608 (names of ours)
        elif len(rows) < WORTH_COPYING:
            cursor.execute(_inserting(connection.dialect, table, columns, clash), _by_column(spelt, columns))
        else:
            _copy_and_add(cursor, table, columns, spelt, clash)


WORTH_COPYING = 5_000
"""From so many rows on PostgreSQL is quicker by way of a table of this transaction's own than by arrays."""


def add_rows_and_copy(
    session: Session,
    model: type[Base],
    into: type[Base],
    *,
    columns: tuple[Sequence[str], Sequence[str]],
    rows: Sequence[Sequence[object]],
    among: tuple[str, Collection[int]],
    more: Mapping[str, object],
) -> None:
    """``add_rows``, then ``copy_rows`` of those of them whose column ``among[0]`` is one of ``among[1]``.

    ``columns``: the key, and all columns. On PostgreSQL a few rows take one statement for both.
    """
    connection = session.connection()
    key, names = columns
    if is_sqlite(connection) or len(rows) >= WORTH_COPYING:
        add_rows(session, model, key, names, rows)
        at, wanted = names.index(among[0]), frozenset(among[1])
        copied = [row[: len(key)] for row in rows if row[at] in wanted]
        copy_rows(session, model, into, keys=key, rows=copied, more=more)
        return
    session.flush()
    origin, target = table_of(model), table_of(into)
    found = ", ".join([f'added."{column.name}"' for column in origin.columns] + ["%s"] * len(more))
    adding = _inserting(connection.dialect, origin, names, _adding(origin, key, names))
    statement = (
        f"WITH added AS ({adding} RETURNING *)"  # noqa: S608 (names of ours)
        f" INSERT INTO {_target(target, [*_names(origin), *more])} SELECT {found} FROM added"
        f' WHERE added."{among[0]}" = ANY(%s) {_replacing(origin, target, key)}'
    )
    values = next(iter(_spelt(connection, target, list(more), [list(more.values())])))
    spelt = _spelt(connection, origin, names, rows)
    with closing(open_cursor(connection)) as cursor:
        cursor.execute(statement, [*_by_column(spelt, names), *values, sorted(among[1])])


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
    is_single = is_sqlite(connection)
    mark = "?" if is_single else "%s"
    names = _names(origin)
    found = ", ".join([f'"{origin.name}"."{name}"' for name in names] + [mark] * len(more))
    here = " AND ".join(f'"{origin.name}"."{key}" = {mark if is_single else _wanted(key)}' for key in keys)
    place = (
        f'"{origin.name}"'
        if is_single
        else f'"{origin.name}" JOIN {_arrays(connection.dialect, origin, keys)} ON {here}'
    )
    statement = (
        f"INSERT INTO {_target(target, [*names, *more])} SELECT {found} FROM {place}"  # noqa: S608 (names of ours)
        f" WHERE {here if is_single else 'true'} {_replacing(origin, target, keys)}"
    )
    values = next(iter(_spelt(connection, target, list(more), [list(more.values())])))
    with closing(open_cursor(connection)) as cursor:
        if is_single:
            cursor.executemany(statement, [(*values, *row) for row in rows])
        else:
            cursor.execute(statement, [*values, *_by_column(rows, keys)])


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _replacing(origin: Table, target: Table, keys: Sequence[str]) -> str:
    clash = ", ".join(f'"{column.name}"' for column in target.primary_key)
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in _names(origin) if name not in keys)
    return f"ON CONFLICT ({clash}) DO UPDATE SET {replaced}"


def _inserting(dialect: Dialect, table: Table, columns: Sequence[str], clash: str) -> str:
    """An INSERT that takes one array for each column (PostgreSQL)."""
    names = ", ".join(_wanted(column) for column in columns)
    return f"INSERT INTO {_target(table, columns)} SELECT {names} FROM {_arrays(dialect, table, columns)} {clash}"  # noqa: S608 (names of ours)


def _arrays(dialect: Dialect, table: Table, columns: Sequence[str]) -> str:
    kinds = [table.c[column].type.compile(dialect) for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds)}) AS wanted ({names})"


def _wanted(column: str) -> str:
    return f'wanted."{column}"'


def _by_column(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> list[object]:
    """Rows turned into one array for each column; of no rows, so many empty ones."""
    found = [_array(column) for column in zip(*rows, strict=True)]
    return found or [[] for _ in columns]


def _array(column: Sequence[object]) -> object:
    """Whole numbers are written out at once: the driver would look at each."""
    if all(type(value) is int for value in column):
        return "{" + ",".join(map(str, column)) + "}"
    return list(column)


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
    types = [table.c[column].type for column in columns]
    figures = [place for place, kind in enumerate(types) if isinstance(kind, Figure)]
    found = [kind.dialect_impl(dialect).bind_processor(dialect) for kind in types]
    spells: list[tuple[int, Spell]] = [
        (place, spell) for place, spell in enumerate(found) if spell and place not in figures
    ]
    left = iter(rows)
    while part := [*islice(left, LOOKED_AT)]:
        if not _WHOLE.issuperset(map(type, _cells(part, figures))):
            raise TypeError("a figure is a scaled int")
        if not spells:
            yield from part
            continue
        for row in part:
            values = list(row)
            for place, spell in spells:
                values[place] = spell(values[place])
            yield values


def _cells(rows: Sequence[Sequence[object]], places: Sequence[int]) -> Iterable[object]:
    """The values at these places, ascending, of all rows, one after the other."""
    if not places:
        return ()
    first, last = places[0], places[-1]
    is_run = last - first + 1 == len(places)
    pick = itemgetter(slice(first, last + 1)) if is_run else itemgetter(*places)
    return chain.from_iterable(map(pick, rows))


LOOKED_AT = 500
"""So many rows are looked at together, before the first of them is written."""

_WHOLE = frozenset({int, type(None)})
"""What a figure may be (``models.base.Figure``), looked at by the hundred instead of one by one."""
