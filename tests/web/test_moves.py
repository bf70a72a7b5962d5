"""Reach follows the tree, and rights what people hold: whatever ended is gone at the next request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select, update

from tests.factories.people import MadePerson, make_person, signed_in_client
from tests.support.strict_client import StrictClient
from tests.web.matrix import answered_cells, differing_cells, expected_cells
from tests.web.matrix_table import TABLE
from tests.web.world import KEY
from tracker.db import Database
from tracker.models.account import Appointment
from tracker.models.org_unit import OrgPlace, OrgUnit, TreeEdition

MOVED = {  # code: (parent, depth, pre, last): 330203 now stands below the other city
    "330000": (None, 0, 1, 6),
    "330200": ("330000", 1, 2, 3),
    "330205": ("330200", 2, 3, 3),
    "330500": ("330000", 1, 4, 6),
    "330502": ("330500", 2, 5, 5),
    "330203": ("330500", 2, 6, 6),
}


def test_no_longer_shows_a_unit_to_those_it_moved_away_from(
    reviewer: StrictClient, fresh_database: Database
) -> None:
    page = f"/programmes/{KEY}?at=330203"
    assert reviewer.get(page).status_code == 200
    with fresh_database.session() as session:
        ids = {code: number for number, code in session.execute(select(OrgUnit.id, OrgUnit.code))}
        session.add(TreeEdition(number=2, at=datetime.now(UTC), reason="moved"))
        session.flush()
        for code, (parent, depth, pre, last) in MOVED.items():
            parent_id = ids[parent] if parent else 0
            place = OrgPlace(
                edition=2, org_unit_id=ids[code], parent_id=parent_id, depth=depth, pre=pre, last=last
            )
            session.add(place)
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
