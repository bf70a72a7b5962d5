"""Two people at the same report at the same moment: one wins, the other is told, and the totals are right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.districts import TODAY, World, only
from tests.factories.rows import NOW
from tests.support.databases import on_postgresql
from tests.support.racing import assert_settled, race
from tracker.db import Database
from tracker.domain.identity import Identity, Role
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.report import Acceptance, Revision, ThreadEntry
from tracker.services.revising import Verdict, correct, revoke, undo, verdict_of
from tracker.services.standings import Doer, Remark, Seen, list_standings
from tracker.services.transitions import accept, send_back, sign, withdraw

Act = Callable[[Session], object]
REMARK = Remark("与花名册不符", (), TODAY + timedelta(days=3))
many_turns = pytest.mark.parametrize("turn", range(4))


@on_postgresql
@pytest.mark.parametrize("turn", range(4))
def test_of_an_undo_and_a_correction_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_accepted(fresh_database)
    outcomes = race(
        fresh_database,
        lambda session: undo(session, given.verdict, Doer(given.reviewer, NOW)),
        lambda session: correct(session, given.versions, Doer(given.reporter, NOW), reason="漏登"),
    )
    assert sorted(outcomes) == ["", "MovedOn"]
    assert_settled(fresh_database)


@on_postgresql
@pytest.mark.parametrize("turn", range(4))
def test_of_a_correction_and_a_revocation_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_accepted(fresh_database)
    by = Doer(given.reviewer, NOW)
    outcomes = race(
        fresh_database,
        lambda session: revoke(session, given.versions, by, reason="重报", answer_by=NOW),
        lambda session: correct(session, given.versions, Doer(given.reporter, NOW), reason="漏登"),
    )
    assert sorted(outcomes) == ["", "MovedOn"]
    assert_settled(fresh_database)


@on_postgresql
@pytest.mark.parametrize("turn", range(4))
def test_of_an_undo_and_a_revocation_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_accepted(fresh_database)
    by = Doer(given.reviewer, NOW)
    outcomes = race(
        fresh_database,
        lambda session: undo(session, given.verdict, by),
        lambda session: revoke(session, given.versions, by, reason="重报", answer_by=NOW),
    )
    assert sorted(outcomes) == ["", "MovedOn"]
    assert_settled(fresh_database)


@on_postgresql
@pytest.mark.parametrize("turn", range(4))
def test_of_two_undos_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_accepted(fresh_database)
    acts = [lambda session: undo(session, given.verdict, Doer(given.reviewer, NOW))] * 2
    assert sorted(race(fresh_database, *acts)) == ["", "MovedOn"]
    assert_settled(fresh_database)


class Given(NamedTuple):
    """An accepted report and everybody who could act on it."""

    world: World
    verdict: Verdict
    versions: dict[int, int]
    reviewer: Identity
    reporter: Identity


def given_accepted(database: Database) -> Given:
    """One accepted report, committed."""
    with database.session() as session:
        world = World(session, made=only("enrolments"))
        world.hand_in()
        world.sign()
        reviewer = world.person(Role.REVIEWER, "330200")
        verdict = verdict_of(accept(session, world.seen(), Doer(reviewer, NOW)))
        reporter = world.person(Role.REPORTER, "330203")
        session.commit()
    return Given(world, verdict, dict(verdict.versions), reviewer, reporter)


class Waiting(NamedTuple):
    """A report handed in (or signed), and everybody who could act on it."""

    seen: list[Seen]
    reporter: Identity
    approver: Identity
    reviewer: Identity
    other: Identity

    def accepts(self, *, other: bool = False) -> Act:
        """A reviewer accepts."""
        who = Doer(self.other if other else self.reviewer, NOW)
        return lambda session: accept(session, self.seen, who)

    def returns(self) -> Act:
        """The other reviewer returns."""
        return lambda session: send_back(session, self.seen, Doer(self.other, NOW), REMARK)

    def signs(self) -> Act:
        """The approver signs."""
        return lambda session: sign(session, self.seen, Doer(self.approver, NOW))

    def withdraws(self) -> Act:
        """The reporter takes it back, as read in the same transaction."""
        ids = [one.revision_id for one in self.seen]
        return lambda session: withdraw(session, list_standings(session, ids), Doer(self.reporter, NOW))


def given_waiting(database: Database, *, is_signed: bool, is_correction: bool = False) -> Waiting:
    """A submitted or signed report, committed; as a correction of an accepted one where asked for."""
    with database.session() as session:
        world = World(session, made=only("enrolments"))
        world.hand_in()
        if is_correction:
            _begin_correction(world)
        if is_signed:
            world.sign()
        seen = [one for one in world.seen() if one.digest]
        people = [
            world.person(Role.REPORTER, "330203"), world.person(Role.APPROVER, "330203"),
            world.person(Role.REVIEWER, "330200"), world.person(Role.REVIEWER, "330200", name="第二位"),
        ]  # fmt: skip
        session.commit()
    return Waiting(seen, *people)


def _begin_correction(world: World) -> None:
    world.sign()
    world.accept()
    versions = {one.revision_id: one.version_id for one in world.seen()}
    correct(world.session, versions, Doer(world.person(Role.REPORTER, "330203"), NOW), reason="漏登")
    world.save(enrolments=TypedLine(value="17700"))
    world.submit()


def states(database: Database) -> list[str]:
    with database.read_session() as session:
        return list(session.scalars(select(Revision.state).order_by(Revision.number)))


def count_steps(database: Database, action: str) -> int:
    with database.read_session() as session:
        return len(session.scalars(select(ThreadEntry.id).where(ThreadEntry.action == action)).all())


@on_postgresql
@many_turns
def test_a_double_click_accepts_once(fresh_database: Database, turn: int) -> None:
    given = given_waiting(fresh_database, is_signed=True)
    assert sorted(race(fresh_database, given.accepts(), given.accepts())) == ["", "MovedOn"]
    assert (states(fresh_database), count_steps(fresh_database, "accept")) == (["accepted"], 1)
    assert_settled(fresh_database)


@on_postgresql
@many_turns
def test_of_sixteen_reviewers_at_one_report_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_waiting(fresh_database, is_signed=True)
    outcomes = race(fresh_database, *[given.accepts(other=bool(at % 2)) for at in range(16)])
    assert sorted(outcomes) == ["", *["MovedOn"] * 15]
    assert count_steps(fresh_database, "accept") == 1
    assert_settled(fresh_database)


@on_postgresql
@many_turns
def test_of_an_acceptance_and_a_return_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_waiting(fresh_database, is_signed=True)
    outcomes = race(fresh_database, given.accepts(), given.returns())
    assert sorted(outcomes) == ["", "MovedOn"]
    assert states(fresh_database) == (["accepted"] if outcomes[0] == "" else ["returned"])
    assert_settled(fresh_database)


@on_postgresql
@many_turns
def test_of_a_signature_and_a_withdrawal_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    given = given_waiting(fresh_database, is_signed=False)
    outcomes = race(fresh_database, given.signs(), given.withdraws())
    assert outcomes.count("") == 1, outcomes
    assert set(outcomes) <= {"", "MovedOn", "NotInThisState"}
    assert states(fresh_database) == (["signed"] if outcomes[0] == "" else ["draft"])
    assert_settled(fresh_database)


@on_postgresql
@many_turns
def test_of_two_approvers_exactly_one_signs(fresh_database: Database, turn: int) -> None:
    given = given_waiting(fresh_database, is_signed=False)
    assert sorted(race(fresh_database, given.signs(), given.signs())) == ["", "MovedOn"]
    assert count_steps(fresh_database, "sign") == 1
    assert_settled(fresh_database)


@on_postgresql
@many_turns
def test_accepting_a_correction_leaves_no_room_for_a_second_one(fresh_database: Database, turn: int) -> None:
    """Correcting the accepted version while its correction is accepted: whoever corrects is too late either way."""
    given = given_waiting(fresh_database, is_signed=True, is_correction=True)
    older = older_version(fresh_database)
    by = Doer(given.reporter, NOW)
    outcomes = race(
        fresh_database, given.accepts(), lambda session: correct(session, older, by, reason="又漏登")
    )
    assert outcomes[0] == ""
    assert outcomes[1] in {"MovedOn", "AlreadyUnderWay", "NotInThisState"}
    assert states(fresh_database) == ["superseded", "accepted"]
    assert_settled(fresh_database)


@on_postgresql
@many_turns
def test_of_accepting_a_correction_and_revoking_what_it_corrects_exactly_one_wins(
    fresh_database: Database, turn: int
) -> None:
    given = given_waiting(fresh_database, is_signed=True, is_correction=True)
    older = older_version(fresh_database)
    by = Doer(given.other, NOW)
    outcomes = race(
        fresh_database,
        given.accepts(),
        lambda session: revoke(session, older, by, reason="重报", answer_by=TODAY),
    )
    assert outcomes.count("") == 1, outcomes
    won = ["superseded", "accepted"] if outcomes[0] == "" else ["revoked", "dropped", "draft"]
    assert states(fresh_database) == won
    assert_settled(fresh_database)
    with fresh_database.read_session() as session:
        counting = select(Acceptance.id).where(Acceptance.ended_posting_id.is_(None))
        assert len(session.scalars(counting).all()) == (outcomes[0] == "")


def older_version(database: Database) -> dict[int, int]:
    """The accepted revision in its version."""
    with database.read_session() as session:
        wanted = select(Revision.id, Revision.version_id).where(Revision.state == "accepted")
        return {row.id: row.version_id for row in session.execute(wanted)}


@on_postgresql
def test_the_race_finds_two_winners_where_nothing_guards(fresh_database: Database) -> None:
    """The harness bites: two acts that do not look whether somebody was first both win."""
    given = given_waiting(fresh_database, is_signed=True)
    [one] = given.seen

    def unguarded(session: Session) -> None:
        values = {"state": "accepted", "accepted_at": NOW}
        session.execute(update(Revision).where(Revision.id == one.revision_id).values(values))

    assert race(fresh_database, unguarded, unguarded) == ["", ""]
