"""Undo, revoke, correct and drop: what counts, since when, and who may say so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import JUNE, TODAY, World, only
from tests.factories.people import make_person
from tests.factories.rows import NOW
from tracker.domain.identity import Role
from tracker.domain.periods import Month
from tracker.domain.workflow import NotInThisState, State
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.audit import AuditEntry
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.models.ledger import Tally
from tracker.models.report import Acceptance, Line, Report, Revision, RevisionAuthor, ThreadEntry
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.moving import MovedOn, NotYourDesk
from tracker.services.revising import (
    AlreadyUnderWay,
    BulletinStands,
    NoCorrection,
    UndoOver,
    Verdict,
    WhyMissing,
    comment,
    correct,
    drop,
    revoke,
    undo,
    verdict_of,
)
from tracker.services.snapshots import verify_submissions
from tracker.services.standings import Doer, list_standings
from tracker.services.transitions import accept

ANSWER_BY = TODAY + timedelta(days=3)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def world(session: Session) -> World:
    """One flow and a level; the district's June is signed."""
    made = World(session, made=only("enrolments", "members"))
    made.hand_in()
    made.sign()
    return made


def doer(world: World, role: Role, code: str, *, at: datetime = NOW, name: str = "") -> Doer:
    return Doer(world.person(role, code, name=name), at)


def accepted(world: World, *, by: Doer | None = None) -> Verdict:
    return verdict_of(accept(world.session, world.seen(), by or doer(world, Role.REVIEWER, "330200")))


def states(world: World) -> list[str]:
    world.session.expire_all()
    wanted = select(Revision.state).join(Report).order_by(Report.pledge_id, Revision.number)
    return list(world.session.scalars(wanted))


def versions(world: World, *wanted: State) -> dict[int, int]:
    world.session.expire_all()
    found = world.session.scalars(select(Revision).where(Revision.state.in_(wanted or (State.ACCEPTED,))))
    return {one.id: one.version_id for one in found}


def city(world: World, code: str = "enrolments", basis: str = "accepted") -> int:
    """What the city has of an indicator by June, sealed and proven."""
    try_fold(world.session, NOW)
    assert verify_totals(world.session) == []
    wanted = select(Tally).where(
        Tally.part == "amount",
        Tally.basis == basis,
        Tally.indicator_id == world.indicators[code].id,
        Tally.org_unit_id == world.units["330200"],
        Tally.parent_id == world.units["330000"],
    )
    row = world.session.scalars(wanted).one_or_none()
    return 0 if row is None else sum(getattr(row, f"m{month}") for month in range(1, 7))


def spans(world: World) -> list[tuple[int, bool]]:
    """Revision number and whether it still counts, of the first pledge, in order."""
    world.session.expire_all()
    wanted = (
        select(Revision.number, Acceptance.ended_posting_id)
        .join(Acceptance, Acceptance.revision_id == Revision.id)
        .join(Report, Report.id == Revision.report_id)
        .where(Report.pledge_id == world.indicators["enrolments"].pledge_id)
        .order_by(Acceptance.id)
    )
    return [(row.number, row.ended_posting_id is None) for row in world.session.execute(wanted)]


def correct_enrolments(world: World, value: str) -> None:
    """A correction of the first pledge up to its signature."""
    pledge = world.indicators["enrolments"].pledge_id
    of_pledge = select(Revision).join(Report).where(Report.pledge_id == pledge, Revision.state == "accepted")
    counting = world.session.scalars(of_pledge).one()
    reporter = doer(world, Role.REPORTER, "330203")
    correct(world.session, {counting.id: counting.version_id}, reporter, reason="补报漏登人次")
    world.save(enrolments=TypedLine(value=value))
    world.submit()
    seen = [one for one in world.seen() if one.revision_id in versions(world, State.SUBMITTED)]
    from_signer = doer(world, Role.APPROVER, "330203")
    world.sign_seen(seen, from_signer)


def test_undo_makes_it_signed_again_and_takes_the_figures_back(world: World) -> None:
    verdict = accepted(world)
    assert city(world) == 17_600
    undo(world.session, verdict, doer(world, Role.REVIEWER, "330200", at=NOW + timedelta(seconds=10)))
    assert states(world) == ["signed", "signed"]
    assert (city(world), city(world, basis="provisional")) == (0, 17_600)
    assert spans(world) == [(1, False)]
    of_first = (
        select(Revision).join(Report).where(Report.pledge_id == world.indicators["enrolments"].pledge_id)
    )
    revision = world.session.scalars(of_first).one()
    assert (revision.accepted_by_id, revision.accepted_at) == (None, None)
    assert revision.signed_by_id == world.person(Role.APPROVER, "330203").person_id


def test_what_was_undone_can_be_accepted_again(world: World) -> None:
    undo(world.session, accepted(world), doer(world, Role.REVIEWER, "330200"))
    accepted(world)
    assert spans(world) == [(1, False), (1, True)]
    assert city(world) == 17_600


def test_undoing_a_correction_lets_the_older_one_count_again(world: World) -> None:
    accepted(world)
    correct_enrolments(world, "17000")
    seen = [one for one in world.seen() if one.revision_id in versions(world, State.SIGNED)]
    verdict = verdict_of(accept(world.session, seen, doer(world, Role.REVIEWER, "330200", at=LATER)))
    assert (states(world), city(world)) == (["superseded", "accepted", "accepted"], 17_000)
    assert spans(world) == [(1, False), (2, True)]
    undo(world.session, verdict, doer(world, Role.REVIEWER, "330200", at=LATER))
    assert (states(world), city(world)) == (["accepted", "signed", "accepted"], 17_600)
    assert spans(world) == [(1, False), (2, False), (1, True)]
    assert city(world, basis="provisional") == -600


def test_undo_is_over_after_ten_seconds(world: World) -> None:
    verdict = accepted(world)
    with pytest.raises(UndoOver):
        undo(world.session, verdict, doer(world, Role.REVIEWER, "330200", at=NOW + timedelta(seconds=10.1)))


def test_undo_is_for_the_same_reviewer_alone(world: World) -> None:
    verdict = accepted(world)
    with pytest.raises(NotYourDesk):
        undo(world.session, verdict, doer(world, Role.REVIEWER, "330200", name="另一位"))


def test_undo_is_refused_once_something_happened(world: World) -> None:
    verdict = accepted(world)
    correct(world.session, versions(world), doer(world, Role.REPORTER, "330203"), reason="漏登")
    with pytest.raises(MovedOn):
        undo(world.session, verdict, doer(world, Role.REVIEWER, "330200"))


def test_undo_names_content_that_was_not_what_the_person_accepted(world: World) -> None:
    verdict = accepted(world)._replace(digest="0" * 64)
    with pytest.raises(MovedOn):
        undo(world.session, verdict, doer(world, Role.REVIEWER, "330200"))


def test_a_revocation_takes_the_figures_out_and_leaves_a_draft_with_the_lines(world: World) -> None:
    accepted(world)
    before = world.session.execute(select(Line.value, Line.typed_by_id).order_by(Line.indicator_id)).all()
    revoke(
        world.session,
        versions(world),
        doer(world, Role.REVIEWER, "330200", name="另一位"),
        reason="花名册有误",
        answer_by=ANSWER_BY,
    )
    assert states(world) == ["revoked", "draft", "revoked", "draft"]
    assert (city(world), city(world, "members"), city(world, basis="provisional")) == (0, 0, 0)
    drafts = list(versions(world, State.DRAFT))
    copied = world.session.execute(
        select(Line.value, Line.typed_by_id).where(Line.revision_id.in_(drafts)).order_by(Line.indicator_id)
    ).all()
    assert copied == before
    authors = set(
        world.session.scalars(select(RevisionAuthor.person_id).where(RevisionAuthor.revision_id.in_(drafts)))
    )
    assert authors == {world.person(Role.REPORTER, "330203").person_id}
    redone = world.session.get(Revision, drafts[0])
    assert redone is not None
    assert (redone.reason, redone.answer_by) == ("花名册有误", ANSWER_BY)
    assert list(verify_submissions(world.session)) == []


def test_what_was_revoked_is_redone_even_in_a_closed_period(session: Session) -> None:
    world = World(session, made=only("enrolments"), close_day=2)
    world.programme.close_day = None
    world.hand_in()
    world.sign()
    accepted(world)
    by = doer(world, Role.REVIEWER, "330200")
    revoke(session, versions(world), by, reason="重报", answer_by=ANSWER_BY)
    world.programme.close_day = 2
    session.flush()
    world.save(enrolments=TypedLine(value="17500"))
    world.submit()
    world.sign()
    world.accept()
    assert city(world) == 17_500


@pytest.mark.parametrize("code", ["330203", "330500", "330000"])
def test_only_reviewers_up_to_the_publisher_revoke(world: World, code: str) -> None:
    accepted(world)
    with pytest.raises(NotYourDesk):
        revoke(
            world.session,
            versions(world),
            doer(world, Role.REVIEWER, code),
            reason="重报",
            answer_by=ANSWER_BY,
        )


def test_a_revocation_needs_its_reason_and_the_version_seen(world: World) -> None:
    accepted(world)
    by = doer(world, Role.REVIEWER, "330200")
    with pytest.raises(WhyMissing):
        revoke(world.session, versions(world), by, reason=" ", answer_by=ANSWER_BY)
    old = {key: version - 1 for key, version in versions(world).items()}
    with pytest.raises(MovedOn):
        revoke(world.session, old, by, reason="重报", answer_by=ANSWER_BY)


def test_a_revocation_drops_the_correction_under_way_and_leaves_the_superseded_alone(world: World) -> None:
    accepted(world)
    correct_enrolments(world, "17000")
    seen = [one for one in world.seen() if one.revision_id in versions(world, State.SIGNED)]
    accept(world.session, seen, doer(world, Role.REVIEWER, "330200"))
    correct_enrolments(world, "16000")
    by = doer(world, Role.REVIEWER, "330200")
    revoke(world.session, versions(world), by, reason="重报", answer_by=ANSWER_BY)
    assert states(world) == ["superseded", "revoked", "dropped", "draft", "revoked", "draft"]
    assert (city(world), city(world, basis="provisional")) == (0, 0)
    actions = world.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-3:] == ["report.dropped", "report.revoked", "report.revoked"]


def test_a_correction_changes_nothing_until_it_is_accepted(world: World) -> None:
    accepted(world)
    correct_enrolments(world, "17000")
    assert (states(world), city(world)) == (["accepted", "signed", "accepted"], 17_600)
    assert city(world, basis="provisional") == -600
    seen = [one for one in world.seen() if one.revision_id in versions(world, State.SIGNED)]
    accept(world.session, seen, doer(world, Role.REVIEWER, "330200"))
    assert (city(world), city(world, basis="provisional")) == (17_000, 0)


def test_a_correction_needs_a_reason_and_that_none_is_under_way(world: World) -> None:
    accepted(world)
    reporter = doer(world, Role.REPORTER, "330203")
    with pytest.raises(WhyMissing):
        correct(world.session, versions(world), reporter, reason="")
    correct(world.session, versions(world), reporter, reason="漏登")
    with pytest.raises(AlreadyUnderWay):
        correct(world.session, versions(world), reporter, reason="漏登")


def test_only_the_own_unit_corrects(world: World) -> None:
    accepted(world)
    with pytest.raises(NotYourDesk):
        correct(world.session, versions(world), doer(world, Role.REPORTER, "330205"), reason="漏登")


def test_a_dropped_correction_leaves_what_counts_and_makes_room_for_another(world: World) -> None:
    accepted(world)
    reporter = doer(world, Role.REPORTER, "330203")
    correct(world.session, versions(world), reporter, reason="漏登")
    drop(world.session, versions(world, State.DRAFT), reporter)
    assert states(world) == ["accepted", "dropped", "accepted", "dropped"]
    assert city(world) == 17_600
    correct(world.session, versions(world), reporter, reason="再来")
    assert states(world).count("draft") == 2


def test_a_first_draft_cannot_be_dropped(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.save(enrolments=TypedLine(value="5"))
    with pytest.raises(NoCorrection):
        drop(session, versions(world, State.DRAFT), doer(world, Role.REPORTER, "330203"))


def test_the_author_of_copied_lines_does_not_accept_them(world: World) -> None:
    accepted(world)
    by = doer(world, Role.REVIEWER, "330200")
    revoke(world.session, versions(world), by, reason="重报", answer_by=ANSWER_BY)
    other = world.person(Role.REPORTER, "330203", name="第二填报人")
    sheet = world.sheet()
    assert sheet.reports[0].filing is not None
    world.submit(by=other)
    world.sign()
    author = world.also(world.person(Role.REPORTER, "330203"), Role.REVIEWER, "330200")
    with pytest.raises(Exception, match="您填写过"):
        accept(world.session, world.seen(), Doer(author, NOW))


def test_after_a_bulletin_only_a_correction_changes_what_was_accepted(world: World) -> None:
    verdict = accepted(world)
    _issue(world)
    by = doer(world, Role.REVIEWER, "330200")
    with pytest.raises(BulletinStands, match="2018-H1 第1期"):
        undo(world.session, verdict, by)
    with pytest.raises(BulletinStands):
        revoke(world.session, versions(world), by, reason="重报", answer_by=ANSWER_BY)
    correct(world.session, versions(world), doer(world, Role.REPORTER, "330203"), reason="漏登")
    told = world.session.scalars(select(ThreadEntry.text).order_by(ThreadEntry.id.desc())).first()
    assert told == "漏登（与已发布的通报 2018-H1 第1期不一致。）"


@pytest.mark.parametrize("role", [Role.APPROVER, Role.VIEWER, Role.AUDITOR, Role.ADMIN, Role.REPORTER])
def test_the_table_has_no_such_row_for_other_roles(world: World, role: Role) -> None:
    verdict = accepted(world)
    other = doer(world, role, "330200", name=f"另一位{role}")
    with pytest.raises(NotInThisState):
        undo(world.session, verdict, other)
    with pytest.raises(NotInThisState):
        revoke(world.session, versions(world), other, reason="重报", answer_by=ANSWER_BY)


def test_a_comment_stays_in_the_thread_and_moves_nothing(world: World) -> None:
    [standing, *_rest] = list_standings(world.session, versions(world, State.SIGNED))
    pinned = [world.indicators["enrolments"].id]
    by = doer(world, Role.AUDITOR, "330200")
    comment(world.session, standing, by, text=" 请附花名册 ", pinned=pinned)
    entry = world.session.scalars(select(ThreadEntry).order_by(ThreadEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.text, entry.pinned) == ("comment", "请附花名册", pinned)
    assert states(world) == ["signed", "signed"]
    with pytest.raises(WhyMissing):
        comment(world.session, standing, by, text="  ")


def _issue(world: World) -> None:
    """An issued half-year bulletin up to June."""
    people = [make_person(world.session, Role.REVIEWER, "330200").person_id for _ in range(2)]
    bulletin = Bulletin(programme_id=world.programme.id, period="2018-H1")
    world.session.add(bulletin)
    world.session.flush()
    world.session.add(
        BulletinIssue(
            bulletin_id=bulletin.id, number=1, state="issued", cutoff=str(Month(2018, JUNE.last_month)), seal=1,
            document="{}", digest="0" * 64, drafted_by_id=people[0], drafted_at=NOW,
            countersigned_by_id=people[1], issued_at=NOW,
        )
    )  # fmt: skip
    world.session.flush()
