"""The pages of a sheet: what is typed comes back, a second click does nothing, nobody sees more than theirs."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories.districts import KINDS, MAY, TODAY, World, only
from tests.factories.rows import NOW
from tests.factories.sheet_site import (
    GOOD,
    SHEET,
    Site,
    build_site,
    count_rows,
    fill,
    open_sheet,
    send,
    states_of_june,
)
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tracker.domain.identity import Role
from tracker.models.audit import AuditEntry
from tracker.models.programme import Programme
from tracker.models.report import Line, Submission
from tracker.services.revising import correct
from tracker.services.standings import Doer, Remark
from tracker.services.transitions import send_back


@pytest.fixture
def site(app: Flask) -> Site:
    return build_site(app, only("enrolments", "hotline"))


def test_saves_the_sheet_and_shows_it_again(site: Site) -> None:
    client = fill(site, **GOOD)
    fields = form_fields(open_sheet(client))
    assert fields["line-enrolments-value"] == ["17,600"]
    assert fields["line-enrolments-cumulative"] == ["38,720"]
    assert fields["line-hotline-judgement"] == ["on_track"]


def test_sending_the_page_back_unchanged_changes_nothing(site: Site) -> None:
    client = fill(site, **GOOD)
    before = count_rows(site, AuditEntry)
    assert send(client, open_sheet(client)).status_code == 303
    assert count_rows(site, AuditEntry) == before


def test_gives_everything_typed_back_with_every_fault_at_its_field(site: Site) -> None:
    client = site.browser(site.reporter)
    typed = {
        "line__enrolments__value": "约17600",
        "line__enrolments__note": "还没对账 <b>",
        "line__hotline__judgement": "splendid",
        "line__hotline__note": "第一行\n第二行",
    }
    texts = [name for name in form_fields(open_sheet(client)) if name.endswith("-problems")]
    answer = send(client, open_sheet(client), **typed, **{texts[0]: "进度慢"})
    assert answer.status_code == 422
    fields = form_fields(answer.text)
    assert fields["line-enrolments-value"] == ["约17600"]
    assert fields["line-enrolments-note"] == ["还没对账 <b>"]
    assert fields["line-hotline-note"] == ["第一行\n第二行"]
    assert fields[texts[0]] == ["进度慢"]
    assert 'href="#line-enrolments-value"' in answer.text
    assert 'href="#line-hotline-judgement"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    assert count_rows(site, Line) == 2


def test_refuses_fields_the_sheet_does_not_have(site: Site) -> None:
    client = site.browser(site.reporter)
    assert send(client, open_sheet(client), line__other__value="1").status_code == 422


def test_no_news_fills_the_empty_flow_with_zero(site: Site) -> None:
    client = fill(site, then="no_news")
    page = open_sheet(client)
    assert form_fields(page)["line-enrolments-value"] == ["0"]
    assert "上期是 21,120人次，本期是 0" in page


def test_a_slip_offers_the_other_reading_by_a_button(site: Site) -> None:
    client = fill(site, line__enrolments__value="2")
    page = open_sheet(client)
    assert 'value="enrolments=20000"' in page
    send(client, page, reading="enrolments=20000")
    assert form_fields(open_sheet(client))["line-enrolments-value"] == ["20,000"]


def test_walks_from_the_check_to_the_receipt_and_back(site: Site) -> None:
    client = site.browser(site.reporter)
    to_check = send(client, open_sheet(client), then="check", **GOOD)
    assert to_check.headers["Location"] == f"{SHEET}/check"
    page = open_sheet(client, f"{SHEET}/check")
    unticked = client.submit(f"{SHEET}/submit", form_fields(page))
    assert unticked.status_code == 422
    assert "请先勾选确认" in unticked.text
    answer = client.submit(f"{SHEET}/submit", form_fields(page) | {"confirmed": "y"})
    assert answer.headers["Location"] == f"{SHEET}/receipt"
    receipt = open_sheet(client, f"{SHEET}/receipt")
    assert "330203-201806-1" in receipt
    assert "下一步由approver-330203审批，7月5日 18:00前办理" in receipt
    assert "项，覆盖 2 件实事" in receipt
    assert states_of_june(site) == ["submitted", "submitted"]
    assert client.submit(f"{SHEET}/withdraw").headers["Location"] == SHEET
    assert states_of_june(site) == ["draft", "draft"]


def test_saving_what_has_saved_itself_says_since_when_it_is_kept(app: Flask) -> None:
    site = build_site(app, only("enrolments"))
    client = site.browser(site.reporter)
    send(client, open_sheet(client))
    assert "还没有填写，没有要保存的。" in open_sheet(client)
    send(client, open_sheet(client), line__enrolments__value="1.76万")
    assert "已保存草稿。" in open_sheet(client)
    send(client, open_sheet(client))
    said = open_sheet(client)
    assert re.search(r"已保存：\d+月\d+日 \d\d:\d\d 以后没有新的改动。", said), re.findall(
        r"已保存[^<]+", said
    )


def test_a_receipt_and_a_check_name_no_day_that_is_past_and_count_what_was_sent(site: Site) -> None:
    """A correction has no deadline at all, and is one pledge of a sheet that was handed in long ago."""
    with site.database.session() as session:
        world = World.again(session)
        versions = {one.revision_id: one.version_id for one in world.seen(period=MAY)[:1]}
        correct(session, versions, Doer(site.reporter, datetime.now(UTC)), reason="漏登两家")
        session.commit()
    client, sheet = site.browser(site.reporter), SHEET.replace("2018-06", "2018-05")
    page = open_sheet(client, sheet)
    assert "更正没有截止时间，通过之前原数照常有效" in page
    assert "逾期" not in page
    check = open_sheet(client, f"{sheet}/check")
    assert "6月5日" not in check
    assert "审批，再报上级工会审核" in check
    client.submit(f"{sheet}/submit", form_fields(check) | {"confirmed": "y"})
    receipt = open_sheet(client, f"{sheet}/receipt")
    assert "下一步由approver-330203审批。" in receipt
    assert re.search(r"本次 \d 项、1 件实事；本表已交的共 2 件", receipt)


def test_the_check_names_what_is_missing_and_hands_nothing_in(site: Site) -> None:
    client = fill(site, line__enrolments__value="999999")
    page = open_sheet(client, f"{SHEET}/check")
    assert "有提示，请写一句说明" in page
    assert "还没有填" in page
    answer = client.submit(f"{SHEET}/submit", form_fields(page) | {"confirmed": "y"})
    assert answer.status_code == 422
    assert states_of_june(site) == ["draft", "draft"]


def test_the_check_shows_the_texts_too(site: Site) -> None:
    client = site.browser(site.reporter)
    drawn = open_sheet(client)
    text = next(name for name in form_fields(drawn) if name.endswith("-achievements"))
    send(client, drawn, **GOOD, **{text: "开班 11 期"})
    page = open_sheet(client, f"{SHEET}/check")
    assert "<b>做法成效</b> 开班 11 期" in page


def test_the_check_hands_in_only_what_it_showed(site: Site) -> None:
    client = fill(site, **GOOD)
    page = open_sheet(client, f"{SHEET}/check")
    fill(site, line__enrolments__value="17601", line__enrolments__cumulative="")
    answer = client.submit(f"{SHEET}/submit", form_fields(page) | {"confirmed": "y"})
    assert answer.status_code == 409
    assert states_of_june(site) == ["draft", "draft"]


def test_a_second_click_with_the_same_key_submits_once(site: Site) -> None:
    client = fill(site, **GOOD)
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": "y"}
    first = client.submit(f"{SHEET}/submit", form, key="k" * 24)
    second = client.submit(f"{SHEET}/submit", form, key="k" * 24)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert count_rows(site, Submission) == 4  # two of May, two of June
    other = client.submit(f"{SHEET}/submit", form | {"confirmed": ""}, key="k" * 24)
    assert other.status_code == 422


def test_a_second_submission_of_the_same_page_is_refused(site: Site) -> None:
    client = fill(site, **GOOD)
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": "y"}
    assert client.submit(f"{SHEET}/submit", form).status_code == 303
    assert client.submit(f"{SHEET}/submit", form).status_code == 409


def test_what_is_handed_in_is_locked(site: Site) -> None:
    client = fill(site, **GOOD)
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": "y"}
    client.submit(f"{SHEET}/submit", form)
    page = open_sheet(client)
    assert "line-enrolments-value" not in form_fields(page)
    assert "本表已提交" in page


def test_a_coming_period_names_the_day_it_opens(site: Site) -> None:
    client = site.browser(site.reporter)
    page = open_sheet(client, SHEET.replace("2018-06", "2018-08"))
    assert "8月1日 开放填报" in page
    assert "line-enrolments-value" not in form_fields(page)


@pytest.mark.parametrize("period", ["2018-Q2", "2019-06", "2018-13", "2018"])
def test_periods_of_another_rhythm_or_year_do_not_exist(site: Site, period: str) -> None:
    assert site.browser(site.reporter).get(SHEET.replace("2018-06", period)).status_code == 404


def test_superiors_see_nothing_that_is_not_handed_in(site: Site) -> None:
    fill(site, **GOOD)
    page = open_sheet(site.browser(site.reviewer))
    assert "17,600" not in page
    assert "line-enrolments-value" not in form_fields(page)
    assert "17,600" in open_sheet(site.browser(site.approver))


def test_a_neighbour_finds_no_sheet(site: Site) -> None:
    assert site.browser(site.neighbour).get(SHEET).status_code == 404
    assert site.browser(site.neighbour).submit(SHEET).status_code == 404


def test_only_reporters_save(site: Site) -> None:
    assert site.browser(site.approver).submit(SHEET).status_code == 403
    assert site.browser(site.reviewer).submit(SHEET).status_code == 403


def test_the_bar_leads_to_the_sheet_that_is_due_longest(site: Site) -> None:
    answer = site.browser(site.reporter).get("/sheets")
    assert answer.headers["Location"] == SHEET.replace("2018-06", "2018-01")


@pytest.mark.parametrize("address", [SHEET, f"{SHEET}/check", f"{SHEET}/receipt"])
def test_reads_a_page_in_fifteen_statements_at_most(app: Flask, address: str) -> None:
    site = build_site(app, KINDS)
    client = fill(site, line__enrolments__value="17600")
    with counted_statements(site.database) as statements:
        client.get(address)
    assert len(statements) <= 15, "\n".join(statements)


def test_offers_what_was_done_by_the_last_period_again(app: Flask) -> None:
    site = build_site(app, only("opened", "sites"))
    fields = form_fields(open_sheet(site.browser(site.reporter)))
    assert fields["line-opened-done_on"] == ["2018-05-20"]
    assert fields["line-sites-items"] == ["甲站", "乙站"]


def test_a_reporter_finds_the_receipt_from_the_locked_sheet(site: Site) -> None:
    client = fill(site, **GOOD)
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": "y"}
    client.submit(f"{SHEET}/submit", form)
    assert f'href="{SHEET}/receipt"' in open_sheet(client)


def test_tells_once_that_a_figure_stands_beside_unknown_and_opens_the_tick(site: Site) -> None:
    client = site.browser(site.reporter)
    typed = {"line__enrolments__is_unknown": "y", "line__enrolments__value": "6500"}
    answer = send(client, open_sheet(client), **typed, line__enrolments__cumulative="27620")
    assert answer.status_code == 422
    assert answer.text.count("这里请留空") == 2  # in the summary and at the field
    assert '<details class="row-more" data-menu open>' in answer.text


def test_the_check_says_that_the_period_was_closed_meanwhile(site: Site) -> None:
    client = fill(site, **GOOD)
    with site.database.session() as session:
        session.execute(update(Programme).values(close_day=2))
        session.commit()
    page = open_sheet(client, f"{SHEET}/check")
    assert "关闭，不能再改" in page
    assert "disabled>提交给本单位审批" in page


def test_a_returned_sheet_names_the_day_by_which_it_is_to_be_mended(site: Site) -> None:
    client = fill(site, **GOOD)
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": "y"}
    client.submit(f"{SHEET}/submit", form)
    answer_by = TODAY.replace(day=20, hour=18)
    with site.database.session() as session:
        world = World.again(session)
        head = Doer(world.person(Role.APPROVER, "330203"), NOW)
        send_back(session, world.seen(), head, Remark("与花名册不符", (), answer_by))
        session.commit()
    page = open_sheet(client)
    assert "7月20日 18:00 截止" in page
    assert "7月5日 18:00 截止" not in page
