"""The queue and the review in the browser: what waits, what a verdict needs, and what happens when it moved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories.districts import KINDS, World, only
from tests.factories.people import signed_in_client
from tests.factories.sheet_site import (
    GOOD,
    REVIEW,
    SHEET,
    Site,
    build_site,
    fill,
    open_sheet,
    send,
    states_of_june,
)
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.domain.identity import Identity
from tracker.domain.periods import Month
from tracker.models.ledger import Tally
from tracker.models.report import ThreadEntry
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load
from tracker.services.tree import find_unit

QUEUE = "/programmes/330200-2018/reviews"


@pytest.fixture
def site(app: Flask) -> Site:
    """June of 330203 handed in: a flow without notes, and a narrative line."""
    made = build_site(app, only("enrolments", "hotline"))
    hand_in(made)
    return made


def hand_in(site: Site, **changed: Any) -> None:
    """The reporter fills, checks and submits."""
    client = fill(site, **(GOOD | changed))
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": ["y"]}
    assert client.submit(f"{SHEET}/submit", form).status_code == 303


def judge(site: Site, who: Identity, verdict: str, *, page: str | None = None, **given: Any) -> TestResponse:
    """Send a verdict on what the review page shows."""
    client = site.browser(who)
    form: dict[str, Any] = {"version": form_fields(page or open_sheet(client, REVIEW))["version"]}
    return client.submit(f"{REVIEW}/{verdict}", form | given)


def ticks(client: StrictClient) -> dict[str, str]:
    """All ticks the review page offers, set, and each narrative judged as its unit does."""
    names = re.findall(r'name="((?:tick|judge)-[0-9]+)"', open_sheet(client, REVIEW))
    return {name: "y" if name.startswith("tick") else "on_track" for name in names}


def sign(site: Site) -> None:
    browser = site.browser(site.approver)
    assert judge(site, site.approver, "sign", **ticks(browser)).status_code == 303


def accept(site: Site) -> None:
    browser = site.browser(site.reviewer)
    assert judge(site, site.reviewer, "accept", **ticks(browser)).status_code == 303


def test_walks_from_the_district_to_the_citys_totals(site: Site) -> None:
    sign(site)
    accept(site)
    assert states_of_june(site) == ["accepted", "accepted"]
    with site.database.read_session() as session:
        flow = select(Tally.m6).where(
            Tally.part == "amount", Tally.basis == "accepted", Tally.org_unit_id != Tally.parent_id
        )
        assert set(session.scalars(flow)) == {17_600}
        assert verify_totals(session) == []


def test_shows_the_accepted_figures_on_the_citys_overview(site: Site) -> None:
    sign(site)
    accept(site)
    with site.database.read_session() as session:
        head, city = find_head(session, "330200-2018"), find_unit(session, "330200")
        assert head is not None
        assert city is not None
        flow = load(session, head, city, cutoff=Month(2018, 6)).pledges[0].indicators[0].standing
    assert (flow.actual, flow.reported, flow.provisional) == (38_720, 1, 0)
    page = open_sheet(site.browser(site.reviewer), "/programmes/330200-2018?cutoff=2018-06")
    assert "3.872万人次" in page, page[page.index("<main") :]


def test_each_desk_sees_what_lies_there_and_no_other(site: Site) -> None:
    assert "330203" in open_sheet(site.browser(site.approver), QUEUE)
    assert "都审完了" in open_sheet(site.browser(site.reviewer), QUEUE)
    sign(site)
    assert "都审完了" in open_sheet(site.browser(site.approver), QUEUE)
    page = open_sheet(site.browser(site.reviewer), QUEUE)
    assert "第1次提交" in page
    assert "2 件实事" in page


def test_a_narrative_line_needs_a_judgement_of_its_own(site: Site) -> None:
    answer = judge(site, site.approver, "sign")
    assert answer.status_code == 422
    assert "请选出您的判断" in answer.text
    assert states_of_june(site) == ["submitted", "submitted"]


def test_a_judgement_other_than_the_units_is_no_verdict(site: Site) -> None:
    given = ticks(site.browser(site.approver))
    [name] = given
    answer = judge(site, site.approver, "sign", **{name: "lagging"})
    assert answer.status_code == 422
    assert "您的判断与填报的不同" in answer.text
    assert '<option selected value="lagging">' in answer.text
    assert states_of_june(site) == ["submitted", "submitted"]


def test_a_figure_with_a_note_needs_a_tick_of_its_own(app: Flask) -> None:
    site = build_site(app, only("enrolments"))
    client = fill(site, line__enrolments__value="999999", line__enrolments__note="专项行动集中参保。")
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": ["y"]}
    client.submit(f"{SHEET}/submit", form)
    page = open_sheet(site.browser(site.approver), REVIEW)
    assert "专项行动集中参保" in page
    assert judge(site, site.approver, "sign").status_code == 422
    sign(site)


def test_the_queue_counts_the_notes_of_what_still_waits_there(app: Flask) -> None:
    site = build_site(app, only("enrolments", "hotline"))
    noted = {"line__enrolments__value": "999999", "line__enrolments__note": "专项行动集中参保。"}
    hand_in(site, **noted)
    approver = site.browser(site.approver)
    assert "1 处提示" in open_sheet(approver, QUEUE)
    line = open_sheet(approver, REVIEW).split('name="lines" value="')[2].split('"')[0]
    judge(site, site.approver, "return", lines=line, reason="写得太短", answer_by="2018-07-06")
    sign(site)
    client = fill(site, line__hotline__note="全年不间断受理，六月接听 312 次。")
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": ["y"]}
    assert client.submit(f"{SHEET}/submit", form).status_code == 303
    queue = open_sheet(approver, QUEUE)
    assert ("1 处提示" in queue, "无提示" in queue) == (False, True)


def test_a_return_needs_a_reason_and_keeps_what_was_typed(site: Site) -> None:
    answer = judge(site, site.approver, "return", reason="  ", answer_by="2018-07-20")
    assert answer.status_code == 422
    assert "请写明退回原因" in answer.text
    assert form_fields(answer.text)["answer_by"] == ["2018-07-20"]
    wrong_day = judge(site, site.approver, "return", reason="重报", answer_by="soon")
    assert wrong_day.status_code == 422
    assert form_fields(wrong_day.text)["reason"] == ["重报"]
    past = judge(site, site.approver, "return", reason="重报", answer_by="2018-07-01")
    assert past.status_code == 422


def test_offers_three_working_days_to_answer(site: Site) -> None:
    page = open_sheet(site.browser(site.approver), REVIEW)
    assert form_fields(page)["answer_by"] == ["2018-07-06"]


def test_returns_only_the_reports_of_the_ticked_lines(site: Site) -> None:
    page = open_sheet(site.browser(site.approver), REVIEW)
    line = page.split('name="lines" value="')[1].split('"')[0]
    answer = judge(site, site.approver, "return", lines=line, reason="与花名册不符", answer_by="2018-07-06")
    assert answer.headers["Location"] == REVIEW
    assert sorted(states_of_june(site)) == ["returned", "submitted"]
    sheet = open_sheet(site.browser(site.reporter))
    assert "与花名册不符" in sheet
    assert "7月6日 18:00 前改好" in sheet
    assert set(form_fields(sheet)) >= {"line-enrolments-value"}
    assert "line-hotline-judgement" not in form_fields(sheet)


def test_shows_what_changed_since_the_return(site: Site) -> None:
    judge(site, site.approver, "return", reason="与花名册不符", answer_by="2018-07-06")
    hand_in(site, line__enrolments__value="17500", line__enrolments__cumulative="")
    page = open_sheet(site.browser(site.approver), REVIEW)
    assert "<del>" in page
    assert "17,600" in page
    assert "<ins>17,500</ins>" in page
    assert "退回后改 1 项" in page
    assert "上次的退回意见" not in page  # it was about the whole sheet
    assert "第2次提交" in page
    assert "<ins>" not in open_sheet(site.browser(site.approver), f"{REVIEW}?compare=none")


def test_a_sheet_that_moved_on_is_told_with_both_values_and_a_way_back(site: Site) -> None:
    old = open_sheet(site.browser(site.approver), REVIEW)
    client = site.browser(site.reporter)
    client.submit(f"{SHEET}/withdraw")
    hand_in(site, line__enrolments__value="17500", line__enrolments__cumulative="")
    answer = judge(site, site.approver, "sign", page=old, **ticks(site.browser(site.approver)))
    assert answer.status_code == 409
    assert "17,600</del> <ins>17,500</ins>" in answer.text
    assert f'href="{REVIEW}"' in answer.text
    assert states_of_june(site) == ["submitted", "submitted"]


def test_a_sheet_taken_back_meanwhile_is_told_so(site: Site) -> None:
    old = open_sheet(site.browser(site.approver), REVIEW)
    site.browser(site.reporter).submit(f"{SHEET}/withdraw")
    answer = judge(site, site.approver, "return", page=old, reason="重报", answer_by="2018-07-06")
    assert answer.status_code == 409
    assert "撤回" in answer.text
    assert "您写的退回意见还在" in answer.text
    assert "重报" in answer.text


def test_a_return_that_came_too_late_keeps_what_was_typed_and_can_be_sent_again(site: Site) -> None:
    old = open_sheet(site.browser(site.approver), REVIEW)
    line = old.split('name="lines" value="')[1].split('"')[0]
    site.browser(site.reporter).submit(f"{SHEET}/withdraw")
    hand_in(site, line__enrolments__value="17500", line__enrolments__cumulative="")
    given = {"lines": line, "reason": "与花名册不符", "answer_by": "2018-07-09"}
    late = judge(site, site.approver, "return", page=old, **given)
    assert late.status_code == 409
    kept = form_fields(late.text)
    assert (kept["reason"], kept["answer_by"], kept["lines"]) == (["与花名册不符"], ["2018-07-09"], [line])
    again = judge(site, site.approver, "return", page=late.text, **given)
    assert again.status_code == 303
    assert sorted(states_of_june(site)) == ["returned", "submitted"]


def test_a_remark_is_made_inside_the_review_and_pinned_to_its_line(site: Site) -> None:
    client = site.browser(site.approver)
    subjects = re.findall(r'value="(i[0-9]+)"', open_sheet(client, REVIEW))
    said = client.submit(f"{REVIEW}/comment", {"about": subjects[0], "text": "与五月口径一致吗？"})
    assert said.headers["Location"] == f"{REVIEW}#thread"
    page = open_sheet(client, REVIEW)
    assert page.count("与五月口径一致吗？") == 2  # beside its line, and in the conversation
    assert "参保人次</header>" in page
    empty = client.submit(f"{REVIEW}/comment", {"about": subjects[0], "text": "  "})
    assert empty.status_code == 422
    assert site.browser(site.reporter).submit(f"{REVIEW}/comment").status_code == 404


def test_the_line_asked_for_is_marked_and_named_beside_its_evidence(site: Site) -> None:
    page = open_sheet(site.browser(site.approver), f"{REVIEW}?line=enrolments")
    assert 'diff-current" id="row-enrolments"' in page.replace(" has-remark", "")
    assert "diff-current" not in open_sheet(site.browser(site.approver), f"{REVIEW}?line=nothing")


def test_says_how_long_the_sheet_lay_at_each_desk(site: Site) -> None:
    assert "等审批" in open_sheet(site.browser(site.approver), REVIEW)
    sign(site)
    page = open_sheet(site.browser(site.reviewer), REVIEW)
    assert "等审核" in page
    assert "已等" in page


def test_a_double_click_accepts_once(site: Site) -> None:
    sign(site)
    client = site.browser(site.reviewer)
    form = {"version": form_fields(open_sheet(client, REVIEW))["version"], **ticks(client)}
    first = client.submit(f"{REVIEW}/accept", form, key="k" * 24)
    second = client.submit(f"{REVIEW}/accept", form, key="k" * 24)
    assert (first.status_code, second.status_code) == (303, 303)
    with site.database.read_session() as session:
        accepted = session.scalars(select(ThreadEntry.id).where(ThreadEntry.action == "accept")).all()
        assert len(accepted) == 4  # two of May, two of June
    third = client.submit(f"{REVIEW}/accept", form)
    assert third.status_code == 409


def test_goes_on_to_the_next_in_the_queue(app: Flask) -> None:
    site = build_site(app, only("enrolments"))
    with site.database.session() as session:
        world = World.again(session)
        for code in ("330203", "330205"):
            world.hand_in(code=code)
            world.sign(code=code)
        session.commit()
    client = site.browser(site.reviewer)
    form = {"version": form_fields(open_sheet(client, REVIEW))["version"]}
    answer = client.submit(f"{REVIEW}/accept", form)
    assert answer.headers["Location"] == REVIEW.replace("330203", "330205")
    page = open_sheet(client, answer.headers["Location"])
    assert "已通过3302032018年6月的月报表（1 件）" in page
    assert "已通过</span>" in page


def test_nobody_judges_what_they_wrote(site: Site) -> None:
    with site.database.session() as session:
        world = World.again(session)
        world.also(site.reporter, site.approver.role, "330203")
        session.commit()
    client = signed_in_client(site.app, site.reporter.account_id)
    page_before = open_sheet(site.browser(site.approver), REVIEW)
    appointment = open_sheet(client, "/account").split('name="appointment" value="')[-1].split('"')[0]
    client.submit("/account/appointment", {"appointment": appointment})
    assert "须由另一位同事办理" in open_sheet(client, REVIEW)
    form = {"version": form_fields(page_before)["version"], **ticks(site.browser(site.approver))}
    assert client.submit(f"{REVIEW}/sign", form).status_code == 403


def test_reporters_judge_nothing_and_neighbours_find_nothing(site: Site) -> None:
    assert site.browser(site.reporter).get(REVIEW).status_code == 403
    assert site.browser(site.reporter).submit(f"{REVIEW}/sign").status_code == 403
    assert site.browser(site.reviewer).submit(f"{REVIEW}/sign").status_code == 403
    assert site.browser(site.approver).submit(f"{REVIEW}/accept").status_code == 403
    assert site.browser(site.neighbour).get(REVIEW).status_code == 403


def test_the_bar_counts_what_waits_and_leads_there(site: Site) -> None:
    client = site.browser(site.approver)
    assert client.get("/reviews").headers["Location"] == QUEUE
    assert '审核<span class="count">1</span>' in open_sheet(client, QUEUE)


def test_the_bar_leads_to_the_empty_queue_from_where_one_hands_over_and_sees_who_reported(site: Site) -> None:
    client = site.browser(site.reviewer)
    assert client.get("/reviews").headers["Location"] == QUEUE
    page = open_sheet(client, QUEUE)
    assert "都审完了" in page
    assert 'href="/reviews/handover"' in page
    assert 'href="/programmes/330200-2018/periods"' in page


def test_a_reviewer_comes_from_the_sheet_to_where_it_is_revoked(site: Site) -> None:
    """Whoever followed a figure to its sheet finds the way on; the unit's own staff does not judge."""
    sheet = REVIEW.replace("/reviews/", "/sheets/")
    assert re.search(rf'href="{REVIEW}">\s*到审核页', open_sheet(site.browser(site.reviewer), sheet))
    for who in (site.reporter, site.approver):
        assert "到审核页" not in open_sheet(site.browser(who), sheet)


def test_the_desks_name_the_next_action(site: Site) -> None:
    assert "去审批" in open_sheet(site.browser(site.approver), "/")
    assert "待审批" in open_sheet(site.browser(site.reporter), "/")
    judge(site, site.approver, "return", reason="重报", answer_by="2018-07-06")
    desk = open_sheet(site.browser(site.reporter), "/")
    assert "去修改" in desk
    assert "7月6日 18:00 前，还有" in desk


@pytest.mark.parametrize("address", [REVIEW, QUEUE, "/"])
def test_reads_a_page_in_fifteen_statements_at_most(app: Flask, address: str) -> None:
    site = build_site(app, KINDS)
    with site.database.session() as session:
        world = World.again(session)
        world.hand_in(code="330203")
        world.sign(code="330203")
        session.commit()
    client = site.browser(site.reviewer)
    with counted_statements(site.database) as statements:
        assert client.get(address).status_code == 200
    assert len(statements) <= 15, "\n".join(statements)


def test_a_return_does_not_reach_the_statement_budget_either(site: Site) -> None:
    judge(site, site.approver, "return", reason="与花名册不符", answer_by="2018-07-06")
    hand_in(site, line__enrolments__value="17500", line__enrolments__cumulative="")
    client = site.browser(site.approver)
    with counted_statements(site.database) as statements:
        client.get(REVIEW)
    assert len(statements) <= 15, "\n".join(statements)


def test_sending_the_same_form_with_another_body_under_one_key_is_refused(site: Site) -> None:
    client = site.browser(site.approver)
    form = {"version": form_fields(open_sheet(client, REVIEW))["version"], **ticks(client)}
    assert client.submit(f"{REVIEW}/sign", form, key="k" * 24).status_code == 303
    assert client.submit(f"{REVIEW}/sign", {**form, "version": "x"}, key="k" * 24).status_code == 422
    assert send(site.browser(site.reporter), open_sheet(site.browser(site.reporter))).status_code == 409
