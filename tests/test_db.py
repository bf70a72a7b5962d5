"""Both engines behave alike: locks at BEGIN, a read side that cannot write, settings on every connection."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tracker.db import (
    Database,
    Memory,
    UnknownDatabase,
    memory_of,
    normalised_url,
    open_database,
    parts_of,
    tables_of,
)


def test_names_the_driver_of_every_postgresql_address() -> None:
    for given in ("postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"):
        address = normalised_url(given)
        assert address.render_as_string(hide_password=False) == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    "url", ["mysql://h/d", "sqlite://", "sqlite:///:memory:", "postgresql+asyncpg://h/d"]
)
def test_refuses_an_engine_it_has_no_settings_for(url: str) -> None:
    with pytest.raises(UnknownDatabase):
        open_database(url)


def test_hides_the_password_when_it_refuses() -> None:
    with pytest.raises(UnknownDatabase) as refusal:
        normalised_url("mysql://someone:geheim@h/d")
    assert "geheim" not in str(refusal.value)


def test_writes_on_one_side_and_reads_on_the_other(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY)"))
        session.execute(text("INSERT INTO note VALUES (1)"))
        session.commit()
    with fresh_database.read_session() as reader:
        assert reader.scalar(text("SELECT count(*) FROM note")) == 1
        with pytest.raises(DBAPIError, match=r"read-?only"):
            reader.execute(text("INSERT INTO note VALUES (2)"))


def test_reads_one_moment_for_a_whole_transaction(fresh_database: Database) -> None:
    with fresh_database.session() as writer:
        writer.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY)"))
        writer.commit()
        with fresh_database.read_session() as reader:
            assert reader.scalar(text("SELECT count(*) FROM note")) == 0
            writer.execute(text("INSERT INTO note VALUES (1)"))
            writer.commit()
            assert reader.scalar(text("SELECT count(*) FROM note")) == 0
        with fresh_database.read_session() as reader:
            assert reader.scalar(text("SELECT count(*) FROM note")) == 1


def test_rolls_back_tables_like_rows(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY)"))
        session.rollback()
        with pytest.raises(DBAPIError, match="note"):
            session.execute(text("SELECT * FROM note"))


def test_adds_up_writes_from_several_threads(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        session.execute(text("CREATE TABLE slate (amount BIGINT)"))
        session.execute(text("INSERT INTO slate VALUES (0)"))
        session.commit()

    def add() -> None:
        for _ in range(20):
            with fresh_database.session() as session:
                session.execute(text("UPDATE slate SET amount = amount + 1"))
                session.commit()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with fresh_database.read_session() as reader:
        assert reader.scalar(text("SELECT amount FROM slate")) == 80


def test_sets_what_each_connection_needs(database: Database) -> None:
    if database.is_sqlite:
        expected = {
            "PRAGMA journal_mode": "wal",
            "PRAGMA synchronous": 2,
            "PRAGMA foreign_keys": 1,
            "PRAGMA recursive_triggers": 1,
            "PRAGMA busy_timeout": 10_000,
        }
    else:
        expected = {"SHOW lock_timeout": "5s", "SHOW statement_timeout": "30s", "SHOW timezone": "UTC"}
    for open_session in (database.session, database.read_session):
        with open_session() as session:
            assert {ask: session.scalar(text(ask)) for ask in expected} == expected


def test_remembers_only_for_sessions_that_read_and_forgets_the_longest_unused() -> None:
    memory = Memory(2)
    for key in ("a", "b"):
        memory.keep(key, key.upper())
    assert memory.find("a") == "A"
    memory.keep("c", "C")
    assert [memory.find(key) for key in ("a", "b", "c")] == ["A", None, "C"]
    memory.clear()
    assert memory.find("a") is None


def test_a_session_that_writes_remembers_nothing(fresh_database: Database) -> None:
    with fresh_database.session() as writing, fresh_database.read_session() as reading:
        assert memory_of(writing) is None
        assert memory_of(reading) is fresh_database.memory
        assert tables_of(writing) is None
        assert tables_of(reading) is fresh_database.tables
        assert parts_of(writing) is None
        assert parts_of(reading) is fresh_database.parts
