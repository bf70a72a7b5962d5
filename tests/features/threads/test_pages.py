"""Replies in the permanent thread, by anybody who sees the report, pinned to a line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories.districts import World, only
from tests.factories.people import signed_in_client
from tests.factories.sheet_site import SHEET, Site, build_site, open_sheet
from tests.support.statements import counted_statements
from tracker.domain.identity import Identity, Role
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.account import Appointment

THREAD = f"{SHEET}/thread"


@pytest.fixture
def site(app: Flask) -> Site:
    """June of 330203 handed in."""
    made = build_site(app, only("enrolments"))
    with made.database.session() as session:
        World.again(session).hand_in()
        session.commit()
    return made


def somebody(site: Site, role: Role) -> Identity:
    with site.database.session() as session:
        made = World.again(session).person(role, "330200")
        session.commit()
    return made


def options(page: str) -> list[str]:
    return re.findall(r'<option[^>]* value="([ri][0-9]+)"', page)


def test_everybody_who_sees_the_report_can_reply(site: Site) -> None:
    for at, who in enumerate((site.reporter, site.approver, site.reviewer, somebody(site, Role.VIEWER))):
        client = signed_in_client(site.app, who.account_id)
        report, line = options(open_sheet(client, THREAD))
        answer = client.submit(THREAD, {"about": line if at else report, "text": f"第{at}条留言"})
        assert answer.status_code == 303
    page = open_sheet(site.browser(site.reporter), THREAD)
    assert re.findall(r"第.条留言", page) == [f"第{at}条留言" for at in (3, 2, 1, 0)]
    assert "留言：参保人次" in page


def test_a_comment_needs_words_and_a_report_of_this_sheet(site: Site) -> None:
    client = site.browser(site.reviewer)
    [report, _line] = options(open_sheet(client, THREAD))
    assert client.submit(THREAD, {"about": report, "text": "  "}).status_code == 422
    assert client.submit(THREAD, {"about": "r999999", "text": "你好"}).status_code == 422
    assert client.submit(THREAD, {"about": report, "text": "长" * 1001}).status_code == 422


def test_neighbours_find_no_thread(site: Site) -> None:
    assert site.browser(site.neighbour).get(THREAD).status_code == 404
    assert site.browser(site.neighbour).submit(THREAD, {"about": "r1", "text": "x"}).status_code == 404


def test_superiors_see_no_thread_of_a_draft(app: Flask) -> None:
    site = build_site(app, only("enrolments"))
    with site.database.session() as session:
        world = World.again(session)
        world.save_lines({"enrolments": TypedLine(value="5")})
        session.commit()
    assert options(open_sheet(site.browser(site.reviewer), THREAD)) == []
    assert options(open_sheet(site.browser(site.reporter), THREAD)) != []


def test_reads_the_page_within_its_budget(site: Site) -> None:
    client = site.browser(site.reviewer)
    with counted_statements(site.database) as statements:
        assert client.get(THREAD).status_code == 200
    assert len(statements) <= 15, "\n".join(statements)


def test_says_whose_place_somebody_took_in_the_step_it_was_taken_in(site: Site) -> None:
    """A colleague stands in for the reporter, and comments; what they do under their own appointment is their own."""
    with site.database.session() as session:
        colleague = World.again(session).person(Role.APPROVER, "330203", name="代班的")
        mine = Appointment.id == colleague.appointment.id
        ends = datetime.now(UTC) + timedelta(days=9)
        taken = {"stands_in_for_id": site.approver.person_id, "valid_to": ends}
        session.execute(update(Appointment).where(mine).values(**taken))
        session.commit()
    for who in (colleague, site.approver):
        client = signed_in_client(site.app, who.account_id)
        [report, _line] = options(open_sheet(client, THREAD))
        assert client.submit(THREAD, {"about": report, "text": "请再核"}).status_code == 303
    page = open_sheet(site.browser(site.reporter), THREAD)
    assert page.count(f"代班的（代理{site.approver.name}，至 ") == 1
    assert f"{site.approver.name}（代理" not in page
