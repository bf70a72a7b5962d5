"""A unit is named with the lists in which it, or one below it, has a target or figures."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.factories.rows import accept_line, plant_indicator, plant_list, plant_tree, put_targets
from tracker.features.org_units.affected import list_lists_in_play
from tracker.services.tree import get_unit

TOWN, DISTRICT, OTHER, CITY = "330203001", "330203", "330205", "330200"


def test_targets_or_figures_below_are_enough_and_nothing_is_not(session: Session) -> None:
    units = plant_tree(session, {CITY: {DISTRICT: {TOWN: {}}, OTHER: {}}})
    aimed, done, empty = (
        plant_indicator(session, plant_list(session, units[CITY], key=f"{CITY}-2018{slug}"), "courses")
        for slug in ("", "-done", "-empty")
    )
    put_targets(session, aimed, {units[TOWN]: 5})
    accept_line(session, done, units[TOWN], 3, value=7)
    assert empty.programme_id

    def found(code: str) -> list[int]:
        return [one.id for one in list_lists_in_play(session, get_unit(session, units[code]), [units[CITY]])]

    for code in (TOWN, DISTRICT, CITY):
        assert found(code) == [aimed.programme_id, done.programme_id]
    assert found(OTHER) == []
