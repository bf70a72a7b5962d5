"""What was submitted is spelt exactly, once, and a digest that does not fit is found."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.factories.imports import Planted, plant_all_kinds
from tests.factories.rows import NOW, move, put_line
from tracker.domain.canonical import digest
from tracker.domain.kinds import Kind
from tracker.domain.workflow import State
from tracker.models.programme import Indicator
from tracker.models.report import Line, Revision, Submission
from tracker.services.snapshots import (
    Counting,
    LineContent,
    ReportKey,
    Texts,
    content_digest,
    make_snapshot,
    snapshot_of,
    snapshots_of,
    verify_submissions,
    write_submission,
)


@pytest.fixture
def planted(session: Session) -> Planted:
    return plant_all_kinds(session)


def submitted(session: Session, planted: Planted) -> Revision:
    """A submitted revision of pledge 1 with both its lines."""
    revision = put_line(
        session, planted.indicators["funds"], planted.units["330203"], 6, value=125, note="已拨"
    )
    session.add(
        Line(revision_id=revision.id, indicator_id=planted.indicators["enrolments"].id, is_unknown=True)
    )
    revision.achievements = "进展顺利"
    submission = write_submission(session, revision.id, by_id=None, at=NOW)
    revision.submission_number = submission.number
    move(session, revision, State.SUBMITTED)
    return revision


def test_spells_a_revision_exactly_and_in_code_order(session: Session, planted: Planted) -> None:
    snapshot = snapshot_of(session, submitted(session, planted).id)
    said = json.loads(snapshot.content)
    assert said["report"] == {
        "programme": "330200-2018",
        "pledge": 1,
        "org_unit": "330203",
        "period": "2018-06",
    }
    assert (said["revision"], said["evidence"]) == (1, [])
    assert said["texts"] == {"achievements": "进展顺利", "problems": "", "next_steps": ""}
    assert [line["indicator"] for line in said["lines"]] == ["enrolments", "funds"]
    assert (said["lines"][0]["value"], said["lines"][0]["is_unknown"]) == (None, True)
    assert (said["lines"][1]["value"], said["lines"][1]["note"]) == ("1.25", "已拨")
    assert snapshot.digest == digest(snapshot.content)


@pytest.mark.parametrize(
    ("kind", "decimals", "line", "spelt"),
    [
        (
            Kind.RATIO,
            0,
            LineContent(numerator=85, denominator=100),
            {"numerator": "85", "denominator": "100"},
        ),
        (Kind.RATIO, 0, LineContent(rate=825), {"rate": "82.5"}),
        (Kind.GROWTH, 2, LineContent(rate=-1, numerator=5), {"rate": "-0.01", "numerator": "0.05"}),
        (Kind.MILESTONE, 2, LineContent(value=0), {"value": "0"}),
        (Kind.MILESTONE, 0, LineContent(done_on=date(2018, 6, 20)), {"done_on": "2018-06-20"}),
        (
            Kind.CHECKLIST,
            2,
            LineContent(value=2, items_done=("甲", "乙")),
            {"value": "2", "items_done": ["甲", "乙"]},
        ),
        (Kind.NARRATIVE, 0, LineContent(judgement="lagging"), {"judgement": "lagging"}),
    ],
)
def test_spells_each_figure_with_the_places_it_is_stored_with(
    kind: Kind, decimals: int, line: LineContent, spelt: dict[str, object]
) -> None:
    counting = Counting("x", kind, decimals)
    made = make_snapshot(ReportKey("k", 1, "u", "2018"), 1, Texts(), [(counting, line)])
    (said,) = json.loads(made.content)["lines"]
    assert {name: value for name, value in said.items() if value not in (None, "", False)} == spelt | {
        "indicator": "x"
    }


def test_numbers_submissions_of_a_revision(session: Session, planted: Planted) -> None:
    revision = submitted(session, planted)
    again = write_submission(session, revision.id, by_id=None, at=NOW)
    assert again.number == 2


def test_reads_many_as_it_reads_one(session: Session, planted: Planted) -> None:
    first = submitted(session, planted)
    second = put_line(session, planted.indicators["members"], planted.units["330205"], 3, value=1)
    both = snapshots_of(session, [first.id, second.id])
    assert both == {one.id: snapshot_of(session, one.id) for one in (first, second)}


def test_finds_nothing_where_all_is_as_submitted(session: Session, planted: Planted) -> None:
    submitted(session, planted)
    assert list(verify_submissions(session)) == []


def test_finds_a_digest_that_is_not_its_contents(session: Session, planted: Planted) -> None:
    revision = submitted(session, planted)
    snapshot = snapshot_of(session, revision.id)
    planted_row = Submission(
        revision_id=revision.id, number=2, content=snapshot.content, digest="f" * 64, by_id=None, at=NOW
    )
    session.add(planted_row)
    revision.submission_number = 2
    session.flush()
    found = list(verify_submissions(session))
    assert [(one.place, one.expected, one.found) for one in found] == [
        (f"submission {planted_row.id}", snapshot.digest, "f" * 64),
        (f"revision {revision.id}", "f" * 64, snapshot.digest),
    ]


def test_finds_a_revision_that_says_something_else_by_now(session: Session, planted: Planted) -> None:
    revision = submitted(session, planted)
    code = update(Indicator).where(Indicator.id == planted.indicators["funds"].id).values(decimals=3)
    session.execute(code)
    assert [one.place for one in verify_submissions(session)] == [f"revision {revision.id}"]


def test_a_draft_may_differ_from_what_was_once_submitted(session: Session, planted: Planted) -> None:
    revision = submitted(session, planted)
    move(session, revision, State.RETURNED)
    session.execute(update(Line).where(Line.revision_id == revision.id).values(note="改过"))
    assert list(verify_submissions(session)) == []


def test_a_posting_covers_submissions_in_any_order() -> None:
    assert content_digest(["b", "a"]) == content_digest(["a", "b"]) != content_digest(["a"])
