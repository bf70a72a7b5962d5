"""Bulletins in a browser: drafted, countersigned, read, exported and verified."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories.ningbo import bring_in
from tests.factories.people import make_person, signed_in_client
from tests.features.bulletins.by_page import (
    BASE,
    DRAFT,
    FIRST,
    HEADER,
    ISSUE,
    Browsers,
    countersign,
    draft,
    issue,
    press,
    seen,
)
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.canonical import digest
from tracker.features.bulletins.issuing import FILES_JOB
from tracker.models.audit import AuditEntry
from tracker.models.bulletin import BulletinIssue
from tracker.services.jobs import Job
from tracker.services.ledger.folding import try_fold
from tracker.worker import Clock, do_one_job


def correct_june(app: Flask) -> None:
    database: Database = app.extensions["database"]
    with database.session() as session:
        bring_in(session, HEADER + "330203,enrolments,2018-06,27600,,,,,\n")
        try_fold(session, session.scalars(select(AuditEntry.at).order_by(AuditEntry.id)).all()[-1])
        session.commit()


def test_two_people_issue_a_bulletin(app: Flask, browsers: Browsers) -> None:
    assert "还没有拟稿" in browsers["drafter"].get(DRAFT).text
    assert draft(browsers).location == DRAFT
    paper = browsers["signer"].get(DRAFT).text
    for said in ("宁波市总工会", "152万人次", "150万人次", "101.3", "48万元", "第 1 期 · 拟稿"):
        assert said in paper, said
    response = browsers["signer"].submit(ISSUE, seen(browsers["signer"]))
    assert (response.status_code, response.location) == (303, FIRST)
    press(app)
    page = browsers["district"].get(FIRST).text
    for said in ("附表", "7月", "杨立群", "王建国", "校验码", "第 1 号"):
        assert said in page, said


def test_offers_the_drafter_no_countersignature(app: Flask, browsers: Browsers) -> None:
    draft(browsers)
    assert "会签并印发" not in browsers["drafter"].get(DRAFT).text
    assert browsers["drafter"].submit(ISSUE, seen(browsers["signer"])).status_code == 403
    with app.extensions["database"].read_session() as session:
        assert session.scalars(select(BulletinIssue.state)).all() == ["draft"]


def test_answers_409_to_whoever_saw_an_older_draft(app: Flask, browsers: Browsers) -> None:
    draft(browsers)
    old = seen(browsers["signer"])
    correct_june(app)
    draft(browsers)
    response = browsers["signer"].submit(ISSUE, old)
    assert response.status_code == 409
    assert old["digest"][:8] in response.text
    assert seen(browsers["signer"])["digest"][:8] in response.text
    assert browsers["signer"].submit(ISSUE, seen(browsers["signer"])).status_code == 303
    assert browsers["signer"].submit(ISSUE, old).status_code == 409


def test_shows_drafts_to_those_concerned_only(browsers: Browsers) -> None:
    draft(browsers)
    assert browsers["auditor"].get(DRAFT).status_code == 404
    assert browsers["district"].get(DRAFT).status_code == 404
    assert "还没有印发过通报" in browsers["district"].get(BASE).text
    assert "第 1 期" in browsers["signer"].get(BASE).text


def test_a_second_issue_needs_a_reason_and_shows_what_changed(app: Flask, browsers: Browsers) -> None:
    issue(app, browsers)
    correct_june(app)
    assert draft(browsers).status_code == 422
    draft(browsers, reason="海曙更正6月数据")
    assert "海曙更正6月数据</textarea>" in browsers["drafter"].get(DRAFT).text
    assert issue(app, browsers, reason="海曙更正6月数据").location == f"{BASE}/2018-H1/2"
    page = browsers["district"].get(f"{BASE}/2018-H1/2").text
    for said in ("海曙更正6月数据", "152万人次", "153万人次", "102.0%", "原为"):
        assert said in page, said
    assert "看最新一版" in browsers["district"].get(FIRST).text
    assert "已有新版" in browsers["district"].get(BASE).text


@pytest.mark.parametrize("style", ["json", "xlsx", "docx", "pdf", "csv"])
def test_hands_out_the_stored_file_and_records_it(app: Flask, browsers: Browsers, style: str) -> None:
    issue(app, browsers)
    first = browsers["auditor"].submit(f"{FIRST}/exports", {"format": style}, key="a-key-of-16-letters")
    again = browsers["auditor"].submit(f"{FIRST}/exports", {"format": style}, key="a-key-of-16-letters")
    assert (first.status_code, again.location) == (303, first.location)
    file = browsers["auditor"].get(first.location)
    assert file.headers["Content-Disposition"] == f"attachment; filename=330200-2018_2018-H1_1.{style}"
    assert browsers["drafter"].get(first.location).status_code == 404
    with app.extensions["database"].read_session() as session:
        entries = session.scalars(
            select(AuditEntry.after).where(AuditEntry.action == "bulletin.exported")
        ).all()
    assert [json.loads(entry or "")["file"] for entry in entries] == [digest(file.data)]


def test_refuses_formats_it_does_not_carry(app: Flask, browsers: Browsers) -> None:
    issue(app, browsers)
    response = browsers["auditor"].submit(f"{FIRST}/exports", {"format": "odt"})
    assert (response.status_code, "没有 odt 文件" in response.text) == (422, True)


def uploaded(visitor: StrictClient, content: bytes) -> TestResponse:
    return visitor.submit("/verify", {"file": (io.BytesIO(content), "通报.json")})


def test_anybody_can_verify_a_file(app: Flask, browsers: Browsers, visitor: StrictClient) -> None:
    issue(app, browsers)
    target = browsers["auditor"].submit(f"{FIRST}/exports", {"format": "json"}).location
    content = browsers["auditor"].get(target).data
    authentic = uploaded(visitor, content)
    assert "真实有效" in authentic.text
    assert digest(content) in authentic.text
    altered = uploaded(visitor, content.replace(b"1520000", b"1530000"))
    assert "已被改动" in altered.text
    assert "330200-2018/2018-H1/1" in altered.text
    assert "不是原样印发的文件" in uploaded(visitor, b"x").text
    correct_june(app)
    issue(app, browsers, reason="更正")
    assert "真实，但已有新版" in uploaded(visitor, content).text


def test_lists_the_bulletins_of_every_list_in_sight(app: Flask, browsers: Browsers) -> None:
    issue(app, browsers)
    page = browsers["district"].get("/bulletins").text
    assert "2018年服务职工十件实事" in page
    assert FIRST in page


def test_a_draft_is_begun_from_the_page_of_all_bulletins_and_a_new_issue_from_the_last(
    app: Flask, browsers: Browsers
) -> None:
    begun = browsers["drafter"].get("/bulletins").text
    assert f'href="{DRAFT}"' in begun, "also before there is any bulletin"
    assert f'href="{DRAFT}"' not in browsers["signer"].get("/bulletins").text
    draft(browsers)
    for who in ("drafter", "signer"):
        assert re.search(rf'<th scope="row"><a href="{DRAFT}">', browsers[who].get("/bulletins").text), who
    assert DRAFT not in browsers["district"].get("/bulletins").text
    browsers["signer"].submit(ISSUE, seen(browsers["signer"]))
    for address in ("/bulletins", "/programmes/330200-2018/bulletins"):
        assert "正在生成文件" in browsers["drafter"].get(address).text
    press(app)
    issued = browsers["drafter"].get(FIRST).text
    assert re.search(rf'href="{DRAFT}">\s*出新版', issued)
    assert "出新版" not in browsers["signer"].get(FIRST).text


def test_waits_for_the_files_before_it_counts_as_issued(app: Flask, browsers: Browsers) -> None:
    countersign(browsers)
    waiting = browsers["signer"].get(FIRST).text
    assert "正在生成文件" in waiting
    assert 'data-waiting="/programmes/330200-2018/bulletins/2018-H1/1"' in waiting
    assert browsers["district"].get(FIRST).status_code == 404
    assert "第 1 期" not in browsers["district"].get("/bulletins").text
    press(app)
    assert "正在生成文件" not in browsers["signer"].get(FIRST).text
    assert browsers["district"].get(FIRST).status_code == 200


def test_says_when_the_files_could_not_be_made_and_tries_again(app: Flask, browsers: Browsers) -> None:
    countersign(browsers)
    database: Database = app.extensions["database"]

    def refuse(_database: Database, _job: Job, _clock: Clock) -> None:
        raise OSError("no space left on device")

    for _attempt in range(3):
        assert not do_one_job(database, {FILES_JOB: refuse}, lambda: datetime.now(UTC))
    page = browsers["signer"].get(FIRST).text
    assert ("文件没有生成" in page, "no space" in page) == (True, False)
    again = browsers["signer"].submit(f"{BASE}/2018-H1/press", {})
    assert (again.status_code, again.location) == (303, FIRST)
    press(app)
    assert "再试一次" not in browsers["signer"].get(FIRST).text
    assert browsers["district"].get(FIRST).status_code == 200


def test_does_not_try_again_what_is_under_way(browsers: Browsers) -> None:
    countersign(browsers)
    refused = browsers["signer"].submit(f"{BASE}/2018-H1/press", {})
    assert (refused.status_code, "不必重来" in refused.text) == (409, True)


def test_hands_out_the_archive_and_says_what_evidence_went_with_it(app: Flask, browsers: Browsers) -> None:
    issue(app, browsers)
    page = browsers["auditor"].get(FIRST).text
    for label in ("Word", "PDF", "Excel", "CSV", "JSON", "ZIP"):
        assert label in page, label
    target = browsers["auditor"].submit(f"{FIRST}/exports", {"format": "zip"}).location
    answer = browsers["auditor"].get(target)
    assert answer.headers["Content-Disposition"] == "attachment; filename=330200-2018_2018-H1_1.zip"
    assert len(answer.data) == int(answer.headers["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        assert opened.testzip() is None
        assert "330200-2018_2018-H1_1.pdf" in opened.namelist()
    database: Database = app.extensions["database"]
    with database.read_session() as session:
        after = session.scalars(
            select(AuditEntry.after).where(AuditEntry.action == "bulletin.exported")
        ).one()
    assert json.loads(after or "")["evidence_count"] == 0
    assert "真实有效" in uploaded(browsers["auditor"], answer.data).text
    altered = answer.data[:-30] + b"!" + answer.data[-29:]
    page = uploaded(browsers["auditor"], altered).text
    assert ("已被改动" in page, "330200-2018/2018-H1/1" in page) == (True, True)


def test_offers_the_public_key_to_anybody(visitor: StrictClient) -> None:
    assert visitor.get("/verify/public-key.pem").text.startswith("-----BEGIN PUBLIC KEY-----")
    assert "离线核验" in visitor.get("/verify").text


PROSE = f"{DRAFT}/prose"


def typed(browser: StrictClient, old: str, new: str) -> dict[str, str]:
    """The prose form as the page offers it, with some words replaced."""
    page = browser.get(PROSE).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    found = re.findall(r'<textarea[^>]*name="(sections-\d+-text)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    fields = {name: html.unescape(text).replace(old, new) for name, text in found}
    assert new in "".join(fields.values())
    return {"version": version[1], **fields}


def test_edited_words_stand_on_the_paper(app: Flask, browsers: Browsers) -> None:
    draft(browsers)
    fields = typed(browsers["drafter"], "超额完成", "提前超额完成")
    response = browsers["drafter"].submit(PROSE, fields)
    assert (response.status_code, response.location) == (303, DRAFT)
    page = browsers["signer"].get(DRAFT).text
    assert "提前超额完成" in page
    assert "?fig=enrolments" in page
    assert "保留改过的段落" in browsers["drafter"].get(DRAFT).text
    browsers["signer"].submit(ISSUE, seen(browsers["signer"]))
    press(app)
    assert "提前超额完成" in browsers["district"].get(FIRST).text


def test_a_contradiction_is_told_and_must_be_agreed_to(app: Flask, browsers: Browsers) -> None:
    draft(browsers)
    browsers["drafter"].submit(PROSE, typed(browsers["drafter"], "152万人次", "155万人次"))
    page = browsers["signer"].get(DRAFT).text
    for said in ("1 个手填的数字与数据不一致", "155万人次（数据为 152万人次）", 'class="contradiction"'):
        assert said in page, said
    refused = browsers["signer"].submit(ISSUE, seen(browsers["signer"]))
    assert (refused.status_code, "勾选“同意照此印发”" in html.unescape(refused.text)) == (422, True)
    agreed = browsers["signer"].submit(ISSUE, seen(browsers["signer"]) | {"agrees": "y"})
    assert agreed.status_code == 303


def test_two_who_edit_at_once_see_both_texts(browsers: Browsers) -> None:
    draft(browsers)
    first = typed(browsers["drafter"], "超额完成", "提前超额完成")
    second = typed(browsers["drafter"], "超额完成", "大幅超额完成")
    assert browsers["drafter"].submit(PROSE, first).status_code == 303
    refused = browsers["drafter"].submit(PROSE, second)
    assert refused.status_code == 409
    for said in ("提前超额完成", "大幅超额完成", "现在的拟稿是这样写的"):
        assert said in refused.text, said
    version = re.search(r'name="version" value="(\d+)"', refused.text)
    assert version is not None
    again = browsers["drafter"].submit(PROSE, second | {"version": version[1]})
    assert again.status_code == 303
    assert "大幅超额完成" in browsers["drafter"].get(DRAFT).text


def test_drafting_again_keeps_edited_words_if_asked(browsers: Browsers) -> None:
    draft(browsers)
    browsers["drafter"].submit(PROSE, typed(browsers["drafter"], "超额完成", "提前超额完成"))
    draft(browsers, keeps_prose="y")
    assert "提前超额完成" in browsers["drafter"].get(DRAFT).text
    draft(browsers)
    assert "提前超额完成" not in browsers["drafter"].get(DRAFT).text


def test_nobody_who_wrote_words_countersigns(app: Flask, browsers: Browsers) -> None:
    database: Database = app.extensions["database"]
    with database.session() as session:
        other = make_person(session, "reviewer", "330200", name="另一位")
        session.commit()
    draft(browsers)
    editor = signed_in_client(app, other.account_id)
    editor.submit(PROSE, typed(editor, "超额完成", "提前超额完成"))
    fields = seen(browsers["signer"])
    for author in (editor, browsers["drafter"]):
        assert "请另一位审核人或领导会签" in author.get(DRAFT).text
        assert author.submit(ISSUE, fields).status_code == 403
    draft(browsers)  # told anew from the figures: the other one has written nothing of it
    assert editor.submit(ISSUE, seen(editor)).status_code == 303
