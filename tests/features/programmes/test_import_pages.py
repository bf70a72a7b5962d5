"""Programme files by page: all faults with their places, a preview, then the same import as by command."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.factories.lists import case
from tests.features.programmes.desks import Desk, resend, text_of
from tests.features.programmes.files.lists import TWELVE, TWELVE_PLACES
from tests.support.filled_forms import form_fields
from tests.support.strict_client import StrictClient
from tracker.features.programmes.files.formats import read_file, write_file
from tracker.models.programme import ProgrammeUpload

NINGBO = case("ningbo-2018.yaml").decode()
KEY = "330200-2018"
IMPORT = "/programmes/import"
TERMS = {"reason": "市政府调整", "effective": "7"}


def upload(browser: StrictClient, content: bytes | str, name: str = "2018.yaml") -> TestResponse:
    body = content.encode() if isinstance(content, str) else content
    answer = browser.submit(IMPORT, {"file": (io.BytesIO(body), name)}, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # large bodies lie in a file of the test client's own
    return answer


def kept(desk: Desk) -> int:
    with desk.database.read_session() as session:
        return session.scalar(select(func.count()).select_from(ProgrammeUpload)) or 0


@pytest.mark.parametrize("ending", [".yaml", ".xlsx"])
def test_imports_a_new_list_in_two_steps(app: Flask, ending: str) -> None:
    desk = Desk(app)
    browser = desk.sign_in("reviewer", "330200")
    document = read_file(NINGBO.encode()).document
    brought = upload(browser, write_file(document, ending), f"ningbo{ending}")
    assert brought.status_code == 303
    preview = text_of(browser.get(brought.location).text)
    for said in (f"ningbo{ending}", "新清单", "4 件实事", "写入后是草稿", "优化职工互助保障", "确认写入"):
        assert said in preview, said
    assert desk.actions() == ["programme.uploaded"], "nothing is written yet"
    done = resend(browser, brought.location)
    assert (done.status_code, done.location) == (303, f"/programmes/{KEY}/list")
    assert desk.document(KEY) == document
    assert desk.actions() == ["programme.uploaded", "programme.imported"]
    assert (kept(desk), browser.get(brought.location).status_code) == (0, 404)


def test_shows_every_fault_with_its_place_and_keeps_nothing(app: Flask) -> None:
    desk = Desk(app)
    broken = NINGBO.replace("reporting: month", "reporting: weekly").replace(
        "target: 150万", "target: 150余万"
    )
    answer = upload(desk.sign_in("reviewer", "330200"), broken)
    said = text_of(answer.text)
    assert answer.status_code == 422
    assert "文件里有 2 处要改，什么都没有写入" in said
    assert "pledges[0].indicators[0].target（第" in said
    assert "weekly" in said
    assert (kept(desk), desk.actions()) == (0, [])


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"PK\x03\x04broken", b"a" * (2 * 2**20 + 1)])
def test_refuses_what_is_no_list_at_all(app: Flask, content: bytes) -> None:
    desk = Desk(app)
    assert upload(desk.sign_in("reviewer", "330200"), content).status_code == 422
    assert desk.actions() == []


def test_takes_files_of_the_own_unit_alone(app: Flask) -> None:
    desk = Desk(app)
    answer = upload(desk.sign_in("reviewer", "330500"), NINGBO)
    assert (answer.status_code, "您只能导入本单位（330500）的清单" in answer.text) == (422, True)


def test_shows_before_and_after_and_asks_for_a_reason(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018")
    browser = desk.sign_in("reviewer", "330200")
    location = upload(browser, NINGBO.replace("target: 150万", "target: 160万")).location
    said = text_of(browser.get(location).text)
    assert "有 1 处变化" in said
    assert "参加职工医疗互助保障人次 · 目标 1,500,000 1,600,000" in said
    refused = resend(browser, location)
    assert refused.status_code == 422
    assert 'id="reason-error"' in refused.text
    assert 'id="effective-error"' in refused.text
    assert resend(browser, location, **TERMS).status_code == 303
    assert desk.versions() == [(1, "公布"), (2, "市政府调整")]


def test_looks_again_when_the_list_has_changed_since_the_preview(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018", publish=False)
    browser = desk.sign_in("reviewer", "330200")
    location = upload(browser, NINGBO.replace("target: 150万", "target: 160万")).location
    seen = form_fields(browser.get(location).text)
    resend(
        desk.sign_in("reviewer", "330200"),
        f"/programmes/{KEY}/list/indicators/enrolments",
        indicator__target="155万",
    )
    stale = browser.submit(location, seen)
    said = text_of(stale.text)
    assert stale.status_code == 409
    assert "1,550,000 1,600,000" in said
    assert desk.document(KEY).indicators[0].target == 1_550_000
    assert browser.submit(location, form_fields(stale.text)).status_code == 303


def test_says_that_nothing_differs(app: Flask) -> None:
    browser = Desk(app, "ningbo-2018").sign_in("reviewer", "330200")
    page = browser.get(upload(browser, NINGBO).location).text
    assert "没有变化" in page
    assert "确认写入" not in page


def test_keeps_a_file_for_its_owner_and_for_a_day(app: Flask) -> None:
    desk = Desk(app)
    browser = desk.sign_in("reviewer", "330200")
    location = upload(browser, NINGBO).location
    assert desk.sign_in("reviewer", "330200").get(location).status_code == 404
    assert upload(browser, NINGBO).location == location, "the same file is kept once"
    assert kept(desk) == 1
    with desk.database.session() as session:
        old = session.scalars(select(ProgrammeUpload)).one()
        old.at -= timedelta(days=2)
        session.commit()
    other = upload(browser, NINGBO.replace("target: 150万", "target: 160万")).location
    assert (other == location, kept(desk), browser.get(location).status_code) == (False, 1, 404)


def test_names_twelve_faults_at_once(app: Flask) -> None:
    desk = Desk(app)
    answer = upload(desk.sign_in("reviewer", "330200"), TWELVE)
    assert answer.status_code == 422
    said = text_of(answer.text)
    assert [place for place in TWELVE_PLACES if place not in said] == []
    assert (kept(desk), desk.actions()) == (0, [])


def test_says_before_writing_who_loses_a_target_with_the_unit_above(app: Flask) -> None:
    desk = Desk(app)
    desk.bring(NINGBO.replace('"330282": 19万,', '"330282": 19万, "330282102": 19万,'), publish=True)
    browser = desk.sign_in("reviewer", "330200")
    brought = upload(browser, NINGBO.replace('"330282": 19万, ', ""))
    said = text_of(browser.get(brought.location).text)
    assert "“参加职工医疗互助保障人次”不再由慈溪承担，它下面 1 个单位的目标一并收回：掌起" in said
    assert "慈溪 190,000；掌起 190,000" in said, "a unit that is taken out is called by its name"
