"""A recycled PostgreSQL database is as good as new, and one that cannot be made so is given up."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.postgresql import Cluster
from tests.support.recycling import CopyPool, describe, restore

TEMPLATE = """
    CREATE TABLE seeded (id BIGSERIAL PRIMARY KEY, word TEXT); INSERT INTO seeded (word) VALUES ('kept');
    CREATE TABLE parent (id BIGSERIAL PRIMARY KEY);
    CREATE TABLE child (id BIGSERIAL PRIMARY KEY, parent_id BIGINT NOT NULL REFERENCES parent);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''kept''; END';
    CREATE TRIGGER kept BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.fixture
def pool(postgresql_cluster: Cluster) -> Iterator[CopyPool]:
    """Copies of a small template with a seeded row, references and a trigger against deleting."""
    template = postgresql_cluster.create()
    with postgresql_cluster.connect(template) as connection:
        connection.execute(TEMPLATE.encode())
    own = CopyPool(postgresql_cluster, template)
    yield own
    for name in [*(name for name, _pristine in own.free), template]:
        postgresql_cluster.drop(name)


@pytest.fixture
def copy(pool: CopyPool) -> Iterator[psycopg.Connection]:
    """A connection to one copy, to which rows were added."""
    with pool.lend() as name, pool.cluster.connect(name) as connection:
        yield connection


def test_empties_past_triggers_and_counts_from_one_again(copy: psycopg.Connection) -> None:
    before = describe(copy)
    copy.execute("INSERT INTO parent DEFAULT VALUES; INSERT INTO child (parent_id) VALUES (1)")
    assert restore(copy, before)
    assert describe(copy) == before
    copy.execute("INSERT INTO parent DEFAULT VALUES")
    assert copy.execute("SELECT id FROM parent").fetchall() == [(1,)]
    assert copy.execute("SELECT word FROM seeded").fetchall() == [("kept",)]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE stray (id INTEGER)",
        "CREATE SCHEMA stray",
        "ALTER TABLE parent ADD COLUMN stray INTEGER",
        "ALTER TABLE child DROP CONSTRAINT child_parent_id_fkey",
        "ALTER TABLE child DISABLE TRIGGER kept",
        "DROP TRIGGER kept ON child",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "UPDATE seeded SET word = 'changed'",
        "INSERT INTO seeded (word) VALUES ('more')",
    ],
)
def test_gives_up_a_database_where_more_than_rows_changed(copy: psycopg.Connection, change: str) -> None:
    before = describe(copy)
    copy.execute(change.encode())
    assert not restore(copy, before)


def test_lends_the_same_database_again_only_when_restored(pool: CopyPool) -> None:
    with pool.lend() as first:
        pass
    with pool.lend() as second, pool.lend() as third, pool.cluster.connect(second) as connection:
        assert second == first != third
        connection.execute("CREATE TABLE stray (id INTEGER)")
    assert [name for name, _pristine in pool.free] == [third]


def test_closes_connections_a_test_left_open(pool: CopyPool) -> None:
    with pool.lend() as name:
        left_open = pool.cluster.connect(name)
        left_open.execute("BEGIN; LOCK TABLE parent")
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()
