"""Files of a closed revision never come, change or go, and a tombstone is set once."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories.districts import World, only
from tests.factories.rows import NOW
from tracker.domain.workflow import State
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.models.report import Revision
from tracker.services.evidence import carry_evidence, list_evidence

BLOB = "a" * 64


@pytest.fixture
def world(session: Session) -> World:
    """A draft with one file, and the submitted revision of another month."""
    made = World(session, made=only("enrolments"))
    made.save(enrolments=TypedLine(value="17600"))
    session.add(EvidenceBlob(sha256=BLOB, media="pdf", size=9, preview=None, at=NOW))
    session.flush()
    return made


def attach(world: World, revision_id: int) -> Evidence:
    """A file on a revision."""
    by_id = next(iter(world.people.values())).person_id
    row = Evidence(
        revision_id=revision_id, sha256=BLOB, received_sha256=BLOB, name="通知.pdf", by_id=by_id, at=NOW
    )
    world.session.add(row)
    world.session.flush()
    return row


def draft(world: World) -> Revision:
    """June's revision."""
    filing = world.sheet().reports[0].filing
    assert filing is not None
    return world.session.get_one(Revision, filing.revision_id)


TAKE_OUT = "UPDATE evidence SET removed_at = '2018-07-03', removed_by_id = by_id, reason = '传错了'"
REFUSED_ANYWHERE = {
    "another name": "UPDATE evidence SET name = 'x.pdf'",
    "another file": "UPDATE evidence SET received_sha256 = 'b'",
    "another name while taking out": f"{TAKE_OUT}, name = 'x.pdf'",
    "deleted": "DELETE FROM evidence",
    "another size": "UPDATE evidence_blob SET size = 1",
    "a blob deleted": "DELETE FROM evidence_blob",
}


@pytest.mark.parametrize("statement", REFUSED_ANYWHERE.values(), ids=REFUSED_ANYWHERE.keys())
def test_refuses_to_change_what_is_attached(world: World, statement: str) -> None:
    attach(world, draft(world).id)
    with pytest.raises(DBAPIError, match=r"evidence changes|never"):
        world.session.execute(text(statement))


def test_lets_a_file_be_taken_out_once(world: World) -> None:
    attach(world, draft(world).id)
    world.session.execute(text(TAKE_OUT))
    with pytest.raises(DBAPIError, match="taken out once"):
        world.session.execute(text("UPDATE evidence SET reason = '别的'"))


@pytest.mark.parametrize("state", sorted(set(State) - {State.DRAFT, State.RETURNED}))
def test_refuses_any_change_of_a_closed_revision(world: World, state: State) -> None:
    revision = draft(world)
    attach(world, revision.id)
    world.session.execute(text(f"UPDATE revision SET state = '{state}'"))
    with pytest.raises(DBAPIError, match="evidence changes"), world.session.begin_nested():
        world.session.execute(text(TAKE_OUT))
    with pytest.raises(DBAPIError, match="evidence changes"):
        attach(world, revision.id)


def test_a_correction_carries_the_files_by_reference(world: World) -> None:
    session, first = world.session, draft(world)
    file = attach(world, first.id)
    attach(world, first.id)
    session.execute(text(f"{TAKE_OUT} WHERE id = {file.id + 1}"))
    session.execute(text("UPDATE revision SET state = 'accepted'"))
    second = Revision(
        report_id=first.report_id, number=2, state=State.DRAFT, origin="page", created_at=NOW, changed_at=NOW
    )
    session.add(second)
    session.flush()
    carry_evidence(session, first.id, second.id)
    (carried,) = list_evidence(session, [second.id])[second.id]
    row = session.get_one(Evidence, carried.id)
    assert (row.carried_from_id, carried.sha256, carried.name) == (file.id, BLOB, "通知.pdf")
    assert carried.used_in == ()
