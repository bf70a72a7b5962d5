"""Files on a sheet: added, seen by whoever sees the report, taken out with a reason, and part of what is handed in."""

from __future__ import annotations

import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.factories.districts import KINDS, only
from tests.factories.files import CSV, PDF, picture
from tests.factories.sheet_site import (
    GOOD,
    REVIEW,
    SHEET,
    Site,
    build_site,
    count_rows,
    fill,
    open_sheet,
    send,
)
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.models.audit import AuditEntry
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.models.programme import Indicator
from tracker.models.report import Report, Revision, RevisionAuthor, Submission
from tracker.services.evidence_store import open_store

FOLDER = f"{SHEET}/evidence/1"


def ask(site: Site, rule: str, *codes: str) -> Site:
    """The site after these indicators ask for evidence (May was handed in before)."""
    with site.database.session() as session:
        session.execute(update(Indicator).where(Indicator.code.in_(codes)).values(evidence=rule))
        session.commit()
    return site


@pytest.fixture
def site(app: Flask) -> Site:
    return ask(build_site(app, only("enrolments", "hotline")), "required", "enrolments")


def add(
    client: StrictClient,
    *files: tuple[str, bytes],
    line: str = "enrolments",
    address: str = FOLDER,
    **options: Any,
) -> TestResponse:
    """Send files as the page's form does."""
    sent = [(io.BytesIO(content), name) for name, content in files]
    return client.submit(address, {"line": line, "files": sent}, **options)


def attached(site: Site) -> list[Evidence]:
    """All rows of evidence in order."""
    with site.database.read_session() as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.id)))


def first_file(page: str) -> str:
    """The address of the first file on a page."""
    found = re.search(rf'href="({FOLDER}/\d+)"', page)
    assert found is not None
    return found[1]


def test_adds_several_files_to_a_line_with_one_audit_entry(site: Site) -> None:
    client = fill(site, **GOOD)
    entries = count_rows(site, AuditEntry)
    answer = add(client, ("花名册.csv", CSV), ("../通知.PDF", PDF), ("现场.jpg", picture()))
    assert answer.status_code == 303
    assert count_rows(site, AuditEntry) == entries + 1
    page = open_sheet(client, FOLDER)
    for name in ("花名册.csv", "通知.pdf", "现场.jpg"):
        assert f">{name}</a>" in page
    assert page.count("/preview") == 1
    sheet = open_sheet(client)
    assert "3 份" in sheet
    assert 'href="/programmes/330200-2018/sheets/330203/2018-06/evidence/1?line=enrolments"' in sheet


def test_begins_the_report_when_nothing_was_typed_yet(site: Site) -> None:
    client = site.browser(site.reporter)
    assert add(client, ("通知.pdf", PDF)).status_code == 303
    with site.database.read_session() as session:
        row = session.execute(
            select(Revision.state, RevisionAuthor.person_id)
            .join(RevisionAuthor)
            .join(Report)
            .where(Report.period == "2018-06")
        ).one()
    assert (row.state, row.person_id) == ("draft", site.reporter.person_id)
    assert "1 份" in open_sheet(client)


def test_a_sheet_open_meanwhile_is_still_saved(site: Site) -> None:
    client = fill(site, **GOOD)
    drawn = open_sheet(client)
    add(client, ("通知.pdf", PDF))
    assert (
        send(client, drawn, line__enrolments__value="17000", line__enrolments__cumulative="").status_code
        == 303
    )


def test_answers_a_script_in_json(site: Site) -> None:
    client = site.browser(site.reporter)
    asked: dict[str, Any] = {"headers": {"Accept": "application/json"}}
    answer = add(client, ("通知.pdf", PDF), **asked)
    assert answer.status_code == 200
    told = json.loads(answer.text)
    assert (told["names"], told["wrong"]) == (["通知.pdf"], [])
    refused = add(client, ("a.exe", b"MZ"), **asked)
    assert refused.status_code == 422
    assert "不收这种文件" in json.loads(refused.text)["message"]


def test_keeps_the_good_ones_and_tells_of_each_other(site: Site) -> None:
    client = site.browser(site.reporter)
    assert add(client, ("通知.pdf", PDF), ("空.pdf", b"")).status_code == 303
    assert "空.pdf：这是一个空文件" in open_sheet(client, FOLDER)
    assert [row.name for row in attached(site)] == ["通知.pdf"]


def test_tells_what_is_wrong_and_keeps_nothing(site: Site) -> None:
    client = site.browser(site.reporter)
    answer = add(client, ("a.zip", b"PK\x03\x04broken"))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert (count_rows(site, EvidenceBlob), count_rows(site, Evidence)) == (0, 0)
    assert add(client).status_code == 422
    assert add(client, ("通知.pdf", PDF), line="hotline").status_code == 422
    assert add(client, ("通知.pdf", PDF), line="", address=f"{SHEET}/evidence/2").status_code == 303


def test_the_same_upload_again_is_one(site: Site) -> None:
    client = site.browser(site.reporter)
    for _ in range(2):
        assert add(client, ("通知.pdf", PDF), key="k" * 20).status_code == 303
    assert add(client, ("又一次.pdf", PDF)).status_code == 303
    assert len(attached(site)) == 1


def test_gives_the_file_to_be_kept_under_a_policy_that_lets_it_do_nothing(site: Site) -> None:
    client = site.browser(site.reporter)
    add(client, ("通知 一.pdf", PDF))
    entries = count_rows(site, AuditEntry)
    answer = client.get(first_file(open_sheet(client, FOLDER)))
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    with site.database.read_session() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert count_rows(site, AuditEntry) == entries + 1
    assert (last.action, last.subject_kind, last.actor_id) == (
        "personal.viewed",
        "evidence",
        site.reporter.person_id,
    )


def test_the_preview_is_a_picture_made_anew(site: Site) -> None:
    client = site.browser(site.reporter)
    add(client, ("现场.jpg", picture()), ("通知.pdf", PDF))
    page = open_sheet(client, FOLDER)
    answer = client.get(f"{first_file(page)}/preview")
    assert (answer.mimetype, answer.data[:4]) == ("image/png", b"\x89PNG")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    paper = re.findall(rf'href="({FOLDER}/\d+)"', page)[1]
    assert client.get(f"{paper}/preview").status_code == 404


def test_a_picture_is_given_without_its_place_and_kept_byte_for_byte(site: Site) -> None:
    client = fill(site, **GOOD)
    sent = picture()
    add(client, ("现场.jpg", sent))
    page = open_sheet(client, FOLDER)
    file = first_file(page)
    assert f'href="{file}?original=1"' in page
    shown, original = client.get(file).data, client.get(f"{file}?original=1").data
    assert b"SecretPhone" not in shown
    assert original == sent
    [row] = attached(site)
    assert row.sha256 == row.received_sha256 == hashlib.sha256(sent).hexdigest()
    assert f"SHA-256 {row.sha256}" in page
    assert b"SecretPhone" not in client.get(f"{file}/preview").data


def test_a_list_with_other_rows_than_the_figure_must_be_explained(site: Site) -> None:
    client = fill(site, **GOOD)
    roster = "姓名,单位\n" + "".join(f"职工{number},海曙\n" for number in range(20_000))
    add(client, ("花名册.csv", roster.encode()))
    sheet = open_sheet(client)
    assert "名单有 20000 行，填报数是 17,600人次，两者不一致" in sheet
    assert submit(client).status_code == 422
    send(
        client,
        sheet,
        line__enrolments__value="20000",
        line__enrolments__cumulative="",
        line__hotline__note="好",
    )
    assert "名单有" not in open_sheet(client)
    assert "20000 行，与填报数相符" in open_sheet(client, FOLDER)
    assert submit(client).status_code == 303


def test_superiors_see_files_only_once_they_are_handed_in(site: Site) -> None:
    client = fill(site, **GOOD)
    add(client, ("现场.jpg", picture()))
    file = first_file(open_sheet(client, FOLDER))
    reviewer = site.browser(site.reviewer)
    assert reviewer.get(file).status_code == 404
    assert site.browser(site.neighbour).get(file).status_code == 404
    assert submit(client).status_code == 303
    assert reviewer.get(file).status_code == 200
    assert site.browser(site.approver).get(f"{file}/preview").status_code == 200
    assert site.browser(site.neighbour).get(file).status_code == 404
    review = open_sheet(site.browser(site.approver), REVIEW)
    assert f'src="{file}/preview"' in review
    assert "现场.jpg" in review


def submit(client: StrictClient) -> TestResponse:
    """Check and submit."""
    checked = form_fields(open_sheet(client, f"{SHEET}/check"))
    return client.submit(f"{SHEET}/submit", {"version": checked["version"], "confirmed": "y"})


def test_a_required_line_without_a_file_is_told_at_its_line(site: Site) -> None:
    client = fill(site, **GOOD)
    page = open_sheet(client, f"{SHEET}/check")
    assert f'href="{SHEET}#line-enrolments-evidence"' in page
    assert "“参保人次”需要附佐证材料" in page
    assert submit(client).status_code == 422
    assert 'id="line-enrolments-evidence"' in open_sheet(client)
    assert "需添加" in open_sheet(client)
    add(client, ("通知.pdf", PDF))
    checked = open_sheet(client, f"{SHEET}/check")
    assert "佐证：通知.pdf" in checked
    assert submit(client).status_code == 303


@pytest.mark.parametrize("typed", ["0", "不详"])
def test_a_line_that_states_nothing_needs_no_proof(site: Site, typed: str) -> None:
    client = fill(
        site, **{**GOOD, "line__enrolments__value": typed, "line__enrolments__note": "本月没有集中参保。"}
    )
    assert "需要附佐证" not in open_sheet(client, f"{SHEET}/check")
    assert submit(client).status_code == 303


def test_what_is_handed_in_names_its_files_in_the_order_of_lines(app: Flask) -> None:
    site = ask(build_site(app, only("coverage", "enrolments")), "optional", "coverage")
    typed = {
        "line__coverage__numerator": "86",
        "line__coverage__denominator": "100",
        "line__enrolments__value": "17600",
    }
    client = fill(site, **typed)
    for line, content in (("", CSV), ("coverage", PDF)):
        add(client, ("名册.csv", content), line=line, address=f"{SHEET}/evidence/2")
    assert submit(client).status_code == 303
    with site.database.read_session() as session:
        wanted = select(Submission.content).join(Revision, Revision.id == Submission.revision_id).join(Report)
        contents = session.scalars(wanted.where(Report.period == "2018-06").order_by(Submission.id)).all()
    proofs = [json.loads(content)["evidence"] for content in contents]
    by_row = {row.indicator_id is None: row.sha256 for row in attached(site)}
    assert proofs[0] == []
    assert [(one["indicator"], one["sha256"]) for one in proofs[1]] == [
        ("coverage", by_row[False]),
        (None, by_row[True]),
    ]


def test_taking_out_needs_a_reason_and_leaves_a_tombstone(site: Site) -> None:
    client = fill(site, **GOOD)
    add(client, ("通知.pdf", PDF))
    file = first_file(open_sheet(client, FOLDER))
    refused = client.submit(f"{file}/remove", {"reason": " "})
    assert refused.status_code == 422
    assert "请写明作废原因" in refused.text
    assert client.submit(f"{file}/remove", {"reason": "传错了"}).status_code == 303
    page = open_sheet(client, FOLDER)
    assert "<s>通知.pdf</s>" in page
    assert "作废：传错了" in page
    assert client.get(file).status_code == 404
    assert client.submit(f"{file}/remove", {"reason": "再一次"}).status_code == 404
    assert len(attached(site)) == 1
    assert submit(client).status_code == 422


def test_nothing_comes_or_goes_once_it_is_handed_in(site: Site) -> None:
    client = fill(site, **GOOD)
    add(client, ("通知.pdf", PDF))
    file = first_file(open_sheet(client, FOLDER))
    submit(client)
    assert add(client, ("又一份.csv", CSV)).status_code == 409
    assert client.submit(f"{file}/remove", {"reason": "传错了"}).status_code == 409
    assert "data-uploads" not in open_sheet(client, FOLDER)


def test_the_same_file_elsewhere_is_pointed_out_and_must_be_explained(site: Site) -> None:
    client = fill(site, **GOOD)
    add(client, ("花名册.csv", CSV))
    neighbour = site.browser(site.neighbour)
    add(neighbour, ("别的名字.csv", CSV), address=FOLDER.replace("330203", "330205"))
    sheet = open_sheet(client)
    assert "“花名册.csv”已在 其他单位的报告 用作佐证" in sheet
    assert "330205" not in sheet
    assert "待说明" in sheet
    assert submit(client).status_code == 422
    send(client, sheet, line__enrolments__note="两区联合办班，名册相同。")
    assert submit(client).status_code == 303
    review = open_sheet(site.browser(site.approver), REVIEW)
    assert "已在 其他单位的报告 用作佐证" in review
    assert "1 项提示，均有说明" in review


def test_no_more_files_than_are_looked_at(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.features.evidence.commands.MOST_FILES", 1)
    client = site.browser(site.reporter)
    assert add(client, ("通知.pdf", PDF)).status_code == 303
    refused = add(client, ("花名册.csv", CSV))
    assert refused.status_code == 422
    assert len(attached(site)) == 1


def test_an_altered_file_is_never_sent(site: Site, tmp_path: Path) -> None:
    client = site.browser(site.reporter)
    add(client, ("通知.pdf", PDF))
    file = first_file(open_sheet(client, FOLDER))
    stored = tmp_path / "evidence" / attached(site)[0].sha256[:2] / attached(site)[0].sha256
    stored.chmod(0o600)
    stored.write_bytes(b"%PDF-1.4 other")
    assert client.get(file).status_code == 500
    stored.unlink()
    assert client.get(file).status_code == 404


@pytest.mark.parametrize("address", [FOLDER, SHEET, f"{SHEET}/check"])
def test_reads_a_page_with_files_in_fifteen_statements_at_most(app: Flask, address: str) -> None:
    codes = [one.code for one in KINDS]
    site = ask(build_site(app), "optional", *codes)
    client = site.browser(site.reporter)
    for number in range(1, 9):
        line = codes[number - 1]
        add(
            client,
            ("花名册.csv", CSV),
            ("现场.jpg", picture()),
            line=line,
            address=f"{SHEET}/evidence/{number}",
        )
    with counted_statements(site.database) as statements:
        assert client.get(address).status_code == 200
    assert len(statements) <= 15, "\n".join(statements)


def test_says_in_words_that_there_is_no_place_for_files(site: Site, app: Flask) -> None:
    app.extensions["evidence_store"] = open_store("")
    answer = add(fill(site, **GOOD), ("a.csv", b"a,b\n1,2\n"))
    assert answer.status_code == 422
    assert "还没有配置存放佐证材料的地方" in answer.text
    assert attached(site) == []
