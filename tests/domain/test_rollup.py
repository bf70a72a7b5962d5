"""Ledger cells add up to what the lines say, whatever order they came in."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.kinds import Judgement, Kind
from tracker.domain.rollup import (
    JUDGED_PARTS,
    Cells,
    IncompleteLine,
    LineFigure,
    Part,
    Totals,
    cells,
    cells_between,
    totals_at,
)

UNKNOWN = LineFigure(is_unknown=True)
amounts = st.integers(-(10**6), 10**6)
whole_lines = st.builds(LineFigure, value=amounts)
rate_lines = st.builds(LineFigure, numerator=amounts, denominator=amounts) | st.builds(
    LineFigure, rate=amounts
)
LINES: dict[Kind, st.SearchStrategy[LineFigure]] = {
    Kind.FLOW: whole_lines,
    Kind.STOCK: whole_lines,
    Kind.KEPT: whole_lines,
    Kind.CHECKLIST: whole_lines,
    Kind.RATIO: rate_lines,
    Kind.GROWTH: rate_lines,
    Kind.MILESTONE: st.builds(LineFigure, is_done=st.booleans()),
    Kind.NARRATIVE: st.builds(LineFigure, judgement=st.sampled_from(Judgement)),
}


@st.composite
def years(draw: st.DrawFn) -> tuple[Kind, dict[int, LineFigure]]:
    """A kind and the accepted lines of a unit in one year."""
    kind = draw(st.sampled_from(Kind))
    return kind, draw(st.dictionaries(st.integers(1, 12), LINES[kind] | st.just(UNKNOWN)))


def level_of(line: LineFigure) -> dict[Part, int]:
    """What a known line says, told apart from the code under test."""
    if line.numerator is not None and line.denominator is not None:
        return {Part.NUMERATOR: line.numerator, Part.DENOMINATOR: line.denominator, Part.PAIRED: 1}
    if line.rate is not None:
        return {Part.RATE: line.rate, Part.RATED: 1}
    if line.is_done is not None:
        return {Part.DONE: 1 if line.is_done else 0}
    if line.judgement is not None:
        return {JUDGED_PARTS[line.judgement]: 1}
    return {Part.AMOUNT: line.value or 0}


def to_date(made: Cells, month: int) -> dict[Part, int]:
    """Sums of cells up to a month without the counts of lines."""
    sums: dict[Part, int] = {}
    for (posted, part), amount in made.items():
        if posted <= month and part not in (Part.REPORTED, Part.UNKNOWN):
            sums[part] = sums.get(part, 0) + amount
    return {part: amount for part, amount in sums.items() if amount}


@given(years(), st.integers(1, 12))
def test_sums_to_a_month_are_what_stood_then(year: tuple[Kind, dict[int, LineFigure]], month: int) -> None:
    kind, lines = year
    known = [lines[posted] for posted in sorted(lines) if posted <= month and not lines[posted].is_unknown]
    if kind is Kind.FLOW:
        expected = {Part.AMOUNT: sum(line.value or 0 for line in known)}
    else:
        expected = level_of(known[-1]) if known else {}
    assert to_date(cells(kind, lines), month) == {part: amount for part, amount in expected.items() if amount}


@given(years())
def test_counts_stand_in_their_own_month(year: tuple[Kind, dict[int, LineFigure]]) -> None:
    made = cells(*year)
    for month in range(1, 13):
        line = year[1].get(month)
        assert made.get((month, Part.REPORTED), 0) == (line is not None)
        assert made.get((month, Part.UNKNOWN), 0) == (line is not None and line.is_unknown)


@given(years())
def test_no_cell_is_zero_and_none_assigns(year: tuple[Kind, dict[int, LineFigure]]) -> None:
    made = cells(*year)
    assert all(made.values())
    assert Part.ASSIGNED not in {part for _, part in made}


@given(years(), st.randoms(use_true_random=False))
def test_the_order_of_acceptance_leaves_no_trace(
    year: tuple[Kind, dict[int, LineFigure]], random: object
) -> None:
    kind, lines = year
    order = list(lines)
    random.shuffle(order)  # type: ignore[attr-defined]
    ledger: Cells = {}
    steps = [{month: lines[month] for month in order[:count]} for count in range(len(order) + 1)]
    for before, after in pairwise(steps):
        for place, amount in cells_between(cells(kind, before), cells(kind, after)).items():
            ledger[place] = ledger.get(place, 0) + amount
    assert {place: amount for place, amount in ledger.items() if amount} == cells(kind, lines)


@given(years(), years())
def test_posting_forth_and_back_cancels(
    one: tuple[Kind, dict[int, LineFigure]], other: tuple[Kind, dict[int, LineFigure]]
) -> None:
    forth, back = cells_between(cells(*one), cells(*other)), cells_between(cells(*other), cells(*one))
    assert forth == {place: -amount for place, amount in back.items()}
    assert all(forth.values())


def test_a_flow_posts_each_value_in_its_month() -> None:
    made = cells(Kind.FLOW, {2: LineFigure(value=7), 1: LineFigure(value=0), 3: UNKNOWN})
    assert made == {
        (1, Part.REPORTED): 1,
        (2, Part.REPORTED): 1,
        (2, Part.AMOUNT): 7,
        (3, Part.REPORTED): 1,
        (3, Part.UNKNOWN): 1,
    }


def test_a_level_posts_differences_and_unknown_carries() -> None:
    made = cells(Kind.STOCK, {1: LineFigure(value=100), 2: UNKNOWN, 3: LineFigure(value=90)})
    assert {place: amount for place, amount in made.items() if place[1] is Part.AMOUNT} == {
        (1, Part.AMOUNT): 100,
        (3, Part.AMOUNT): -10,
    }


def test_a_bare_rate_gives_way_to_parts() -> None:
    made = cells(Kind.RATIO, {1: LineFigure(rate=820), 2: LineFigure(numerator=9, denominator=10, rate=900)})
    assert made[2, Part.RATE] == -820
    assert made[2, Part.RATED] == -1
    assert (made[2, Part.NUMERATOR], made[2, Part.DENOMINATOR], made[2, Part.PAIRED]) == (9, 10, 1)


def test_a_judgement_moves_from_one_part_to_another() -> None:
    lines = {1: LineFigure(judgement=Judgement.LAGGING), 2: LineFigure(judgement=Judgement.DONE)}
    made = cells(Kind.NARRATIVE, lines)
    assert (made[1, Part.JUDGED_LAGGING], made[2, Part.JUDGED_LAGGING], made[2, Part.JUDGED_DONE]) == (
        1,
        -1,
        1,
    )


def test_a_milestone_can_be_taken_back() -> None:
    made = cells(Kind.MILESTONE, {1: LineFigure(is_done=True), 2: LineFigure(is_done=False)})
    assert (made[1, Part.DONE], made[2, Part.DONE]) == (1, -1)


@pytest.mark.parametrize("kind", list(Kind))
def test_refuses_a_line_that_says_nothing(kind: Kind) -> None:
    with pytest.raises(IncompleteLine):
        cells(kind, {1: LineFigure()})


@pytest.mark.parametrize("kind", [Kind.RATIO, Kind.GROWTH])
def test_refuses_half_a_pair(kind: Kind) -> None:
    for half in (LineFigure(numerator=1), LineFigure(denominator=1), LineFigure(value=1)):
        with pytest.raises(IncompleteLine):
            cells(kind, {1: half})


def row(**months: int) -> list[int]:
    """Twelve months with the named ones filled: row(m2=5)."""
    return [months.get(f"m{month}", 0) for month in range(1, 13)]


def test_totals_sum_to_the_cutoff_and_count_in_the_due_period() -> None:
    given_months = {part: row(m1=1, m3=2, m4=4, m12=8) for part in Part}
    at_may = totals_at(given_months, cutoff=5, due_month=3, provisional={Part.AMOUNT: row(m5=9, m6=1)})
    counted = {"reported": 2, "unknown": 2, "provisional_amount": 9, "provisional_done": 0}
    assert at_may == Totals(**({field.name: 7 for field in fields(Totals)} | counted))
    assert at_may.known_to_date == 0


def test_assignments_hold_before_anything_is_due() -> None:
    at_start = totals_at({Part.ASSIGNED: row(m1=3), Part.AMOUNT: row(m1=5)}, cutoff=0, due_month=None)
    assert at_start == Totals(assigned=3)


def test_known_lines_leave_out_unknown_ones() -> None:
    assert Totals(reported_to_date=5, unknown_to_date=2).known_to_date == 3


@pytest.mark.parametrize("name", [field.name for field in fields(Totals)])
def test_totals_of_children_add_up_in_every_field(name: str) -> None:
    one, other = replace(Totals(), **{name: 2}), replace(Totals(), **{name: 5})
    assert one + other == replace(Totals(), **{name: 7})
