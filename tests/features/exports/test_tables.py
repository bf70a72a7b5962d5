"""Any table on screen as a file: the same figures, the page's permission and rows, audited, kept for a week."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.audited import Audited, build_audited
from tests.features.dashboards.test_overview import ADDRESS, client_of, text_of
from tests.support.strict_client import StrictClient
from tests.support.taken_tables import offered, read_file, take
from tracker.app import TABLES
from tracker.db import Database
from tracker.features.exports import making
from tracker.models.audit import AuditEntry
from tracker.models.table_export import TableExport, TableExportPiece
from tracker.services.anchors import list_anchors, read_anchors, verify_anchors
from tracker.services.table_exports import KEPT
from tracker.worker import clear_expired, do_one_job, tasks_of

DASHBOARDS = {
    "pledges": ADDRESS,
    "matrix": ADDRESS,
    "own": f"{ADDRESS}?at=330203",
    "units": f"{ADDRESS}/compare",
    "indicators": f"{ADDRESS}/pledges/1",
    "months": f"{ADDRESS}/pledges/1",
    "trail": f"{ADDRESS}/trail?indicator=enrolments",
    "lists": "/programmes",
    "versions": f"{ADDRESS}/list/history",
    "queue": f"{ADDRESS}/reviews",
    "missing": f"{ADDRESS}/periods/2018-07",
}


def real_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def reviewer(app: Flask, fresh_database: Database) -> StrictClient:
    """The city's reviewer with the half-year of 2018 accepted."""
    client = client_of(app, fresh_database, "reviewer", "330200")
    assert isinstance(client, StrictClient)
    return client


@pytest.fixture
def audited(app: Flask) -> Audited:
    """May of one district is accepted; auditors and an admin can sign in."""
    return build_audited(app)


def entries(database: Database, action: str) -> list[AuditEntry]:
    with database.read_session() as session:
        wanted = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return list(session.scalars(wanted))


def test_the_overview_s_file_holds_the_figures_of_the_screen(reviewer: StrictClient) -> None:
    page = text_of(reviewer.get(ADDRESS).text)
    file = take(reviewer, ADDRESS, "pledges")
    assert (file.column("累计")[0], file.column("年度目标")[0], file.column("完成率（%）")[0]) == (
        1_520_000, 1_500_000, 101.3,
    )  # fmt: skip
    for number, light in zip(file.column("完成率（%）"), file.column("亮灯"), strict=True):
        assert light in page
        assert number is None or f"{number:.1f}" in page
    assert file.column("累计")[file.column("指标").index("公益乐学培训")] is None
    assert {"清单", "单位", "截至", "统计范围", "何时的数据", "排列", "行数", "封存", "锚点（封存号:校验码）", "导出",
            "导出编号"} == {*file.facts}  # fmt: skip
    assert (file.facts["截至"], file.facts["统计范围"]) == ("2018-06", "仅已通过")
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", file.facts["锚点（封存号:校验码）"])
    assert int(file.facts["行数"]) == len(file.rows)


def test_a_file_keeps_the_filters_of_its_page(reviewer: StrictClient) -> None:
    file = take(reviewer, f"{ADDRESS}?cutoff=2018-05&sort=lag&at=330203", "pledges", "csv")
    assert file.facts["截至"] == "2018-05"
    assert file.facts["排列"] == "按落后程度"
    assert "330203" in file.facts["单位"]
    assert file.column("累计")[file.column("指标").index("参加职工医疗互助保障人次")] == "158400"


def test_units_beside_each_other_are_the_panels_of_the_screen(reviewer: StrictClient) -> None:
    address = f"{ADDRESS}/compare"
    page = reviewer.get(address).text
    panels = [text_of(found).strip() for found in re.findall(r'<h2 id="panel-\d+">(.*?)</h2>', page)]
    file = take(reviewer, address, "units")
    assert list(dict.fromkeys(file.column("单位"))) == panels
    for name, mean in zip(file.column("单位"), file.column("平均完成率（%）"), strict=True):
        assert re.search(rf"{name}.{{0,40}}{mean:.1f} ?%", text_of(page), re.DOTALL)
    haishu = file.rows[file.column("单位").index("海曙")]
    assert haishu[file.headings.index("完成率（%）")] == 97.8


def test_a_pledge_and_its_units_are_those_of_the_screen(reviewer: StrictClient) -> None:
    address = f"{ADDRESS}/pledges/1"
    page = text_of(reviewer.get(address).text)
    one = take(reviewer, address, "indicators")
    assert (one.column("累计"), one.column("完成率（%）")) == ([1_520_000], [101.3])
    units = take(reviewer, address, "units")
    assert len(units.rows) == 11
    for name, share in zip(units.column("单位"), units.column("完成率（%）"), strict=True):
        assert name in page
        assert f"{share:.1f}%" in page
    months = take(reviewer, address, "months", "csv")
    assert months.column("累计")[4:6] == ["1368000", "1520000"]


def test_the_matrix_holds_a_number_where_the_screen_rounds(reviewer: StrictClient) -> None:
    file = take(reviewer, ADDRESS, "matrix")
    by_unit = {row[1]: row for row in file.rows}
    assert by_unit["海曙"][2:4] == [97.8, "达序时"]
    assert file.rows[-1][2:4] == [101.3, "已完成"]


def test_a_trail_is_taken_as_parts_and_as_reports(reviewer: StrictClient) -> None:
    parts = take(reviewer, f"{ADDRESS}/trail?indicator=enrolments", "trail")
    assert sum(parts.column("累计")) == 1_520_000
    reports = take(reviewer, f"{ADDRESS}/trail?indicator=enrolments&at=330203", "trail")
    assert sum(reports.column("数值")) == 176_000


def test_every_table_named_by_a_page_is_made_in_both_styles(reviewer: StrictClient) -> None:
    seen = set()
    for table, address in DASHBOARDS.items():
        if table in offered(reviewer.get(address).text):
            files = [take(reviewer, address, table, style) for style in ("xlsx", "csv")]
            assert files[0].headings == files[1].headings
            assert len(files[0].rows) == len(files[1].rows) == int(files[0].facts["行数"])
            seen.add(table)
    assert seen >= {"pledges", "matrix", "own", "units", "indicators", "months", "trail", "lists", "missing"}


def test_whoever_has_a_file_is_written_down_once_with_filters_rows_and_digest(
    reviewer: StrictClient, fresh_database: Database
) -> None:
    file = take(reviewer, f"{ADDRESS}?cutoff=2018-05", "pledges", "csv")
    (entry,) = entries(fresh_database, "table.exported")
    told = json.loads(entry.after or "")
    assert told == {
        "page": f"{ADDRESS}?cutoff=2018-05", "table": "pledges", "title": "实事进度", "ending": "csv",
        "rows": len(file.rows), "sha256": hashlib.sha256(file.content).hexdigest(),
    }  # fmt: skip
    assert entry.subject_id == file.facts["导出编号"]


def test_the_seal_on_top_is_an_anchor_that_is_found_again(
    reviewer: StrictClient, fresh_database: Database
) -> None:
    file = take(reviewer, ADDRESS, "pledges", "csv")
    (entry,) = entries(fresh_database, "table.exported")
    with fresh_database.read_session() as session:
        [anchor] = list_anchors(session, limit=9)
        assert (anchor.place, anchor.reference) == ("table_export", str(entry.id))
        [noted] = read_anchors(file.content.decode("utf-8-sig"), "table.csv")
        assert (noted.seal, noted.digest) == (anchor.seal, anchor.digest)
        assert list(verify_anchors(session, [noted])) == []
        forged = noted._replace(digest="0" * 64)
        assert [found.expected for found in verify_anchors(session, [forged])] == [forged.digest]


def test_a_file_is_its_owner_s_alone_and_goes_after_a_week(
    app: Flask, reviewer: StrictClient, fresh_database: Database
) -> None:
    fields = {**offered(reviewer.get(ADDRESS).text)["pledges"], "style": "xlsx"}
    location = reviewer.submit("/exports", fields).location
    assert reviewer.get(location).status_code == 200
    other = StrictClient(app, use_cookies=True)
    assert other.get(location).status_code == 302
    clear_expired(fresh_database, real_clock() + KEPT + timedelta(minutes=1))
    assert reviewer.get(location).status_code == 404
    with fresh_database.read_session() as session:
        assert session.scalars(select(TableExportPiece.number)).all() == []
        assert session.scalars(select(TableExport.digest)).one() is not None


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"table": "none"}, 404),
        ({"page": "/programmes/330500-2018"}, 404),
        ({"page": "https://elsewhere.example/"}, 404),
        ({"page": "//elsewhere.example/programmes"}, 404),
        ({"page": "/auditing/entries", "table": "entries"}, 403),
        ({"page": f"{ADDRESS}?cutoff=never"}, 404),
        ({"style": "exe"}, 422),
    ],
)
def test_refuses_what_the_page_itself_would_refuse(
    reviewer: StrictClient, fresh_database: Database, changed: dict[str, str], status: int
) -> None:
    fields = {**offered(reviewer.get(ADDRESS).text)["pledges"], "style": "csv"}
    assert reviewer.submit("/exports", {**fields, **changed}).status_code == status
    assert entries(fresh_database, "table.exported") == []
    assert len(entries(fresh_database, "access.refused")) == (1 if status == 403 else 0)


def test_a_unit_s_reporter_gets_no_more_than_its_page_shows(app: Flask, fresh_database: Database) -> None:
    reporter = client_of(app, fresh_database, "reporter", "330203")
    assert isinstance(reporter, StrictClient)
    with fresh_database.session() as session:
        session.execute(select(1))
    file = take(reporter, ADDRESS, "pledges")
    assert "330203" in file.facts["单位"]
    fields = {**offered(reporter.get(ADDRESS).text)["pledges"], "style": "csv"}
    assert reporter.submit("/exports", {**fields, "page": f"{ADDRESS}?at=330205"}).status_code == 404


def test_a_long_table_is_made_in_the_background_and_waits_on_the_desk(
    audited: Audited, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(making, "ROWS_A_STEP", 2)
    auditor, database = audited.browser(audited.auditor), audited.site.database
    fields = {**offered(auditor.get("/auditing/entries").text)["entries"], "style": "xlsx"}
    location = auditor.submit("/exports", fields).location
    assert "在后台生成" in auditor.get(location).text
    assert "正在生成" in text_of(auditor.get("/").text)
    assert auditor.get(f"{location}/file").status_code == 404
    assert len(entries(database, "table.export_asked")) == 1
    with app.app_context():
        assert do_one_job(database, tasks_of(app.config), real_clock)
    page = text_of(auditor.get(location).text)
    assert "文件好了" in page
    assert "可下载" in text_of(auditor.get("/").text)
    file = read_file(auditor.get(f"{location}/file").data, "xlsx")
    (entry,) = entries(database, "table.exported")
    with database.read_session() as session:
        [anchor] = list_anchors(session, limit=9)
    assert (anchor.place, anchor.reference) == ("audit_export", str(entry.id))
    assert file.facts["锚点（封存号:校验码）"] == f"{anchor.seal}:{anchor.digest}"
    told = json.loads(entry.after or "")
    assert (told["rows"], entry.actor_id) == (len(file.rows), audited.auditor.person_id)
    assert told["sha256"] == hashlib.sha256(file.content).hexdigest()
    assert audited.browser(audited.elsewhere).get(location).status_code == 404


def test_says_when_a_long_table_could_not_be_made(
    audited: Audited, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MOST_AT_ONCE", 1)
    auditor, database = audited.browser(audited.auditor), audited.site.database
    fields = {**offered(auditor.get("/auditing/entries").text)["entries"], "style": "csv"}
    location = auditor.submit("/exports", fields).location
    monkeypatch.setattr("tracker.features.exports.making.find_acting", lambda *_: None)
    with app.app_context():
        for _attempt in range(3):
            do_one_job(database, tasks_of(app.config), real_clock)
    assert "已试过多次仍未成功" in text_of(auditor.get(location).text)
    assert entries(database, "table.exported") == []


def test_every_offer_belongs_to_a_page(app: Flask) -> None:
    served = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {endpoint for endpoint, _name in TABLES} <= served


def test_a_table_is_told_from_an_altered_one_and_from_a_bulletin(reviewer: StrictClient) -> None:
    file = take(reviewer, ADDRESS, "pledges", "csv")
    whole = verdict_on(reviewer, file.content)
    assert "没有改动" in whole
    assert "不是通报" in whole
    assert file.facts["导出编号"] in whole
    flipped = file.content[:200] + bytes([file.content[200] ^ 1]) + file.content[201:]
    assert "不是原样印发的文件" in verdict_on(reviewer, flipped)


def verdict_on(client: StrictClient, content: bytes) -> str:
    answer = client.submit("/verify", {"file": (io.BytesIO(content), "table.csv")})
    assert answer.status_code == 200
    return text_of(answer.text)
