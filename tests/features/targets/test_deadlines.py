"""Issued targets wait on desks: with a deadline, one next action, and by name once it has passed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from tests.factories.decomposition import DISTRICTS, KEY, MATRIX, TODAY, Decomposition, send
from tests.features.targets.test_pages import UNIT, divide, issue, page_of, text_of
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tracker.domain.identity import Identity
from tracker.domain.periods import SHANGHAI
from tracker.models.allocation import TargetNotice
from tracker.models.programme import Programme
from tracker.services.target_desk import TargetRow, TargetTask, list_target_desk

DUE = datetime(2018, 7, 10, 18, 0, tzinfo=SHANGHAI)
"""Five working days after 3 July 2018, a Tuesday."""


def desk(world: Decomposition, who: Identity, today: datetime = TODAY) -> list[TargetRow]:
    with world.database.read_session() as session:
        return list_target_desk(session, who, today)


def tasks(world: Decomposition, who: Identity, today: datetime = TODAY) -> list[TargetTask]:
    return [row.task for row in desk(world, who, today)]


def ask(world: Decomposition, reason: str = "企业外迁") -> None:
    unit = world.browser(world.reporter)
    version = form_fields(page_of(unit, UNIT))["version"][0]
    assert unit.submit(f"{UNIT}/ask", {"version": version, "reason": reason}).status_code == 303


def test_a_units_people_find_issued_targets_on_their_desk(world: Decomposition) -> None:
    issue(divide(world), reason="年初分解")
    for who in (world.reporter, world.approver):
        [row] = desk(world, who)
        assert (row.task, row.until, row.text, row.is_late) == (TargetTask.CONFIRM, DUE, "年初分解", False)
    page = page_of(world.browser(world.approver), "/")
    said = text_of(page)
    for words in ("330200下达的目标等您确认", "7月10日 18:00 前，还有 7 天", "去确认"):
        assert words in said, words
    assert f'href="{UNIT}"' in page


def test_confirming_clears_the_desk(world: Decomposition) -> None:
    issue(divide(world), reason="年初分解")
    unit = world.browser(world.reporter)
    version = form_fields(page_of(unit, UNIT))["version"][0]
    unit.submit(f"{UNIT}/confirm", {"version": version})
    assert desk(world, world.reporter) == []
    assert "目标等您确认" not in page_of(unit, "/")


def test_the_reviewers_see_what_was_asked_and_the_unit_that_it_waits(world: Decomposition) -> None:
    issue(divide(world), reason="年初分解")
    ask(world)
    [row] = desk(world, world.second)
    assert (row.task, row.units, row.text) == (TargetTask.ANSWER, ("330203",), "企业外迁")
    said = text_of(page_of(world.browser(world.reviewer), "/"))
    assert "330203请求调整目标" in said
    assert "去答复" in said
    assert tasks(world, world.approver) == [TargetTask.UNDER_WAY]


def test_declining_gives_the_unit_the_usual_days_again(world: Decomposition) -> None:
    reviewer = divide(world)
    issue(reviewer, reason="年初分解")
    with world.database.session() as session:
        session.execute(update(TargetNotice).values(answer_by=TODAY - timedelta(days=1)))
        session.commit()
    ask(world)
    version = form_fields(page_of(reviewer, UNIT))["version"][0]
    reviewer.submit(f"{UNIT}/decline", {"version": version, "reason": "年底再议"})
    [row] = desk(world, world.reporter)
    assert (row.task, row.until, row.is_late) == (TargetTask.CONFIRM, DUE, False)


def test_overdue_units_are_named_everywhere(world: Decomposition) -> None:
    reviewer = divide(world)
    issue(reviewer, reason="年初分解")
    assert tasks(world, world.reviewer) == []
    with world.database.session() as session:
        session.execute(update(TargetNotice).values(answer_by=TODAY - timedelta(days=1)))
        session.commit()
    [row] = desk(world, world.reviewer)
    assert (row.task, row.units) == (TargetTask.OVERDUE, DISTRICTS)
    said = text_of(page_of(reviewer, "/"))
    assert "11 家单位逾期没有确认目标" in said
    assert "、".join(DISTRICTS) in said
    assert text_of(page_of(reviewer)).count("前确认，逾期 1 天") == len(DISTRICTS)
    assert desk(world, world.reporter)[0].is_late
    assert "前确认，逾期 1 天" in text_of(page_of(world.browser(world.reporter), UNIT))


def test_a_closed_list_asks_nobody(world: Decomposition) -> None:
    issue(divide(world), reason="年初分解")
    with world.database.session() as session:
        session.execute(update(Programme).values(state="closed"))
        session.commit()
    assert desk(world, world.reporter) == []


def test_readers_and_other_units_have_no_such_rows(world: Decomposition) -> None:
    issue(divide(world), reason="年初分解")
    ask(world)
    assert desk(world, world.viewer) == desk(world, world.auditor) == []


def check_fields(page: str, **typed: Any) -> dict[str, Any]:
    return form_fields(page) | {"confirmed": ["y"], "reason": ["年初"]} | typed


def test_the_check_offers_five_working_days_and_takes_another_day(world: Decomposition) -> None:
    client = divide(world)
    page = page_of(client, f"{MATRIX}/check")
    assert form_fields(page)["answer_by"] == ["2018-07-10"]
    for wrong in ("2018-07-02", "soon", ""):
        refused = client.submit(f"{MATRIX}/check", check_fields(page, answer_by=[wrong]))
        assert refused.status_code == 422
        assert "请选一个以后的日期" in refused.text
    assert client.submit(f"{MATRIX}/check", check_fields(page, answer_by=["2018-07-20"])).status_code == 303
    assert desk(world, world.reporter)[0].until == datetime(2018, 7, 20, 18, 0, tzinfo=SHANGHAI)


def test_a_district_that_divides_hears_from_its_townships(world: Decomposition) -> None:
    issue(divide(world), reason="年初")
    client, at = world.browser(world.approver), "?at=330203"
    send(client, page_of(client, MATRIX + at), MATRIX + at, then="weight")
    issue(client, at=at)
    with world.database.session() as session:
        asked = update(TargetNotice).where(TargetNotice.org_unit_id == world.units["330203001"])
        session.execute(asked.values(state="asked", request="人手不够", answered_at=TODAY))
        session.commit()
    assert tasks(world, world.approver) == [TargetTask.ANSWER, TargetTask.CONFIRM]
    assert tasks(world, world.reporter) == [TargetTask.CONFIRM]
    assert tasks(world, world.reviewer) == [], "the city does not answer for the district"


def test_reading_the_rows_is_one_statement(world: Decomposition) -> None:
    issue(divide(world), reason="年初")
    with world.database.read_session() as session, counted_statements(world.database) as sent:
        list_target_desk(session, world.approver, TODAY)
    assert len(sent) == 1


def test_pages_lead_to_the_matrix_and_to_a_targets_history(world: Decomposition) -> None:
    issue(divide(world), reason="年初")
    reviewer, unit = world.browser(world.reviewer), world.browser(world.reporter)
    for page in (f"/programmes/{KEY}", f"/programmes/{KEY}/list"):
        assert f'href="{MATRIX}"' in page_of(reviewer, page), page
        assert f'href="{UNIT}"' in page_of(unit, page), page
    assert f'href="{MATRIX}"' in page_of(world.browser(world.viewer), UNIT)
    histories = re.findall(r'href="([^"]*/history/[^"]*)"', page_of(unit, UNIT))
    assert histories
    assert all(unit.get(address).status_code == 200 for address in histories)
    assert f'href="{MATRIX}/330200/history/' in page_of(reviewer, f"/programmes/{KEY}/pledges/3")
