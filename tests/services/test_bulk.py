"""Rows written in bulk pass the same checks as any others, and come back as they went in."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.factories.imports import Planted, plant_all_kinds
from tests.factories.rows import NOW, move, put_line
from tracker.domain.workflow import State
from tracker.models.report import Line, Revision, Submission
from tracker.services.bulk import insert_rows

LINE = ("revision_id", "indicator_id", "value", "done_on", "items_done", "is_unknown", "note")


@pytest.fixture
def planted(session: Session) -> Planted:
    return plant_all_kinds(session)


@pytest.fixture
def draft(session: Session, planted: Planted) -> Revision:
    return put_line(session, planted.indicators["sites"], planted.units["330203"], 6, value=1)


def test_values_come_back_as_they_went_in(session: Session, planted: Planted, draft: Revision) -> None:
    day = date(2018, 6, 20)
    awkward = "制表\t换行\n反斜杠\\N 引号\"'"
    codes = ("visits", "opened")
    rows = [
        (draft.id, planted.indicators[codes[0]].id, -(10**15) + 1, None, ["甲；", "乙"], False, awkward),
        (draft.id, planted.indicators[codes[1]].id, None, day, None, True, ""),
    ]
    insert_rows(session, Line, LINE, iter(rows))
    found = {
        line.indicator_id: line for line in session.scalars(select(Line).where(Line.revision_id == draft.id))
    }
    for row in rows:
        assert tuple(getattr(found[row[1]], column) for column in LINE) == row


def test_moments_are_kept_in_utc(session: Session, draft: Revision) -> None:
    rows = [(draft.id, 1, "{}", "0" * 64, None, NOW)]
    insert_rows(session, Submission, ("revision_id", "number", "content", "digest", "by_id", "at"), rows)
    assert session.scalars(select(Submission.at)).one() == NOW
    naive = datetime(2018, 7, 1)  # noqa: DTZ001 (what must be refused)
    with pytest.raises(ValueError, match="time zone"):
        insert_rows(session, Submission, ("revision_id", "at"), [(draft.id, naive)])
    assert NOW.tzinfo is UTC


@pytest.mark.parametrize("wrong", [1.0, True, "1"])
@pytest.mark.parametrize(
    "columns", [("note", "value"), ("note", "value", "numerator"), ("value", "note", "rate")]
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_only_a_whole_number_is_a_figure(
    monkeypatch: pytest.MonkeyPatch, session: Session, planted: Planted, draft: Revision,
    at: int, columns: tuple[str, ...], wrong: object,
) -> None:  # fmt: skip
    """Whichever row it stands in, and wherever figures stand among the columns; two rows are looked at together."""
    monkeypatch.setattr("tracker.services.bulk.LOOKED_AT", 2)
    right = {"value": 1, "numerator": None, "note": "", "rate": 1}
    ids = [planted.indicators[code].id for code in ("visits", "opened", "wages")]
    rows: list[list[object]] = [[draft.id, one, False, *(right[name] for name in columns)] for one in ids]
    rows[at][-1] = wrong
    with pytest.raises(TypeError, match="scaled int"):
        insert_rows(session, Line, ("revision_id", "indicator_id", "is_unknown", *columns), rows)


def test_triggers_still_bite(session: Session, planted: Planted, draft: Revision) -> None:
    move(session, draft, State.SUBMITTED)
    row = (draft.id, planted.indicators["visits"].id, 1, None, None, False, "")
    with pytest.raises(Exception, match="lines change only while draft or returned"):
        insert_rows(session, Line, LINE, [row])


def test_nothing_to_write_is_nothing_written(session: Session, draft: Revision) -> None:
    insert_rows(session, Line, LINE, [])
    assert session.scalars(text("SELECT count(*) FROM line")).one() == 1
