"""A sheet shows what the unit reports itself, what it said before, and how that stands."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.districts import JUNE, KEY, MAY, World, only
from tests.factories.rows import NOW, align, plant_indicator, plant_list, put_targets
from tracker.domain.identity import Role
from tracker.domain.periods import Period
from tracker.domain.plausibility import NoteCode
from tracker.domain.rollup import LineFigure
from tracker.features.reports.typed_lines import TypedLine
from tracker.services.programme_heads import find_head
from tracker.services.sheets import Sheet, load_sheet
from tracker.services.transitions import Doer, Remark, send_back


def as_superior(world: World, period: Period = JUNE) -> Sheet:
    head = find_head(world.session, KEY)
    assert head is not None
    return load_sheet(world.session, head, world.unit("330203"), period, sees_drafts=False)


def test_a_unit_reports_what_it_is_assigned_and_a_delegating_one_nothing(session: Session) -> None:
    world = World(session, made=only("enrolments", "members"))
    assert [row.listed.rule.code for row in world.sheet().rows] == ["enrolments", "members"]
    assert world.sheet("330200").rows == []
    assert world.sheet("330000").rows == []


def test_the_publisher_reports_what_nobody_else_is_assigned(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    plant_indicator(session, world.programme, "relief")
    assert [row.listed.rule.code for row in world.sheet("330200").rows] == ["relief"]


def test_an_own_level_stands_beside_the_districts(session: Session) -> None:
    world = World(session, made=only("enrolments"), own_level=True)
    assert [row.target.value for row in world.sheet("330200").rows] == [180_000]


def test_what_a_lower_list_feeds_is_not_reported_again(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    province = plant_list(session, world.units["330000"], key="330000-2018")
    fed = plant_indicator(session, province, "all_enrolments")
    put_targets(session, fed, {world.units["330203"]: 1, world.units["330500"]: 1})
    align(session, world.indicators["enrolments"], fed)
    head = find_head(session, "330000-2018")
    assert head is not None
    fed_unit, other = world.unit("330203"), world.unit("330500")
    assert load_sheet(session, head, fed_unit, JUNE, sees_drafts=True).rows == []
    assert len(load_sheet(session, head, other, JUNE, sees_drafts=True).rows) == 1


def test_completion_comes_from_what_was_handed_in_before_and_the_new_figure(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.hand_in(period=MAY, enrolments=TypedLine(value="158400"))
    world.save(enrolments=TypedLine(value="17600"))
    row = world.sheet().rows[0]
    assert (row.last, row.last_total) == (LineFigure(value=158_400), 158_400)
    assert (row.standing_before.actual, row.standing_before.completion_tenths) == (158_400, 880)
    assert (row.standing.actual, row.standing.completion_tenths, row.standing.light) == (
        176_000,
        978,
        "on_track",
    )


def test_a_draft_of_an_earlier_period_counts_nowhere(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.save(period=MAY, enrolments=TypedLine(value="158400"))
    row = world.sheet().rows[0]
    assert (row.last, row.last_total) == (None, 0)


def test_superiors_see_what_is_handed_in_until_it_is_returned(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.save(enrolments=TypedLine(value="17600"))
    assert as_superior(world).rows[0].figure is None
    world.submit()
    assert as_superior(world).rows[0].figure == LineFigure(value=17_600)
    doer = Doer(world.person(Role.APPROVER, "330203"), NOW)
    send_back(session, world.seen(), doer, Remark("重报"))
    assert as_superior(world).rows[0].figure is None
    assert world.sheet().rows[0].figure == LineFigure(value=17_600)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("17600", []),
        ("999999", [NoteCode.JUMP, NoteCode.FAR_OVER_TARGET]),
        ("2", [NoteCode.SLIP]),
        ("-5", [NoteCode.FALL]),
        ("0", [NoteCode.ZERO_AFTER_ACTIVITY]),
    ],
)
def test_odd_figures_carry_notes_until_they_are_explained(
    session: Session, typed: str, codes: list[NoteCode]
) -> None:
    world = World(session, made=only("enrolments"))
    world.hand_in(period=MAY, enrolments=TypedLine(value="21120"))
    world.save(enrolments=TypedLine(value=typed))
    row = world.sheet().rows[0]
    assert [note.code for note in row.notes] == codes
    assert row.needs_explanation is bool(codes)
    world.save(enrolments=TypedLine(value=typed, note="已核对。"))
    assert not world.sheet().rows[0].needs_explanation


@pytest.mark.parametrize(
    ("code", "typed", "is_answered"),
    [
        ("enrolments", TypedLine(), False),
        ("enrolments", TypedLine(note="数据月底汇总。"), True),
        ("enrolments", TypedLine(value="0"), True),
        ("enrolments", TypedLine(is_unknown=True), True),
        ("hotline", TypedLine(judgement="on_track"), False),
        ("hotline", TypedLine(judgement="on_track", note="全年受理。"), True),
        ("opened", TypedLine(is_not_done=True), True),
        ("sites", TypedLine(item_count="0"), True),
    ],
)
def test_a_line_is_answered_by_a_figure_or_an_explanation(
    session: Session, code: str, typed: TypedLine, is_answered: bool
) -> None:
    world = World(session, made=only(code))
    world.save_lines({code: typed})
    assert world.sheet().rows[0].is_answered is is_answered
