"""Loading an archive's tables into an empty database: its revision's tables, then every row in one transaction."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from tracker.cli.archive.checking import DAMAGE, Archive, Unusable
from tracker.cli.archive.columns import (
    PASSING,
    REVISION_TABLE,
    Kind,
    Misspelt,
    Shape,
    list_shapes,
    reading_spells,
    spell,
)
from tracker.cli.archive.columns import Column as StoredColumn
from tracker.cli.archive.form import LONGEST_ROW, StoredTable, Watch
from tracker.cli.archive.taking import newest_seal, sequence_of
from tracker.cli.database import has_revision, upgrade_database
from tracker.db import Database, is_sqlite, take_ones_time
from tracker.models.triggers import drop_triggers, install_triggers, installed_triggers
from tracker.services.bulk import open_cursor
from tracker.services.sessions import Ending

ROWS_AT_ONCE: Final = 1_000
MOST_NAMED: Final = 6
REFUSED: Final = (sqlite3.Error, psycopg.Error, DBAPIError)


def list_database_faults(database: Database) -> list[str]:
    """Why nothing may be restored into this database; empty where it is empty, with or without our tables."""
    with database.write.connect() as connection:
        tables = sorted(inspect(connection).get_table_names())
        if not tables:
            return []
        if REVISION_TABLE not in tables:
            return [f"目标数据库里有别的表：{'、'.join(tables[:MOST_NAMED])}；请用一个空的数据库"]
        revision = _revision_of(connection)
        if revision is not None and not has_revision(revision):
            return [f"目标数据库的结构 {revision} 不是本版程序的；请用一个空的数据库"]
        filled = _list_filled(connection, tables)
        connection.rollback()
    return [_not_empty(filled)] if filled else []


def _not_empty(filled: list[str]) -> str:
    more = f" 等 {len(filled)} 张" if len(filled) > MOST_NAMED else ""
    return f"目标数据库不是空的，有数据的表：{'、'.join(filled[:MOST_NAMED])}{more}；请用一个空的数据库"


def _revision_of(connection: Connection) -> str | None:
    found = connection.execute(text(f"SELECT version_num FROM {REVISION_TABLE}")).scalar_one_or_none()  # noqa: S608
    return None if found is None else str(found)


def _list_filled(connection: Connection, tables: list[str]) -> list[str]:
    return [
        table
        for table in tables
        if table not in PASSING
        and table != REVISION_TABLE
        and connection.execute(text(f'SELECT 1 FROM "{table}" LIMIT 1')).first() is not None  # noqa: S608
    ]


def make_tables(database: Database, revision: str) -> None:
    """The tables of this revision in a database that has no rows; its own empty ones of another revision go first."""
    with database.write.begin() as connection:
        tables = inspect(connection).get_table_names()
        if tables and _revision_of(connection) == revision:
            return
        drop_triggers(connection)
        _drop_tables(connection)
    upgrade_database(database.write, revision)


def _drop_tables(connection: Connection) -> None:
    ordered = [name for name, _ in inspect(connection).get_sorted_table_and_fkc_names() if name is not None]
    for name in reversed(ordered):
        connection.exec_driver_sql(f'DROP TABLE "{name}"')


def load_tables(database: Database, archive: Archive, *, now: datetime, watch: Watch) -> None:
    """Every row of the archive in one transaction, or none. Raises Unusable.

    History's triggers, which let rows come in only the way they once came in, stand aside inside this transaction
    and are back, compared, before it is committed. Foreign keys and CHECKs hold all the time.
    """
    with database.write.begin() as connection:
        take_ones_time(connection)
        shapes = _prepare(connection, archive)
        guards = installed_triggers(connection)
        drop_triggers(connection)
        stored = {table.name: table for table in archive.manifest.tables}
        with watch("写入数据表", archive.manifest.row_count) as advance:
            for shape in shapes:
                _load_table(connection, archive, stored[shape.name])
                _count_on(connection, shape, stored[shape.name])
                advance(stored[shape.name].rows)
        _compare(connection, archive)
        _end_what_was_open(connection, {shape.name: shape for shape in shapes}, now)
        install_triggers(connection)
        if installed_triggers(connection) != guards:
            raise Unusable(["保护历史的触发器没有原样恢复"])
    _refresh_statistics(database)


def _prepare(connection: Connection, archive: Archive) -> list[Shape]:
    """The tables to be filled, nobody else in them, and the same in number, columns and kinds as those stored."""
    shapes = list_shapes(connection)
    if is_sqlite(connection):
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    else:
        names = ", ".join(f'"{shape.name}"' for shape in shapes)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    here = {shape.name: set(shape.columns) for shape in shapes}
    stored = {table.name: set(table.columns) for table in archive.manifest.tables}
    faults = [f"数据表 {name}：与结构 {archive.manifest.revision} 不符" for name in _unequal(here, stored)]
    filled = _list_filled(connection, sorted(here))
    if filled:
        faults.append(_not_empty(filled))
    if faults:
        raise Unusable(faults)
    return shapes


def _unequal(here: dict[str, set[StoredColumn]], stored: dict[str, set[StoredColumn]]) -> list[str]:
    return sorted(name for name in here.keys() | stored.keys() if here.get(name) != stored.get(name))


def _load_table(connection: Connection, archive: Archive, table: StoredTable) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    target = f'"{table.name}" ({names})'
    rows = _Rows(archive, table, for_sqlite=is_sqlite(connection))
    try:
        with closing(open_cursor(connection)) as cursor:
            if is_sqlite(connection):
                places = ", ".join("?" * len(table.columns))
                cursor.executemany(f"INSERT INTO {target} VALUES ({places})", rows)  # noqa: S608 (names compared with the schema)
            else:
                with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
    except (*REFUSED, *DAMAGE, Misspelt) as wrong:
        raise Unusable(
            [f"数据表 {table.name} 写不进，读到第 {rows.number} 行（{type(wrong).__name__}）"]
        ) from wrong


class _Rows:
    """A table's rows as the driver takes them; ``number``: how many were read."""

    def __init__(self, archive: Archive, table: StoredTable, *, for_sqlite: bool) -> None:
        self._archive, self._table = archive, table
        self._spells = reading_spells(table.columns, for_sqlite=for_sqlite)
        self.number = 0

    def __iter__(self) -> Iterator[list[Any]]:
        with self._archive.zip.open(self._table.member) as member:
            lines = io.TextIOWrapper(member, encoding="utf-8", newline="\n")
            while line := lines.readline(LONGEST_ROW):
                self.number += 1
                yield spell(self._spells, json.loads(line))


def _count_on(connection: Connection, shape: Shape, table: StoredTable) -> None:
    """PostgreSQL numbers new rows after all that were ever numbered, those long deleted too."""
    sequence = sequence_of(connection, shape)
    if sequence is not None and table.newest is not None:
        asked = text("SELECT setval(CAST(:sequence AS regclass), :newest)")
        connection.execute(asked, {"sequence": sequence, "newest": max(table.newest, 1)})


def _compare(connection: Connection, archive: Archive) -> None:
    """What stands in the database now against the manifest."""
    faults = []
    for table in archive.manifest.tables:
        rows = connection.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one()  # noqa: S608
        if rows != table.rows:
            faults.append(f"数据表 {table.name}：应有 {table.rows} 行，现有 {rows} 行")
    seal = newest_seal(connection)
    if seal != archive.manifest.seal:
        faults.append(f"最新封存：应为 {archive.manifest.seal}，现为 {seal}")
    if is_sqlite(connection):
        broken = {str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        faults += [f"数据表 {name}：引用的行不存在" for name in sorted(broken)]
    if faults:
        raise Unusable(faults)


def _end_what_was_open(connection: Connection, shapes: dict[str, Shape], now: datetime) -> None:
    """Sessions and one-time links end, and letters that wait are not sent: the world has moved on since."""
    kind = StoredColumn("now", Kind.MOMENT)
    moment = now.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    [spelt] = spell(reading_spells([kind], for_sqlite=is_sqlite(connection)), [moment])
    columns = {name: {column.name for column in shape.columns} for name, shape in shapes.items()}
    because = (
        f", revoked_because = '{Ending.BY_ADMIN}'" if _has(columns, "web_session", "revoked_because") else ""
    )
    if _has(columns, "web_session", "revoked_at"):
        ended = f"UPDATE web_session SET revoked_at = :now{because} WHERE revoked_at IS NULL"  # noqa: S608
        connection.execute(text(ended), {"now": spelt})
    if _has(columns, "account_link", "revoked_at"):
        voided = "UPDATE account_link SET revoked_at = :now WHERE revoked_at IS NULL AND used_at IS NULL"
        connection.execute(text(voided), {"now": spelt})
    if _has(columns, "outgoing_mail", "state"):
        connection.execute(text("UPDATE outgoing_mail SET state = 'dropped' WHERE state = 'waiting'"))


def _has(columns: dict[str, set[str]], table: str, column: str) -> bool:
    return column in columns.get(table, ())


def _refresh_statistics(database: Database) -> None:
    """Without, the first pages after a restore are planned as if every table were empty."""
    with database.write.begin() as connection:
        take_ones_time(connection)
        connection.exec_driver_sql("ANALYZE")
