"""Files of org units by page: all faults with their places, a preview, then the same import as by command."""

from __future__ import annotations

import io

from flask import Flask
from werkzeug.test import TestResponse

from tests.features.org_units.test_commands import HEADER
from tests.features.org_units.test_pages import Site, resend_shown
from tests.features.programmes.desks import text_of
from tests.support.strict_client import StrictClient

IMPORT = "/org-units/import"


def upload(browser: StrictClient, *lines: str, header: str = HEADER) -> TestResponse:
    body = "\n".join([header, *lines]).encode()
    answer = browser.submit(
        IMPORT, {"file": (io.BytesIO(body), "org.csv")}, content_type="multipart/form-data"
    )
    answer.request.environ["wsgi.input"].close()
    return answer


def test_imports_in_two_steps_and_what_comes_back_changes_nothing(app: Flask) -> None:
    site = Site(app)
    brought = upload(
        site.admin,
        "330290,新县总工会,新县,county,federation,330200,,9,,",
        "330205,江北区总工会,江北,county,federation,330200,5,0,,",
    )
    assert brought.status_code == 303
    preview = site.admin.get(brought.location).text
    for said in ("新增 1 个，更新 1 个", "新县总工会", "330205 名称", "江北区总工会"):
        assert said in text_of(preview), said
    assert site.actions() == ["org_units.uploaded"], "nothing is written yet"
    done = resend_shown(site.admin, brought.location, preview)
    assert (done.status_code, site.admin.get(brought.location).status_code) == (303, 404)
    assert site.actions() == ["org_units.uploaded", "org_units.imported"]
    assert "以前叫330205总工会" in text_of(site.admin.get("/org-units/330205").text)
    exported = site.admin.get(site.admin.submit("/org-units/330000/export", {}).location).data
    again = upload(site.admin, *exported.decode("utf-8-sig").splitlines()[1:])
    assert "没有变化" in text_of(site.admin.get(again.location).text), "what was exported is what is there"


def test_names_every_fault_and_what_is_out_of_reach_at_once(app: Flask) -> None:
    site = Site(app)
    city = site.sign_in("admin", "330200")
    refused = upload(
        city,
        "330502,甲,甲,county,federation,330500,,1,,",
        "440000,乙,乙,province,federation,,,1,,",
        "330203,330203总工会,330203,county,federation,330500,,0,,",
        "330205,330205总工会,330205,county,federation,330200,,0,,2018-06-30",
        "330206,330206总工会,330206,village,federation,330200,,0,,",
    )
    page = text_of(refused.text)
    assert refused.status_code == 422
    for said in (
        "有 5 处要改", "第 2 行 code", "不在您管理的范围内", "第 3 行 parent", "第 4 行 parent", "请单独办理划转",
        "第 5 行 valid_to", "请单独办理撤销或合并", "第 6 行 level",
    ):  # fmt: skip
        assert said in page, said
    assert site.actions() == []


def test_shows_the_changes_again_when_the_tree_has_moved_on(app: Flask) -> None:
    site = Site(app)
    brought = upload(site.admin, "330290,新县总工会,新县,county,federation,330200,,9,,")
    preview = site.admin.get(brought.location).text
    upload_two = upload(site.admin, "330290,新县总工会,新县,county,federation,330200,,8,,")
    assert (
        resend_shown(site.admin, upload_two.location, site.admin.get(upload_two.location).text).status_code
        == 303
    )
    stale = resend_shown(site.admin, brought.location, preview)
    assert (stale.status_code, "组织树又有人改过" in stale.text) == (409, True)


def test_asks_for_the_columns_it_needs_and_shows_only_what_a_shorter_file_changes(app: Flask) -> None:
    site = Site(app)
    page = text_of(site.admin.get(IMPORT).text)
    assert "必须有： code, name, level, kind, parent" in page
    refused = upload(site.admin, "330205,江北", header="code,short_name")
    told = text_of(refused.text)
    assert refused.status_code == 422
    assert all(f"缺少“{column}”列" in told for column in ("name", "level", "kind", "parent"))
    assert "缺少“weight”列" not in told
    line = "330205,江北区总工会,county,federation,330200"
    brought = upload(site.admin, line, header="code,name,level,kind,parent")
    preview = text_of(site.admin.get(brought.location).text)
    assert "更新 1 个" in preview
    assert "330205 名称" in preview
    assert "330205 简称" not in preview
