"""A desk holds what waits for its person, each sheet once, with one next action."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy.orm import Session

from tests.factories.districts import JUNE, KEY, MAY, TODAY, World, only
from tests.factories.rows import NOW
from tracker.domain.identity import Identity, Role
from tracker.domain.periods import SHANGHAI, Period
from tracker.domain.workflow import State
from tracker.models.programme import ProgrammeVersion
from tracker.services.desk import (
    Badges,
    DeskAction,
    DeskList,
    SheetPlace,
    count_badges,
    find_next_sheet,
    list_desk,
)
from tracker.services.revising import correct, revoke
from tracker.services.transitions import Doer, Remark, send_back


class Item(NamedTuple):
    """What a test looks at in a row."""

    listed: DeskList
    action: DeskAction
    code: str
    period: str
    reports_count: int


@pytest.fixture
def world(session: Session) -> World:
    """Two pledges; January to May of 330203 are handed in."""
    made = World(session, made=only("enrolments", "members"))
    for month in range(1, 6):
        made.hand_in(period=Period.parse(f"2018-{month:02d}"))
    return made


def desk(world: World, who: Identity, today: datetime = TODAY) -> list[Item]:
    rows = list_desk(world.session, who, today)
    return [Item(row.list, row.action, row.code, row.period.key, row.reports_count) for row in rows]


def reporter(world: World) -> Identity:
    return world.person(Role.REPORTER, "330203")


def approver(world: World) -> Identity:
    return world.person(Role.APPROVER, "330203")


def reviewer(world: World) -> Identity:
    return world.person(Role.REVIEWER, "330200")


def returned(world: World, period: Period) -> None:
    remark = Remark("与花名册不符", (), TODAY + timedelta(days=3))
    send_back(world.session, world.seen(period=period), Doer(approver(world), NOW), remark)


def test_a_reporter_finds_what_is_due_and_what_is_under_way(world: World) -> None:
    found = desk(world, reporter(world))
    due = [item for item in found if item.listed is DeskList.DUE]
    assert due == [
        Item(DeskList.DUE, DeskAction.FILL, "330203", "2018-06", 2),
        Item(DeskList.DUE, DeskAction.FILL, "330203", "2018-07", 2),
    ]
    waiting = [item for item in found if item.listed is DeskList.WAITING]
    assert [item.period for item in waiting] == [f"2018-{month:02d}" for month in range(1, 6)]
    assert {item.action for item in waiting} == {DeskAction.SEE}


def test_a_draft_is_still_due_and_a_part_handed_in_leaves_the_rest(world: World) -> None:
    world.hand_in()
    assert Item(DeskList.DUE, DeskAction.FILL, "330203", "2018-06", 2) not in desk(world, reporter(world))
    world.save_lines({}, period=Period.parse("2018-07"))
    assert Item(DeskList.DUE, DeskAction.FILL, "330203", "2018-07", 2) in desk(world, reporter(world))


def test_what_is_overdue_says_so(world: World) -> None:
    late = datetime(2018, 7, 5, 18, 0, tzinfo=SHANGHAI)
    rows = {
        row.period: row for row in list_desk(world.session, reporter(world), late) if row.list is DeskList.DUE
    }
    assert (rows[JUNE].is_late, rows[JUNE].until) == (True, late)
    before = list_desk(world.session, reporter(world), late - timedelta(seconds=1))
    assert not any(row.is_late for row in before)


def test_a_returned_sheet_comes_first_with_its_date_and_is_not_due_a_second_time(world: World) -> None:
    returned(world, MAY)
    rows = list_desk(world.session, reporter(world), TODAY)
    assert (rows[0].list, rows[0].action, rows[0].period) == (DeskList.RETURNED, DeskAction.MEND, MAY)
    assert rows[0].until == TODAY + timedelta(days=3)
    assert [row.list for row in rows if row.period == MAY] == [DeskList.RETURNED]


def test_what_ended_before_the_list_was_published_is_asked_for_and_never_late(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    published = datetime(2018, 6, 30, 23, 0, tzinfo=SHANGHAI)
    session.add(
        ProgrammeVersion(
            programme_id=world.programme.id, number=1, at=published, by_id=None, reason="公布", document="{}",
            digest="0" * 64,
        )
    )  # fmt: skip
    session.flush()
    after = datetime(2018, 9, 7, 9, 0, tzinfo=SHANGHAI)
    rows = [
        row for row in list_desk(session, reporter(world), after) if row.period.key in ("2018-05", "2018-06")
    ]
    assert [(row.period.key, row.until, row.is_late) for row in rows] == [
        ("2018-05", None, False),
        ("2018-06", datetime(2018, 7, 5, 18, 0, tzinfo=SHANGHAI), True),
    ]
    june, july = (datetime(2018, month, 7, 9, 0, tzinfo=SHANGHAI) for month in (6, 7))
    assert desk(world, reviewer(world), june) == []
    assert Item(DeskList.LATE, DeskAction.SEE, "330203", "2018-06", 1) in desk(world, reviewer(world), july)


def test_an_approver_finds_what_to_sign_and_sees_the_rest(world: World) -> None:
    world.sign(period=MAY)
    found = desk(world, approver(world))
    to_judge = [item.period for item in found if item.listed is DeskList.TO_JUDGE]
    assert to_judge == ["2018-01", "2018-02", "2018-03", "2018-04"]
    assert Item(DeskList.WAITING, DeskAction.SEE, "330203", "2018-05", 2) in found
    assert Item(DeskList.DUE, DeskAction.SEE, "330203", "2018-06", 2) in found


def test_a_reviewer_finds_what_is_signed_and_who_is_late(world: World) -> None:
    world.sign(period=MAY)
    after = datetime(2018, 7, 6, 9, 0, tzinfo=SHANGHAI)
    assert desk(world, reviewer(world), after) == [
        Item(DeskList.TO_JUDGE, DeskAction.JUDGE, "330203", "2018-05", 2),
        Item(DeskList.LATE, DeskAction.SEE, "330203", "2018-06", 2),
        Item(DeskList.LATE, DeskAction.SEE, "330205", "2018-06", 2),
    ]
    assert desk(world, reviewer(world)) == [Item(DeskList.TO_JUDGE, DeskAction.JUDGE, "330203", "2018-05", 2)]


def test_the_publishers_own_level_lies_at_its_own_desk(session: Session) -> None:
    world = World(session, made=only("enrolments"), own_level=True)
    world.hand_in(code="330200")
    world.sign(code="330200")
    assert Item(DeskList.TO_JUDGE, DeskAction.JUDGE, "330200", "2018-06", 1) in desk(world, reviewer(world))
    assert desk(world, world.person(Role.REVIEWER, "330000")) == []


def test_a_bound_reviewer_finds_only_the_departments_pledges(world: World) -> None:
    world.sign(period=MAY)
    other = world.person(Role.REVIEWER, "330200", name="经济技术部", department="经济技术部")
    assert [item for item in desk(world, other) if item.listed is DeskList.TO_JUDGE] == []
    assert count_badges(world.session, other) == Badges(0, 0)


def test_a_closed_period_is_not_asked_for(session: Session) -> None:
    world = World(session, made=only("enrolments"), close_day=10)
    found = desk(world, reporter(world))
    assert [item.period for item in found] == ["2018-06", "2018-07"]


def test_what_was_revoked_is_asked_for_until_its_date_even_in_a_closed_period(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.hand_in()
    world.sign()
    world.accept()
    versions = {one.revision_id: one.version_id for one in world.seen()}
    until = TODAY + timedelta(days=3)
    revoke(session, versions, Doer(reviewer(world), NOW), reason="重报", answer_by=until)
    world.programme.close_day = 2
    session.flush()
    row = list_desk(session, reporter(world), TODAY)[0]
    assert (row.list, row.period, row.until, row.is_late) == (DeskList.DUE, JUNE, until, False)
    assert row.is_revoked
    assert JUNE.key not in {item.period for item in desk(world, reporter(world), until)}


def test_what_was_revoked_has_a_row_of_its_own_beside_what_was_never_handed_in(session: Session) -> None:
    world = World(session, made=only("enrolments", "hotline"))
    world.hand_in()
    world.sign()
    world.accept()
    revoked, *others = world.seen()
    until, by = TODAY + timedelta(days=3), Doer(reviewer(world), NOW)
    revoke(session, {revoked.revision_id: revoked.version_id}, by, reason="重报", answer_by=until)
    if others:
        withdrawn = {one.revision_id: one.version_id for one in others}
        revoke(session, withdrawn, by, reason="重报", answer_by=until + timedelta(days=1))
    rows = [row for row in list_desk(session, reporter(world), TODAY) if row.period == JUNE]
    assert [(row.is_revoked, row.until, row.reports_count) for row in rows] == [
        (True, until, 1 + len(others))
    ]


def test_a_correction_begun_stands_behind_what_is_due_until_it_is_handed_in(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.hand_in(period=MAY)
    world.sign(period=MAY)
    world.accept(period=MAY)
    versions = {one.revision_id: one.version_id for one in world.seen(period=MAY)}
    correct(session, versions, Doer(reporter(world), NOW), reason="漏登两家")
    due = [row for row in list_desk(session, reporter(world), TODAY) if row.list is DeskList.DUE]
    assert (due[-1].period, due[-1].state, due[-1].action) == (MAY, State.DRAFT, DeskAction.FILL)
    assert (due[-1].until, due[-1].is_late, due[-1].reports_count) == (None, False, 1)
    assert [row.state for row in due[:-1]] == [None] * (len(due) - 1), "the periods come first"
    seen = [row for row in list_desk(session, approver(world), TODAY) if row.state is State.DRAFT]
    assert [row.action for row in seen] == [DeskAction.SEE]
    world.submit(period=MAY)
    assert not [row for row in list_desk(session, reporter(world), TODAY) if row.state is State.DRAFT]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR, Role.ADMIN])
def test_others_have_nothing_to_do(world: World, role: Role) -> None:
    assert desk(world, world.person(role, "330200")) == []
    assert count_badges(world.session, world.person(role, "330200")) == Badges(0, 0)


def test_counts_sheets_not_reports(world: World) -> None:
    world.sign(period=MAY)
    returned(world, Period.parse("2018-04"))
    assert count_badges(world.session, reporter(world)) == Badges(1, 0)
    assert count_badges(world.session, approver(world)) == Badges(0, 3)
    assert count_badges(world.session, reviewer(world)) == Badges(0, 1)
    assert count_badges(world.session, world.person(Role.REPORTER, "330205")) == Badges(0, 0)


def test_leads_to_the_sheet_to_open_now(world: World) -> None:
    assert find_next_sheet(world.session, reporter(world), TODAY) == SheetPlace(KEY, "330203", JUNE)
    returned(world, MAY)
    assert find_next_sheet(world.session, reporter(world), TODAY) == SheetPlace(KEY, "330203", MAY)
    assert find_next_sheet(world.session, world.person(Role.VIEWER, "330200"), TODAY) is None


def test_rows_name_the_state_they_wait_in(world: World) -> None:
    world.sign(period=MAY)
    rows = list_desk(world.session, reporter(world), TODAY)
    states = {row.period: row.state for row in rows if row.list is DeskList.WAITING}
    assert (states[MAY], states[Period.parse("2018-04")]) == (State.SIGNED, State.SUBMITTED)
