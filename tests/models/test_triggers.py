"""Triggers are installed where their table stands, refuse, and are listed as the catalogue shows them."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tracker.models.triggers import (
    Trigger,
    drop_triggers,
    expected_triggers,
    install_triggers,
    installed_triggers,
)

BODY = " BEGIN RAISE EXCEPTION 'kept: rows are never deleted'; END "
PLANTED = (
    Trigger(
        dialect="sqlite",
        name="kept_no_delete",
        table="kept",
        statement="CREATE TRIGGER kept_no_delete BEFORE DELETE ON kept\n"
        "BEGIN SELECT RAISE(ABORT, 'kept: rows are never deleted'); END",
    ),
    Trigger(
        dialect="postgresql",
        name="kept_no_delete",
        table="kept",
        statement="CREATE TRIGGER kept_no_delete BEFORE DELETE ON kept\n"
        "FOR EACH ROW EXECUTE FUNCTION refuse_kept()",
        function="refuse_kept",
        body=BODY,
    ),
    Trigger(dialect="sqlite", name="later", table="later", statement="no SQL at all"),
    Trigger(dialect="postgresql", name="later", table="later", statement="no SQL at all"),
)


@pytest.fixture
def guarded(session: Session) -> Session:
    """A session on a database with one guarded row."""
    session.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY)"))
    session.execute(text("INSERT INTO kept VALUES (1)"))
    install_triggers(session.connection(), triggers=PLANTED)
    return session


def test_refuses_what_the_trigger_forbids(guarded: Session) -> None:
    with pytest.raises(DBAPIError, match="never deleted"):
        guarded.execute(text("DELETE FROM kept"))


def test_can_be_installed_twice(guarded: Session) -> None:
    install_triggers(guarded.connection(), triggers=PLANTED)
    assert list(installed_triggers(guarded.connection())).count("kept_no_delete") == 1


def test_is_listed_in_the_words_of_the_catalogue(guarded: Session, engine_name: str) -> None:
    expected = expected_triggers(engine_name, triggers=PLANTED)
    del expected["later"]
    found = installed_triggers(guarded.connection())
    assert {name: found[name] for name in expected} == expected


def test_deletes_once_the_triggers_are_dropped(guarded: Session) -> None:
    drop_triggers(guarded.connection(), triggers=PLANTED)
    assert "kept_no_delete" not in installed_triggers(guarded.connection())
    guarded.execute(text("DELETE FROM kept"))


def test_sees_a_trigger_that_was_switched_off(guarded: Session, engine_name: str) -> None:
    if engine_name == "postgresql":
        guarded.execute(text("ALTER TABLE kept DISABLE TRIGGER kept_no_delete"))
    else:
        guarded.execute(text("DROP TRIGGER kept_no_delete"))
    expected = expected_triggers(engine_name, triggers=PLANTED)["kept_no_delete"]
    assert installed_triggers(guarded.connection()).get("kept_no_delete") != expected


def test_sees_a_function_that_was_replaced(guarded: Session, engine_name: str) -> None:
    if engine_name == "postgresql":
        change = "CREATE OR REPLACE FUNCTION refuse_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"
        guarded.execute(text(change))
    else:
        guarded.execute(text("DROP TRIGGER kept_no_delete"))
        guarded.execute(text("CREATE TRIGGER kept_no_delete BEFORE DELETE ON kept BEGIN SELECT 1; END"))
    expected = expected_triggers(engine_name, triggers=PLANTED)["kept_no_delete"]
    assert installed_triggers(guarded.connection())["kept_no_delete"] != expected
