"""Duties of many units are read by where they stand, and are those of each by itself."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.decomposition import KEY
from tests.factories.districts import World, only
from tests.factories.full_list import plant_full_list
from tests.factories.rows import put_targets
from tracker.domain.progress import Target
from tracker.services import duties
from tracker.services.duties import list_duties
from tracker.services.programme_heads import find_head, list_promises
from tracker.services.tree import get_unit, list_subtree


def test_units_owe_together_what_each_owes_by_itself(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_full_list(session)
    head = find_head(session, KEY)
    assert head is not None
    units = list_subtree(session, get_unit(session, head.publisher_id).place)
    promises = list_promises(session, head)
    together = list_duties(session, head, promises, units, month=6)
    assert any(together.values())
    for few in (0, 1, 3):
        monkeypatch.setattr(duties, "MOST_NAMED", few)
        assert list_duties(session, head, promises, units, month=6) == together
        some = units[1:3]
        assert list_duties(session, head, promises, some, month=6) == {
            one.id: together[one.id] for one in some
        }
    alone = {unit.id: list_duties(session, head, promises, [unit], month=6)[unit.id] for unit in units}
    assert alone == together


@pytest.mark.parametrize("few", [duties.MOST_NAMED, 0])
def test_a_base_only_the_publisher_announced_is_known_of_units_read_without_it(
    session: Session, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(duties, "MOST_NAMED", few)
    world = World(session, made=only("members"))
    indicator = world.indicators["members"]
    put_targets(session, indicator, {world.units["330200"]: 900}, base=100)
    put_targets(session, indicator, {world.units["330203"]: 500})
    head = find_head(session, KEY)
    assert head is not None
    unit = world.unit("330203")
    held = list_duties(session, head, list_promises(session, head), [unit], month=6)
    assert held == {unit.id: {indicator.id: Target(500, None, True)}}
