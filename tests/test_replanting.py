"""Rows put back are the rows that were planted, and only an empty database gets them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import World, only
from tests.factories.rows import NOW
from tests.support.databases import Copies
from tests.support.replanting import replanted, store_of
from tracker.db import Database
from tracker.models.account import Person
from tracker.models.job import Heartbeat
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals


def plant(session: Session) -> str:
    world = World(session, made=only("members"))
    world.hand_in()
    try_fold(session, NOW)
    return "planted"


def test_puts_back_every_row_and_counter(database_copies: Copies) -> None:
    found = []
    for _each in range(2):
        with database_copies() as database, database.session() as session:
            assert replanted(session, "put back", lambda: plant(session)) == "planted"
            assert verify_totals(session) == []
            rows, counters = store_of(session).read(), store_of(session).counters()
            session.add(person := Person(name="样例", created_at=NOW))
            session.flush()
            found.append((rows, counters, person.id))
    assert found[0] == found[1]


def test_plants_anew_where_something_stands(fresh_database: Database) -> None:
    made: list[int] = []

    def plant_beat() -> str:
        session.add(Heartbeat(name=f"beat-{len(made)}", at=NOW))
        made.append(1)
        return f"planted {len(made)}"

    with fresh_database.session() as session:
        told = [replanted(session, "stands", plant_beat) for _each in range(2)]
        names = list(session.scalars(select(Heartbeat.name).order_by(Heartbeat.name)))
    assert told == ["planted 1", "planted 2"]
    assert names == ["beat-0", "beat-1"], "what stood there is not taken away"


def test_what_was_put_back_is_seen_by_others(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        replanted(session, "put back", lambda: plant(session))
        with fresh_database.read_session() as other:
            assert other.scalars(select(Person.id)).all()
