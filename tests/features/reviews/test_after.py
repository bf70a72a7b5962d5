"""Taking an acceptance back from the page, and accepting all clean sheets together."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.districts import World, only
from tests.factories.sheet_site import REVIEW, Site, build_site, open_sheet, states_of_june
from tests.support.filled_forms import form_fields
from tracker.domain.identity import Role
from tracker.features.reports.typed_lines import TypedLine
from tracker.features.reviews.undo_token import read_verdict
from tracker.models.ledger import Tally
from tracker.models.report import Report, Revision, ThreadEntry
from tracker.models.triggers import drop_triggers
from tracker.services.ledger.verifying import verify_totals
from tracker.services.revising import correct
from tracker.services.standings import Doer

QUEUE = "/programmes/330200-2018/reviews"


@pytest.fixture
def site(app: Flask) -> Site:
    """June of both districts signed: one clean, one with a note."""
    made = build_site(app, only("enrolments"))
    with made.database.session() as session:
        world = World.again(session)
        world.hand_in()
        odd = TypedLine(value="999999", note="专项行动集中参保。")
        world.hand_in(code="330205", enrolments=odd)
        for code in ("330203", "330205"):
            world.sign(code=code)
        session.commit()
    return made


def accept(site: Site) -> Any:
    client = site.browser(site.reviewer)
    form = {"version": form_fields(open_sheet(client, REVIEW))["version"]}
    assert client.submit(f"{REVIEW}/accept", form).status_code == 303
    return client


def offered(page: str) -> str:
    """The token of the button 撤销."""
    toast = page[page.index('class="toast"') :]
    return str(re.findall(r'name="version" value="([^"]*)"', toast)[0])


def test_offers_to_undo_for_ten_seconds_on_the_next_page(site: Site) -> None:
    client = accept(site)
    page = open_sheet(client, QUEUE)
    assert f'action="{REVIEW}/undo"' in page
    assert "撤销</button>" in page
    answer = client.submit(f"{REVIEW}/undo", {"version": offered(page)})
    assert answer.headers["Location"] == REVIEW
    assert states_of_june(site) == ["signed", "signed"]
    after = open_sheet(client, REVIEW)
    assert "已撤销通过" in after
    assert "/undo" not in after


def test_an_undo_that_comes_too_late_is_refused_in_words(site: Site) -> None:
    client = accept(site)
    token = offered(open_sheet(client, QUEUE))
    with site.database.session() as session:
        of_june = select(Revision).join(Report).where(Report.period == "2018-06")
        revision = session.scalars(of_june.where(Revision.state == "accepted")).one()
        assert revision.accepted_at is not None
        earlier = revision.accepted_at - timedelta(seconds=11)
        session.execute(update(Revision).where(Revision.id == revision.id).values(accepted_at=earlier))
        session.commit()
    answer = client.submit(f"{REVIEW}/undo", {"version": token})
    assert answer.status_code == 409
    assert "不能撤销通过" in answer.text


@pytest.mark.parametrize("token", ["x", "1.1 " + "0" * 64, "9999999999999999999.1 a", "١.1 a"])
def test_a_token_that_names_nothing_undoes_nothing(site: Site, token: str) -> None:
    client = accept(site)
    assert client.submit(f"{REVIEW}/undo", {"version": token}).status_code == 409


def test_an_empty_token_reads_as_nobodys_verdict() -> None:
    assert read_verdict("") == ({}, "")


def test_accepts_all_clean_sheets_together_and_leaves_the_others(site: Site) -> None:
    client = site.browser(site.reviewer)
    page = open_sheet(client, QUEUE)
    values = re.findall(r'name="chosen" value="([^"]*)"', page)
    assert [value.split("/")[0] for value in values] == ["330203"]
    answer = client.submit(f"{QUEUE}/together", {"chosen": values})
    assert answer.headers["Location"] == QUEUE
    assert sorted(states_of_june(site)) == ["accepted", "signed"]
    assert "已一并通过 1 张月报表、1 件" in open_sheet(client, QUEUE)
    with site.database.read_session() as session:
        assert verify_totals(session) == []
        wanted = select(Tally.m6).where(Tally.part == "amount", Tally.basis == "accepted")
        assert set(session.scalars(wanted)) == {17_600}


def test_a_sheet_that_moved_on_is_left_and_told_of(site: Site) -> None:
    client = site.browser(site.reviewer)
    [value] = re.findall(r'name="chosen" value="([^"]*)"', open_sheet(client, QUEUE))
    other = value.rsplit("/", 1)[0] + "/" + "0" * 64
    client.submit(f"{QUEUE}/together", {"chosen": [other, "330999/2018-06/x", "nonsense"]})
    assert states_of_june(site) == ["signed", "signed"]
    assert "2 张没有办理" in open_sheet(client, QUEUE)


def test_accepting_nothing_together_is_told(site: Site) -> None:
    answer = site.browser(site.reviewer).submit(f"{QUEUE}/together")
    assert answer.status_code == 409
    assert "请先勾选" in answer.text


@pytest.fixture
def together(app: Flask) -> Site:
    """June of both districts signed and clean, two reports each."""
    made = build_site(app, only("enrolments", "members"))
    with made.database.session() as session:
        world = World.again(session)
        for code in ("330203", "330205"):
            world.hand_in(code=code)
            world.sign(code=code)
        session.commit()
    return made


def accept_both(site: Site) -> tuple[Any, str]:
    """The reviewer's browser after accepting both sheets, and the token of the button 撤销."""
    client = site.browser(site.reviewer)
    values = re.findall(r'name="chosen" value="([^"]*)"', open_sheet(client, QUEUE))
    assert len(values) == 2
    assert client.submit(f"{QUEUE}/together", {"chosen": values}).status_code == 303
    page = open_sheet(client, QUEUE)
    assert f'action="{QUEUE}/together/undo"' in page
    return client, offered(page)


def test_what_was_accepted_together_can_be_taken_back_together(together: Site) -> None:
    client, token = accept_both(together)
    assert states_of_june(together) == ["accepted"] * 4
    assert client.submit(f"{QUEUE}/together/undo", {"version": token}).status_code == 303
    assert states_of_june(together) == ["signed"] * 4
    page = open_sheet(client, QUEUE)
    assert "已撤销 4 件的通过：330203（第 1、2 件）；330205（第 1、2 件）。" in page
    assert "/undo" not in page
    with together.database.read_session() as session:
        assert verify_totals(session) == []
    again = client.submit(f"{QUEUE}/together/undo", {"version": token})
    assert again.status_code == 409


def test_a_bulk_undo_names_what_somebody_has_touched_since(together: Site) -> None:
    client, token = accept_both(together)
    with together.database.session() as session:
        world = World.again(session)
        revision = session.scalars(select(Revision).where(Revision.state == "accepted")).all()[-3]
        reporter = Doer(world.person(Role.REPORTER, "330203"), datetime.now(UTC))
        correct(session, {revision.id: revision.version_id}, reporter, reason="漏登")
        session.commit()
    assert client.submit(f"{QUEUE}/together/undo", {"version": token}).status_code == 303
    page = open_sheet(client, QUEUE)
    assert "已撤销 3 件的通过：330203（第 1 件）；330205（第 1、2 件）。" in page
    assert "1 件没有撤销，之后又有人办理或已过 10 秒：330203（第 2 件）。" in page
    assert sorted(states_of_june(together)) == ["accepted", "draft", "signed", "signed", "signed"]
    with together.database.session() as session:
        assert verify_totals(session) == []


def test_a_bulk_undo_that_comes_too_late_undoes_nothing(together: Site) -> None:
    client, token = accept_both(together)
    earlier = datetime.fromisoformat(token) - timedelta(seconds=11)
    with together.database.session() as session:
        drop_triggers(session.connection())
        of_june = Revision.accepted_at == datetime.fromisoformat(token)
        session.execute(update(Revision).where(of_june).values(accepted_at=earlier))
        session.execute(update(ThreadEntry).where(ThreadEntry.action == "accept").values(at=earlier))
        session.commit()
    client.submit(f"{QUEUE}/together/undo", {"version": earlier.isoformat()})
    assert "4 件没有撤销" in open_sheet(client, QUEUE)
    assert states_of_june(together) == ["accepted"] * 4


def test_nobody_takes_back_what_a_colleague_accepted_together(together: Site) -> None:
    _client, token = accept_both(together)
    with together.database.session() as session:
        colleague = World.again(session).person(Role.REVIEWER, "330200", name="第二位")
        session.commit()
    answer = together.browser(colleague).submit(f"{QUEUE}/together/undo", {"version": token})
    assert answer.status_code == 409
    assert together.browser(colleague).submit(f"{QUEUE}/together/undo", {"version": "x"}).status_code == 422


def test_an_approver_has_no_button_for_all(site: Site) -> None:
    assert "together" not in open_sheet(site.browser(site.approver), QUEUE)


def test_what_was_taken_back_is_not_listed_as_done(site: Site) -> None:
    client, page = accept(site), ""
    page = open_sheet(client, REVIEW)
    assert 'tag-green">已通过' in page or "已通过</span>" in page
    client.submit(f"{REVIEW}/undo", {"version": offered(page)})
    page = open_sheet(client, REVIEW)
    assert "今日已办" not in page
