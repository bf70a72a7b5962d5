"""What was edited by shell is found and named, on both engines; what was not is left in peace."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories.rows import NOW, accept_line, act, plant_indicator, plant_list, plant_tree
from tracker.domain.identity import OPERATOR
from tracker.models.triggers import drop_triggers
from tracker.services.audit import Subject, record
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.proving import verify_history
from tracker.services.targets import NewTarget, post_targets


@pytest.fixture
def history(session: Session) -> Session:
    """A session with three seals over postings, entries, targets and audit rows."""
    units = plant_tree(session, {"330200": {"330203": {}}})
    programme = plant_list(session, units["330200"])
    flow = plant_indicator(session, programme, "flow")
    target = NewTarget(flow.id, units["330203"], is_own_level=False, is_assigned=True, value=100, base=None)
    post_targets(session, act("target", programme.id), {units["330203"]}, targets=[target], reason="样例")
    for month in (1, 2, 3):
        record(session, actor=OPERATOR, now=NOW, action="test.done", subject=Subject("test", str(month)))
        accept_line(session, flow, units["330203"], month, value=month)
        try_fold(session, NOW)
    return session


def found(session: Session) -> dict[str, str]:
    """What the verifier names, without the triggers: place → what it found."""
    return {one.place: one.found for one in verify_history(session) if not one.place.startswith("trigger")}


def test_finds_nothing_in_an_honest_history(history: Session) -> None:
    assert verify_history(history) == []


EDITS = {
    "UPDATE audit_entry SET actor_label = 'x' WHERE id = {audit[1]}": "audit_entry {audit[1]}",
    "UPDATE audit_entry SET row_digest = 'f' WHERE id = {audit[1]}": "seal 2",
    "UPDATE posting SET at = '2018-07-03 02:00:00.000001' WHERE id = {posting[1]}": "posting {posting[1]}",
    "UPDATE posting SET action = 'undo' WHERE id = {posting[2]}": "posting {posting[2]}",
    "UPDATE entry SET amount = 9 WHERE posting_id = {posting[2]} AND part = 'amount'": "posting {posting[2]}",
    "DELETE FROM entry WHERE posting_id = {posting[2]} AND part = 'amount'": "posting {posting[2]}",
    "UPDATE target SET value = 99": "target {target[0]}",
    "UPDATE seal SET digest = 'f' WHERE number = 1": "seal 1",
    "DELETE FROM seal WHERE number = 2": "seal numbers",
    "UPDATE seal SET rows = 7 WHERE number = 3": "rows of seal 3",
    "DELETE FROM audit_entry WHERE id = {audit[1]}": "rows of seal 2",
    "UPDATE audit_entry SET seal = 2 WHERE id = {audit[0]}": "seal 2",
}
"""Statement and the place that must be named; ids stand in the order in which the rows were written."""


def ids_of(session: Session) -> dict[str, list[int]]:
    """The ids of the sealed tables in order; they do not begin at 1 on PostgreSQL."""
    tables = {"audit": "audit_entry", "posting": "posting", "target": "target"}
    return {
        name: list(session.scalars(text(f"SELECT id FROM {table} ORDER BY id")))
        for name, table in tables.items()
    }


@pytest.mark.parametrize(("edit", "place"), EDITS.items())
def test_names_a_row_edited_by_shell(history: Session, edit: str, place: str) -> None:
    ids = ids_of(history)
    drop_triggers(history.connection())
    assert history.execute(text(edit.format(**ids))).rowcount  # type: ignore[attr-defined]
    history.expire_all()
    assert place.format(**ids) in found(history)


def test_names_a_span_that_was_deleted(history: Session) -> None:
    drop_triggers(history.connection())
    history.execute(text("DELETE FROM acceptance WHERE id = (SELECT max(id) FROM acceptance)"))
    assert [place for place in found(history) if place.startswith("revision ")] != []


def test_names_the_moment_of_a_seal_that_was_moved(history: Session) -> None:
    drop_triggers(history.connection())
    history.execute(text("UPDATE seal SET at = '2018-07-04 02:00:00.000000' WHERE number = 2"))
    history.expire_all()
    assert "seal 2" in found(history)


def test_names_the_triggers_that_were_dropped(history: Session) -> None:
    drop_triggers(history.connection())
    missing = {one.place for one in verify_history(history) if one.found == "missing"}
    assert {"trigger entry_frozen", "trigger audit_entry_sealed", "trigger line_update"} <= missing


def test_sees_rows_swapped_under_a_seal(history: Session) -> None:
    first, second, *_ = ids_of(history)["audit"]
    drop_triggers(history.connection())
    for old, new in ((first, 10**6), (second, first), (10**6, second)):
        history.execute(text(f"UPDATE audit_entry SET id = {new} WHERE id = {old}"))
    assert "seal 1" in found(history)
