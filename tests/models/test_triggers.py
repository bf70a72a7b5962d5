"""Triggers keep history as it was, on both engines, and a missing or altered one is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tracker.domain.identity import OPERATOR
from tracker.models.ledger import Seal
from tracker.models.triggers import (
    KEPT,
    expected_triggers,
    install_triggers,
    installed_triggers,
    trigger_faults,
)
from tracker.services.audit import Subject, record

NOW = datetime(2018, 7, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def sealed(session: Session) -> Session:
    """A session on a database with one seal and one audit entry that is not sealed yet."""
    session.add(Seal(number=1, at=NOW, rows=0, digest="0" * 64))
    record(session, actor=OPERATOR, now=NOW, action="test.done", subject=Subject("test", "1"))
    session.flush()
    return session


REFUSED = {
    "a frozen row edited": "UPDATE seal SET digest = 'f' WHERE number = 1",
    "a frozen row deleted": "DELETE FROM seal",
    "an open row edited": "UPDATE audit_entry SET action = 'other'",
    "an open row edited while sealing": "UPDATE audit_entry SET seal = 1, action = 'other'",
    "an open row deleted": "DELETE FROM audit_entry",
    "a row born sealed": "INSERT INTO audit_entry (at, actor_label, action, subject_kind, subject_id, request_id,"
    " row_digest, seal) VALUES ('2018-07-03', '', '', '', '', '', '', 1)",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED.keys())
def test_refuses_to_rewrite_history(sealed: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"never|born"):
        sealed.execute(text(statement))


def test_lets_an_open_row_be_sealed_once(sealed: Session) -> None:
    sealed.execute(text("UPDATE audit_entry SET seal = 1"))
    with pytest.raises(DBAPIError, match="never change"):
        sealed.execute(text("UPDATE audit_entry SET seal = 2"))


def test_refuses_to_replace_a_kept_row(sealed: Session, engine_name: str) -> None:
    statement = (
        "INSERT OR REPLACE INTO seal (number, at, rows, digest) VALUES (1, '2018-07-03', 0, 'f')"
        if engine_name == "sqlite"
        else "TRUNCATE seal"
    )
    with pytest.raises(DBAPIError, match="never"):
        sealed.execute(text(statement))


def test_stands_complete_after_migration(session: Session) -> None:
    assert trigger_faults(session.connection()) == []
    assert len(installed_triggers(session.connection())) >= len(KEPT)


def test_names_a_missing_trigger(session: Session, engine_name: str) -> None:
    table = "" if engine_name == "sqlite" else " ON entry"
    session.execute(text(f"DROP TRIGGER entry_frozen{table}"))
    assert trigger_faults(session.connection()) == [("entry_frozen", "missing")]


def test_names_an_altered_trigger(session: Session, engine_name: str) -> None:
    if engine_name == "sqlite":
        session.execute(text("DROP TRIGGER entry_frozen"))
        session.execute(text("CREATE TRIGGER entry_frozen BEFORE UPDATE ON entry BEGIN SELECT 1; END"))
    else:
        session.execute(
            text(
                "CREATE OR REPLACE FUNCTION guard_entry_frozen() RETURNS trigger LANGUAGE plpgsql"
                " AS 'BEGIN RETURN NEW; END'"
            )
        )
    assert trigger_faults(session.connection()) == [("entry_frozen", "altered")]


def test_counts_a_disabled_trigger_as_missing(session: Session, engine_name: str) -> None:
    if engine_name == "sqlite":
        session.execute(text("DROP TRIGGER seal_kept"))
    else:
        session.execute(text("ALTER TABLE seal DISABLE TRIGGER seal_kept"))
    assert trigger_faults(session.connection()) == [("seal_kept", "missing")]


def test_installs_again_over_what_is_there(session: Session, engine_name: str) -> None:
    install_triggers(session.connection())
    assert installed_triggers(session.connection()) == expected_triggers(engine_name)
