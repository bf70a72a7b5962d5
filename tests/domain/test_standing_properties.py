"""What holds for any rule, target and totals."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.builders import rule, totals
from tracker.domain.kinds import KIND_COMPARATORS, Comparator, Kind, Light
from tracker.domain.lights import classes, explain, pledge_light
from tracker.domain.periods import Month, Rhythm, due_month
from tracker.domain.progress import LightRule, Rule, Stage, Standing, Target, judge, standing_fields
from tracker.domain.prose import Row, chapters, next_step_sentence, pledge_sentence, problem_sentence
from tracker.domain.rollup import Totals

counts = st.integers(0, 12)
amounts = st.integers(-(10**14), 10**14) | st.integers(-5, 2000)
plans = st.lists(st.integers(0, 1000), min_size=12, max_size=12).map(lambda plan: tuple(sorted(plan)))
stages = st.lists(
    st.builds(Stage, st.builds(Month, st.integers(2016, 2020), st.integers(1, 12)), amounts), max_size=3
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any indicator a programme may hold."""
    kind = draw(st.sampled_from(Kind))
    return rule(
        kind,
        decimals=draw(st.integers(0, 4)),
        comparator=draw(st.sampled_from(sorted(KIND_COMPARATORS[kind]))),
        plan=draw(st.none() | plans),
        stages=tuple(sorted(draw(stages))),
        item_count=draw(counts),
        rhythm=draw(st.sampled_from(Rhythm)),
        lights=LightRule(*sorted(draw(st.tuples(*[st.integers(-300, 300)] * 2)), reverse=True)),
    )


@st.composite
def any_totals(draw: st.DrawFn) -> Totals:
    """Any totals a node may have."""
    big = {"amount", "numerator", "denominator", "rate", "provisional_amount"}
    return Totals(**{field.name: draw(amounts if field.name in big else counts) for field in fields(Totals)})


targets = st.builds(Target, st.none() | amounts, st.none() | amounts, st.booleans())
months = st.integers(0, 12)


@given(rules(), targets, any_totals(), months)
def test_one_light_for_every_input_and_a_sentence_for_it(
    of: Rule, target: Target, at: Totals, month: int
) -> None:
    standing = judge(of, target, at, month)
    assert standing == judge(of, target, at, month)
    row = Row(of, standing)
    texts = [explain(of, standing, month), pledge_sentence(row), problem_sentence(row, units=["海曙"])]
    for text in (*texts, next_step_sentence(row, month)):
        assert "{" not in str(text)


@given(rules(), targets, any_totals(), months)
def test_unmet_never_prints_a_hundred_and_gaps_can_be_checked_by_hand(
    of: Rule, target: Target, at: Totals, month: int
) -> None:
    standing = judge(of, target, at, month)
    if standing.completion_tenths is not None:
        assert standing.is_met or standing.completion_tenths < 1000
        if standing.expected_tenths is not None:
            assert standing.gap_tenths == standing.completion_tenths - standing.expected_tenths
    if standing.light is Light.DONE and of.kind is not Kind.NARRATIVE:
        assert standing.is_met
    if standing.light in (Light.LAGGING, Light.BEHIND):
        assert not standing.is_met


@given(rules(), targets, any_totals(), months)
def test_fields_are_strings_counts_or_null(of: Rule, target: Target, at: Totals, month: int) -> None:
    for name, value in standing_fields(judge(of, target, at, month), of).items():
        assert value is None or isinstance(value, str | int | dict), name
        assert not isinstance(value, float), name


@given(st.integers(1, 10**14), st.integers(0, 10**15), st.integers(1, 12))
def test_completion_of_a_flow_is_within_half_a_tenth_and_never_capped(
    target: int, actual: int, month: int
) -> None:
    standing = judge(rule(), Target(target), totals(actual), month)
    assert standing.completion_tenths is not None
    exact = Fraction(1000 * actual, target)
    if actual >= target:
        assert abs(standing.completion_tenths - exact) <= Fraction(1, 2)
    else:
        assert standing.completion_tenths == min(999, int(exact + Fraction(1, 2)))


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 12))
def test_more_is_never_worse(target: int, less: int, more: int, month: int) -> None:
    order = [Light.BEHIND, Light.LAGGING, Light.ON_TRACK, Light.DONE]
    less, more = sorted((less, more))
    lights = [judge(rule(), Target(target), totals(actual), month).light for actual in (less, more)]
    assert order.index(lights[0]) <= order.index(lights[1])


@given(st.sampled_from([Kind.RATIO, Kind.GROWTH]), st.integers(0, 4), amounts, st.integers(1, 10**9), amounts)
def test_a_rate_that_misses_its_target_reads_below_it(
    kind: Kind, decimals: int, numerator: int, denominator: int, target: int
) -> None:
    assume(target != 0)
    of = rule(kind, decimals=decimals)
    at = totals(numerator=numerator, denominator=denominator, paired=1)
    standing = judge(of, Target(target), at, 6)
    exact = Fraction(numerator, denominator) - (1 if kind is Kind.GROWTH else 0)
    scaled = exact * 100 * 10**of.target_decimals
    assert standing.actual is not None
    assert standing.is_met == (scaled >= target)
    assert abs(standing.actual - scaled) <= (Fraction(1, 2) if standing.is_met else 1)
    assert standing.is_met or standing.actual < target


@given(any_totals(), any_totals(), any_totals())
def test_totals_add_up_in_any_order(one: Totals, two: Totals, three: Totals) -> None:
    assert (one + two) + three == (three + two) + one
    assert one + Totals() == one


@given(st.lists(st.lists(st.sampled_from(Light), max_size=5), max_size=12))
def test_classes_count_every_pledge_once(pledges: list[list[Light]]) -> None:
    counted = classes(pledge_light(lights) for lights in pledges)
    assert sum(counted.values()) == len(pledges)
    assert list(counted) == list(Light)


@given(st.lists(st.tuples(rules(), targets, any_totals()), max_size=8), months)
def test_every_assigned_row_is_told_in_one_chapter(
    given_rows: list[tuple[Rule, Target, Totals]], month: int
) -> None:
    rows = [Row(of, judge(of, target, at, month)) for of, target, at in given_rows]
    told = [row for chapter in chapters(rows) for row in chapter]
    assert sorted(map(id, told)) == sorted(
        id(row) for row in rows if row.standing.light is not Light.NOT_ASSIGNED
    )


@given(rules(), any_totals(), months)
def test_nothing_is_judged_before_something_is_due(of: Rule, at: Totals, month: int) -> None:
    standing: Standing = judge(of, Target(5), replace(at, assigned=1), month)
    if due_month(of.rhythm, month) is None:
        assert standing.light is Light.NOT_JUDGED
        assert standing.expected_tenths in (0, None)


def test_every_comparator_is_allowed_somewhere() -> None:
    assert {sign for allowed in KIND_COMPARATORS.values() for sign in allowed} == set(Comparator)
    assert KIND_COMPARATORS[Kind.MILESTONE] == {Comparator.AT_LEAST, Comparator.EQUAL}
