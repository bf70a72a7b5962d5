"""Forms for lists: drawn and sent back they change nothing, all faults stand at their fields, nobody is overtaken."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.factories.imports import bring
from tests.features.programmes.desks import Desk, resend, text_of
from tests.features.programmes.files.lists import EVERY_FIELD, PLAIN
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.domain.kinds import Kind

KEY = "330200-2018"
LIST = f"/programmes/{KEY}/list"
SECOND = "/programmes/330200-2018-second-list/list"
HIGHER = PLAIN.replace('publisher: "330200"', 'publisher: "330000"')
TERMS: dict[str, Any] = {"reason": "市政府调整", "effective": "7"}


@pytest.fixture
def draft(app: Flask) -> Desk:
    """Ningbo's list of 2018, not published yet."""
    return Desk(app, "ningbo-2018", publish=False)


@pytest.fixture
def public(app: Flask) -> Desk:
    """The same, published."""
    return Desk(app, "ningbo-2018")


def reviewer(desk: Desk) -> StrictClient:
    return desk.sign_in("reviewer", "330200")


def test_a_form_sent_back_as_drawn_changes_nothing(app: Flask) -> None:
    desk = Desk(app)
    desk.bring(EVERY_FIELD)
    browser, document = reviewer(desk), desk.document("330200-2018-second-list")
    paths = [f"{SECOND}/head", f"{SECOND}/order"]
    paths += [f"{SECOND}/pledges/{pledge.number}" for pledge in document.pledges]
    paths += [f"{SECOND}/indicators/{one.code}" for one in document.indicators]
    for path in paths:
        assert resend(browser, path).status_code == 303, path
        assert "没有变化" in browser.get(SECOND).text, path
    assert desk.document("330200-2018-second-list") == document
    assert desk.actions() == []


def test_changes_an_indicator_by_the_way_of_a_file(draft: Desk) -> None:
    browser, path = reviewer(draft), f"{LIST}/indicators/enrolments"
    done = resend(
        browser, path, indicator__target="152万", indicator__last_year="1,500,000", indicator__counting_rule="以到账为准"
    )  # fmt: skip
    assert (done.status_code, done.location) == (303, LIST)
    found = draft.document(KEY).indicators[0]
    assert (found.target, found.last_year, found.counting_rule) == (1_520_000, 1_500_000, "以到账为准")
    assert len(found.allocations) == 11, "what the form does not hold stays"
    assert draft.actions() == ["programme.edited"]


def test_tells_all_faults_at_their_fields_and_keeps_what_was_typed(draft: Desk) -> None:
    browser, path = reviewer(draft), f"{LIST}/indicators/enrolments"
    answer = resend(
        browser, path, indicator__name="", indicator__target="150余万", indicator__tolerance_percent="3",
        indicator__last_year="很多", indicator__plan_shape="own",
    )  # fmt: skip
    page = answer.text
    assert answer.status_code == 422
    for field in ("name", "target", "tolerance_percent", "last_year", "plan-0", "plan-11"):
        assert f'id="indicator-{field}-error"' in page, field
        assert f'href="#indicator-{field}"' in page, field
    assert 'value="150余万"' in page
    assert 'value="很多"' in page
    assert draft.document(KEY).indicators[0].target == 1_500_000
    assert draft.actions() == []


def test_asks_for_reason_and_month_on_a_public_list(public: Desk) -> None:
    browser, path = reviewer(public), f"{LIST}/indicators/enrolments"
    refused = resend(browser, path, indicator__target="160万", indicator__name="")
    assert refused.status_code == 422
    for field in ("reason", "effective", "indicator-name"):
        assert f'id="{field}-error"' in refused.text, field
    assert resend(browser, path, indicator__target="160万", **TERMS).status_code == 303
    assert public.versions() == [(1, "公布"), (2, "市政府调整")]
    said = text_of(browser.get(f"{LIST}/history").text)
    assert "参加职工医疗互助保障人次 · 目标" in said
    assert "1,500,000" in said
    assert "1,600,000" in said


def test_keeps_the_kind_and_the_codes_of_a_public_list(public: Desk) -> None:
    browser, path = reviewer(public), f"{LIST}/indicators/enrolments"
    refused = resend(browser, path, indicator__kind="stock", **TERMS)
    assert refused.status_code == 422
    assert "不能再改" in text_of(refused.text)
    for drop in (f"{path}/drop", f"{LIST}/pledges/1/drop"):
        answer = browser.submit(drop, form_fields(browser.get(path).text) | TERMS)
        assert answer.status_code == 422
    assert "/drop" not in browser.get(path).text


def test_tells_both_sides_when_somebody_was_quicker(draft: Desk) -> None:
    browser, path = reviewer(draft), f"{LIST}/indicators/enrolments"
    mine = form_fields(browser.get(path).text) | {"indicator-target": "170万"}
    assert resend(reviewer(draft), path, indicator__target="160万").status_code == 303
    overtaken = browser.submit(path, mine)
    said = text_of(overtaken.text)
    assert overtaken.status_code == 409
    assert "1,600,000" in said
    assert "1,700,000" in said
    assert draft.document(KEY).indicators[0].target == 1_600_000
    assert browser.submit(path, form_fields(overtaken.text)).status_code == 303, "knowing both, mine may win"
    assert draft.document(KEY).indicators[0].target == 1_700_000


def test_new_limits_of_the_lights_are_a_new_rule_set(public: Desk) -> None:
    browser = reviewer(public)
    assert resend(browser, f"{LIST}/head", head__lagging="-15", **TERMS).status_code == 303
    said = text_of(browser.get(f"{LIST}/history").text)
    assert "第 2 套 达序时 ≥ 0 点，预警 ≥ −15 点" in said
    assert "第 1 套 达序时 ≥ 0 点，预警 ≥ −10 点" in said
    refused = resend(browser, f"{LIST}/head", head__on_track="-20", **TERMS)
    assert (refused.status_code, 'id="head-lagging-error"' in refused.text) == (422, True)


def test_elapsed_by_days_and_the_rhythm_are_settings_of_the_list(draft: Desk) -> None:
    resend(
        reviewer(draft), f"{LIST}/head", head__elapsed="days", head__reporting="quarter", head__close_day="20"
    )
    document = draft.document(KEY)
    assert (document.elapsed, document.reporting, document.close_day) == ("days", "quarter", 20)


@pytest.mark.parametrize("kind", list(Kind))
def test_adds_an_indicator_of_every_kind(draft: Desk, kind: Kind) -> None:
    browser, path = reviewer(draft), f"{LIST}/pledges/2/indicators/new"
    assert f"kind={kind}" in browser.get(path).text
    drawn = form_fields(browser.get(f"{path}?kind={kind}").text)
    typed = {"indicator-name": "新的一项"} | (
        {"indicator-measure": "个"} if "indicator-measure" in drawn else {}
    )
    typed |= (
        {"indicator-decimals": "0"}
        if kind in (Kind.FLOW, Kind.STOCK, Kind.KEPT, Kind.RATIO, Kind.GROWTH)
        else {}
    )
    typed |= {} if kind is Kind.NARRATIVE else {"indicator-part_of": ""} if kind is not Kind.MILESTONE else {}
    done = browser.submit(path, drawn | typed)
    assert done.status_code == 303, text_of(done.text)
    added = draft.document(KEY).pledges[1].indicators[-1]
    assert (added.name, added.kind, added.code) == ("新的一项", kind, "p2_1")


def test_adds_a_pledge_with_its_first_indicator(public: Desk) -> None:
    browser, path = reviewer(public), f"{LIST}/pledges/new"
    drawn = form_fields(browser.get(f"{path}?kind=kept").text)
    typed = {
        "pledge-title": "困难职工帮扶", "pledge-lead": "保障部", "pledge-supporting": "财务部\r\n办公室", "indicator-name": "建档户数",
        "indicator-measure": "户", "indicator-decimals": "0", "indicator-part_of": "", "indicator-target": "400",
    }  # fmt: skip
    assert browser.submit(path, drawn | typed).status_code == 422, "a public list needs a reason"
    assert browser.submit(path, drawn | typed | TERMS).status_code == 303
    added = public.document(KEY).pledges[-1]
    assert (added.number, added.supporting, added.indicators[0].target) == (5, ("财务部", "办公室"), 400)


def test_begins_a_list_on_one_page(app: Flask) -> None:
    desk = Desk(app)
    browser = desk.sign_in("reviewer", "330500")
    drawn = form_fields(browser.get("/programmes/new?kind=flow").text)
    typed = {
        "head-title": "2018年实事", "head-year": "2018", "head-slug": "", "pledge-title": "互助", "pledge-lead": "保障部",
        "indicator-name": "参保", "indicator-measure": "人次", "indicator-decimals": "0", "indicator-target": "1万",
    }  # fmt: skip
    done = browser.submit("/programmes/new", drawn | typed)
    assert (done.status_code, done.location) == (303, "/programmes/330500-2018/list")
    assert desk.document("330500-2018").indicators[0].target == 10_000
    again = browser.submit("/programmes/new", drawn | typed)
    assert again.status_code == 409, "the key is taken"


def test_drops_from_a_draft_but_never_the_last_of_a_pledge(draft: Desk) -> None:
    browser = reviewer(draft)
    page = f"{LIST}/indicators/degree_students"
    assert (
        resend(browser, f"{page}/drop", page=page, **dict.fromkeys(only_version(browser, page))).status_code
        == 303
    )
    assert "degree_students" not in {one.code for one in draft.document(KEY).indicators}
    page = f"{LIST}/indicators/enrolments"
    answer = resend(browser, f"{page}/drop", page=page, **dict.fromkeys(only_version(browser, page)))
    assert answer.status_code == 422
    assert "至少要有一个指标" in answer.text
    assert 'value="1500000"' in answer.text, "the form is still there"


def only_version(browser: StrictClient, page: str) -> list[str]:
    """The names of all fields a page's button to drop does not send."""
    return [name.replace("-", "__") for name in form_fields(browser.get(page).text) if name != "version"]


def test_orders_pledges_and_indicators(draft: Desk) -> None:
    browser, path = reviewer(draft), f"{LIST}/order"
    assert resend(browser, path, pledges__0__number="2", pledges__1__number="1").status_code == 303
    document = draft.document(KEY)
    assert [pledge.title for pledge in document.pledges][:2] == ["精准帮扶困难职工", "优化职工互助保障"]
    first, second = (one.code for one in document.pledges[0].indicators)
    assert resend(browser, path, indicators__0__number="2", indicators__1__number="1").status_code == 303
    assert [one.code for one in draft.document(KEY).pledges[0].indicators] == [second, first]
    twice = resend(browser, path, pledges__0__number="2")
    assert (twice.status_code, "重复" in twice.text) == (422, True)


def test_takes_a_plan_curve_from_last_years_accepted_months(app: Flask) -> None:
    desk = Desk(app)
    desk.bring(PLAIN)
    desk.bring(PLAIN.replace("2018", "2019"))
    with desk.database.session() as session:
        header = "org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note\n"
        rows = "".join(
            f"330200,enrolments,2018-{month:02},{value},,,,,\n"
            for month, value in ((1, 100), (6, 300), (12, 600))
        )
        bring(session, header + rows)
        session.commit()
    browser, path = reviewer(desk), "/programmes/330200-2019/list/indicators/enrolments"
    assert resend(browser, path, indicator__plan_shape="last_year").status_code == 303
    assert desk.document("330200-2019").indicators[0].plan == (100,) * 5 + (400,) * 6 + (1000,)
    refused = resend(
        browser, "/programmes/330200-2018/list/indicators/enrolments", indicator__plan_shape="last_year"
    )
    assert (refused.status_code, "没有这项指标上一年已通过的各月数据" in refused.text) == (422, True)


def test_offers_higher_lists_to_be_fed(app: Flask) -> None:
    desk = Desk(app)
    desk.bring(HIGHER)
    desk.bring(PLAIN)
    browser, path = reviewer(desk), f"{LIST}/indicators/enrolments"
    assert "330000-2018/enrolments" not in browser.get(path).text, "a draft of others is nobody's business"


def test_feeds_a_higher_list_that_was_chosen(app: Flask) -> None:
    desk = Desk(app)
    desk.bring(HIGHER.replace("target: 150万", 'target: 150万, allocations: {"330200": 1}'), publish=True)
    desk.bring(PLAIN)
    browser, path = reviewer(desk), f"{LIST}/indicators/enrolments"
    assert resend(browser, path, indicator__aligned="330000-2018/enrolments").status_code == 303
    assert desk.document(KEY).indicators[0].aligned == ("330000-2018/enrolments",)
    assert 'value="330000-2018/enrolments" checked' in browser.get(path).text


def test_names_faults_of_other_indicators_in_words(app: Flask) -> None:
    desk = Desk(app)
    desk.bring(EVERY_FIELD)
    answer = resend(reviewer(desk), f"{SECOND}/indicators/renewed", indicator__target="90万")
    assert answer.status_code == 422
    said = "参加职工医疗互助保障人次 · 目标：各部分目标之和 1400000 不等于整体 1500000"
    assert said in text_of(answer.text)


def test_shows_what_a_counting_rule_said_before(public: Desk) -> None:
    browser, path = reviewer(public), f"{LIST}/indicators/enrolments"
    for rule in ("以缴费到账为准", "以缴费到账为准，退费的减去"):
        assert resend(browser, path, indicator__counting_rule=rule, **TERMS).status_code == 303
    said = text_of(browser.get(LIST).text)
    assert "以缴费到账为准，退费的减去" in said
    assert re.search(r"第 3 版（.{10,20}）前：以缴费到账为准 第 2 版（.{10,20}）前：（空）", said)


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        ("indicators/enrolments", 15),
        ("head", 12),
        ("order", 12),
        ("history", 8),
        ("pledges/new?kind=flow", 15),
    ],
)
def test_forms_stay_within_their_budgets(public: Desk, path: str, budget: int) -> None:
    browser = reviewer(public)
    browser.get(LIST)
    with counted_statements(public.database) as sent:
        assert browser.get(f"{LIST}/{path}").status_code == 200
    assert len(sent) <= budget, "\n".join(sent)


def test_refuses_to_change_what_has_ended(public: Desk) -> None:
    browser = reviewer(public)
    for step in ("run", "close"):
        path = f"{LIST}/state/{step}"
        assert resend(browser, path).status_code == 303
    for path in ("head", "pledges/1", "indicators/enrolments", "order"):
        assert browser.get(f"{LIST}/{path}").status_code == 409
    assert "增加实事" not in browser.get(LIST).text


def test_asks_for_the_single_measure_where_somebody_counts_in_ten_thousands(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018", publish=False)
    browser = desk.sign_in("reviewer", "330200")
    refused = resend(browser, f"{LIST}/indicators/enrolments", indicator__measure="万人次")
    assert refused.status_code == 422
    assert "请写单个的单位" in refused.text


def test_leads_from_a_published_list_to_dividing_its_targets(app: Flask) -> None:
    desk = Desk(app, "huzhou-2025")
    assert "去分解目标" in desk.sign_in("reviewer", "330500").get("/programmes/330500-2025/list").text
    assert "去分解目标" not in desk.sign_in("viewer", "330500").get("/programmes/330500-2025/list").text


def test_asks_for_a_month_only_where_targets_change(app: Flask) -> None:
    browser = Desk(app, "ningbo-2018").sign_in("reviewer", "330200")
    page = f"{LIST}/indicators/enrolments"
    both = resend(browser, page, indicator__target="160万")
    assert both.status_code == 422
    for said in ("清单已公布，改动要说明理由", "请选从哪个月起算"):
        assert said in both.text, said
    assert resend(browser, page, indicator__counting_rule="以到账为准", reason="口径写清").status_code == 303
    assert resend(browser, page, indicator__target="160万", reason="加码").status_code == 422
    assert resend(browser, page, indicator__target="160万", reason="加码", effective="7").status_code == 303
