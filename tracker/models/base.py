"""The declarative base: naming of constraints, and the column types every table shares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Dialect, Index, Integer, MetaData, text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Key = BigInteger().with_variant(Integer, "sqlite")
"""Primary and foreign keys: 64 bits; INTEGER on SQLite, where only that name makes a rowid alias."""

Figure = BigInteger()
"""An amount in scaled base units (document 1.2); 64 bits on both engines, never a float."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python, stored without offset on SQLite and as timestamptz on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its offset")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Root of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}


def is_whole(*columns: str) -> tuple[CheckConstraint, ...]:
    """CHECKs that keep SQLite's loose typing from storing anything but integers in figure columns.

    The dialect condition sits in the DDL: PostgreSQL's own type already refuses the rest.
    """
    return tuple(
        CheckConstraint(f"{column} IS NULL OR typeof({column}) = 'integer'", name=f"{column}_whole").ddl_if(
            dialect="sqlite"
        )
        for column in columns
    )


def one_of(column: str, values: type[Any] | tuple[str, ...], *, name: str | None = None) -> CheckConstraint:
    """A CHECK that a text column holds one of a closed set (a StrEnum class or literal words)."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=name or f"{column}_known")


def unsealed(table: str) -> Index:
    """The short index by which the fold finds rows that no seal covers yet."""
    return Index(
        f"ix_{table}_unsealed", "id", sqlite_where=text("seal IS NULL"), postgresql_where=text("seal IS NULL")
    )
