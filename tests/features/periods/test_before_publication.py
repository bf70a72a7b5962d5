"""Months that were over before the list was published may be made up for; no page prints a deadline for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import MAY, TODAY, World, only
from tests.factories.rows import NOW
from tests.factories.sheet_site import Site, build_site, open_sheet
from tests.support.filled_forms import form_fields
from tests.support.taken_tables import take
from tracker.domain.identity import Identity, Role
from tracker.domain.periods import SHANGHAI
from tracker.domain.sampling import Risk
from tracker.features.auditing.population import read_population
from tracker.features.reminders.commands import reminder_text
from tracker.features.reminders.queries import Owed, list_owed
from tracker.models.programme import Programme, ProgrammeVersion
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import Head, find_head
from tracker.services.tree import get_unit

BASE = "/programmes/330200-2018"
PUBLISHED = datetime(2018, 6, 15, 9, 0, tzinfo=SHANGHAI)
NONE = "清单公布以前的报告期"


@pytest.fixture
def site(app: Flask) -> Site:
    """The list was published in the middle of June; 330205 has reported nothing."""
    made = build_site(app, only("enrolments"))
    with made.database.session() as session:
        programme = session.scalars(select(Programme)).one()
        at = datetime.now(UTC) - (TODAY - PUBLISHED)  # before the calendar of the demonstration is moved
        version = ProgrammeVersion(
            programme_id=programme.id,
            number=1,
            at=at,
            by_id=None,
            reason="公布",
            digest="0" * 64,
            document="{}",
        )
        session.add(version)
        session.commit()
    return made


def test_no_page_of_such_a_month_prints_a_deadline(site: Site) -> None:
    reviewer, reporter = site.browser(site.reviewer), site.browser(site.neighbour)
    may, june = (open_sheet(reviewer, f"{BASE}/periods/2018-{month}") for month in ("05", "06"))
    assert "7月5日 18:00 起算迟报" in june
    assert "请于 7月5日 18:00 前报送" in june
    assert NONE in may
    for said in ("起算迟报", "前报送", "逾期", "还有 "):
        assert said not in may.replace("还有 1 个单位未报齐", ""), said
    assert take(reviewer, f"{BASE}/periods/2018-05", "missing", "csv").facts["起算迟报"] == "不算迟报"
    sheet = open_sheet(reporter, f"{BASE}/sheets/330205/{MAY.key}")
    assert "可以补报，没有截止时间" in sheet
    assert "截止，" not in sheet
    assert "7月5日 18:00 截止" in open_sheet(reporter, f"{BASE}/sheets/330205/2018-06")


def test_who_hands_such_a_month_in_is_told_the_next_step_without_a_day(site: Site) -> None:
    reporter, path = site.browser(site.neighbour), f"{BASE}/sheets/330205/{MAY.key}"
    fields = form_fields(open_sheet(reporter, path)) | {"line-enrolments-value": "2000"}
    assert reporter.submit(path, fields).status_code == 303
    check = open_sheet(reporter, f"{path}/check")
    assert "审批，再报上级工会审核" in check
    assert "前报上级" not in check
    sent = reporter.submit(f"{path}/submit", form_fields(check) | {"confirmed": "y"})
    assert sent.status_code == 303, sent.text
    receipt = open_sheet(reporter, sent.headers["Location"])
    assert "前办理" not in receipt
    assert "下一步由" in receipt


def test_such_a_month_is_no_risk_for_auditors_and_a_reminder_of_it_names_no_day(site: Site) -> None:
    moved = TODAY - datetime.now(UTC)
    with site.database.session() as session:
        auditor = World.again(session).person(Role.AUDITOR, "330200")
        try_fold(session, NOW)
        session.commit()
    assert risks_of_may(site, auditor, moved) == set()
    assert risks_of_may(site, auditor, TODAY + timedelta(days=20) - NOW) == set()
    [owed] = owed_of_may(site)
    told = str(reminder_text(owed, None))
    assert NONE in told
    assert "截止" not in told


def risks_of_may(site: Site, auditor: Identity, moved: timedelta) -> set[Risk]:
    with site.database.read_session() as session:
        found = read_population(session, head_of(session), None, seen_by=auditor, moved=moved)
    [one] = [one for one in found if one.candidate.key == "330203/enrolments/2018-05/1"]
    return set(one.candidate.risks)


def owed_of_may(site: Site) -> list[Owed]:
    with site.database.read_session() as session:
        head = head_of(session)
        return list_owed(session, head, get_unit(session, head.publisher_id), MAY)


def head_of(session: Session) -> Head:
    head = find_head(session, "330200-2018")
    assert head is not None
    return head
