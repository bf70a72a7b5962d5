"""Where somebody acted in another's place (代理), the trail, its file, the thread and the bulletin say so, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import update

from tests.factories.districts import KEY, MAY, World, only
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import NOW
from tests.factories.sheet_site import build_site, open_sheet
from tests.features.dashboards.test_overview import text_of
from tests.support.statements import counted_statements
from tests.support.taken_tables import take
from tracker.domain.days import day_ends
from tracker.domain.identity import Role
from tracker.domain.periods import Month, Period
from tracker.features.bulletins.document import Occasion, build_document
from tracker.features.bulletins.paper import day_text
from tracker.models.account import Appointment
from tracker.services.clock import read_offset
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import newest_seal
from tracker.web.people_words import last_day

TRAIL = f"/programmes/{KEY}/trail?indicator=enrolments&at=330203"
THREAD = f"/programmes/{KEY}/sheets/330203/{MAY.key}/thread"
HALF = Period.parse("2018-H1")


def test_says_in_whose_place_and_until_when_wherever_an_act_is_shown(app: Flask) -> None:
    site = build_site(app, only("enrolments"))
    until = day_ends((datetime.now(UTC) + timedelta(days=9)).date())
    with site.database.session() as session:
        absent = make_person(session, Role.REVIEWER, "330200", name="病假的")
        taken = {"stands_in_for_id": absent.person_id, "valid_to": until}
        for one in (site.reviewer, site.approver):
            mine = Appointment.id == one.appointment.id
            session.execute(update(Appointment).where(mine).values(**taken))
        elsewhere = World.again(session).also(site.reporter, Role.REPORTER, "330205")
        session.execute(update(Appointment).where(Appointment.id == elsewhere.appointment.id).values(**taken))
        try_fold(session, NOW)
        viewer = make_person(session, Role.VIEWER, "330200")
        session.commit()
    client = signed_in_client(app, viewer.account_id)
    with app.test_request_context():
        said = f"（代理病假的，至 {last_day(until)}）"
    with counted_statements(site.database) as statements:
        page = text_of(open_sheet(client, TRAIL))
    assert len(statements) <= 8, "\n".join(statements)  # two more than where nobody stood in
    for name in (site.reviewer.name, site.approver.name):
        assert page.count(f"{name}{said}") == 2, "in the table of reports and in what was said of them"
        assert f"{name}{said}" in str(take(client, TRAIL, "trail", "csv").rows)
        assert f"{name}{said}" in open_sheet(client, THREAD)
    assert f"{site.reporter.name}（代理" not in page, "what they did under their own appointment is their own"
    with site.database.session() as session:
        head = find_head(session, KEY)
        assert head is not None
        occasion = Occasion(HALF, Month(2018, 6), 1, "拟稿人")
        [source] = build_document(session, head, occasion, seal=newest_seal(session) or 0)["sources"]
        last = until + read_offset(session) - timedelta(microseconds=1)
    printed = f"（代理病假的，至{day_text(last)}）"
    assert source["accepted_by"] == f"{site.reviewer.name}{printed}"
    assert source["signed_by"] == f"{site.approver.name}{printed}"
    assert source["submitted_by"] == site.reporter.name
