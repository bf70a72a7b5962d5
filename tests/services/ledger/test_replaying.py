"""A state or a moment rewritten by shell is named, of open revisions too; honest ways through the table are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.factories.districts import TODAY, World, only
from tests.factories.imports import bring, plant_all_kinds
from tests.factories.rows import NOW
from tracker.domain.identity import Role
from tracker.domain.workflow import State
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.report import Revision
from tracker.models.triggers import drop_triggers
from tracker.services.ledger.replaying import verify_import_moments, verify_states
from tracker.services.ledger.verifying import Discrepancy
from tracker.services.revising import correct, drop, revoke, undo, verdict_of
from tracker.services.standings import Doer, Remark
from tracker.services.transitions import accept, list_standings, send_back, withdraw

Step = Callable[[World], object]
Check = Callable[[Session], Iterator[Discrepancy]]


def by(world: World, role: Role) -> Doer:
    return Doer(world.person(role, "330200" if role is Role.REVIEWER else "330203"), NOW)


def versions(world: World) -> dict[int, int]:
    return {one.revision_id: one.version_id for one in world.seen()}


def begin_correction(world: World) -> None:
    correct(world.session, versions(world), by(world, Role.REPORTER), reason="漏登")


def take_back(world: World) -> None:
    ids = [one.revision_id for one in world.seen()]
    withdraw(world.session, list_standings(world.session, ids), by(world, Role.REPORTER))


def give_back(world: World) -> None:
    remark = Remark("与花名册不符", (), TODAY + timedelta(days=3))
    send_back(world.session, world.seen(), by(world, Role.APPROVER), remark)


def accept_and_undo(world: World) -> None:
    undo(
        world.session,
        verdict_of(accept(world.session, world.seen(), by(world, Role.REVIEWER))),
        by(world, Role.REVIEWER),
    )


def take_out(world: World) -> None:
    revoke(world.session, versions(world), by(world, Role.REVIEWER), reason="重报", answer_by=TODAY)


def correct_and_accept(world: World) -> None:
    begin_correction(world)
    world.save(enrolments=TypedLine(value="17700"))
    world.submit()
    world.sign()


def give_up(world: World) -> None:
    begin_correction(world)
    drop(world.session, versions(world), by(world, Role.REPORTER))


WAYS = {
    "draft": (take_back,),
    "submitted": (),
    "returned": (give_back,),
    "signed": (World.sign,),
    "undone": (World.sign, accept_and_undo),
    "accepted": (World.sign, World.accept),
    "correcting": (World.sign, World.accept, begin_correction),
    "dropped": (World.sign, World.accept, give_up),
    "superseded": (World.sign, World.accept, correct_and_accept, World.accept),
    "counting again": (World.sign, World.accept, correct_and_accept, accept_and_undo),
    "revoked": (World.sign, World.accept, take_out),
}


@pytest.fixture
def world(session: Session) -> World:
    """The district's sheet of June handed in."""
    made = World(session, made=only("enrolments"))
    made.hand_in()
    return made


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_every_honest_way_leads_where_the_acts_say(world: World, way: tuple[Step, ...]) -> None:
    for step in way:
        step(world)
    world.session.expire_all()
    assert list(verify_states(world.session)) == []


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_any_other_state_of_any_revision_is_named(world: World, way: tuple[Step, ...]) -> None:
    for step in way:
        step(world)
    session = world.session
    session.expire_all()
    drop_triggers(session.connection())
    for row in session.execute(select(Revision.id, Revision.state)).all():
        for state in [*State]:
            with session.begin_nested() as trial:
                # one open and one accepted revision at a time is the index's to hold; here the verifier is tried
                session.execute(text("DROP INDEX uq_revision_open"))
                session.execute(text("DROP INDEX uq_revision_accepted"))
                edit = text("UPDATE revision SET state = :state WHERE id = :id")
                session.execute(edit, {"state": state, "id": row.id})
                found = [(one.place, one.found) for one in verify_states(session)]
                assert found == ([] if state == row.state else [(f"revision {row.id}", state)])
                trial.rollback()


@pytest.fixture
def imported(session: Session) -> Session:
    """A figure imported, and corrected by a second import."""
    plant_all_kinds(session)
    for value in (100, 120):
        bring(
            session,
            f"""
            org_unit,period,indicator,value
            330203,2018-01,enrolments,{value}
        """,
        )
    return session


def test_imports_stand_where_their_postings_say(imported: Session) -> None:
    assert list(verify_states(imported)) == []
    assert list(verify_import_moments(imported)) == []


IMPORT_EDITS = {
    "UPDATE submission SET at = '2018-01-02 02:00:00.000001'": verify_import_moments,
    "UPDATE submission SET by_id = NULL, at = '2017-01-02 02:00:00.000000' WHERE number = 1": verify_import_moments,
    "UPDATE revision SET state = 'revoked' WHERE state = 'superseded'": verify_states,
    "UPDATE revision SET state = 'signed' WHERE state = 'accepted'": verify_states,
}


@pytest.mark.parametrize(("edit", "check"), IMPORT_EDITS.items())
def test_an_import_rewritten_by_shell_is_named(imported: Session, edit: str, check: Check) -> None:
    drop_triggers(imported.connection())
    assert imported.execute(text(edit)).rowcount  # type: ignore[attr-defined]
    imported.expire_all()
    assert list(check(imported)) != []
