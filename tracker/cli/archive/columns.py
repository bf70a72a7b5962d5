"""Tables as a database itself describes them, and their values spelt the same whatever engine they come from.

Nothing here reads the models: an archive of an older revision has that revision's tables.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, inspect
from sqlalchemy import types as sql
from sqlalchemy.engine.reflection import Inspector

from tracker.db import is_sqlite

REVISION_TABLE: Final = "alembic_version"
PASSING: Final = frozenset({"heartbeat"})
"""Tables that say how this installation is right now; they are in no backup and may hold rows before a restore."""

Spell = Callable[[Any], Any]


class Kind(StrEnum):
    """What a column holds, whatever an engine calls it."""

    WHOLE = "whole"
    TEXT = "text"
    MOMENT = "moment"
    DAY = "day"
    TRUTH = "truth"
    JSON = "json"
    BYTES = "bytes"


class Column(NamedTuple):
    """One column: its name and what it holds."""

    name: str
    kind: Kind


class Shape(NamedTuple):
    """One table: its columns in the order rows are written in, and the columns rows are sorted by."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


class UnknownColumn(Exception):
    """A column holds something a backup has no spelling for."""


class Misspelt(ValueError):
    """A value is not what its column holds."""


_KINDS: Final = (
    (sql.Boolean, Kind.TRUTH),
    (sql.Integer, Kind.WHOLE),
    (sql.DateTime, Kind.MOMENT),
    (sql.Date, Kind.DAY),
    (sql.JSON, Kind.JSON),
    (sql.LargeBinary, Kind.BYTES),
    (sql.String, Kind.TEXT),
)


def list_shapes(connection: Connection) -> list[Shape]:
    """Every table of the database, referenced ones before those that refer to them; ``PASSING`` are left out."""
    looked = inspect(connection)
    names = [name for name, _references in looked.get_sorted_table_and_fkc_names() if name is not None]
    wanted = [name for name in names if name not in PASSING and name != REVISION_TABLE]
    return [_shape(looked, name) for name in wanted]


def _shape(looked: Inspector, name: str) -> Shape:
    columns = tuple(Column(str(one["name"]), _kind(name, one["type"])) for one in looked.get_columns(name))
    return Shape(name, columns, tuple(looked.get_pk_constraint(name)["constrained_columns"]))


def _kind(table: str, found: Any) -> Kind:
    for kind, meaning in _KINDS:
        if isinstance(found, kind):
            return meaning
    raise UnknownColumn(f"{table}: {found!r}")


def select_of(connection: Connection, shape: Shape) -> str:
    """A table's rows in the order of their key; JSON as the text that is stored."""
    found = ", ".join(_asked(connection, column) for column in shape.columns)
    order = ", ".join(f'"{name}"' for name in shape.key)
    return f'SELECT {found} FROM "{shape.name}" ORDER BY {order}'  # noqa: S608 (names the database gave)


def _asked(connection: Connection, column: Column) -> str:
    if column.kind is Kind.JSON and not is_sqlite(connection):
        return f'CAST("{column.name}" AS text)'
    return f'"{column.name}"'


def writing_spells(shape: Shape) -> list[Spell]:
    """For each column, the driver's value → the value written into the archive."""
    return [_WRITTEN[column.kind] for column in shape.columns]


def reading_spells(columns: Sequence[Column], *, for_sqlite: bool) -> list[Spell]:
    """For each column, the value in the archive → the driver's. Misspelt where it is not what the column holds."""
    spells = _READ | _READ_FOR_SQLITE if for_sqlite else _READ
    return [spells[column.kind] for column in columns]


def spell(spells: Sequence[Spell], row: Sequence[Any]) -> list[Any]:
    """A row, each value through its own spelling; nothing stays nothing. Raises Misspelt."""
    return [None if value is None else spelling(value) for spelling, value in zip(spells, row, strict=True)]


_STORED_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{6})?")
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d\.\d{6})Z")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
LARGEST: Final = 2**63


def _whole(value: Any) -> int:
    if type(value) is not int or not -LARGEST <= value < LARGEST:
        raise Misspelt(f"whole number: {value!r}")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Misspelt(f"text: {type(value).__name__}")
    return value


def _json(value: Any) -> str:
    """SQLite keeps a JSON text that is a bare number as that number."""
    return str(value) if type(value) is int else _text(value)


def _moment_written(value: Any) -> str:
    """SQLite stores UTC without saying so, PostgreSQL answers aware datetimes."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Misspelt("moment without its time zone")
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    found = _STORED_MOMENT.fullmatch(_text(value))
    if found is None:
        raise Misspelt("moment")
    return f"{found[1]}T{found[2]}{found[3] or '.000000'}Z"


def _moment_read(value: Any) -> str:
    if _MOMENT.fullmatch(_text(value)) is None:
        raise Misspelt("moment")
    return str(value)


def _moment_for_sqlite(value: Any) -> str:
    found = _MOMENT.fullmatch(_text(value))
    if found is None:
        raise Misspelt("moment")
    return f"{found[1]} {found[2]}"


def _day_written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else _day_read(value)


def _day_read(value: Any) -> str:
    if _DAY.fullmatch(_text(value)) is None:
        raise Misspelt("day")
    return str(value)


def _truth_written(value: Any) -> bool:
    if value not in (0, 1):
        raise Misspelt("truth")
    return bool(value)


def _truth_read(value: Any) -> bool:
    if type(value) is not bool:
        raise Misspelt("truth")
    return value


def _bytes_written(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode("ascii")


def _bytes_read(value: Any) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Misspelt("bytes") from wrong


_WRITTEN: Final[dict[Kind, Spell]] = {
    Kind.WHOLE: _whole,
    Kind.TEXT: _text,
    Kind.MOMENT: _moment_written,
    Kind.DAY: _day_written,
    Kind.TRUTH: _truth_written,
    Kind.JSON: _json,
    Kind.BYTES: _bytes_written,
}
_READ: Final[dict[Kind, Spell]] = {
    Kind.WHOLE: _whole,
    Kind.TEXT: _text,
    Kind.MOMENT: _moment_read,
    Kind.DAY: _day_read,
    Kind.TRUTH: _truth_read,
    Kind.JSON: _text,
    Kind.BYTES: _bytes_read,
}
_READ_FOR_SQLITE: Final[dict[Kind, Spell]] = {Kind.MOMENT: _moment_for_sqlite}
