"""The trail is read within reach, filtered, paged by keyset, put into words, and handed out with its seal."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from tests.architecture.copies import ROOT
from tests.factories.audited import Audited
from tests.features.dashboards.test_overview import text_of
from tests.support.databases import on_sqlite
from tests.support.statements import counted_statements
from tests.support.taken_tables import offered, take
from tracker.domain.identity import OPERATOR
from tracker.features.auditing.history_queries import STEPS_A_PAGE
from tracker.features.auditing.queries import ROWS_A_PAGE
from tracker.features.auditing.words import ACTIONS
from tracker.models.audit import AuditEntry
from tracker.services.anchors import list_anchors
from tracker.services.audit import Subject, Told, record, record_all
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now

TRAIL = "/auditing/entries"
LIST_CHANGES = (
    {"changes": {"indicators/enrolments/aspiration": "False", "indicators/enrolments/allocations/330203": "null",
                 "indicators/enrolments/comparator": ">", "pledges/3/title": "开展送清凉活动 12 场次，覆盖一线职工"}},
    {"changes": {"indicators/enrolments/aspiration": "True", "indicators/enrolments/allocations/330203": "1200",
                 "indicators/enrolments/comparator": ">=", "pledges/3/title": "开展送清凉活动 20 场次，覆盖一线职工"}},
)  # fmt: skip
TARGET_CELLS = (
    {"cells": {"enrolments/330203": [False, None, None, False]}},
    {"cells": {"enrolments/330203": [True, 1200, None, True]}},
)
BUDGET = 9
"""Who asks, the rows, what they are about (3), the seal; with a unit to filter by, two more."""
BUDGET_VIEWED = 20
"""The same, with the audited view recorded and sealed before it."""


def entries_of(audited: Audited, action: str) -> list[AuditEntry]:
    with audited.site.database.read_session() as session:
        wanted = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return list(session.scalars(wanted))


def page_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return text_of(answer.text)


def test_tells_before_and_after_in_words(audited: Audited) -> None:
    auditor = audited.browser(audited.auditor)
    saved = entries_of(audited, "report.saved")[0]
    page = page_of(auditor, f"{TRAIL}/{saved.id}")
    for words in (
        "保存报告",
        "330203",
        "2018年5月",
        "参保人次 · 数值",
        "21,120 人次",
        saved.row_digest,
        "第 1 号封存",
    ):
        assert words in page
    assert "{" not in page
    accepted = page_of(auditor, f"{TRAIL}/{entries_of(audited, 'report.accepted')[0].id}")
    assert re.search(r"状态 +待审核 +已通过", accepted)


def test_keeps_an_admin_from_the_figures_of_reports(audited: Audited) -> None:
    admin = audited.browser(audited.admin)
    saved = entries_of(audited, "report.saved")[0]
    for address in (TRAIL, f"{TRAIL}/{saved.id}", f"/auditing/subjects/report/{saved.subject_id}"):
        page = page_of(admin, address)
        assert "保存报告" in page
        assert "21,120" not in page
        assert "管理员不能查看" in page
    assert offered(admin.get(TRAIL).text) == {}
    fields = {"page": TRAIL, "table": "entries", "style": "csv"}
    assert admin.submit("/exports", fields).status_code == 403


def test_ends_at_the_edge_of_the_reach(audited: Audited) -> None:
    saved = entries_of(audited, "report.saved")[0]
    other = audited.browser(audited.elsewhere)
    assert "保存报告 " not in page_of(other, TRAIL).partition("没有符合条件的记录")[2]
    assert other.get(f"{TRAIL}/{saved.id}").status_code == 404
    assert other.get(f"/auditing/subjects/report/{saved.subject_id}").status_code == 404
    assert other.get(f"{TRAIL}?unit=330203").status_code == 422


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("action=report.signed", "审批报告 330203", "保存报告 330203"),
        ("kind=report", "通过报告 330203", "没有符合条件"),
        ("unit=330203", "保存报告 330203", "没有符合条件"),
        ("unit=330205", "没有符合条件", "保存报告 330203"),
        ("person=approver-330203", "审批报告 330203", "保存报告 330203"),
        ("person=%25", "没有符合条件", "保存报告 330203"),
        ("since=2018-07-03&until=2018-07-03", "保存报告 330203", "没有符合条件"),
        ("until=2018-07-02", "没有符合条件", "保存报告 330203"),
    ],
)
def test_narrows_by_each_filter(audited: Audited, query: str, shown: str, hidden: str) -> None:
    page = page_of(audited.browser(audited.auditor), f"{TRAIL}?{query}")
    assert shown in page
    assert hidden not in page


@pytest.mark.parametrize("query", ["since=never", "action=none", "unit=nowhere"])
def test_says_what_is_wrong_with_a_filter(audited: Audited, query: str) -> None:
    answer = audited.browser(audited.auditor).get(f"{TRAIL}?{query}")
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_pages_through_everything_once_by_keyset(audited: Audited) -> None:
    plant_entries(audited, 2 * ROWS_A_PAGE + 7)
    auditor = audited.browser(audited.auditor)
    seen: list[str] = []
    page, address = "", f"{TRAIL}?subject_id=many"
    while address:
        page = auditor.get(address).text
        seen += re.findall(rf'href="{TRAIL}/(\d+)"', page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        address = "" if found is None else unescape(found[1])
    assert len(seen) == len(set(seen)) == 2 * ROWS_A_PAGE + 7
    assert seen == sorted(seen, key=int, reverse=True)
    back = re.search(r'href="([^"]+)" rel="prev"', page)
    assert back is not None
    assert re.findall(rf'href="{TRAIL}/(\d+)"', auditor.get(unescape(back[1])).text) == seen[50:100]


def test_tells_a_subject_in_the_order_of_the_chain(audited: Audited) -> None:
    plant_entries(audited, 2 * STEPS_A_PAGE + 3)
    with audited.site.database.session() as session:
        late = Told(
            "test.done", Subject("test", "many", audited.auditor.place.org_unit_id), None, {"number": -1}
        )
        record_all(session, [late], actor=OPERATOR, now=real_now() - timedelta(days=9))
        session.commit()
    auditor = audited.browser(audited.auditor)
    told: list[str] = []
    page, address = "", "/auditing/subjects/test/many"
    while address:
        page = auditor.get(address).text
        told += re.findall(r"编号.{0,400}?<ins>(-?\d+)</ins>", page, re.DOTALL)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        address = "" if found is None else unescape(found[1])
    assert told == [str(number) for number in range(2 * STEPS_A_PAGE + 3)] + ["-1"], "what is open comes last"
    assert "尚未封存" in page
    back = re.search(r'href="([^"]+)" rel="prev"', page)
    assert back is not None
    assert f"<ins>{2 * STEPS_A_PAGE - 1}</ins>" in auditor.get(unescape(back[1])).text


def test_tells_a_list_with_its_targets_and_bulletins_and_an_account_with_its_appointments(
    audited: Audited,
) -> None:
    with audited.site.database.session() as session:
        unit = audited.auditor.place.org_unit_id
        told = [
            Told("programme.edited", Subject("programme", "330200-2018", unit), *LIST_CHANGES),
            Told("targets.drafted", Subject("targets", "330200-2018", unit), *TARGET_CELLS),
            Told("appointment.switched", Subject("appointment", str(audited.admin.appointment.id), unit)),
        ]
        record_all(session, told, actor=OPERATOR, now=real_now())
        try_fold(session, real_now())
        session.commit()
    auditor = audited.browser(audited.auditor)
    page = page_of(auditor, "/auditing/subjects/programme/330200-2018")
    for words in (
        "修改清单",
        "编制目标",
        "参保人次 · 330203",
        "1,200 人次，手工",
        "不承担",
        "参保人次 · 分解目标 · 330203",
        "参保人次 · 力争目标",
        "第 3 件 · 标题",
        "不少于",
    ):
        assert words in page
    whole = auditor.get("/auditing/subjects/programme/330200-2018").text
    assert "开展送清凉活动 <del>12</del> 场次，覆盖一线职工" in whole
    assert "开展送清凉活动 <ins>20</ins> 场次，覆盖一线职工" in whole
    for raw in ("null", "False", "indicators/", "{"):
        assert raw not in page
    assert "切换任职" in page_of(auditor, f"/auditing/subjects/account/{audited.admin.account_id}")
    assert "保存报告" in page_of(auditor, "/auditing/subjects/org_unit/330203")
    assert auditor.get("/auditing/subjects/org_unit/nowhere").status_code == 404


def test_leads_from_a_request_to_all_it_did_and_from_a_report_to_its_sheet(audited: Audited) -> None:
    auditor = audited.browser(audited.auditor)
    saved = entries_of(audited, "report.saved")[0]
    page = auditor.get(f"/auditing/subjects/report/{saved.subject_id}").text
    assert re.search(r'href="/programmes/330200-2018/sheets/330203/2018-05"', page)
    auditor.get(f"{TRAIL}?person=nobody")
    [viewed] = entries_of(audited, "personal.viewed")
    shown = auditor.get(f"{TRAIL}/{viewed.id}").text
    assert f'href="{TRAIL}?request={viewed.request_id}"' in shown
    assert "330200总工会 · 经审" in text_of(shown)
    found = page_of(auditor, f"{TRAIL}?request={viewed.request_id}")
    assert found.count("查看个人信息") == 2, "the choice of acts, and the one entry"
    assert "没有符合条件" in page_of(auditor, f"{TRAIL}?request={'0' * 16}")


def test_finds_a_person_by_name_as_well_as_by_login(audited: Audited) -> None:
    auditor = audited.browser(audited.auditor)
    name, _bracket, login = entries_of(audited, "report.saved")[0].actor_label.partition("（")
    assert login
    assert "保存报告 330203" in page_of(auditor, f"{TRAIL}?person={name}")
    assert "保存报告 330203" in page_of(auditor, f"{TRAIL}?person={login.removesuffix('）')}")


PLANS = {
    "action=report.revoked": "ix_audit_entry_action",
    "kind=finding": "ix_audit_entry_kind",
    "request=0123456789abcdef": "ix_audit_entry_request_id",
    "person=nobody-at-all": "ix_audit_entry_actor_id",
}


@pytest.mark.parametrize(("query", "index"), PLANS.items())
@on_sqlite
def test_finds_what_is_rare_by_its_index(audited: Audited, query: str, index: str) -> None:
    database, kept = audited.site.database, []

    def keep(*arguments: Any) -> None:
        kept.append(arguments[2:4])

    event.listen(database.read, "before_cursor_execute", keep)
    audited.browser(audited.auditor).get(f"{TRAIL}?{query}")
    event.remove(database.read, "before_cursor_execute", keep)
    [(listing, values)] = [one for one in kept if "audit_entry.row_digest" in one[0] and "LIMIT" in one[0]]
    with database.read.connect() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {listing}", values)
        assert any(index in step[-1] for step in steps), index


def plant_entries(audited: Audited, count: int) -> None:
    """Entries about one subject of the city, in one go."""
    with audited.site.database.session() as session:
        unit = audited.auditor.place.org_unit_id
        told = [Told("test.done", Subject("test", "many", unit), None, {"number": at}) for at in range(count)]
        record_all(session, told, actor=OPERATOR, now=real_now())
        try_fold(session, real_now())
        session.commit()


@pytest.mark.parametrize("style", ["csv", "xlsx"])
def test_hands_out_a_scope_with_its_filters_and_seal_on_top(audited: Audited, style: str) -> None:
    auditor = audited.browser(audited.auditor)
    file = take(auditor, f"{TRAIL}?unit=330203&action=report.saved", "entries", style)
    assert file.title == "操作记录"
    assert file.facts["筛选"] == "单位：330203；事项：保存报告"
    assert file.facts["行数"] == "2"
    saved = entries_of(audited, "report.saved")[0]
    told = dict(zip(file.headings, file.rows[-1], strict=True))
    assert told["行校验码"] == saved.row_digest
    assert told["变动后（原文）"] == saved.after
    assert "21,120 人次" in told["变动"]
    assert len(file.rows) == 2
    recorded = entries_of(audited, "table.exported")
    with audited.site.database.read_session() as session:
        [anchor] = list_anchors(session, limit=9)
    assert file.facts["锚点（封存号:校验码）"] == f"{anchor.seal}:{anchor.digest}"
    assert file.facts["封存"].startswith(f"第 {anchor.seal} 号，")
    assert (anchor.place, anchor.reference, anchor.is_kept) == ("audit_export", str(recorded[0].id), True)
    assert [entry.actor_id for entry in recorded] == [audited.auditor.person_id]


def test_hands_out_a_list_and_the_whole_history_of_a_subject(audited: Audited) -> None:
    auditor = audited.browser(audited.auditor)
    plant_entries(audited, 1200)
    file = take(auditor, "/auditing/subjects/test/many", "entries", "csv")
    assert file.column("对象编号") == ["test/many"] * 1200
    assert file.column("编号") == sorted(file.column("编号"), key=int), (
        "as the page tells it: in the order of the chain"
    )
    assert len(set(file.column("编号"))) == 1200
    take(auditor, "/auditing/entries", "entries", "csv")
    exports = take(auditor, "/auditing/lists/exports", "entries")
    assert exports.title == "交出去的导出"
    assert exports.column("事项") == ["导出表格"] * 2


def test_writes_down_who_looks_for_a_person(audited: Audited) -> None:
    auditor = audited.browser(audited.auditor)
    before = len(entries_of(audited, "personal.viewed"))
    auditor.get(TRAIL)
    assert len(entries_of(audited, "personal.viewed")) == before
    auditor.get(f"{TRAIL}?person=approver-330203")
    auditor.get("/auditing/lists/accounts")
    with audited.site.database.session() as session:
        subject = Subject(
            "account", str(audited.site.approver.account_id), audited.site.approver.place.org_unit_id
        )
        opened = record(session, actor=OPERATOR, now=real_now(), action="account.added", subject=subject)
        number = opened.id
        session.commit()
    assert "的账号" in page_of(auditor, f"{TRAIL}/{number}")
    auditor.get(f"/auditing/subjects/account/{subject.id}")
    told = [entry.subject_id for entry in entries_of(audited, "personal.viewed")[before:]]
    assert told == [
        "person=approver-330203", "list=accounts", f"entry={number}", f"account={subject.id}",
    ]  # fmt: skip


def test_knows_a_word_for_every_act_the_source_records() -> None:
    source = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tracker").rglob("*.py"))
    acts = set(re.findall(r'"((?:report|programme|targets|period|signature|bulletin|account|session|password|evidence'
                          r'|figures|org_units?|holidays|clock|audit|sample|figure|finding|table|appointment|grant|address|accounts)\.[a-z_]+)"', source))  # fmt: skip
    verbs = re.compile(r"\.[a-z_]*(ed|drawn|waived|begun|again|set)$")
    assert {act for act in acts if verbs.search(act)} - set(ACTIONS) == set()


@pytest.mark.parametrize(
    ("address", "budget"),
    [
        (TRAIL, BUDGET),
        (f"{TRAIL}?unit=330203&action=report.saved", BUDGET),
        ("/auditing/lists/corrections", BUDGET),
        ("/auditing/lists/accounts", BUDGET_VIEWED),
        ("/auditing", BUDGET),
    ],
)
def test_stays_within_its_budget(audited: Audited, address: str, budget: int) -> None:
    auditor = audited.browser(audited.auditor)
    auditor.get("/")
    with counted_statements(audited.site.database) as sent:
        assert auditor.get(address).status_code == 200
    assert len(sent) <= budget, "\n".join(sent)
