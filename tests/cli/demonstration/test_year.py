"""The living year as it stands on 8 August 2018: every state, every role, nothing counted twice, each act on its day."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.lists import CASES
from tests.factories.people import signed_in_client
from tests.support.demonstration import LivingYear
from tests.support.strict_client import StrictClient
from tracker.cli.demonstration.auditing import OPEN_TITLE, REPEATED_TITLE
from tracker.cli.demonstration.people import LOGINS, sample_accounts
from tracker.cli.demonstration.stage import FILES, Stage
from tracker.domain.days import day_of
from tracker.domain.identity import Role
from tracker.features.auditing.finding_queries import list_said
from tracker.features.programmes.queries import get_document
from tracker.models.account import Account, Appointment, Person
from tracker.models.auditing import AuditSample, Finding, SampledFigure
from tracker.models.bulletin import BulletinFile, BulletinIssue, BulletinPackage
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.models.granting import GrantRequest
from tracker.models.ledger import Seal
from tracker.models.notice import Notice
from tracker.models.org_unit import OrgUnit
from tracker.models.period import PeriodClosing, PeriodReopening, SignatureWaiver
from tracker.models.programme import Programme
from tracker.models.report import Line, Report, Revision, ThreadEntry
from tracker.services.clock import calendar_now
from tracker.services.desk import DeskList, list_desk
from tracker.services.evidence_store import open_store
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals

NINGBO: Final = "330200-2018"
MOST_JULYS: Final = {
    "330200": {"accepted"}, "330203": {"accepted"}, "330205": {"accepted", "revoked", "draft"},
    "330211": {"accepted", "draft"}, "330212": {"accepted"}, "330206": {"signed"}, "3302Z1": {"signed"},
    "330213": {"signed", "returned"}, "330281": {"submitted"}, "330282": {"submitted", "returned"},
    "330226": {"draft"},
}  # fmt: skip
"""Every unit's July but Xiangshan's, which has not begun."""


def shown(living: LivingYear, key: str, *options: str) -> dict[str, dict[str, Any]]:
    """Progress by indicator, as the command tells it."""
    told = living.app.test_cli_runner().invoke(
        args=["progress", "show", key, "--format", "json", *options], catch_exceptions=False
    )
    pledges = json.loads(told.stdout)["pledges"]
    return {one["code"]: one for pledge in pledges for one in pledge["indicators"]}


def stage_of(session: Session) -> tuple[Stage, datetime]:
    """The stage as the story left it, and its calendar's moment."""
    now = datetime.now(UTC)
    today = calendar_now(session, now)
    return Stage(session, today - now), today


def test_tells_the_public_figures_and_leaves_july_in_every_state(living_year: LivingYear) -> None:
    june = shown(living_year, NINGBO, "--cutoff", "2018-06")
    assert (june["enrolments"]["actual"], june["enrolments"]["completion_percent"]) == ("1520000", "101.3")
    assert (june["public_courses"]["actual"], june["public_courses"]["unknown"]) == (None, 1)
    assert june["relief_funds"]["target"] is None
    lights = Counter(one["light"] for code, one in june.items())
    assert lights.keys() == {"done", "on_track", "lagging", "behind", "not_judged"}
    assert {one["reported"] - one["assigned"] for one in june.values()} == {0}, "June is complete"
    assert june["screenings"]["actual"] == "30964", "as corrected"
    with living_year.database.read_session() as session:
        assert verify_totals(session) == []
        assert verify_history(session) == []
        assert calendar_now(session, datetime.now(UTC)).date() == date(2018, 8, 8)
        assert states(session, NINGBO, "2018-07") == MOST_JULYS
        assert states(session, NINGBO, "2018-05").keys() == LOGINS.keys() - {"330200", "330502"}
        assert session.scalars(select(PeriodClosing.missing)).one() == [["330225", "象山"]]
        assert session.scalar(select(func.count()).select_from(PeriodReopening)) == 1
        assert session.scalars(select(SignatureWaiver.is_waived)).all() == [True]
        assert session.scalar(select(func.count()).select_from(Notice)) == 2
        actions = Counter(session.scalars(select(ThreadEntry.action)))
        assert {"return", "comment", "revoke", "correct"} <= actions.keys()
        assert actions["comment"] >= 3
        returned = session.execute(select(ThreadEntry).where(ThreadEntry.action == "return")).scalars().all()
        assert all(one.text and one.pinned and one.answer_by for one in returned)
        by_role = {session.get_one(Revision, one.revision_id).signed_at is None for one in returned}
        assert by_role == {True}
        explained = session.scalars(select(Line.note).where(Line.note.like("样例：%"))).all()
        assert len(explained) > 5


def states(session: Session, key: str, period: str) -> dict[str, set[str]]:
    """Unit → the states of its revisions."""
    wanted = (
        select(OrgUnit.code, Revision.state)
        .join(Report, Report.org_unit_id == OrgUnit.id)
        .join(Revision, Revision.report_id == Report.id)
        .join(Programme, Programme.id == Report.programme_id)
        .where(Programme.key == key, Report.period == period)
    )
    found = defaultdict(set)
    for row in session.execute(wanted):
        found[row.code].add(row.state)
    return dict(found)


def test_has_issued_twice_and_been_audited_with_evidence_at_hand(living_year: LivingYear) -> None:
    store = open_store(living_year.app.config["EVIDENCE_URL"])
    with living_year.database.read_session() as session:
        issues = session.scalars(select(BulletinIssue).order_by(BulletinIssue.number)).all()
        assert [(one.number, one.state) for one in issues] == [(1, "superseded"), (2, "issued")]
        second = json.loads(issues[1].document)
        assert "慈溪" in second["differences"]["reason"]
        assert {one["indicator"] for one in differing(second)} == {"screenings"}
        assert {one["unit"] for one in differing(second)} >= {"慈溪市总工会"}
        files = Counter(session.scalars(select(BulletinFile.issue_id)))
        assert list(files.values()) == [5, 5]
        packages = session.scalars(select(BulletinPackage).order_by(BulletinPackage.issue_id)).all()
        assert [one.evidence_count for one in packages] == [2, 3]
        media = Counter(session.scalars(select(EvidenceBlob.media)))
        assert media.keys() == {"png", "pdf", "xlsx"}
        assert all("样例" in name for name in session.scalars(select(Evidence.name)))
        assert all(store.has(sha256) for sha256 in session.scalars(select(EvidenceBlob.sha256)))
        found = {one.title: one for one in session.scalars(select(Finding))}
        _stage, today = stage_of(session)
        assert (found[OPEN_TITLE].state, found[OPEN_TITLE].due > today) == ("open", True)
        assert found[REPEATED_TITLE].state == "closed"
        assert list_said(session, found[REPEATED_TITLE].id)[1].correction is not None
        assert session.scalar(select(func.count()).select_from(AuditSample)) == 1
        assert session.scalar(select(func.count()).select_from(SampledFigure)) == 8


def differing(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an issue's table of differences that speak of figures."""
    rows: list[dict[str, Any]] = document["differences"]["figures"]
    return rows


def test_shows_the_province_what_cities_report_and_huzhou_beside_its_year_before(
    living_year: LivingYear,
) -> None:
    for cutoff in ("2018-03", "2018-06", "2018-07"):
        province = shown(living_year, "330000-2018", "--cutoff", cutoff)
        for code in ("enrolments", "job_training"):
            cities = [
                int(shown(living_year, f"{city}-2018", "--cutoff", cutoff)[code]["actual"] or 0)
                for city in ("330100", "330200", "330300", "330500")
            ]
            assert all(cities) or (cutoff, code) == ("2018-03", "job_training")
            assert int(province[code]["actual"]) == sum(cities), "each figure once"
    with living_year.database.read_session() as session:
        assert states(session, "330000-2018", "2018-06") == {}, "nobody reports to the province again"
        assert states(session, "330500-2018", "2018-07")["330502"] == {"signed"}
        document = get_document(session, "330500-2025")
        marked = [one.code for one in document.indicators if (one.target or 0) < (one.last_year or 0)]
        assert marked == ["hu25_05", "hu25_09", "hu25_10"]
        assert sum(bool(one.allocations) for one in document.indicators) >= 5
    assert shown(living_year, "330500-2024")["hu24_35"]["actual"] == "82.0"
    assert public_part("ningbo-2018-ten.yaml", 4) == public_part("ningbo-2018.yaml", 4)
    assert public_part("huzhou-2025.yaml", 4) == public_part("huzhou-2025.yaml", 4, CASES)


def public_part(name: str, pledges: int, folder: Any = FILES) -> list[Any]:
    """A list's first pledges without what the demonstration adds: alignments, and districts that are samples."""
    read = yaml.safe_load((folder / name).read_text(encoding="utf-8"))["pledges"][:pledges]
    for pledge in read:
        for indicator in pledge["indicators"]:
            indicator.pop("aligned", None)
            if name.startswith("huzhou"):
                indicator.pop("allocations", None)
    return list(read)


def test_gives_every_role_a_place_and_every_desk_its_work(living_year: LivingYear) -> None:
    with living_year.database.read_session() as session:
        names = session.scalars(select(Person.name)).all()
        assert all("样例" in name for name in names)
        assert session.scalar(select(func.count()).where(Person.is_sample.is_(False))) == 0
        stage, today = stage_of(session)
        for unit in ("330000", "330200"):
            assert {one.role for one in sample_accounts() if one.org_unit == unit} == set(Role)
        desks = {
            one.login: {
                row.list for row in list_desk(session, stage.identity(one.login, stage.hour(today)), today)
            }
            for one in sample_accounts()
        }
        assert (
            DeskList.TO_JUDGE in desks["ningbo-reviewer"] & desks["yuyao-approver"] & desks["huzhou-reviewer"]
        )
        assert DeskList.RETURNED in desks["fenghua-reporter"] & desks["cixi-reporter"]
        assert DeskList.LATE in desks["ningbo-reviewer"] & desks["ningbo-viewer"] & desks["ningbo-auditor"]
        assert (
            DeskList.DUE
            in desks["xiangshan-reporter"] & desks["ninghai-reporter"] & desks["jiangbei-reporter"]
        )
        assert DeskList.WAITING in desks["beilun-reporter"] & desks["wuxing-reporter"]
        several = (
            select(Account.login)
            .join(Appointment, Appointment.person_id == Account.person_id)
            .group_by(Account.login)
            .having(func.count() > 1)
        )
        assert set(session.scalars(several)) == {"ningbo-deputy", "ninghai-reporter"}
        standing_in = session.scalars(
            select(Appointment).where(Appointment.stands_in_for_id.is_not(None))
        ).one()
        assert standing_in.valid_to is not None
        assert standing_in.valid_to > datetime.now(UTC)
        assert session.scalars(select(GrantRequest.state)).one() == "open"


def test_shows_each_thing_on_its_day(living_year: LivingYear) -> None:
    reviewer, auditor = (browser_of(living_year, f"ningbo-{role}") for role in ("reviewer", "auditor"))
    review = page(reviewer, f"/programmes/{NINGBO}/reviews/330213/2018-07")
    assert "8月6日 09:00" in review
    assert "7月9日 18:00 关闭" in page(reviewer, f"/programmes/{NINGBO}/periods/2018-06")
    assert "7月24日 09:00" in page(reviewer, f"/programmes/{NINGBO}/bulletins")
    overview = page(reviewer, f"/programmes/{NINGBO}?cutoff=2018-06&as_of=2018-07-10")
    assert "151.35万人次" in overview
    today = page(reviewer, f"/programmes/{NINGBO}")
    assert ("8月6日第 " in today, "8月7日第 " in today, "（样例）" in today) == (True, True, True)
    entries = page(auditor, "/auditing/entries?since=2018-07-09&until=2018-07-09&action=period.closed")
    assert "2018年7月9日 18:00" in entries
    assert "8月15日 18:00" in page(auditor, "/auditing/findings")


def browser_of(living: LivingYear, login: str) -> StrictClient:
    """A browser signed in as this person."""
    with living.database.read_session() as session:
        account_id = session.scalars(select(Account.id).where(Account.login == login)).one()
    return signed_in_client(living.app, account_id)


def page(client: StrictClient, address: str) -> str:
    """What a page says."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def test_did_each_thing_on_its_day_and_can_go_back_there(living_year: LivingYear) -> None:
    with living_year.database.read_session() as session:
        stage, today = stage_of(session)
        days = [day_of(at + stage.moved) for at in session.scalars(select(Seal.at).order_by(Seal.number))]
        assert days == sorted(days)
        assert len(set(days)) == len(days), "one seal a day"
        assert (days[0], days[-1]) == (date(2018, 1, 8), date(2018, 8, 7))
        waits = session.execute(select(Revision.submitted_at, Revision.signed_at, Revision.accepted_at)).all()
        assert max(row.signed_at - row.submitted_at for row in waits if row.signed_at) < timedelta(days=4)
        assert max(today - stage.moved - row.submitted_at for row in waits if row.submitted_at) < timedelta(
            days=250
        )
    evening = (datetime(2018, 7, 10, 18, 0, tzinfo=UTC) - stage.moved).isoformat()
    then = shown(living_year, NINGBO, "--cutoff", "2018-06", "--as-of", evening)["enrolments"]
    assert (then["actual"], then["reported"]) == ("1513500", 10), "Xiangshan came a day later"


def test_asks_nobody_for_a_year_that_has_not_begun(living_year: LivingYear) -> None:
    """Huzhou's list of 2025, seen in August 2018: no reminder, no rank, no word of who owes what."""
    told = page(browser_of(living_year, "huzhou-reviewer"), "/programmes/330500-2025")
    assert "2025年1月还没有结束。" in told
    assert "家本期未报" not in told
    assert "催报" not in told
    assert "<b>1</b>" not in told
    desk = page(browser_of(living_year, "zhejiang-viewer"), "/")
    assert "本期还没有结束。" in desk
