"""Drafting and issuing: four eyes, what was seen is what is issued, and nothing issued ever changes."""

from __future__ import annotations

import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, MultipleResultsFound
from sqlalchemy.orm import Session

from tests.factories.bulletins import PRESS
from tests.factories.ningbo import KEY, NOW, bring_in, plant_ningbo
from tests.factories.people import identity_of, make_person
from tracker.domain.canonical import digest
from tracker.domain.identity import OPERATOR, actor_of
from tracker.domain.periods import Month, Period
from tracker.features.bulletins import commands, issuing
from tracker.features.bulletins.commands import Doer, draft_issue, export_file
from tracker.features.bulletins.document import NothingSealed
from tracker.features.bulletins.issuing import Seen, issue_bulletin
from tracker.features.bulletins.queries import (
    FormatNotCarried,
    Issue,
    IssueNotFound,
    find_draft,
    find_newest,
    get_file,
    get_issue,
    list_issues,
)
from tracker.features.bulletins.sheets import Frame
from tracker.features.bulletins.verification import PROPERTIES_READ, Verdict, verify_file
from tracker.models.audit import AuditEntry
from tracker.models.bulletin import BulletinIssue
from tracker.models.triggers import drop_triggers
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import Head, find_head

HALF = Period.parse("2018-H1")
HEADER = "org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note\n"


@pytest.fixture
def head(session: Session) -> Head:
    plant_ningbo(session)
    found = find_head(session, KEY)
    assert found is not None
    return found


@pytest.fixture
def drafter(session: Session, head: Head) -> Doer:
    return doer(session, "reviewer", "330200", name="杨立群")


@pytest.fixture
def signer(session: Session, head: Head) -> Doer:
    return doer(session, "viewer", "330200", name="王建国")


def doer(session: Session, role: str, unit: str, *, name: str | None = None) -> Doer:
    identity = identity_of(session, make_person(session, role, unit, name=name))
    return Doer(identity, actor_of(identity), NOW)


def seen(issue: Issue) -> Seen:
    return Seen(issue.id, issue.version, issue.digest)


def issued(session: Session, head: Head, drafter: Doer, signer: Doer, *, reason: str = "") -> Issue:
    draft = draft_issue(session, head, HALF, doer=drafter, reason=reason)
    return issue_bulletin(session, head, seen(draft), doer=signer, press=PRESS)


def actions(session: Session) -> list[str]:
    wanted = select(AuditEntry.action).where(AuditEntry.subject_kind == "bulletin").order_by(AuditEntry.id)
    return list(session.scalars(wanted))


def test_issues_what_two_people_agreed_on(session: Session, head: Head, drafter: Doer, signer: Doer) -> None:
    issue = issued(session, head, drafter, signer)
    stored = get_issue(session, head, HALF)
    assert stored == issue
    assert (stored.number, stored.state, stored.cutoff, stored.seal) == (1, "issued", "2018-06", 1)
    assert (stored.drafted_by, stored.countersigned_by, stored.issued_at) == ("杨立群", "王建国", NOW)
    assert stored.digest == digest(stored.text)
    assert actions(session) == ["bulletin.drafted", "bulletin.countersigned", "bulletin.issued"]


def test_refuses_the_drafter_as_countersigner(session: Session, head: Head, drafter: Doer) -> None:
    draft = draft_issue(session, head, HALF, doer=drafter)
    with pytest.raises(issuing.SamePerson):
        issue_bulletin(session, head, seen(draft), doer=drafter, press=PRESS)
    assert find_draft(session, head, HALF) == draft


def test_the_database_refuses_it_too(session: Session, head: Head, drafter: Doer) -> None:
    draft_issue(session, head, HALF, doer=drafter)
    with pytest.raises(DBAPIError, match=r"four_eyes|authors"):
        session.execute(text("UPDATE bulletin_issue SET countersigned_by_id = drafted_by_id"))


@pytest.mark.parametrize(
    ("role", "unit"),
    [("viewer", "330200"), ("auditor", "330200"), ("reviewer", "330000"), ("reviewer", "330203")],
)
def test_only_reviewers_of_the_publisher_draft(session: Session, head: Head, role: str, unit: str) -> None:
    with pytest.raises(commands.NotYours):
        draft_issue(session, head, HALF, doer=doer(session, role, unit))


@pytest.mark.parametrize(
    ("role", "unit"), [("auditor", "330200"), ("viewer", "330000"), ("viewer", "330203")]
)
def test_only_the_publisher_countersigns(
    session: Session, head: Head, drafter: Doer, role: str, unit: str
) -> None:
    draft = draft_issue(session, head, HALF, doer=drafter)
    with pytest.raises(commands.NotYours):
        issue_bulletin(session, head, seen(draft), doer=doer(session, role, unit), press=PRESS)


def test_refuses_a_draft_other_than_the_one_seen(
    session: Session, head: Head, drafter: Doer, signer: Doer
) -> None:
    old = draft_issue(session, head, HALF, doer=drafter)
    bring_in(session, HEADER + "330203,enrolments,2018-06,99999,,,,,\n")
    try_fold(session, NOW)
    new = draft_issue(session, head, HALF, doer=drafter)
    assert (new.id, new.number, new.seal) == (old.id, 1, 2)
    with pytest.raises(issuing.DraftHasMoved, match=f"{old.digest[:8]}.*{new.digest[:8]}"):
        issue_bulletin(session, head, seen(old), doer=signer, press=PRESS)
    with pytest.raises(issuing.DraftHasMoved):
        issue_bulletin(session, head, seen(new)._replace(digest=old.digest), doer=signer, press=PRESS)
    assert issue_bulletin(session, head, seen(new), doer=signer, press=PRESS).digest == new.digest


def test_issues_a_draft_once(session: Session, head: Head, drafter: Doer, signer: Doer) -> None:
    draft = draft_issue(session, head, HALF, doer=drafter)
    issue_bulletin(session, head, seen(draft), doer=signer, press=PRESS)
    with pytest.raises(issuing.DraftHasMoved):
        issue_bulletin(session, head, seen(draft), doer=signer, press=PRESS)


def test_asks_why_there_is_a_second_issue(session: Session, head: Head, drafter: Doer, signer: Doer) -> None:
    issued(session, head, drafter, signer)
    with pytest.raises(commands.ReasonRequired):
        draft_issue(session, head, HALF, doer=drafter, reason="  ")


def test_a_second_issue_says_what_is_different(
    session: Session, head: Head, drafter: Doer, signer: Doer
) -> None:
    first = issued(session, head, drafter, signer)
    bring_in(session, HEADER + "330203,enrolments,2018-06,27600,,,,,\n")
    try_fold(session, NOW)
    second = issued(session, head, drafter, signer, reason="海曙更正6月数据")
    differences = second.document["differences"]
    assert differences["reason"] == "海曙更正6月数据"
    assert (differences["from"]["issue"], differences["from"]["digest"]) == (1, first.digest)
    changed = {(one["at"], one["field"]): (one["before"], one["after"]) for one in differences["figures"]}
    assert changed == {
        ("330200", "actual"): ("1520000", "1530000"),
        ("330200", "completion_percent"): ("101.3", "102.0"),
        ("330203", "actual"): ("176000", "186000"),
        ("330203", "completion_percent"): ("97.8", "103.3"),
        ("330203", "light"): ("on_track", "done"),
    }
    assert [(one.number, one.state) for one in list_issues(session, head, with_drafts=True)] == [
        (2, "issued"),
        (1, "superseded"),
    ]
    assert get_issue(session, head, HALF, 1).text == first.text
    drop_triggers(session.connection())  # as somebody with a shell might
    session.execute(text("UPDATE bulletin_issue SET state = 'issued'"))
    with pytest.raises(MultipleResultsFound):
        find_newest(session, head, HALF)


@pytest.mark.parametrize(
    ("period", "cutoff"),
    [("2017-H1", Month(2017, 6)), ("2018-H1", Month(2018, 7)), ("2018-H2", Month(2018, 6))],
)
def test_refuses_a_foreign_period_or_cutoff(
    session: Session, head: Head, drafter: Doer, period: str, cutoff: Month
) -> None:
    with pytest.raises(commands.WrongPeriod):
        draft_issue(session, head, Period.parse(period), doer=drafter, cutoff=cutoff)


def test_takes_an_earlier_cutoff(session: Session, head: Head, drafter: Doer) -> None:
    draft = draft_issue(session, head, HALF, doer=drafter, cutoff=Month(2018, 5))
    assert draft.document["pledges"][0]["indicators"][0]["actual"] == "1368000"


def test_needs_a_seal(session: Session, head: Head, drafter: Doer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "newest_seal", lambda _session: None)
    with pytest.raises(NothingSealed):
        draft_issue(session, head, HALF, doer=drafter)


def test_an_issued_bulletin_never_changes(session: Session, head: Head, drafter: Doer, signer: Doer) -> None:
    issued(session, head, drafter, signer)
    for statement in (
        "UPDATE bulletin_issue SET document = '{}'",
        "UPDATE bulletin_issue SET issued_at = drafted_at, countersigned_by_id = NULL",
        "UPDATE bulletin_issue SET state = 'draft'",
        "UPDATE bulletin_file SET digest = ''",
        "DELETE FROM bulletin_issue",
        "DELETE FROM bulletin_file",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


def test_files_built_again_have_the_same_bytes(
    session: Session, head: Head, drafter: Doer, signer: Doer
) -> None:
    issue = issued(session, head, drafter, signer)
    frame = Frame(issue.digest, issue.drafted_at, "王建国", NOW, PRESS.verify_at)
    for style, write in issuing.WRITERS.items():
        assert write(issue.document, frame) == get_file(session, issue, style).content, style


def test_the_json_file_is_the_bulletins_identity(
    session: Session, head: Head, drafter: Doer, signer: Doer
) -> None:
    issue = issued(session, head, drafter, signer)
    file = get_file(session, issue, "json")
    assert file.digest == issue.digest == digest(file.content)
    assert json.loads(file.content) == issue.document


def test_each_export_leaves_its_entry(session: Session, head: Head, drafter: Doer, signer: Doer) -> None:
    issue = issued(session, head, drafter, signer)
    file = export_file(session, head, issue, "xlsx", actor=OPERATOR, now=NOW).file
    assert file.name == "330200-2018_2018-H1_1.xlsx"
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.subject_id) == ("bulletin.exported", "330200-2018/2018-H1/1")
    assert entry.after is not None
    assert json.loads(entry.after) == {"digest": issue.digest, "file": file.digest, "format": "xlsx"}


def test_names_the_formats_there_are(session: Session, head: Head, drafter: Doer, signer: Doer) -> None:
    issue = issued(session, head, drafter, signer)
    with pytest.raises(FormatNotCarried, match="没有 odt 文件，本期有：xlsx、pdf、json、docx、csv"):
        export_file(session, head, issue, "odt", actor=OPERATOR, now=NOW)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_bit_anywhere_in_any_file_is_detected(
    session: Session, head: Head, drafter: Doer, signer: Doer, data: st.DataObject
) -> None:
    found = find_newest(session, head, HALF) or issued(session, head, drafter, signer)
    style = data.draw(st.sampled_from(sorted(issuing.WRITERS)))
    content = get_file(session, found, style).content
    at, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    flipped = content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]
    assert verify_file(session, flipped).verdict is Verdict.ALTERED
    assert verify_file(session, content).verdict is Verdict.AUTHENTIC


def test_tells_authentic_superseded_and_altered_apart(
    session: Session, head: Head, drafter: Doer, signer: Doer
) -> None:
    first = issued(session, head, drafter, signer)
    files = [get_file(session, first, style).content for style in issuing.WRITERS]
    for content in files:
        assert verify_file(session, content).verdict is Verdict.AUTHENTIC
    claimed = verify_file(session, files[0].replace(b"1520000", b"1530000")).issue
    assert claimed is not None
    assert claimed.serial == first.serial
    issued(session, head, drafter, signer, reason="更正")
    assert {verify_file(session, content).verdict for content in files} == {Verdict.SUPERSEDED}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"hello", b'"serial":"330200-2018/2018-H1/9"'])
def test_calls_foreign_files_altered(session: Session, content: bytes) -> None:
    finding = verify_file(session, content)
    assert (finding.verdict, finding.issue) == (Verdict.ALTERED, None)


def test_finds_no_issue_that_is_only_drafted(session: Session, head: Head, drafter: Doer) -> None:
    draft_issue(session, head, HALF, doer=drafter)
    with pytest.raises(IssueNotFound):
        get_issue(session, head, HALF, 1)
    assert list_issues(session, head, with_drafts=False) == []


def test_keeps_one_draft(session: Session, head: Head, drafter: Doer) -> None:
    draft_issue(session, head, HALF, doer=drafter)
    other = doer(session, "reviewer", "330200", name="另一位")
    draft = draft_issue(session, head, HALF, doer=other)
    assert (draft.drafted_by, draft.version) == ("另一位", 2)
    assert session.scalar(select(func.count()).select_from(BulletinIssue)) == 1


def test_names_what_a_workbook_saved_anew_claims_to_be(
    session: Session, head: Head, drafter: Doer, signer: Doer
) -> None:
    issue = issued(session, head, drafter, signer)
    book = openpyxl.load_workbook(io.BytesIO(get_file(session, issue, "xlsx").content))
    book["总表"]["G4"] = 1_600_000
    saved = io.BytesIO()
    book.save(saved)
    finding = verify_file(session, saved.getvalue())
    assert (finding.verdict, finding.issue) == (Verdict.ALTERED, issue)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_unpacks_no_more_than_a_little_of_a_foreign_archive(session: Session, compression: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        archive.writestr("docProps/custom.xml", " " * PROPERTIES_READ + "<vt:lpwstr>330200-2018/2018-H1/1<")
    finding = verify_file(session, target.getvalue())
    assert (finding.verdict, finding.issue) == (Verdict.ALTERED, None)
