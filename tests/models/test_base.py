"""The column types hold on both engines: moments in UTC, figures as whole numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, insert, inspect, literal_column, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from tracker.models.base import NAMING, CalendarInstant, Figure, Instant, Key

SHANGHAI = timezone(timedelta(hours=8))


@pytest.fixture
def sample(session: Session) -> Table:
    """A table with each of our types, gone after the test."""
    moments = (Column("at", Instant), Column("until", CalendarInstant))
    columns = (Column("id", Key, primary_key=True), Column("amount", Figure), *moments)
    table = Table("sample", MetaData(naming_convention=NAMING), *columns)
    table.create(session.connection())
    return table


def test_numbers_its_rows(session: Session, sample: Table) -> None:
    session.execute(insert(sample), [{"amount": 1}, {"amount": 2}])
    assert session.scalars(select(sample.c.id).order_by(sample.c.id)).all() == [1, 2]


def test_returns_a_moment_in_utc(session: Session, sample: Table) -> None:
    session.execute(insert(sample).values(at=datetime(2018, 7, 1, 2, 30, 0, 5, tzinfo=SHANGHAI)))
    moment = session.scalars(select(sample.c.at)).one()
    assert moment == datetime(2018, 6, 30, 18, 30, 0, 5, tzinfo=UTC)
    assert moment.tzinfo is UTC


def test_returns_a_deadline_as_the_wall_time_of_shanghai(session: Session, sample: Table) -> None:
    session.execute(insert(sample), [{"until": datetime(2018, 8, 9, 10, tzinfo=UTC)}, {"until": None}])
    moment, nothing = session.scalars(select(sample.c.until).order_by(sample.c.id)).all()
    assert (moment, moment.utcoffset(), nothing) == (
        datetime(2018, 8, 9, 18, tzinfo=SHANGHAI),
        timedelta(hours=8),
        None,
    )


def test_orders_and_compares_moments_across_offsets(session: Session, sample: Table) -> None:
    early, late = datetime(2018, 7, 1, 7, tzinfo=SHANGHAI), datetime(2018, 7, 1, 0, tzinfo=UTC)
    session.execute(insert(sample), [{"amount": 2, "at": late}, {"amount": 1, "at": early}])
    assert session.scalars(select(sample.c.amount).order_by(sample.c.at)).all() == [1, 2]
    assert session.scalars(select(sample.c.amount).where(sample.c.at < late)).all() == [1]


def test_refuses_a_moment_without_its_zone(session: Session, sample: Table) -> None:
    with pytest.raises(StatementError, match="without its time zone"):
        session.execute(insert(sample).values(at=datetime(2018, 7, 1)))  # noqa: DTZ001  what is tested


def test_keeps_figures_to_the_last_digit_of_64_bits(session: Session, sample: Table) -> None:
    session.execute(insert(sample), [{"amount": 2**63 - 1}, {"amount": -(2**63)}, {"amount": None}])
    amounts = session.scalars(select(sample.c.amount).order_by(sample.c.id)).all()
    assert amounts == [2**63 - 1, -(2**63), None]


@pytest.mark.parametrize("value", [1.0, True, Decimal(1), "1"])
def test_refuses_a_figure_that_is_no_int(session: Session, sample: Table, value: object) -> None:
    with pytest.raises(StatementError, match="scaled int"):
        session.execute(insert(sample).values(amount=value))


def test_stores_no_fraction_whoever_writes_it(session: Session, sample: Table) -> None:
    if session.connection().dialect.name == "sqlite":
        with pytest.raises(IntegrityError, match="ck_sample_amount_whole"):
            session.execute(text("INSERT INTO sample (amount) VALUES (1.5)"))
    else:
        session.execute(text("INSERT INTO sample (amount) VALUES (1.5)"))
        assert (
            session.scalars(select(literal_column("pg_typeof(amount)::text")).select_from(sample)).one()
            == "bigint"
        )


def test_names_constraints_by_the_convention(session: Session, sample: Table) -> None:
    connection: Connection = session.connection()
    assert inspect(connection).get_pk_constraint(sample.name)["name"] == "pk_sample"
