"""Reach follows the tree: once a unit has moved away, it is gone for those it left, at the next request."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.people import identity_of, make_person
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
