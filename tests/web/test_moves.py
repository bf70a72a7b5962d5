"""Reach follows the tree: once a unit has moved away, it is gone for those it left, at the next request."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from tests.support.strict_client import StrictClient
from tests.web.world import KEY
from tracker.db import Database
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
