"""Duties of many units are read in parts, and are those of each by itself."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.decomposition import KEY
from tests.factories.full_list import plant_full_list
from tracker.services import duties
from tracker.services.chunks import chunked
from tracker.services.duties import list_duties
from tracker.services.programme_heads import find_head, list_promises
from tracker.services.tree import get_unit, list_subtree


def test_units_read_in_parts_owe_what_they_owe_together(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_full_list(session)
    head = find_head(session, KEY)
    assert head is not None
    units = list_subtree(session, get_unit(session, head.publisher_id).place)
    promises = list_promises(session, head)
    together = list_duties(session, head, promises, units, month=6)
    assert any(together.values())
    monkeypatch.setattr(duties, "chunked", lambda values: chunked(values, 2))
    assert list_duties(session, head, promises, units, month=6) == together
    alone = {unit.id: list_duties(session, head, promises, [unit], month=6)[unit.id] for unit in units}
    assert alone == together
