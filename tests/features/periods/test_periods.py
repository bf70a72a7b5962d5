"""Closing with gaps named, reopening for one unit, and units that need no signature."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import JUNE, TODAY, World, only
from tests.factories.rows import NOW
from tests.factories.sheet_site import REVIEW, Site, build_site, open_sheet
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tracker.domain.editing import PeriodClosed
from tracker.domain.identity import Role
from tracker.domain.messages import Faults
from tracker.domain.periods import SHANGHAI, Period
from tracker.domain.workflow import State
from tracker.features.periods.commands import (
    ClosedAlready,
    NotEndedYet,
    NothingToWaive,
    NotThePublisher,
    StillOpen,
    close_period,
    reopen_period,
    set_waiver,
)
from tracker.features.periods.queries import PeriodState, read_period
from tracker.features.reports.commands.handing_in import withdraw_sheet
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.audit import AuditEntry
from tracker.models.period import Holiday, PeriodClosing
from tracker.models.report import Revision
from tracker.services.desk import DeskList, list_desk
from tracker.services.programme_heads import find_head
from tracker.services.standings import Doer
from tracker.services.transitions import accept

UNTIL = TODAY + timedelta(days=5)
PAGE = "/programmes/330200-2018/periods/2018-06"


@pytest.fixture
def world(session: Session) -> World:
    """330203 has handed June in, 330205 has not."""
    made = World(session, made=only("enrolments"))
    made.hand_in()
    return made


def reviewer(world: World, *, at: datetime = NOW) -> Doer:
    return Doer(world.person(Role.REVIEWER, "330200"), at)


def period(world: World, wanted: Period = JUNE) -> PeriodState:
    head = find_head(world.session, "330200-2018")
    assert head is not None
    world.session.flush()
    return read_period(world.session, head, wanted, seen_by=world.person(Role.REVIEWER, "330200"))


def test_closes_with_the_gaps_named(world: World) -> None:
    closing = close_period(world.session, period(world), reviewer(world), today=TODAY)
    assert (closing.expected, closing.handed_in, closing.missing) == (2, 1, [["330205", "330205"]])
    with pytest.raises(PeriodClosed):
        world.save(code="330205", enrolments=TypedLine(value="5"))
    entry = world.session.scalars(select(AuditEntry).where(AuditEntry.action == "period.closed")).one()
    assert entry.after is not None
    assert '"handed_in":1' in entry.after.replace(" ", "")


def test_a_period_closes_once_and_only_after_its_end(world: World) -> None:
    july = Period.parse("2018-07")
    with pytest.raises(NotEndedYet):
        close_period(world.session, period(world, july), reviewer(world), today=TODAY)
    close_period(world.session, period(world), reviewer(world), today=TODAY)
    with pytest.raises(ClosedAlready):
        close_period(world.session, period(world), reviewer(world), today=TODAY)


def test_only_the_publisher_closes_reopens_and_waives(world: World) -> None:
    other = Doer(world.person(Role.REVIEWER, "330000"), NOW)
    state = period(world)
    with pytest.raises(NotThePublisher):
        close_period(world.session, state, other, today=TODAY)
    close_period(world.session, state, reviewer(world), today=TODAY)
    unit = world.unit("330205")
    with pytest.raises(NotThePublisher):
        reopen_period(world.session, period(world), unit, other, until=UNTIL, reason="补报", today=TODAY)
    with pytest.raises(NotThePublisher):
        set_waiver(world.session, state.head, unit, other, is_waived=True, was_waived=False, reason="人少")


def test_reopens_for_one_unit_until_a_moment(world: World) -> None:
    close_period(world.session, period(world), reviewer(world), today=TODAY)
    unit = world.unit("330205")
    reopen_period(
        world.session, period(world), unit, reviewer(world), until=UNTIL, reason="设备故障", today=TODAY
    )
    world.hand_in(code="330205")
    assert world.sheet("330205").reports[0].state is State.SUBMITTED
    window = world.sheet("330205").window
    assert window.is_reopened(UNTIL - timedelta(seconds=1))
    assert not window.is_reopened(UNTIL)


def test_a_reopening_does_not_reopen_what_was_submitted(world: World) -> None:
    close_period(world.session, period(world), reviewer(world), today=TODAY)
    later = NOW + timedelta(hours=1)
    reopen_period(
        world.session, period(world), world.unit("330203"), reviewer(world, at=later), until=UNTIL,
        reason="补报", today=TODAY,
    )  # fmt: skip
    by = Doer(world.person(Role.REPORTER, "330203"), NOW)
    with pytest.raises(PeriodClosed):
        withdraw_sheet(world.session, world.sheet(), by, today=TODAY)


def test_an_open_period_cannot_be_reopened_and_a_reason_and_a_day_are_needed(world: World) -> None:
    unit = world.unit("330205")
    with pytest.raises(StillOpen):
        reopen_period(
            world.session, period(world), unit, reviewer(world), until=UNTIL, reason="补", today=TODAY
        )
    close_period(world.session, period(world), reviewer(world), today=TODAY)
    with pytest.raises(Faults) as wrong:
        reopen_period(
            world.session, period(world), unit, reviewer(world), until=TODAY, reason=" ", today=TODAY
        )
    assert [fault.place for fault in wrong.value.faults] == ["reason", "until"]


def test_a_unit_without_signature_submits_straight_to_the_reviewer(world: World) -> None:
    head = period(world).head
    unit = world.unit("330205")
    set_waiver(
        world.session, head, unit, reviewer(world), is_waived=True, was_waived=False, reason="只有一人"
    )
    with pytest.raises(NothingToWaive):
        set_waiver(world.session, head, unit, reviewer(world), is_waived=True, was_waived=True, reason="x")
    world.hand_in(code="330205")
    assert world.sheet("330205").reports[0].state is State.SIGNED
    withdraw_all = world.sheet("330205")
    by = Doer(world.person(Role.REPORTER, "330205"), NOW)
    withdraw_sheet(world.session, withdraw_all, by, today=TODAY)
    assert world.sheet("330205").reports[0].state is State.DRAFT
    world.submit(code="330205")
    accept(world.session, world.seen("330205"), reviewer(world))
    world.session.expire_all()
    accepted = world.session.scalars(select(Revision).where(Revision.state == "accepted")).one()
    assert accepted.signed_by_id is None
    entry = world.session.scalars(select(AuditEntry).where(AuditEntry.action == "report.accepted")).one()
    assert entry.after is not None
    assert '"waived"' in entry.after


def test_a_signed_report_of_a_unit_with_signature_is_not_withdrawn(world: World) -> None:
    world.sign()
    by = Doer(world.person(Role.REPORTER, "330203"), NOW)
    with pytest.raises(Exception, match="没有可以撤回的报告"):
        withdraw_sheet(world.session, world.sheet(), by, today=TODAY)


def test_a_holiday_moves_the_day_from_which_a_report_is_late(world: World) -> None:
    assert world.sheet().window.late == datetime(2018, 7, 5, 18, 0, tzinfo=SHANGHAI)
    world.session.add(Holiday(day=datetime(2018, 7, 5, tzinfo=SHANGHAI).date(), is_working=False))
    world.session.add(Holiday(day=datetime(2018, 7, 6, tzinfo=SHANGHAI).date(), is_working=False))
    world.session.add(Holiday(day=datetime(2018, 7, 7, tzinfo=SHANGHAI).date(), is_working=True))
    world.session.flush()
    assert world.sheet().window.late == datetime(2018, 7, 7, 18, 0, tzinfo=SHANGHAI)
    by = world.person(Role.REPORTER, "330205")
    [june] = [
        row for row in list_desk(world.session, by, TODAY) if row.list is DeskList.DUE and row.period == JUNE
    ]
    assert june.until == datetime(2018, 7, 7, 18, 0, tzinfo=SHANGHAI)


@pytest.fixture
def site(app: Flask) -> Site:
    made = build_site(app, only("enrolments"))
    with made.database.session() as session:
        World.again(session).hand_in()
        session.commit()
    return made


def test_the_page_names_who_is_missing_to_copy_into_a_chat(site: Site) -> None:
    client = site.browser(site.reviewer)
    assert client.get("/programmes/330200-2018/periods").headers["Location"] == PAGE
    page = open_sheet(client, PAGE)
    assert "应报 2 个单位，已报 1 个，还差 1 个。" in page
    assert "2018年6月月报，截至 7月3日 10:00 还有 1 个单位未报齐：\n1. 330205 · 2018年6月 · 已报 0/" in page
    assert re.search(r"还有 2 天 [78] 小时\n请于 7月5日 18:00 前报送。</textarea>", page)


def test_the_page_closes_reopens_and_waives(site: Site) -> None:
    client = site.browser(site.reviewer)
    assert client.submit(f"{PAGE}/close").status_code == 303
    page = open_sheet(client, PAGE)
    assert "应报 2 个单位，已报 1 个，未报 1 个：330205" in page
    assert "本期已关闭；确需补报，请向我会申请重新开放。</textarea>" in page
    assert client.submit(f"{PAGE}/close").status_code == 409
    wrong = client.submit(f"{PAGE}/reopen", {"unit": "330205", "until": "soon", "reason": "补报"})
    assert wrong.status_code == 422
    assert "请选一个日期" in wrong.text
    given = {"unit": "330205", "until": "2018-07-12", "reason": "设备故障"}
    assert client.submit(f"{PAGE}/reopen", given).status_code == 303
    assert "开放到 7月12日 18:00" in open_sheet(client, PAGE)
    waiver = {"unit": "330205", "then": "waived", "reason": "只有一人"}
    assert client.submit(f"{PAGE}/signature", waiver).status_code == 303
    assert "只有一人" in open_sheet(client, PAGE)
    assert client.submit(f"{PAGE}/signature", waiver).status_code == 409


def test_an_unsigned_report_says_so_where_it_is_judged(site: Site) -> None:
    client = site.browser(site.reviewer)
    client.submit(f"{PAGE}/signature", {"unit": "330205", "then": "waived", "reason": "只有一人"})
    with site.database.session() as session:
        World.again(session).hand_in(code="330205")
        session.commit()
    assert "本单位免审批" in open_sheet(client, REVIEW.replace("330203", "330205"))
    assert "330205" in open_sheet(client, "/programmes/330200-2018/reviews")
    assert "待审核" in open_sheet(client, PAGE)


def test_reads_the_page_within_its_budget(site: Site) -> None:
    client = site.browser(site.reviewer)
    with counted_statements(site.database) as statements:
        assert client.get(PAGE).status_code == 200
    assert len(statements) <= 15, "\n".join(statements)


def test_a_second_closing_at_the_same_moment_finds_it_closed(world: World) -> None:
    state = period(world)
    close_period(world.session, state, reviewer(world), today=TODAY)
    with pytest.raises(ClosedAlready):
        close_period(world.session, state, reviewer(world), today=TODAY)
    assert len(world.session.scalars(select(PeriodClosing.id)).all()) == 1


def test_a_form_keeps_what_was_typed(site: Site) -> None:
    client = site.browser(site.reviewer)
    client.submit(f"{PAGE}/close")
    wrong = client.submit(f"{PAGE}/reopen", {"unit": "330205", "until": "2018-07-01", "reason": "设备故障"})
    assert wrong.status_code == 422
    assert form_fields(wrong.text)["reason"][0] == "设备故障"
