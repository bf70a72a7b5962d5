"""Whoever acted in another's place (代理) is named so wherever the act is told: targets, findings, periods, files, lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.factories.bulletins import PRESS
from tests.factories.decomposition import MATRIX, plant_decomposition
from tests.factories.districts import KEY, TODAY, World, only
from tests.factories.files import CSV, PDF
from tests.factories.people import make_person
from tests.factories.rows import NOW
from tests.factories.sheet_site import Site, build_site, open_sheet
from tests.features.dashboards.test_overview import text_of
from tests.features.evidence.test_pages import FOLDER, add, first_file
from tests.features.targets.test_commands import issue
from tests.features.targets.typing_in import divided
from tests.support.statements import counted_statements
from tests.support.taken_tables import take
from tracker.domain.days import day_ends
from tracker.domain.findings import FindingAction
from tracker.domain.identity import Identity, Role, actor_of
from tracker.domain.periods import Period
from tracker.features.auditing.finding_commands import Remark, move_finding, raise_finding
from tracker.features.auditing.finding_queries import get_finding
from tracker.features.bulletins import commands as bulletins
from tracker.features.bulletins.issuing import Seen, issue_bulletin
from tracker.features.bulletins.paper import day_text
from tracker.features.bulletins.queries import get_file, get_issue, get_manifest
from tracker.features.periods.commands import close_period, reopen_period, set_waiver
from tracker.features.periods.queries import read_period
from tracker.features.targets.histories import list_notices
from tracker.features.targets.notices import confirm_targets
from tracker.models.account import Appointment
from tracker.services.clock import read_offset
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import Head, find_head
from tracker.services.standings import Doer
from tracker.services.tree import find_unit
from tracker.web.people_words import last_day

UNTIL = day_ends((datetime.now(UTC) + timedelta(days=9)).date())
JUNE = Period.parse("2018-06")
HALF = Period.parse("2018-H1")
PERIOD = f"/programmes/{KEY}/periods/2018-06"


def take_the_place(session: Session, people: Iterable[Identity]) -> None:
    """From now on, and for what they did since 2018, these stand in for somebody ill."""
    absent = make_person(session, Role.REVIEWER, "330200", name="病假的")
    for one in people:
        mine = update(Appointment).where(Appointment.id == one.appointment.id)
        session.execute(mine.values(stands_in_for_id=absent.person_id, valid_to=UNTIL))


def named(app: Flask, who: Identity) -> str:
    """王芳（代理病假的，至 …）"""
    with app.test_request_context():
        return f"{who.name}（代理病假的，至 {last_day(UNTIL)}）"


def head_of(session: Session) -> Head:
    found = find_head(session, KEY)
    assert found is not None
    return found


def test_targets_their_notices_and_the_list_say_it(app: Flask) -> None:
    world = plant_decomposition(app, rows=10)
    with world.database.session() as session:
        take_the_place(session, [world.reviewer, world.reporter])
        divided(session, world, "flow-1")
        issue(session, world, reason="年初分解")
        [notice] = list_notices(session, head_of(session).id, org_unit_id=world.units["330203"])
        unit = find_unit(session, "330203")
        assert unit is not None
        confirm_targets(session, head_of(session), unit, notice, Doer(world.approver, NOW))
        session.commit()
    by, confirmed = named(app, world.reviewer), world.approver.name
    browser = world.browser(world.viewer)
    history = f"{MATRIX}/330203/history/flow-1"
    with counted_statements(world.database) as statements:
        assert by in text_of(open_sheet(browser, history))
    assert len(statements) <= 14, "\n".join(statements)
    assert by in str(take(browser, history, "history", "csv").rows)
    unit_page = text_of(open_sheet(browser, f"{MATRIX}/330203"))
    assert by in unit_page
    assert f"{confirmed}（代理" not in unit_page, "who acted under their own appointment is named alone"
    assert by in text_of(open_sheet(browser, MATRIX))
    versions = f"/programmes/{KEY}/list/history"
    assert by in text_of(open_sheet(browser, versions))
    assert by in str(take(browser, versions, "versions", "csv").rows)


def test_periods_findings_files_queues_and_bulletins_say_it(app: Flask) -> None:
    site, extra = _acted(app)
    reviewer, reporter = named(app, site.reviewer), named(app, site.reporter)
    auditor = named(app, extra["auditor"])
    browser = site.browser(site.reviewer)
    period = text_of(open_sheet(browser, PERIOD))
    assert f"{reviewer} 7月3日" in period.split("关闭：")[0], "who closed it"
    for told in ("办理：补报", "设定：人少"):
        assert reviewer in period.split(told)[0][-60:], told
    finding = text_of(open_sheet(site.browser(extra["auditor"]), "/auditing/findings/1"))
    assert finding.count(auditor) == 2, "who raised it and who closed it"
    assert finding.count(reporter) == 1, "who answered"
    steps = take(site.browser(extra["auditor"]), "/auditing/findings/1", "steps", "csv")
    assert str(steps.rows).count(auditor) == 2
    folder = text_of(open_sheet(site.browser(site.reporter), FOLDER))
    assert folder.count(reporter) == 2, "who brought one file, and who took the other out"
    assert reviewer in text_of(open_sheet(browser, "/reviews/handover"))
    _check_the_bulletin(site, extra)


def _check_the_bulletin(site: Site, extra: dict[str, Identity]) -> None:
    """Drafted and countersigned in other people's places: on its pages, in the signed manifest and in its files."""
    signer = named(site.app, extra["viewer"])
    browser = site.browser(extra["colleague"])
    assert f"{signer} 会签" in text_of(open_sheet(browser, f"/programmes/{KEY}/bulletins"))
    with site.database.session() as session:
        issued = get_issue(session, head_of(session), HALF)
        said = get_manifest(session, issued).manifest
        csv = get_file(session, issued, "csv").content.decode("utf-8-sig")
        until = day_text(UNTIL + read_offset(session) - timedelta(microseconds=1))
    acted = {"drafted_by": site.reviewer, "countersigned_by": extra["viewer"]}
    printed = {act: f"{who.name}（代理病假的，至{until}）" for act, who in acted.items()}
    assert {field: said[field] for field in printed} == printed
    assert issued.document["drafted_by"] == printed["drafted_by"]
    paper = text_of(open_sheet(browser, f"/programmes/{KEY}/bulletins/2018-H1/1"))
    for name in printed.values():
        assert name in csv
        assert name in paper


def _acted(app: Flask) -> tuple[Site, dict[str, Identity]]:
    """June reported, closed, reopened, audited; a bulletin issued: all by stand-ins, but for the bulletin's drafter."""
    site = build_site(app, only("enrolments"))
    with site.database.session() as session:
        world = World.again(session)
        extra = {
            "auditor": world.person(Role.AUDITOR, "330200", name="经审甲"),
            "viewer": world.person(Role.VIEWER, "330200", name="领导甲"),
            "colleague": world.person(Role.REVIEWER, "330200", name="同岗甲"),
        }
        taken = [site.reviewer, site.reporter, extra["auditor"], extra["viewer"]]
        take_the_place(session, taken)
        session.commit()
    _bring_files(site)
    with site.database.session() as session:
        world = World.again(session)
        _judge_the_period(session, world, Doer(site.reviewer, NOW))
        _audit(session, world, Doer(extra["auditor"], NOW), Doer(site.reporter, NOW))
        _issue_half_year(session, site.reviewer, extra["viewer"])
        session.commit()
    given = {
        "direction": "give",
        "colleague": str(extra["colleague"].person_id),
        "until": "",
        "reason": "出差",
    }
    assert site.browser(site.reviewer).submit("/reviews/handover", given).status_code == 303
    return site, extra


def _bring_files(site: Site) -> None:
    client = site.browser(site.reporter)
    for name, content in (("花名册.csv", CSV), ("通知.pdf", PDF)):
        assert add(client, (name, content), line="").status_code == 303
    page = open_sheet(client, FOLDER)
    assert client.submit(f"{first_file(page)}/remove", {"reason": "传错了"}).status_code == 303


def _judge_the_period(session: Session, world: World, doer: Doer) -> None:
    def state() -> Any:
        session.flush()
        return read_period(session, head_of(session), JUNE, seen_by=doer.identity)

    unit = world.unit("330205")
    close_period(session, state(), doer, today=TODAY)
    until = TODAY + timedelta(days=5)
    reopen_period(session, state(), unit, doer, until=until, reason="补报", today=TODAY)
    set_waiver(session, head_of(session), unit, doer, is_waived=True, was_waived=False, reason="人少")


def _audit(session: Session, world: World, auditor: Doer, reporter: Doer) -> None:
    asked = Remark("名册少 3 人", "核对名册", TODAY + timedelta(days=7))
    unit = world.unit("330203")
    number = raise_finding(session, unit, None, auditor, title="名册不符", remark=asked, today=TODAY)
    for action, doer in ((FindingAction.ANSWER, reporter), (FindingAction.CLOSE, auditor)):
        found = get_finding(session, number, seen_by=doer.identity)
        move_finding(session, found, action, doer, remark=Remark("已经核对"), today=TODAY)


def _issue_half_year(session: Session, drafter: Identity, signer: Identity) -> None:
    try_fold(session, NOW)
    head, by = head_of(session), bulletins.Doer(drafter, actor_of(drafter), NOW)
    draft = bulletins.draft_issue(session, head, HALF, doer=by)
    seen = Seen(draft.id, draft.version, draft.digest)
    issue_bulletin(session, head, seen, doer=bulletins.Doer(signer, actor_of(signer), NOW), press=PRESS)
