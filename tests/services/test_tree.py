"""The ways up from units, asked for in one statement or level by level."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.factories.rows import Nested, plant_tree
from tracker.models.org_unit import OrgPlace
from tracker.services import tree
from tracker.services.tree import Step, current_edition, paths_up

TREE: Nested = {
    "330000": {"330200": {"330203": {"33020301": {}, "33020302": {}}, "330205": {}}, "330300": {}},
    "340000": {},
}
NOBODY = 10**6


@pytest.mark.parametrize("few", [tree.FEW_WAYS, 0])
def test_each_way_goes_from_the_unit_itself_to_its_root(
    session: Session, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(tree, "FEW_WAYS", few)
    ids = plant_tree(session, TREE)
    found = paths_up(session, current_edition(session), [*ids.values(), NOBODY])
    codes = {unit: code for code, unit in ids.items()} | {0: ""}
    ways = {
        codes[unit]: [tuple(codes[one] for one in step) for step in steps] for unit, steps in found.items()
    }
    assert ways["33020302"] == [
        ("33020302", "330203"), ("330203", "330200"), ("330200", "330000"), ("330000", ""),
    ]  # fmt: skip
    assert ways["340000"] == [("340000", "")]
    assert ways.keys() == ids.keys()
    assert all(isinstance(step, Step) for steps in found.values() for step in steps)
    assert all(len(set(steps)) == len(steps) for steps in found.values())


def test_many_ways_take_a_statement_for_each_level_and_never_go_astray(session: Session) -> None:
    districts: Nested = {
        f"33{at:04}": {f"33{at:04}{below:02}": {} for below in range(4)} for at in range(1, 31)
    }
    ids = plant_tree(session, {"330000": districts})
    leaves = [unit for code, unit in ids.items() if len(code) == 8]
    assert len(leaves) > tree.FEW_WAYS
    edition = current_edition(session)
    many = paths_up(session, edition, leaves)
    assert many == {unit: paths_up(session, edition, [unit])[unit] for unit in leaves}


def test_counts_units_whatever_numbers_are_left_free(session: Session) -> None:
    ids = plant_tree(session, TREE)
    session.execute(update(OrgPlace).values(pre=OrgPlace.pre * 1000, last=OrgPlace.last * 1000 + 999))
    place = tree.get_unit(session, ids["330000"]).place
    assert tree.count_subtree(session, place) == len(ids) - 1
    assert tree.count_branches(session, place) == {ids["330200"]: 5, ids["330300"]: 1}
