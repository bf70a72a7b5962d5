"""Who reported, signed, accepted or returned cannot be rewritten by shell: the audit rows tell it too."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories.districts import World, only
from tracker.models.triggers import drop_triggers
from tracker.services.ledger.attesting import verify_steps


@pytest.fixture
def accepted(session: Session) -> Session:
    """A session in which the district's sheet of June is handed in, signed and accepted."""
    made = World(session, made=only("enrolments"))
    made.hand_in()
    made.sign()
    made.accept()
    session.flush()
    return session


def places(session: Session) -> set[str]:
    """What is named, without the ids."""
    return {one.place.split()[0] for one in verify_steps(session)}


def test_finds_nothing_in_honest_steps(accepted: Session) -> None:
    assert list(verify_steps(accepted)) == []


EDITS = {
    "UPDATE thread_entry SET text = 'x'": "thread_entry",
    "UPDATE thread_entry SET at = '2018-07-03 02:00:00.000001'": "thread_entry",
    "UPDATE submission SET by_id = NULL": "submission",
    "UPDATE submission SET at = '2018-07-03 02:00:00.000001'": "submission",
    "UPDATE revision SET signed_at = '2018-07-03 02:00:00.000001'": "revision",
    "UPDATE revision SET accepted_at = '2018-07-03 02:00:00.000001'": "revision",
}
"""Statement and the table whose row must be named."""


@pytest.mark.parametrize(("statement", "place"), EDITS.items())
def test_names_the_step_that_was_rewritten(accepted: Session, statement: str, place: str) -> None:
    drop_triggers(accepted.connection())
    accepted.execute(text(statement))
    assert place in places(accepted)
