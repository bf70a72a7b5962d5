"""Reach follows the tree, and rights what people hold: whatever ended is gone at the next request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.people import MadePerson, identity_of, make_person, signed_in_client
from tests.factories.rows import NOW
from tests.support.databases import Copies
from tests.support.strict_client import StrictClient
from tests.support.web import app_on
from tests.web.matrix import answered_cells, differing_cells, expected_cells
from tests.web.matrix_table import JUNE, PROOFS, TABLE, Line
from tests.web.world import KEY, build_world
from tracker.db import Database
from tracker.domain.identity import actor_of
from tracker.domain.periods import Month
from tracker.features.org_units.browsing import find_facts
from tracker.features.org_units.moves import Doer, Terms, carry_out_move, move_shape
from tracker.models.account import Appointment
from tracker.models.org_unit import OrgUnit
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now


def move_district(session: Session) -> None:
    """330203 now stands below the other city, as the province's admin has decided."""
    ids = {row.code: row.id for row in session.execute(select(OrgUnit.code, OrgUnit.id))}
    for row in session.scalars(select(OrgUnit)):
        row.level = {"330000": "province", "330200": "city", "330500": "city"}.get(row.code, "county")
    session.flush()
    identity = identity_of(session, make_person(session, "admin", ids["330000"]))
    doer = Doer(identity, actor_of(identity), NOW)
    unit, above = (find_facts(session, code, seen_by=identity) for code in ("330203", "330500"))
    terms = Terms(effective=Month(2018, 7), reason="区划调整", edition=1, version=unit.version)
    carry_out_move(session, move_shape(unit, above, terms, doer=doer), doer=doer)


def test_no_longer_shows_a_unit_to_those_it_moved_away_from(
    reviewer: StrictClient, fresh_database: Database
) -> None:
    page = f"/programmes/{KEY}?at=330203"
    assert reviewer.get(page).status_code == 200
    with fresh_database.session() as session:
        move_district(session)
        session.commit()
    assert reviewer.get(page).status_code == 404
    assert reviewer.get(f"/programmes/{KEY}?at=330205").status_code == 200


BECOMES = {
    "reviewer": "ended",  # the account is closed
    "approver": "ended",  # a stand-in whose last day is over
    "reporter": "other_reporter",  # moved to the other district
    "viewer": "auditor",  # another role, confirmed by a second admin
}
"""Whose answers each of the four gets once the admin's page has said so."""


def test_answers_the_whole_matrix_anew_after_a_closing_a_stand_ins_end_a_move_and_another_role(
    planted_app: Flask, people: dict[str, MadePerson], fresh_database: Database
) -> None:
    admin = signed_in_client(planted_app, people["admin"].account_id)
    with fresh_database.session() as session:
        second = make_person(session, "admin", "330200")
        absent = make_person(session, "approver", "330203")
        stand_in = Appointment.id == people["approver"].appointment_id
        ends = datetime.now(UTC) + timedelta(hours=1)
        session.execute(
            update(Appointment).where(stand_in).values(stands_in_for_id=absent.person_id, valid_to=ends)
        )
        session.commit()
    old = {name: signed_in_client(planted_app, people[name].account_id) for name in BECOMES}
    assert {client.get("/").status_code for client in old.values()} == {200}
    _change(admin, people, signed_in_client(planted_app, second.account_id))
    with fresh_database.session() as session:
        session.execute(update(Appointment).where(stand_in).values(valid_to=datetime.now(UTC)))
        session.commit()
    sheets = [f"/programmes/{KEY}/sheets/{code}/2018-06" for code in ("330203", "330205")]
    assert [old["reviewer"].get("/").status_code, old["approver"].get("/").status_code] == [302, 302]
    assert [old["reporter"].get(path).status_code for path in sheets] == [404, 200]
    assert [old["viewer"].get(path).status_code for path in ("/auditing", "/accounts")] == [200, 403]
    changed = {name: people[name] for name in BECOMES}
    answered = answered_cells(planted_app, TABLE, changed, tuple(BECOMES))
    expected = expected_cells(TABLE)
    wanted = {cell: expected[cell._replace(principal=BECOMES[cell.principal])] for cell in answered}
    assert differing_cells(wanted, answered) == {}


def _change(admin: StrictClient, people: dict[str, MadePerson], second: StrictClient) -> None:
    """What the admin does on pages; the request for the new role is the newest one."""

    def path(name: str, rest: str) -> str:
        return f"/accounts/{people[name].account_id}/{rest}"

    leaves = {name: {"leaves": people[name].appointment_id} for name in ("reporter", "viewer")}
    answers = [
        admin.submit(path("reviewer", "close")),
        admin.submit(path("reporter", "appoint?unit=330205"), {"role": "reporter", **leaves["reporter"]}),
        admin.submit(path("viewer", "appoint?unit=330200"), {"role": "auditor", **leaves["viewer"]}),
        second.submit("/accounts/requests/2/confirm"),
    ]
    assert [answer.status_code for answer in answers] == [303] * 4


# fmt: off
AFTERWARDS = (
    #                                  anon rep app rev vie aud adm dist city ended
    Line("dashboards.overview", "GET", "302 404 404 200 200 200 403 200 404 302", {"key": KEY}),
    Line("dashboards.overview", "GET", "302 404 404 404 404 404 403 404 404 302", {"key": KEY, "at": "330203"}),
    Line("reports.sheet", "GET",       "302 404 404 404 404 404 403 404 404 302", JUNE),
    Line("evidence.folder", "GET",     "302 404 404 404 404 404 403 404 404 302", PROOFS),
    Line("reports.save", "POST",       "401 404 403 403 403 403 403 404 403 401", JUNE),
    Line("reviews.accept_all", "POST", "401 403 403 404 403 403 403 403 404 401", JUNE),
    Line("org_units.unit", "GET",      "302 200 200 404 404 404 404 404 200 302", {"code": "330203"}),
    Line("org_units.take_move", "POST", "401 403 403 403 403 403 404 403 403 401", {"code": "330203"}),
    Line("org_units.rename", "GET",    "302 403 403 403 403 403 404 403 403 302", {"code": "330203"}),
)
# fmt: on


def test_the_matrix_holds_after_the_move_for_all_that_did_not_move(database_copies: Copies) -> None:
    """What is not about the district answers as before; what is about it answers by its new place."""
    elsewhere = tuple(line for line in TABLE if line.values.get("code") in ("330205", "330502", "330000"))
    with database_copies() as database:
        app = app_on(database)
        with database.session() as session:
            people = build_world(session)
            move_district(session)
            try_fold(session, real_now())
            session.commit()
        table = (*AFTERWARDS, *elsewhere)
        assert differing_cells(expected_cells(table), answered_cells(app, table, people)) == {}
