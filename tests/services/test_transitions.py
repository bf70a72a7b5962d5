"""Every way through THE transition table that a sheet can take, and every way that is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import JUNE, MAY, TODAY, World, only
from tests.factories.rows import NOW
from tests.support.databases import on_postgresql
from tracker.db import Database
from tracker.domain.identity import Identity, Role
from tracker.domain.messages import Refusal
from tracker.domain.periods import Period
from tracker.domain.workflow import NotInThisState, State
from tracker.features.reports.commands.handing_in import NothingToTakeBack, withdraw_sheet
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.audit import AuditEntry
from tracker.models.ledger import MONTHS, Posting, Tally
from tracker.models.org_unit import OrgUnit
from tracker.models.report import Acceptance, Report, Revision, Submission, ThreadEntry
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.snapshots import verify_submissions
from tracker.services.transitions import (
    Doer,
    MovedOn,
    NotYourDesk,
    ReasonRequired,
    Remark,
    SamePerson,
    Seen,
    accept,
    list_standings,
    send_back,
    sign,
    submit,
)

Verdict = Callable[[Session, Sequence[Seen], Doer], object]
REMARK = Remark("与花名册不符", (), TODAY + timedelta(days=3))


def returned(session: Session, seen: Sequence[Seen], doer: Doer) -> object:
    return send_back(session, seen, doer, REMARK)


@pytest.fixture
def world(session: Session) -> World:
    """One flow; the district's sheet of June is handed in."""
    made = World(session, made=only("enrolments"))
    made.hand_in()
    return made


def state(world: World, code: str = "330203", period: Period = JUNE) -> State | None:
    world.session.expire_all()
    return world.sheet(code, period).reports[0].state


def doer(world: World, role: Role, code: str) -> Doer:
    return Doer(world.person(role, code), NOW)


def test_walks_from_draft_to_accepted(world: World) -> None:
    assert state(world) is State.SUBMITTED
    world.sign()
    assert state(world) is State.SIGNED
    world.accept()
    assert state(world) is State.ACCEPTED
    assert list(verify_submissions(world.session)) == []


@pytest.mark.parametrize("role", [Role.APPROVER, Role.REVIEWER])
def test_a_return_goes_back_to_the_reporter_who_mends_and_submits_again(world: World, role: Role) -> None:
    place = "330203" if role is Role.APPROVER else "330200"
    if role is Role.REVIEWER:
        world.sign()
    returned(world.session, world.seen(), doer(world, role, place))
    assert state(world) is State.RETURNED
    filing = world.sheet().reports[0].filing
    assert filing is not None
    assert filing.answer_by == REMARK.answer_by
    assert filing.signed_by_id is None
    world.save(enrolments=TypedLine(value="17500"))
    assert state(world) is State.RETURNED
    world.submit()
    assert state(world) is State.SUBMITTED
    numbers = world.session.scalars(select(Submission.number).order_by(Submission.id)).all()
    assert numbers == [1, 2]


def test_its_submitter_withdraws_until_somebody_judged(world: World) -> None:
    withdraw_sheet(world.session, world.sheet(), doer(world, Role.REPORTER, "330203"), today=TODAY)
    assert state(world) is State.DRAFT
    world.submit()
    world.sign()
    with pytest.raises(NothingToTakeBack):
        withdraw_sheet(world.session, world.sheet(), doer(world, Role.REPORTER, "330203"), today=TODAY)


def test_only_the_submitter_withdraws(world: World) -> None:
    other = Doer(world.person(Role.REPORTER, "330203", name="李四"), NOW)
    with pytest.raises(NotYourDesk):
        withdraw_sheet(world.session, world.sheet(), other, today=TODAY)


@pytest.mark.parametrize(
    ("verdict", "role", "code"),
    [
        (sign, Role.APPROVER, "330205"),
        (returned, Role.APPROVER, "330205"),
        (sign, Role.APPROVER, "330200"),
    ],
)
def test_refuses_an_approver_of_another_unit(world: World, verdict: Verdict, role: Role, code: str) -> None:
    with pytest.raises(NotYourDesk):
        verdict(world.session, world.seen(), doer(world, role, code))
    assert state(world) is State.SUBMITTED


@pytest.mark.parametrize("verdict", [accept, returned])
@pytest.mark.parametrize("code", ["330500", "330000", "330203"])
def test_refuses_a_reviewer_who_is_not_directly_above(world: World, verdict: Verdict, code: str) -> None:
    world.sign()
    with pytest.raises(NotYourDesk):
        verdict(world.session, world.seen(), doer(world, Role.REVIEWER, code))
    assert state(world) is State.SIGNED


def test_a_reviewer_bound_to_a_department_judges_its_pledges_alone(world: World) -> None:
    world.sign()
    other = Doer(world.person(Role.REVIEWER, "330200", name="经济技术部", department="经济技术部"), NOW)
    with pytest.raises(NotYourDesk):
        accept(world.session, world.seen(), other)
    bound = Doer(world.person(Role.REVIEWER, "330200", name="职工保障部", department="职工保障部"), NOW)
    accept(world.session, world.seen(), bound)
    assert state(world) is State.ACCEPTED


@pytest.mark.parametrize(
    ("verdict", "role", "place"),
    [
        (accept, Role.REVIEWER, "330200"),  # not signed yet
        (returned, Role.REVIEWER, "330200"),
        (sign, Role.REPORTER, "330203"),
        (accept, Role.APPROVER, "330203"),
        (sign, Role.VIEWER, "330203"),
        (sign, Role.AUDITOR, "330203"),
        (sign, Role.ADMIN, "330203"),
    ],
)
def test_refuses_every_step_the_table_does_not_have(
    world: World, verdict: Verdict, role: Role, place: str
) -> None:
    other = Doer(world.person(role, place, name=f"另一位{role}"), NOW)
    with pytest.raises(NotInThisState):
        verdict(world.session, world.seen(), other)
    assert state(world) is State.SUBMITTED


def test_refuses_an_author_who_signs(world: World) -> None:
    author = world.also(world.person(Role.REPORTER, "330203"), Role.APPROVER, "330203")
    with pytest.raises(SamePerson):
        sign(world.session, world.seen(), Doer(author, NOW))


def test_refuses_an_author_who_accepts(world: World) -> None:
    world.sign()
    author = world.also(world.person(Role.REPORTER, "330203"), Role.REVIEWER, "330200")
    with pytest.raises(SamePerson):
        accept(world.session, world.seen(), Doer(author, NOW))


def test_refuses_the_signer_who_accepts(world: World) -> None:
    world.sign()
    signer = world.also(world.person(Role.APPROVER, "330203"), Role.REVIEWER, "330200")
    with pytest.raises(SamePerson):
        accept(world.session, world.seen(), Doer(signer, NOW))


@pytest.mark.parametrize("verdict", [sign, returned])
def test_refuses_a_version_the_person_did_not_see(world: World, verdict: Verdict) -> None:
    old = [replace(one, version_id=one.version_id - 1) for one in world.seen()]
    with pytest.raises(MovedOn):
        verdict(world.session, old, doer(world, Role.APPROVER, "330203"))


def test_refuses_a_content_the_person_did_not_see(world: World) -> None:
    other = [replace(one, digest="0" * 64) for one in world.seen()]
    with pytest.raises(MovedOn):
        sign(world.session, other, doer(world, Role.APPROVER, "330203"))


def test_refuses_a_verdict_on_nothing_and_on_what_does_not_exist(world: World) -> None:
    with pytest.raises(MovedOn):
        sign(world.session, [], doer(world, Role.APPROVER, "330203"))
    with pytest.raises(MovedOn):
        sign(world.session, [Seen(2**40, 1, "")], doer(world, Role.APPROVER, "330203"))


def test_refuses_to_judge_two_units_at_once(world: World) -> None:
    world.hand_in(code="330205")
    both = world.seen() + world.seen("330205")
    with pytest.raises(MovedOn):
        sign(world.session, both, doer(world, Role.APPROVER, "330203"))


def test_refuses_a_return_without_a_reason(world: World) -> None:
    with pytest.raises(ReasonRequired):
        send_back(world.session, world.seen(), doer(world, Role.APPROVER, "330203"), Remark("  "))


def test_refuses_to_submit_the_same_version_twice(world: World) -> None:
    with pytest.raises(Refusal, match="已经提交"):
        world.submit()
    numbers = world.session.scalars(select(Submission.number)).all()
    assert numbers == [1]


def test_the_publishers_own_level_is_judged_by_its_own_staff(session: Session) -> None:
    world = World(session, made=only("enrolments"), own_level=True)
    world.hand_in(code="330200")
    world.sign(code="330200")
    world.accept(code="330200")
    assert state(world, "330200") is State.ACCEPTED


def test_every_step_leaves_one_audit_entry_and_one_step_in_the_thread(world: World) -> None:
    world.sign()
    world.accept()
    actions = world.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["report.saved", "report.submitted", "report.signed", "report.accepted"]
    steps = world.session.scalars(select(ThreadEntry.action).order_by(ThreadEntry.id)).all()
    assert steps == ["submit", "sign", "accept"]


def test_a_refusal_leaves_nothing_behind(world: World) -> None:
    before = _traces(world.session)
    for verdict, who in (
        (sign, doer(world, Role.APPROVER, "330205")),
        (accept, doer(world, Role.REVIEWER, "330200")),
    ):
        with pytest.raises(Refusal):
            verdict(world.session, world.seen(), who)
    assert _traces(world.session) == before


def test_posts_every_step_that_changes_totals_and_opens_one_acceptance(world: World) -> None:
    world.sign()
    world.accept()
    acts = world.session.scalars(select(Posting.action).order_by(Posting.id)).all()
    assert acts[-2:] == ["submit", "accept"]
    revision = world.session.scalars(select(Acceptance.revision_id)).one()
    assert revision == world.session.scalars(select(Revision.id)).one()
    assert _city(world, "accepted") == 17_600
    assert _city(world, "provisional") == 0


def test_a_submission_is_provisional_until_it_is_returned(world: World) -> None:
    assert (_city(world, "provisional"), _city(world, "accepted")) == (17_600, 0)
    returned(world.session, world.seen(), doer(world, Role.APPROVER, "330203"))
    assert _city(world, "provisional") == 0


@on_postgresql
@pytest.mark.parametrize("turn", range(5))
def test_two_acceptances_of_one_units_levels_race_to_the_right_level(
    fresh_database: Database, turn: int
) -> None:
    with fresh_database.session() as session:
        world = _two_signed_levels(session)
        reviewer = world.person(Role.REVIEWER, "330200")
        seen = {period: world.seen(period=period) for period in (MAY, JUNE)}
        session.commit()
    outcomes = _together(fresh_database, [(seen[MAY], reviewer), (seen[JUNE], reviewer)])
    assert outcomes == [None, None]
    with fresh_database.session() as session:
        while try_fold(session, NOW) is not None:
            session.commit()
        assert _levels(session) == [0, 0, 0, 0, 300, 320, 320]
        assert verify_totals(session) == []


@on_postgresql
@pytest.mark.parametrize("turn", range(5))
def test_of_two_acceptances_of_one_report_exactly_one_wins(fresh_database: Database, turn: int) -> None:
    with fresh_database.session() as session:
        world = _two_signed_levels(session)
        first, second = (
            world.person(Role.REVIEWER, "330200"),
            world.person(Role.REVIEWER, "330200", name="第二位"),
        )
        seen = world.seen()
        session.commit()
    outcomes = _together(fresh_database, [(seen, first), (seen, second)])
    assert sorted(type(one).__name__ for one in outcomes) == ["MovedOn", "NoneType"]
    with fresh_database.session() as session:
        try_fold(session, NOW)
        assert verify_totals(session) == []
        assert len(session.scalars(select(Acceptance.id)).all()) == 1


def test_levels_accepted_out_of_order_carry_the_last_one(session: Session) -> None:
    world = _two_signed_levels(session)
    world.accept(period=JUNE)
    world.accept(period=MAY)
    try_fold(session, NOW)
    assert _levels(session) == [0, 0, 0, 0, 300, 320, 320]
    assert verify_totals(session) == []


def test_refuses_a_revision_whose_state_moved_between_reading_and_writing(world: World) -> None:
    """The guarded UPDATE itself: what was read is no longer what is there."""
    session = world.session
    revision = session.scalars(select(Revision)).one()
    from_draft = list_standings(session, [revision.id])[0]._replace(state=State.DRAFT)
    with pytest.raises(MovedOn):
        submit(session, [from_draft], doer(world, Role.REPORTER, "330203"))
    session.expire_all()
    assert revision.state == State.SUBMITTED


def _two_signed_levels(session: Session) -> World:
    world = World(session, made=only("members"))
    for period, level in ((MAY, "300"), (JUNE, "320")):
        world.hand_in(period=period, members=TypedLine(value=level))
        world.sign(period=period)
    session.flush()
    return world


def _together(
    database: Database, verdicts: Sequence[tuple[Sequence[Seen], Identity]]
) -> list[Exception | None]:
    """Accept from one thread each, all starting at once; what each came to."""
    barrier = threading.Barrier(len(verdicts))
    outcomes: list[Exception | None] = [None] * len(verdicts)

    def run(at: int, seen: Sequence[Seen], who: Identity) -> None:
        with database.session() as session:
            barrier.wait()
            try:
                accept(session, seen, Doer(who, NOW))
                session.commit()
            except Refusal as refused:
                outcomes[at] = refused

    threads = [threading.Thread(target=run, args=(at, *verdict)) for at, verdict in enumerate(verdicts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _levels(session: Session) -> list[int]:
    """What the city has of the district's level at the end of each month up to July."""
    wanted = (
        select(*(getattr(Tally, month) for month in MONTHS))
        .join(OrgUnit, OrgUnit.id == Tally.org_unit_id)
        .where(
            Tally.part == "amount",
            Tally.basis == "accepted",
            OrgUnit.code == "330200",
            Tally.parent_id != Tally.org_unit_id,
        )
    )
    months = list(session.execute(wanted).one())
    return [sum(months[: at + 1]) for at in range(7)]


def _city(world: World, basis: str) -> int:
    try_fold(world.session, NOW)
    wanted = select(Tally.m6).where(
        Tally.part == "amount",
        Tally.basis == basis,
        Tally.org_unit_id == world.units["330200"],
        Tally.parent_id == world.units["330000"],
    )
    return world.session.scalar(wanted) or 0


def _traces(session: Session) -> list[int]:
    models = (AuditEntry, ThreadEntry, Posting, Submission, Report)
    return [len(session.scalars(select(model.id)).all()) for model in models]
