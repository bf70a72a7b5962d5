"""The worker seals what requests left open, and stops when told."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from tracker.db import Database
from tracker.domain.identity import OPERATOR
from tracker.models.account import Account, Person
from tracker.models.audit import AuditEntry, IdempotentAnswer
from tracker.services.audit import Subject, record
from tracker.worker import clear_expired, fold_leftovers, run

NOW = datetime(2018, 7, 3, 2, 0, tzinfo=UTC)


def leave_open(database: Database) -> None:
    with database.session() as session:
        record(session, actor=OPERATOR, now=NOW, action="test.done", subject=Subject("test", "1"))
        session.commit()


def test_seals_what_was_left_open_and_then_rests(fresh_database: Database) -> None:
    leave_open(fresh_database)
    assert fold_leftovers(fresh_database, NOW) == 1
    assert fold_leftovers(fresh_database, NOW) is None


def test_works_until_it_is_stopped(fresh_database: Database) -> None:
    leave_open(fresh_database)
    stop = threading.Event()
    loop = threading.Thread(target=run, args=(fresh_database, stop), kwargs={"clock": lambda: NOW})
    loop.start()
    deadline = time.monotonic() + 20
    while not is_sealed(fresh_database) and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    loop.join(timeout=20)
    assert is_sealed(fresh_database)
    assert not loop.is_alive()


def is_sealed(database: Database) -> bool:
    with database.read_session() as session:
        return session.scalars(select(AuditEntry.seal)).one() is not None


def test_clears_answers_nobody_can_ask_for_any_more(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        person = Person(name="样例", created_at=NOW)
        session.add(person)
        session.flush()
        account = Account(person_id=person.id, login="sample", password_hash="", password_changed_at=NOW)
        session.add(account)
        session.flush()
        for key, at in {"old": NOW - timedelta(days=8), "new": NOW}.items():
            session.add(
                IdempotentAnswer(
                    account_id=account.id, key=key, body_digest="", status=303, location="/", at=at
                )
            )
        session.commit()
    clear_expired(fresh_database, NOW)
    with fresh_database.read_session() as session:
        assert session.scalars(select(IdempotentAnswer.key)).all() == ["new"]
