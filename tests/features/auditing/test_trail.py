"""The trail is read within reach, filtered, paged by keyset, put into words, and handed out with its seal."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.architecture.copies import ROOT
from tests.factories.audited import Audited
from tests.features.dashboards.test_overview import text_of
from tests.support.statements import counted_statements
from tests.support.taken_tables import offered, take
from tracker.domain.identity import OPERATOR
from tracker.features.auditing.queries import ROWS_A_PAGE
from tracker.features.auditing.words import ACTIONS
from tracker.models.audit import AuditEntry
from tracker.services.audit import Subject, Told, record, record_all
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now

TRAIL = "/auditing/entries"
BUDGET = 8
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
    page, address = "", "/auditing/subjects/test/7"
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


def plant_entries(audited: Audited, count: int) -> None:
    """Entries about one subject of the city, in one go."""
    with audited.site.database.session() as session:
        unit = audited.auditor.place.org_unit_id
        told = [Told("test.done", Subject("test", "7", unit), None, {"number": at}) for at in range(count)]
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
    assert re.fullmatch(r"第 \d+ 号，校验码 [0-9a-f]{64}", file.facts["封存"])
    saved = entries_of(audited, "report.saved")[0]
    told = dict(zip(file.headings, file.rows[-1], strict=True))
    assert told["行校验码"] == saved.row_digest
    assert told["变动后（原文）"] == saved.after
    assert "21,120 人次" in told["变动"]
    assert len(file.rows) == 2
    recorded = entries_of(audited, "table.exported")
    assert [entry.actor_id for entry in recorded] == [audited.auditor.person_id]


def test_hands_out_a_list_and_the_whole_history_of_a_subject(audited: Audited) -> None:
    auditor = audited.browser(audited.auditor)
    plant_entries(audited, 1200)
    file = take(auditor, "/auditing/subjects/test/7", "entries", "csv")
    assert file.column("对象编号") == ["test/7"] * 1200
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
                          r'|figures|org_units|holidays|clock|audit|sample|figure|finding|table)\.[a-z_]+)"', source))  # fmt: skip
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
