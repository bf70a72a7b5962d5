"""Each person's start page: what is due, came back, waits or is late, each with its one next action."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.districts import JUNE, MAY, TODAY, World, only
from tests.factories.people import appoint, make_person, signed_in_client
from tests.factories.rows import NOW, plant_indicator, plant_list, put_targets
from tests.factories.sheet_site import Site, build_site, open_sheet
from tests.features.programmes.desks import text_of
from tests.support.statements import counted_statements
from tracker.domain.identity import Identity, Role
from tracker.features.accounts.list_standings import read_standings
from tracker.models.account import Appointment
from tracker.models.audit import Setting
from tracker.models.org_unit import OrgUnit
from tracker.services.ledger.folding import try_fold
from tracker.services.revising import correct, revoke
from tracker.services.standings import Doer
from tracker.services.transitions import Remark, send_back

LATE_DAY = TODAY + timedelta(days=6)


@pytest.fixture
def site(app: Flask) -> Site:
    """May of 330203 accepted, June signed."""
    made = build_site(app, only("enrolments"))
    with made.database.session() as session:
        world = World.again(session)
        world.hand_in()
        world.sign()
        session.commit()
    return made


def somebody(site: Site, role: Role, code: str = "330200") -> Identity:
    with site.database.session() as session:
        made = World.again(session).person(role, code)
        session.commit()
    return made


def desk(site: Site, who: Identity) -> str:
    return open_sheet(signed_in_client(site.app, who.account_id), "/")


def become_late(site: Site) -> None:
    """The calendar goes on to 9 July, after June's due day."""
    with site.database.session() as session:
        moved = LATE_DAY - datetime.now(UTC)
        setting = session.get(Setting, "clock_offset_seconds")
        assert setting is not None
        setting.value = str(int(moved.total_seconds()))
        session.commit()


BUDGET = 17
"""A statement for each section; one tells of long tables somebody waits for, one whether the guide is folded."""
LISTS_BUDGET = 6
"""What the lights of every list in reach cost besides, however many lists there are."""

SECTIONS = {
    Role.REPORTER: ("退回要改", "待填报", "办理中"),
    Role.APPROVER: ("等您办理", "待填报", "退回要改", "办理中"),
    Role.REVIEWER: ("等您办理", "迟报单位"),
    Role.VIEWER: ("各份清单进展", "迟报单位", "待会签的通报"),
    Role.AUDITOR: ("各份清单进展", "迟报单位", "近 30 天的更正和作废", "近 30 天的新任命"),
    Role.ADMIN: ("30 天内到期的任职", "近 30 天的新任命"),
}


@pytest.mark.parametrize(("role", "titles"), SECTIONS.items(), ids=[str(role) for role in SECTIONS])
def test_every_role_has_its_lists(site: Site, role: Role, titles: tuple[str, ...]) -> None:
    code = "330203" if role in (Role.REPORTER, Role.APPROVER) else "330200"
    who = somebody(site, role, code)
    client = signed_in_client(site.app, who.account_id)
    with counted_statements(site.database) as statements:
        page = open_sheet(client, "/")
    more = LISTS_BUDGET if role in (Role.VIEWER, Role.AUDITOR) else 0
    assert len(statements) <= BUDGET + more, "\n".join(statements)
    places = [page.index(title) for title in titles]
    assert places == sorted(places)


def test_leaders_and_auditors_see_who_is_late_by_how_many_days(site: Site) -> None:
    become_late(site)
    for role in (Role.REVIEWER, Role.VIEWER, Role.AUDITOR):
        page = desk(site, somebody(site, role))
        assert "330205 · 2018年6月" in page
        assert "7月5日 18:00 截止，逾期 3 天" in page


def test_an_auditor_sees_what_was_corrected_and_revoked_and_why(site: Site) -> None:
    with site.database.session() as session:
        world = World.again(session)
        versions = {one.revision_id: one.version_id for one in world.seen(period=MAY)}
        by = Doer(world.person(Role.REPORTER, "330203"), datetime.now(UTC))
        correct(session, versions, by, reason="漏登两家")
        session.commit()
    with site.database.session() as session:
        world = World.again(session)
        by = Doer(world.person(Role.REVIEWER, "330200"), datetime.now(UTC))
        versions = {one: version + 1 for one, version in versions.items()}
        revoke(session, versions, by, reason="重复计数", answer_by=TODAY)
        session.commit()
    page = desk(site, somebody(site, Role.AUDITOR))
    assert "漏登两家" in page
    assert "重复计数" in page
    assert f'href="/programmes/330200-2018/sheets/330203/{MAY.key}/thread"' in page
    elsewhere = desk(site, somebody(site, Role.AUDITOR, "330500"))
    assert "重复计数" not in elsewhere


def test_new_appointments_stand_on_the_auditors_desk_and_ending_ones_on_the_admins(site: Site) -> None:
    now = datetime.now(UTC)
    with site.database.session() as session:
        made = make_person(session, Role.APPROVER, "330205", name="新审批人")
        held = session.get(Appointment, made.appointment_id)
        assert held is not None
        held.valid_from, held.valid_to = now - timedelta(days=2), now + timedelta(days=9)
        other = make_person(session, Role.REVIEWER, "330500", name="别处的人")
        appoint(session, other.person_id, Role.AUDITOR, "330500", until=now + timedelta(days=3))
        session.commit()
    auditors, admins = desk(site, somebody(site, Role.AUDITOR)), desk(site, somebody(site, Role.ADMIN))
    assert "新审批人 · 审批人" in auditors
    assert "新审批人 · 审批人" in admins
    assert "到期" in admins
    assert "别处的人" not in auditors + admins


def test_the_one_next_action_follows_the_report(site: Site) -> None:
    assert "去审核" in desk(site, site.reviewer)
    assert f'href="/programmes/330200-2018/reviews/330203/{JUNE.key}"' in desk(site, site.reviewer)
    assert "待审核" in desk(site, site.reporter)
    assert "去填报" in desk(site, site.neighbour)


def test_what_came_back_says_why_and_a_begun_correction_is_not_forgotten(site: Site) -> None:
    with site.database.session() as session:
        world = World.again(session)
        by = Doer(world.person(Role.REVIEWER, "330200"), datetime.now(UTC))
        send_back(
            session, world.seen(), by, Remark("与花名册不符\n第二行不在这里", (), TODAY + timedelta(days=3))
        )
        versions = {one.revision_id: one.version_id for one in world.seen(period=MAY)}
        correct(session, versions, Doer(world.person(Role.REPORTER, "330203"), by.now), reason="漏登两家")
        session.commit()
    page = text_of(desk(site, site.reporter))
    assert "退回意见： 与花名册不符 7月6日" in page, "the first line, then the deadline"
    assert "2018年5月 · 月报表 实事清单 · 1 件 更正还没有提交，原数照常有效 更正 接着改" in page
    assert "与花名册不符" not in desk(site, site.neighbour)
    with site.database.session() as session:
        versions = {one: version + 1 for one, version in versions.items()}
        revoke(session, versions, by, reason="重复计数", answer_by=TODAY + timedelta(days=2))
        session.commit()
    page = text_of(desk(site, site.reporter))
    assert "作废原因： 重复计数 7月5日" in page
    assert "更正还没有提交" not in page


def standing_of(site: Site, who: Identity) -> str:
    """What the desk says of the lists, as text."""
    page = desk(site, who)
    _before, _found, behind = page.partition('aria-labelledby="standings"')
    return " ".join(re.sub(r"<[^>]+>", " ", behind.partition("</section>")[0]).split())


def test_a_leader_sees_how_each_list_stands_and_who_has_not_reported(site: Site) -> None:
    with site.database.session() as session:
        world = World.again(session)
        put_targets(session, world.indicators["enrolments"], {world.units["330200"]: 360_000})
        try_fold(session, NOW)
        session.commit()
    city = standing_of(site, somebody(site, Role.VIEWER))
    assert "1 滞后" in city
    assert "截至2018年5月底" in city
    assert "本期还有 1 个单位没有报齐" in city
    assert "看总览" in city
    overview = open_sheet(site.browser(somebody(site, Role.AUDITOR)), "/programmes/330200-2018")
    assert "1 件滞后" in re.sub(r"<[^>]+>", "", overview)
    district = standing_of(site, somebody(site, Role.VIEWER, "330203"))
    assert "330203 · 截至2018年5月底" in district
    become_late(site)
    assert "迟报：330205" in standing_of(site, somebody(site, Role.VIEWER))
    assert "各份清单进展" not in desk(site, site.reporter)


def test_the_lights_of_many_lists_cost_no_more_than_those_of_one(site: Site) -> None:
    who = somebody(site, Role.VIEWER)

    def cost() -> int:
        with site.database.read_session() as session, counted_statements(site.database) as statements:
            found = read_standings(session, who)
        assert len(found) == lists
        return len(statements)

    lists = 1
    alone = cost()
    with site.database.session() as session:
        unit = session.scalars(select(OrgUnit.id).where(OrgUnit.code == "330200")).one()
        for at in range(2, 6):
            programme = plant_list(session, unit, key=f"330200-2018-{at}")
            plant_indicator(session, programme, f"more{at}")
        session.commit()
    lists = 5
    assert cost() == alone <= LISTS_BUDGET


def test_work_that_waits_comes_before_what_one_could_do(site: Site) -> None:
    page = desk(site, somebody(site, Role.REVIEWER))
    assert page.index("去审核") < page.index("您在这里可以做什么")
    idle = desk(site, somebody(site, Role.REVIEWER, "330500"))
    assert idle.index("您在这里可以做什么") < idle.index("等您办理")


def test_a_reporter_nobody_asks_anything_of_is_not_told_that_all_is_handed_in(site: Site) -> None:
    page = desk(site, somebody(site, Role.REPORTER, "330500"))
    assert "还没有要填的" in page
    assert "该填的都交了" not in page


def test_the_desk_leads_to_that_of_another_appointment(site: Site) -> None:
    who = somebody(site, Role.VIEWER, "330203")
    assert "您还有别的任职" not in desk(site, who)
    with site.database.session() as session:
        World.again(session).also(who, Role.APPROVER, "330203")
        session.commit()
    page = desk(site, who)
    assert "您还有别的任职" in page
    assert "切换到330203总工会 · 审批人" in page
