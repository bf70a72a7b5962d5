"""A finding goes from the auditor to the unit's desk and back, along its table, with a thread that stays."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories.audited import Audited
from tests.factories.districts import KEY, MAY, TODAY, World, only
from tests.factories.rows import NOW
from tests.features.auditing.test_trail import entries_of, page_of
from tests.support.filled_forms import form_fields
from tests.support.replanting import replanted
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.domain.findings import FindingAction, FindingState, NotInThisState
from tracker.domain.identity import Identity, Role
from tracker.domain.messages import Faults
from tracker.features.auditing.finding_commands import NotYourFinding, Remark, move_finding, raise_finding
from tracker.features.auditing.finding_queries import (
    FindingHead,
    FindingNotFound,
    get_finding,
    list_corrections,
    list_said,
)
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.audit import AuditEntry
from tracker.services.findings import list_findings
from tracker.services.revising import correct
from tracker.services.standings import Doer

DUE = TODAY + timedelta(days=7)
ASKED = Remark("名册少 3 人", "核对名册", DUE)
BUDGET = 8
"""Who asks, the calendar, the finding, its thread, its corrections, the bar."""


@pytest.fixture
def world(session: Session) -> World:
    """May of 330203 is accepted."""
    return replanted(session, "findings", lambda: plant(session), lambda: World.again(session))


def plant(session: Session) -> World:
    made = World(session, made=only("enrolments"))
    made.hand_in(period=MAY, enrolments=TypedLine(value="21120"))
    made.sign(period=MAY)
    made.accept(period=MAY)
    return made


def doer(world: World, role: Role = Role.AUDITOR, code: str = "330200", *, at: datetime = NOW) -> Doer:
    return Doer(world.person(role, code), at)


def raised(world: World, *, code: str = "330203", by: Doer | None = None) -> FindingHead:
    by = by or doer(world)
    number = raise_finding(
        world.session, world.unit(code), None, by, title="名册不符", remark=ASKED, today=TODAY
    )
    return get_finding(world.session, number, seen_by=by.identity)


def moved(
    world: World, finding: FindingHead, action: FindingAction, by: Doer, remark: Remark | None = None
) -> FindingHead:
    said = remark or Remark("已经核对", due=DUE if action is FindingAction.REOPEN else None)
    move_finding(world.session, finding, action, by, remark=said, today=TODAY)
    return get_finding(world.session, finding.id, seen_by=by.identity)


def test_goes_round_its_table_with_one_entry_a_step(world: World) -> None:
    reporter, auditor = doer(world, Role.REPORTER, "330203"), doer(world)
    found = raised(world)
    found = moved(world, found, FindingAction.ANSWER, reporter)
    found = moved(world, found, FindingAction.REOPEN, auditor)
    found = moved(world, found, FindingAction.ANSWER, doer(world, Role.APPROVER, "330203"))
    found = moved(world, found, FindingAction.CLOSE, auditor)
    assert found.state is FindingState.CLOSED
    assert [said.action.value for said in list_said(world.session, found.id)] == [
        "raise", "answer", "reopen", "answer", "close",
    ]  # fmt: skip
    wanted = select(AuditEntry).where(AuditEntry.subject_kind == "finding").order_by(AuditEntry.id)
    entries = world.session.scalars(wanted).all()
    assert [entry.action for entry in entries] == [
        "finding.raised", "finding.answered", "finding.reopened", "finding.answered", "finding.closed",
    ]  # fmt: skip
    assert json.loads(entries[-1].after or "")["state"] == "closed"


def test_refuses_a_step_the_table_does_not_have(world: World) -> None:
    found, auditor = raised(world), doer(world)
    with pytest.raises(NotInThisState):
        moved(world, found, FindingAction.CLOSE, auditor)
    with pytest.raises(NotYourFinding):
        moved(world, found, FindingAction.ANSWER, auditor)
    with pytest.raises(NotYourFinding):
        moved(world, found, FindingAction.CLOSE, doer(world, Role.REPORTER, "330203"))


def test_refuses_who_comes_second(world: World) -> None:
    found, reporter = raised(world), doer(world, Role.REPORTER, "330203")
    moved(world, found, FindingAction.ANSWER, reporter)
    with pytest.raises(NotInThisState, match="刚刚被别人办理"):
        moved(world, found, FindingAction.ANSWER, reporter)


def test_needs_words_and_a_deadline_to_come(world: World) -> None:
    found = moved(world, raised(world), FindingAction.ANSWER, doer(world, Role.REPORTER, "330203"))
    for remark in (Remark("再核"), Remark("再核", due=TODAY), Remark(" ", due=DUE)):
        with pytest.raises(Faults):
            moved(world, found, FindingAction.REOPEN, doer(world), remark)
    with pytest.raises(Faults):
        raise_finding(
            world.session, world.unit("330203"), None, doer(world), title="旧", remark=Remark("x", "y", TODAY),
            today=TODAY,
        )  # fmt: skip


def test_stays_within_reach(world: World) -> None:
    with pytest.raises(NotYourFinding):
        raised(world, by=doer(world, code="330500"))
    found = raised(world)
    for role, code in ((Role.AUDITOR, "330500"), (Role.REPORTER, "330205")):
        with pytest.raises(FindingNotFound):
            get_finding(world.session, found.id, seen_by=world.person(role, code))
        assert list_findings(world.session, seen_by=world.person(role, code)) == []


def test_an_answer_names_a_correction_of_the_unit(world: World) -> None:
    found, reporter = raised(world), doer(world, Role.REPORTER, "330203")
    assert list_corrections(world.session, found) == []
    with pytest.raises(Faults):
        moved(world, found, FindingAction.ANSWER, reporter, Remark("已更正", correction_id=1))
    rows = world.session.execute(text("SELECT id, version_id FROM revision"))
    versions = {row.id: row.version_id for row in rows}
    correct(world.session, versions, doer(world, Role.REPORTER, "330203"), reason="名册核对")
    correction = list_corrections(world.session, found)[0]
    answered = moved(
        world, found, FindingAction.ANSWER, reporter,
        Remark("已更正", correction_id=correction.revision_id),
    )  # fmt: skip
    said = list_said(world.session, answered.id)[-1]
    assert said.correction == ("2018-05", 2, "第1件实事")


def test_names_what_is_overdue(world: World) -> None:
    raised(world)
    row = list_findings(world.session, seen_by=doer(world).identity)[0]
    assert not row.is_overdue(DUE - timedelta(seconds=1))
    assert row.is_overdue(DUE)
    assert not row._replace(state=FindingState.ANSWERED).is_overdue(DUE)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM finding", "UPDATE finding SET title = 'x'", "UPDATE finding SET org_unit_id = 1",
        "DELETE FROM finding_entry", "UPDATE finding_entry SET text = 'x'",
    ],
)  # fmt: skip
def test_the_thread_is_permanent(world: World, statement: str) -> None:
    raised(world)
    with pytest.raises(DBAPIError, match="never"):
        world.session.execute(text(statement))


def fields(**changed: str) -> dict[str, str]:
    return {
        "unit": "330203", "title": "名册不符", "text": "名册少 3 人", "asked": "核对名册", "due": "2018-07-10",
    } | changed  # fmt: skip


def raise_on_page(audited: Audited) -> str:
    """A finding by the auditor's browser; its address."""
    answer = audited.browser(audited.auditor).submit("/auditing/findings", fields())
    assert answer.status_code == 303, answer.text
    return answer.location


def sent(client: StrictClient, address: str, way: str, **changed: str) -> int:
    """Send the step's form as it stands, with these fields."""
    typed = form_fields(client.get(address).text) | changed
    return client.submit(f"{address}/{way}", typed).status_code


def test_goes_from_the_auditor_to_the_units_desk_and_back(audited: Audited) -> None:
    place = raise_on_page(audited)
    auditor, reporter = audited.browser(audited.auditor), audited.browser(audited.site.reporter)
    desk = page_of(reporter, "/")
    assert "审计发现" in desk
    assert "名册不符" in desk
    assert "名册不符" not in page_of(audited.browser(audited.site.neighbour), "/")
    assert sent(reporter, place, "answer", text="已核对，补 3 人") == 303
    assert "待复核" in page_of(auditor, "/auditing")
    assert sent(auditor, place, "verdict", action="reopen", text="附上名册") == 422
    assert sent(auditor, place, "verdict", action="reopen", text="附上名册", due="2018-07-12") == 303
    assert sent(reporter, place, "answer", text="已附") == 303
    assert sent(auditor, place, "verdict", action="close", text="属实") == 303
    page = page_of(reporter, place)
    for words in (
        "名册少 3 人",
        "要求：核对名册",
        "已核对，补 3 人",
        "附上名册",
        "已附",
        "复核销号",
        "已结束",
    ):
        assert words in page
    assert "名册少 3 人" not in page_of(reporter, "/")


def test_keeps_what_was_typed_and_says_what_is_wrong(audited: Audited) -> None:
    client = audited.browser(audited.auditor)
    for changed, said in (
        ({"unit": "330500"}, "没有这个单位"),
        ({"due": "2018-07-01"}, "期限要晚于现在"),
        ({"due": ""}, "请选一个日期"),
    ):
        answer = client.submit("/auditing/findings", fields(**changed))
        assert answer.status_code == 422
        assert said in answer.text
        assert "名册少 3 人" in answer.text
    assert entries_of(audited, "finding.raised") == []


def test_speaks_of_a_sampled_figure(audited: Audited) -> None:
    client = audited.browser(audited.auditor)
    sample = client.submit(f"/auditing/programmes/{KEY}/samples", {"method": "size", "count": "1"}).location
    number = sample.rpartition("/")[2]
    page = client.get(f"/auditing/findings/new?sample={number}&position=1")
    assert "21,120 人次" in page.text
    drawn = form_fields(page.text)
    assert drawn["unit"] == ["330203"]
    assert "单位（名称或代码）" not in page.text, "the figure says whose it is"
    again = client.submit("/auditing/findings", drawn)
    assert (again.status_code, "21,120 人次" in again.text) == (422, True)
    typed = drawn | fields()
    assert typed["sample"] == [number]
    answer = client.submit("/auditing/findings", typed)
    assert "21,120 人次" in page_of(client, answer.location)
    assert f'href="{sample}#figure-1"' in client.get(answer.location).text
    assert f'href="{sample}#figure-1"' not in audited.browser(audited.site.reporter).get(answer.location).text
    assert client.submit("/auditing/findings", typed | {"unit": "330205"}).status_code == 422


def test_an_auditor_changes_neither_figures_nor_targets(audited: Audited) -> None:
    client = audited.browser(audited.auditor)
    sheet = f"/programmes/{KEY}/sheets/330203/2018-05"
    for address in (
        sheet,
        f"{sheet}/submit",
        f"/programmes/{KEY}/targets",
        f"/programmes/{KEY}/reviews/330203/2018-05/accept",
    ):
        assert client.submit(address).status_code in (403, 404, 405), address


@pytest.mark.parametrize("who", ["auditor", "reporter"])
def test_stays_within_its_budget(audited: Audited, who: str) -> None:
    place = raise_on_page(audited)
    person: Identity = audited.auditor if who == "auditor" else audited.site.reporter
    client = audited.browser(person)
    for address in (place, "/auditing/findings"):
        with counted_statements(audited.site.database) as told:
            assert client.get(address).status_code == 200
        assert len(told) <= BUDGET, "\n".join(told)
