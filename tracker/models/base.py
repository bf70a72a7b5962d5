"""The declarative base, its naming convention, and the column types every table is made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from tracker.domain.periods import SHANGHAI

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

Key: Final = BigInteger().with_variant(Integer, "sqlite")
"""A row's own number: 64 bits; SQLite numbers rows by itself only for INTEGER."""


class Base(DeclarativeBase):
    """What every entity derives from."""

    metadata = metadata


def table_of(model: type[Base]) -> Table:
    """The table behind an entity, for bulk statements that need none of the entity's own bookkeeping."""
    return Base.metadata.tables[model.__tablename__]


class Instant(TypeDecorator[datetime]):
    """A moment, always aware and in UTC; SQLite stores it as sortable text without the offset.

    A naive datetime is refused with ValueError: nobody can know which clock it was read from.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without its time zone: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class CalendarInstant(Instant):
    """A moment of the calendar people work by (a deadline): stored like any other, read as Shanghai's wall time.

    So a page can tell it from a moment the clock stored, which is read in UTC and which a demonstration shows moved.
    """

    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        found = super().process_result_value(value, dialect)
        return None if found is None else found.astimezone(SHANGHAI)


class Figure(TypeDecorator[int]):
    """A number scaled by its indicator's decimals: a 64-bit integer on both engines.

    Anything but an int is refused with TypeError before it reaches the driver (bool, float and
    Decimal too), and SQLite, which would store a float silently, gets a CHECK by itself.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is not None and type(value) is not int:
            raise TypeError(f"a figure is a scaled int, not {value!r}")
        return value


@event.listens_for(Column, "after_parent_attach")
def _check_whole_number(column: Column[Any], table: Table) -> None:
    """Give each Figure column the CHECK that SQLite needs, in models and in migrations alike."""
    if isinstance(column.type, Figure):
        rule = f"{column.name} IS NULL OR typeof({column.name}) = 'integer'"
        check = CheckConstraint(rule, name=f"{column.name}_whole")
        table.append_constraint(check.ddl_if(dialect="sqlite"))


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A CHECK that a text column holds one of a closed set (a StrEnum class or literal words)."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def unsealed(table: str) -> Index:
    """The short index by which the fold finds rows that no seal covers yet."""
    is_open = text("seal IS NULL")
    return Index(f"ix_{table}_unsealed", "id", sqlite_where=is_open, postgresql_where=is_open)
