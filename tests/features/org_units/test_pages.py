"""The tree on pages: looked through, searched, and changed with every effect shown beforehand."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import NOW, accept_line, plant_indicator, plant_list, put_line, put_targets
from tests.features.org_units.trees import Province
from tests.features.programmes.desks import resend, text_of
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.features.org_units.files import read_org_file
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator
from tracker.services.anchors import find_newest_seal
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.web.current import real_now


class Site:
    """The province with a list of the province and one of the first city, and people before browsers."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.database: Database = app.extensions["database"]
        self.indicators: dict[str, int] = {}
        with self.database.session() as session:
            province = Province(session)
            self.province, self.ids, self.admin_id = province, province.ids, province.person.account_id
            for publisher in ("330000", "330200"):
                programme = plant_list(session, province.ids[publisher], key=f"{publisher}-2018")
                indicator = plant_indicator(session, programme, "enrolments")
                put_targets(session, indicator, {province.ids["330203"]: 200, province.ids["330205"]: 90})
                accept_line(session, indicator, province.ids["330203"], 6, value=20)
                accept_line(session, indicator, province.ids["330205"], 6, value=4)
                self.indicators[publisher] = indicator.id
            try_fold(session, NOW)
            session.commit()
        self.admin = signed_in_client(app, self.admin_id)

    def sign_in(self, role: str, unit: str) -> StrictClient:
        with self.database.session() as session:
            person = make_person(session, role, self.ids[unit])
            session.commit()
        return signed_in_client(self.app, person.account_id)

    def actions(self) -> list[str]:
        with self.database.read_session() as session:
            wanted = select(AuditEntry.action).where(AuditEntry.actor_id.is_not(None))
            return list(session.scalars(wanted.order_by(AuditEntry.id)))

    def prove(self) -> None:
        with self.database.read_session() as session:
            assert verify_totals(session) == []


@pytest.fixture
def site(app: Flask) -> Site:
    return Site(app)


def test_shows_one_level_at_a_time_with_the_way_up(site: Site) -> None:
    with counted_statements(site.database) as statements:
        page = text_of(site.admin.get("/org-units/330200").text)
    assert len(statements) <= 16
    for said in ("330200总工会", "330203总工会", "330205总工会", "新增下级", "划转", "第 1 版", "实事清单"):
        assert said in page, said
    assert "330502" not in page
    assert "330203001" not in page


def test_finds_units_by_name_and_code_and_says_when_there_are_none(site: Site) -> None:
    found = text_of(site.admin.get("/org-units?q=330203").text)
    assert "330203001总工会" in found
    assert "没有找到" in text_of(site.admin.get("/org-units?q=%25").text), "signs of patterns are plain text"
    assert "330205" not in text_of(site.sign_in("reporter", "330203").get("/org-units?q=3302").text)
    assert "330203总工会" not in text_of(site.admin.get("/org-units?q=330203&kind=zone").text)


def test_adds_renames_and_changes_a_unit(site: Site) -> None:
    added = resend(
        site.admin, "/org-units/330200/add", code="330201", name="新区总工会", level="county", reason="新设"
    )
    assert (added.status_code, added.location) == (303, "/org-units/330201")
    again = resend(
        site.admin, "/org-units/330200/add", code="330201", name="又一个", level="county", reason="新设"
    )
    assert (again.status_code, "已经有单位在用" in again.text, "又一个" in again.text) == (422, True, True)
    low = resend(site.admin, "/org-units/330200/add", code="330298", name="甲", level="city", reason="新设")
    assert (low.status_code, "要低于上级" in low.text) == (422, True)
    renamed = resend(
        site.admin, "/org-units/330201/rename", name="高新区总工会", short_name="高新", reason="批复",
        since="2018-07-01",
    )  # fmt: skip
    assert renamed.status_code == 303
    page = text_of(site.admin.get("/org-units/330201").text)
    assert "高新区总工会" in page
    assert "以前叫新区总工会" in page
    assert "330201" in site.admin.get("/org-units?q=新区总工会").text, "former names are found too"
    turned = resend(site.admin, "/org-units/330201/change", position="0", weight="7", reason="排序")
    assert turned.status_code == 303
    listed = site.admin.get("/org-units/330200").text
    assert listed.index("高新区总工会") < listed.index("330203总工会")
    assert site.actions() == ["org_unit.added", "org_unit.renamed", "org_unit.changed"]


def test_a_stale_form_is_told_so(site: Site) -> None:
    late = resend(
        site.admin, "/org-units/330205/rename", name="甲", reason="批复", since="2018-07-01", version="9"
    )
    assert late.status_code == 409
    future = resend(site.admin, "/org-units/330205/rename", name="甲", reason="批复", since="2999-07-01")
    assert (future.status_code, "不能晚于今天" in future.text) == (422, True)


def test_moves_a_district_to_another_city_after_showing_what_happens(site: Site) -> None:
    old = site.sign_in("reviewer", "330200")
    new = site.sign_in("reviewer", "330500")
    assert old.get("/programmes/330000-2018?at=330203").status_code == 200
    path = "/org-units/330203/move"
    shown = resend(site.admin, path, above="330500", effective="2018-07", reason="区划调整")
    page = text_of(shown.text)
    assert shown.status_code == 200
    for said in ("确认后会怎样", "从起算月份起收回", "确认划转", "没有填写中、已退回或待审的报告", "2 → 1"):
        assert said in page, said
    assert site.actions() == [], "nothing is written yet"
    assert old.get("/programmes/330000-2018?at=330203").status_code == 200
    done = resend_shown(site.admin, path, shown.text)
    assert (done.status_code, done.location) == (303, "/org-units/330203")
    assert site.actions() == ["org_unit.moved"]
    site.prove()
    assert old.get("/programmes/330000-2018?at=330203").status_code == 404, "old reviewers lose it"
    assert new.get("/programmes/330000-2018?at=330203").status_code == 200
    kept = text_of(old.get("/programmes/330200-2018?cutoff=2018-06").text)
    assert "24" in kept, "history stays"
    assert "以前归330200" in text_of(site.admin.get("/org-units/330203").text)
    earlier = text_of(site.admin.get("/org-units/330200/editions/1").text)
    assert "330203总工会" in earlier
    again = resend_shown(site.admin, path, shown.text)
    assert again.status_code in (409, 422)


def resend_shown(browser: StrictClient, path: str, page: str, **typed: str) -> TestResponse:
    """Send a form again as a page has drawn it."""
    fields = {**form_fields(page), **typed}
    return browser.submit(path, fields)


def test_open_reports_go_to_the_new_superior_at_the_next_request(site: Site) -> None:
    with site.database.session() as session:
        whole = session.scalars(select(Indicator).order_by(Indicator.id)).first()
        assert whole is not None
        put_line(session, whole, site.ids["330203"], 7, value=3).state = "signed"
        session.commit()
    shown = resend(
        site.admin, "/org-units/330203/move", above="330500", effective="2018-07", reason="区划调整"
    )
    assert "改由新的上级审" in text_of(shown.text)
    assert re.search(r"330203 \S+ 1 · \S+ 2018年7月", text_of(shown.text)), (
        "the list, the pledge and the month"
    )
    assert resend_shown(site.admin, "/org-units/330203/move", shown.text).status_code == 303
    page = "/programmes/330000-2018/sheets/330203/2018-07"
    assert site.sign_in("reviewer", "330500").get(page).status_code == 200
    assert site.sign_in("reviewer", "330200").get(page).status_code == 404
    site.prove()


def test_every_unfinished_report_is_named_with_what_becomes_of_it(site: Site) -> None:
    """On the pages of closing, merging and moving, before anything is typed and after."""
    with site.database.session() as session:
        whole, own = (session.get_one(Indicator, site.indicators[one]) for one in ("330000", "330200"))
        for indicator, month, state in ((whole, 5, "draft"), (whole, 8, "returned"), (own, 5, "draft")):
            put_line(session, indicator, site.ids["330205"], month, value=3).state = state
        session.commit()
    begun = text_of(site.admin.get("/org-units/330205/close").text)
    for said in ("2018年5月 填写中", "2018年8月 已退回"):
        assert said in begun, said
    close = text_of(resend(site.admin, "/org-units/330205/close", effective="2018-07", reason="撤销").text)
    for said in (
        "2018年5月 填写中 仍可报完，由原上级审，数留在原单位名下",
        "2018年8月 已退回 起算月份及以后的不再填报",
    ):
        assert said in close, said
    path = "/org-units/330203/merge"
    typed = {"also": "330205", "effective": "2018-07", "reason": "合并"}
    merge = text_of(resend(site.admin, path, into="330206", **typed).text)
    assert "2018年5月 填写中 仍可报完，由原上级审；勾选的指标记到承接单位" in merge
    path = "/org-units/330205/move"
    move = text_of(resend(site.admin, path, above="330500", effective="2018-09", reason="区划调整").text)
    assert "2018年5月 填写中 照常填报，提交后由新的上级审" in move, "the province's list goes on"
    assert "2018年5月 填写中 离开这份清单，草稿留存，不再办理" in move, "the old city's does not"
    with site.database.session() as session:
        put_line(session, own, site.ids["330205"], 7, value=3).state = "submitted"
        session.commit()
    refused = resend(site.admin, "/org-units/330205/close", effective="2018-09", reason="撤销")
    assert refused.status_code == 422
    assert "2018年7月 已提交 先审定或退回，才能办理" in text_of(refused.text)


def test_a_closed_units_earlier_months_can_still_be_reported(site: Site) -> None:
    shown = resend(site.admin, "/org-units/330205/close", effective="2018-07", reason="撤销")
    assert resend_shown(site.admin, "/org-units/330205/close", shown.text).status_code == 303
    reporter = site.sign_in("reporter", "330205")
    sheet = "/programmes/330000-2018/sheets/330205"
    assert "enrolments" in text_of(reporter.get(f"{sheet}/2018-05").text)
    assert "enrolments" not in text_of(reporter.get(f"{sheet}/2018-08").text)


def test_an_effect_that_changed_meanwhile_is_shown_again(site: Site) -> None:
    path = "/org-units/330203/move"
    shown = resend(site.admin, path, above="330500", effective="2018-07", reason="区划调整")
    with site.database.session() as session:
        make_person(session, "viewer", site.ids["330203"])
        session.commit()
    stale = resend_shown(site.admin, path, shown.text)
    assert stale.status_code == 409
    assert "内容有变" in stale.text
    assert site.actions() == []


def test_offers_the_units_that_may_be_named_beside_the_field(site: Site) -> None:
    def offered(path: str) -> dict[str, str]:
        page = site.admin.get(path).text
        assert 'list="choices"' in page, path
        listed = page[page.index('<datalist id="choices">') : page.index("</datalist>")]
        return dict(re.findall(r'<option value="(.*?)"[^>]*>(.*?)</option>', listed))

    assert offered("/org-units/330203/move") == {"330500": "330500总工会"}, "superiors it may go to"
    for act in ("merge", "close"):
        siblings = offered(f"/org-units/330203/{act}")
        assert "330205" in siblings, act
        assert {"330203", "330502", "330203001"}.isdisjoint(siblings), act
    with site.database.session() as session:
        session.execute(update(OrgUnit).where(OrgUnit.code == "330205").values(valid_to=date(2018, 6, 30)))
        session.commit()
    assert "330205" not in offered("/org-units/330203/merge"), "closed ones take nobody in"


def test_tells_beside_the_field_what_stands_against_a_move(site: Site) -> None:
    path = "/org-units/330203/move"
    for above, said in (("330200", "本来就在"), ("339999", "没有代码是"), ("330203001", "自己的下级")):
        answer = resend(site.admin, path, above=above, effective="2018-07", reason="区划调整")
        assert (answer.status_code, said in answer.text) == (422, True), said
    early = resend(site.admin, path, above="330500", effective="2018-06", reason="区划调整")
    assert (early.status_code, "2018年7月 或以后" in early.text) == (422, True)
    bad = resend(site.admin, path, above="330500", effective="七月", reason="区划调整")
    assert (bad.status_code, "2018-07 这样的月份" in bad.text) == (422, True)


def test_closes_a_unit_and_merges_another(site: Site) -> None:
    shown = resend(site.admin, "/org-units/330206/close", effective="2018-07", reason="撤销")
    assert resend_shown(site.admin, "/org-units/330206/close", shown.text).status_code == 303
    page = text_of(site.admin.get("/org-units/330206").text)
    assert "已撤销，最后一天是 2018-06-30" in page
    assert "/org-units/330206/move" not in site.admin.get("/org-units/330206").text
    assert "330206总工会" not in text_of(site.admin.get("/org-units/330200").text)
    assert "330206总工会" in text_of(site.admin.get("/org-units/330200?closed=1").text)
    path = "/org-units/330205/merge"
    shown = resend(site.admin, path, into="330203", effective="2018-07", reason="合并")
    for said in ("改为 290", "从起算月份起收回"):
        assert said in text_of(shown.text), said
    done = resend_shown(site.admin, path, shown.text)
    assert (done.status_code, done.location) == (303, "/org-units/330203")
    assert site.actions() == ["org_unit.closed", "org_unit.merged"]
    site.prove()
    with site.database.read_session() as session:
        assert session.get_one(OrgUnit, site.ids["330205"]).successor_id == site.ids["330203"]
    assert "承接" in site.admin.get("/org-units/330205").text
    trail = site.sign_in("viewer", "330000").get(
        "/programmes/330200-2018/trail?indicator=enrolments&at=330203"
    )
    assert "330205总工会 2018-06 4" in text_of(trail.text), (
        "old reports keep old names in the successor's number"
    )


def test_sends_the_tree_in_the_columns_of_the_import(site: Site) -> None:
    asked = site.admin.submit("/org-units/330200/export", {})
    content = site.admin.get(asked.location).data.decode("utf-8-sig")
    lines = content.splitlines()
    assert lines[0].startswith("code,name,short_name,level,kind,parent,")
    assert [line.partition(",")[0] for line in lines[1:3]] == ["330200", "330203"]
    assert site.actions() == ["org_units.exported"]
    with site.database.session() as session:
        try_fold(session, real_now())
        session.commit()
        seal = find_newest_seal(session)
    assert seal is not None
    units = [line for line in lines[1:] if not line.startswith("#")]
    content = site.admin.get(site.admin.submit("/org-units/330200/export", {}).location).data
    assert content.decode().rstrip().endswith(seal.written), "the newest seal, below the tree"
    assert len(read_org_file(content).rows) == len(units)
    assert read_org_file(content).faults == ()
