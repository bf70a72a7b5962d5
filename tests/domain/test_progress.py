"""The arithmetic of progress: every row of the table and every settled corner."""

from __future__ import annotations

import pytest

from tests.domain.builders import pair, rule, silent, stand, totals
from tracker.domain.kinds import Comparator, Elapsed, Kind, Light
from tracker.domain.periods import Rhythm
from tracker.domain.progress import (
    LightRule,
    Target,
    expected_tenths,
    judge,
    standing_fields,
)
from tracker.domain.rollup import Totals

LOWER = [Comparator.AT_LEAST, Comparator.OVER, Comparator.EQUAL, Comparator.ABOUT]
CAPS = [Comparator.AT_MOST, Comparator.UNDER]
GROWTH = rule(Kind.GROWTH, measure="元")


class TestCompletion:
    def test_is_never_capped(self) -> None:
        assert stand(rule(), 1000, totals(9617)).completion_tenths == 9617

    def test_of_a_target_not_met_never_prints_a_hundred(self) -> None:
        standing = stand(rule(), 1_500_000, totals(1_499_400))
        assert (standing.completion_tenths, standing.is_met) == (999, False)

    @pytest.mark.parametrize(
        ("actual", "tenths"), [(1, 1), (499, 499), (2, 2), (999, 999), (1000, 1000), (1001, 1001)]
    )
    def test_is_exact_to_the_tenth(self, actual: int, tenths: int) -> None:
        assert stand(rule(), 1000, totals(actual)).completion_tenths == tenths

    @pytest.mark.parametrize(("actual", "tenths"), [(1, 1), (-1, -1), (3, 2), (-3, -2)])
    def test_rounds_halves_away_from_zero(self, actual: int, tenths: int) -> None:
        assert stand(rule(), 2000, totals(actual)).completion_tenths == tenths

    def test_of_exactly_the_number_to_exceed_prints_less_than_a_hundred(self) -> None:
        standing = stand(rule(comparator=Comparator.OVER), 5, totals(5))
        assert (standing.completion_tenths, standing.is_met, standing.light) == (999, False, Light.ON_TRACK)

    def test_of_a_figure_about_the_target_is_met_below_a_hundred(self) -> None:
        about = rule(comparator=Comparator.ABOUT)
        assert stand(about, 1000, totals(950)).is_met
        assert stand(about, 1000, totals(950)).completion_tenths == 950
        assert not stand(about, 1000, totals(949)).is_met

    def test_takes_the_tolerance_of_the_indicator(self) -> None:
        close = rule(comparator=Comparator.ABOUT, tolerance_tenths=25)
        assert (stand(close, 1000, totals(975)).is_met, stand(close, 1000, totals(974)).is_met) == (
            True,
            False,
        )

    def test_of_a_stock_with_base_counts_from_the_base(self) -> None:
        standing = judge(rule(Kind.STOCK), Target(1200, base=1000), totals(1050), 6)
        assert (standing.completion_tenths, standing.light) == (250, Light.BEHIND)

    def test_of_a_stock_below_its_base_is_negative(self) -> None:
        assert judge(rule(Kind.STOCK), Target(1200, base=1000), totals(900), 6).completion_tenths == -500

    def test_of_a_flow_ignores_a_base(self) -> None:
        assert judge(rule(), Target(1000, base=500), totals(750), 6).completion_tenths == 750

    def test_more_than_promised_is_no_fault(self) -> None:
        assert stand(rule(comparator=Comparator.EQUAL), 12, totals(14)).light is Light.DONE


class TestExpected:
    @pytest.mark.parametrize(
        ("month", "tenths"),
        list(enumerate([0, 83, 167, 250, 333, 417, 500, 583, 667, 750, 833, 917, 1000])),
    )
    def test_is_linear_by_months(self, month: int, tenths: int) -> None:
        assert expected_tenths(rule(), month or None) == tenths

    @pytest.mark.parametrize(
        ("year", "month", "tenths"),
        [(2018, 1, 85), (2018, 6, 496), (2020, 2, 164), (2018, 12, 1000), (2020, 12, 1000)],
    )
    def test_counts_both_ends_by_days(self, year: int, month: int, tenths: int) -> None:
        assert expected_tenths(rule(year=year, elapsed=Elapsed.DAYS), month) == tenths

    def test_follows_a_plan_of_its_own(self) -> None:
        seasonal = rule(plan=(0, 0, 0, 0, 0, 0, 300, 700, 900, 1000, 1000, 1000), elapsed=Elapsed.DAYS)
        assert [expected_tenths(seasonal, month) for month in (6, 7, 12)] == [0, 300, 1000]

    def test_speaks_of_the_due_period(self) -> None:
        quarterly = rule(rhythm=Rhythm.QUARTER)
        assert [stand(quarterly, 9, totals(1), month).expected_tenths for month in (2, 3, 5, 6)] == [
            0,
            250,
            250,
            500,
        ]

    @pytest.mark.parametrize("kind", [Kind.KEPT, Kind.RATIO, Kind.GROWTH, Kind.MILESTONE, Kind.NARRATIVE])
    def test_is_null_where_the_table_names_no_plan(self, kind: Kind) -> None:
        assert expected_tenths(rule(kind), 6) is expected_tenths(rule(kind), None) is None

    @pytest.mark.parametrize("comparator", CAPS)
    def test_is_null_for_caps(self, comparator: Comparator) -> None:
        assert expected_tenths(rule(comparator=comparator), 6) is None

    def test_of_a_milestone_needs_a_plan(self) -> None:
        planned = rule(Kind.MILESTONE, plan=(0,) * 6 + (500,) * 5 + (1000,))
        assert [expected_tenths(planned, month) for month in (None, 6, 7)] == [0, 0, 500]


class TestOrderOfQuestions:
    def test_nobody_assigned_comes_first(self) -> None:
        assert stand(rule(), 5, totals(9, assigned=0)).light is Light.NOT_ASSIGNED

    def test_nothing_is_judged_before_the_first_due_period(self) -> None:
        early = stand(rule(rhythm=Rhythm.HALF), 5, Totals(assigned=1), 5)
        assert (early.light, early.expected_tenths, early.completion_tenths) == (Light.NOT_JUDGED, 0, None)

    def test_nothing_is_judged_before_the_year(self) -> None:
        assert stand(rule(Kind.KEPT), 5, Totals(assigned=1), 0).light is Light.NOT_JUDGED

    def test_met_stays_done_without_a_line_in_the_due_period(self) -> None:
        assert stand(rule(), 5, silent(5)).light is Light.DONE

    def test_silence_keeps_the_last_figures(self) -> None:
        standing = stand(rule(), 10, silent(4))
        assert (standing.light, standing.actual, standing.completion_tenths) == (Light.NOT_REPORTED, 4, 400)

    def test_silence_comes_before_a_missing_target(self) -> None:
        assert stand(rule(), None, silent(4)).light is Light.NOT_REPORTED

    @pytest.mark.parametrize("target", [None, 0])
    def test_no_target_is_not_judged(self, target: int | None) -> None:
        standing = stand(rule(), target, totals(4))
        assert (standing.light, standing.completion_tenths) == (Light.NOT_JUDGED, None)

    def test_an_unknown_number_is_not_judged(self) -> None:
        standing = stand(rule(), 5, totals(unknown=1, unknown_to_date=1))
        assert (standing.light, standing.actual, standing.completion_tenths) == (Light.NOT_JUDGED, None, None)

    @pytest.mark.parametrize(
        ("actual", "light"),
        [(500, Light.ON_TRACK), (499, Light.LAGGING), (400, Light.LAGGING), (399, Light.BEHIND)],
    )
    def test_the_gap_decides_last(self, actual: int, light: Light) -> None:
        assert stand(rule(), 1000, totals(actual)).light is light

    def test_the_gap_is_the_difference_of_what_is_printed(self) -> None:
        standing = stand(rule(), 1200, totals(500), 5)  # 41.67 both times
        assert (standing.completion_tenths, standing.expected_tenths, standing.gap_tenths) == (417, 417, 0)
        assert standing.light is Light.ON_TRACK

    def test_the_limits_are_those_of_the_programme(self) -> None:
        strict = rule(lights=LightRule(on_track_tenths=50, lagging_tenths=-50))
        lights = [stand(strict, 1000, totals(actual)).light for actual in (550, 549, 450, 449)]
        assert lights == [Light.ON_TRACK, Light.LAGGING, Light.LAGGING, Light.BEHIND]


class TestZeroTargets:
    @pytest.mark.parametrize("comparator", LOWER)
    @pytest.mark.parametrize("kind", [Kind.FLOW, Kind.STOCK, Kind.KEPT])
    def test_are_never_met_and_not_judged(self, kind: Kind, comparator: Comparator) -> None:
        standing = stand(rule(kind, comparator=comparator), 0, totals(3))
        assert (standing.is_met, standing.light) == (False, Light.NOT_JUDGED)

    @pytest.mark.parametrize("comparator", LOWER)
    def test_of_growth_are_not_judged_and_print_the_rate_as_it_is(self, comparator: Comparator) -> None:
        standing = stand(rule(Kind.GROWTH, comparator=comparator), 0, pair(103, 100))
        assert (standing.actual, standing.light) == (30, Light.NOT_JUDGED)

    def test_of_caps_are_judged(self) -> None:
        cap = rule(comparator=Comparator.AT_MOST)
        assert [stand(cap, 0, totals(number)).light for number in (0, 1)] == [Light.ON_TRACK, Light.BEHIND]


class TestHeldLevelsAndCaps:
    @pytest.mark.parametrize("month", [1, 6, 11])
    def test_met_is_on_track_until_december(self, month: int) -> None:
        assert stand(rule(Kind.KEPT), 400, totals(400), month).light is Light.ON_TRACK

    def test_met_is_done_in_december(self) -> None:
        assert stand(rule(Kind.KEPT), 400, totals(400), 12).light is Light.DONE

    def test_met_needs_no_line_in_the_due_period(self) -> None:
        cap = rule(comparator=Comparator.AT_MOST)
        assert stand(rule(Kind.KEPT), 400, silent(400)).light is Light.ON_TRACK
        assert [stand(cap, 9, silent(9), month).light for month in (6, 12)] == [Light.ON_TRACK, Light.DONE]

    @pytest.mark.parametrize("month", [1, 12])
    def test_not_met_is_behind_at_once(self, month: int) -> None:
        assert stand(rule(Kind.KEPT), 400, totals(399), month).light is Light.BEHIND

    @pytest.mark.parametrize("kind", [Kind.FLOW, Kind.STOCK, Kind.CHECKLIST, Kind.RATIO])
    def test_caps_of_any_kind_show_no_completion_expected_or_gap(self, kind: Kind) -> None:
        standing = stand(rule(kind, comparator=Comparator.AT_MOST), 9, pair(5, 100, amount=5))
        assert (standing.completion_tenths, standing.expected_tenths, standing.gap_tenths) == (
            None,
            None,
            None,
        )

    def test_a_cap_is_held_and_a_limit_to_stay_under_is_not(self) -> None:
        under = rule(comparator=Comparator.UNDER)
        assert stand(rule(comparator=Comparator.AT_MOST), 9, totals(9)).light is Light.ON_TRACK
        assert [stand(under, 9, totals(number)).light for number in (8, 9)] == [Light.ON_TRACK, Light.BEHIND]

    def test_not_met_and_silent_is_not_reported(self) -> None:
        assert stand(rule(Kind.KEPT), 400, silent(399)).light is Light.NOT_REPORTED

    def test_a_cap_on_a_rate_prints_past_the_limit_it_broke(self) -> None:
        standing = stand(rule(Kind.RATIO, comparator=Comparator.AT_MOST), 850, pair(8504, 10_000))
        assert (standing.actual, standing.light) == (851, Light.BEHIND)


class TestMilestones:
    def test_are_null_until_a_unit_reports(self) -> None:
        standing = stand(rule(Kind.MILESTONE), 1, silent(units=3, reported_to_date=0))
        assert (standing.actual, standing.completion_tenths, standing.light) == (
            None,
            None,
            Light.NOT_REPORTED,
        )

    def test_count_units_done_of_units_assigned(self) -> None:
        standing = stand(rule(Kind.MILESTONE), 1, totals(units=3, done=2))
        assert (standing.actual, standing.whole, standing.completion_tenths) == (2, 3, 667)
        assert (standing.light, standing.gap_tenths) == (Light.ON_TRACK, None)

    def test_are_met_when_all_units_are_done(self) -> None:
        assert stand(rule(Kind.MILESTONE), 1, silent(units=3, done=3)).light is Light.DONE

    @pytest.mark.parametrize(
        ("month", "light"), [(1, Light.ON_TRACK), (11, Light.ON_TRACK), (12, Light.BEHIND)]
    )
    def test_without_plan_are_on_track_until_december(self, month: int, light: Light) -> None:
        assert stand(rule(Kind.MILESTONE), 1, totals(done=0), month).light is light

    def test_with_a_plan_go_by_gap(self) -> None:
        planned = rule(Kind.MILESTONE, plan=(500,) * 11 + (1000,))
        lights = [stand(planned, 1, totals(units=10, done=done)).light for done in (5, 4, 3)]
        assert lights == [Light.ON_TRACK, Light.LAGGING, Light.BEHIND]

    def test_without_a_number_are_not_judged(self) -> None:
        standing = stand(rule(Kind.MILESTONE), None, totals(done=1))
        assert (standing.actual, standing.completion_tenths, standing.light) == (1, None, Light.NOT_JUDGED)

    def test_print_whole_numbers_whatever_the_places(self) -> None:
        fine = rule(Kind.MILESTONE, decimals=2)
        fields = standing_fields(stand(fine, 1, totals(done=1, provisional_done=0)), fine)
        assert (fields["target"], fields["actual"], fields["provisional"]) == ("1", "1", "0")


class TestChecklists:
    @pytest.mark.parametrize("target", [None, 7, 10])
    def test_are_judged_by_items_times_units(self, target: int | None) -> None:
        standing = stand(rule(Kind.CHECKLIST, item_count=10), target, totals(12, units=2))
        assert (standing.whole, standing.completion_tenths, standing.light) == (20, 600, Light.ON_TRACK)
        assert standing.target == target

    def test_without_items_take_the_target(self) -> None:
        assert stand(rule(Kind.CHECKLIST), 8, totals(2, units=2)).completion_tenths == 250

    def test_without_items_and_target_are_not_judged(self) -> None:
        assert stand(rule(Kind.CHECKLIST), None, totals(2)).light is Light.NOT_JUDGED

    def test_are_done_with_all_items(self) -> None:
        assert stand(rule(Kind.CHECKLIST, item_count=2), None, totals(2)).light is Light.DONE


class TestNarratives:
    def test_take_the_worst_judgement_of_those_that_reported(self) -> None:
        telling = rule(Kind.NARRATIVE)
        judged = {"judged_done": 5, "judged_on_track": 2, "judged_lagging": 1}
        assert stand(telling, None, totals(units=8, **judged)).light is Light.LAGGING
        assert (
            stand(telling, None, totals(units=7, **(judged | {"judged_lagging": 0}))).light is Light.ON_TRACK
        )
        assert stand(telling, None, totals(judged_done=1)).light is Light.DONE

    def test_show_no_number_at_all(self) -> None:
        standing = stand(rule(Kind.NARRATIVE), None, totals(judged_done=1, provisional_done=1))
        assert (standing.actual, standing.provisional, standing.completion_tenths) == (None, None, None)
        assert (standing.expected_tenths, standing.gap_tenths) == (None, None)

    def test_fall_silent_without_a_line_in_the_due_period(self) -> None:
        assert stand(rule(Kind.NARRATIVE), None, silent(judged_done=1)).light is Light.NOT_REPORTED

    def test_with_unknown_lines_alone_are_not_judged(self) -> None:
        unknown = totals(unknown=1, unknown_to_date=1)
        assert stand(rule(Kind.NARRATIVE), None, unknown).light is Light.NOT_JUDGED

    def test_have_nothing_a_cap_could_hold(self) -> None:
        capped = rule(Kind.NARRATIVE, comparator=Comparator.AT_MOST)
        assert stand(capped, None, totals(judged_on_track=1)).light is Light.ON_TRACK


class TestBases:
    def test_nobody_set_leave_a_stock_to_its_level(self) -> None:
        assert judge(rule(Kind.STOCK), Target(1200), totals(600), 6).completion_tenths == 500

    def test_missing_where_the_publisher_has_one_leave_nothing_to_judge(self) -> None:
        standing = judge(rule(Kind.STOCK), Target(1200, is_base_missing=True), totals(1100), 6)
        assert (standing.completion_tenths, standing.light) == (None, Light.NOT_JUDGED)

    def test_missing_do_not_hide_a_target_that_is_met(self) -> None:
        standing = judge(rule(Kind.STOCK), Target(1200, is_base_missing=True), totals(1200), 6)
        assert (standing.completion_tenths, standing.light) == (None, Light.DONE)

    def test_equal_to_the_target_leave_nothing_to_judge(self) -> None:
        standing = judge(rule(Kind.STOCK), Target(1200, base=1200), totals(1100), 6)
        assert (standing.completion_tenths, standing.light) == (None, Light.NOT_JUDGED)

    def test_of_zero_are_bases(self) -> None:
        given = Target(1200, base=0, is_base_missing=False)
        assert judge(rule(Kind.STOCK), given, totals(600), 6).completion_tenths == 500

    def test_missing_do_not_matter_to_growth(self) -> None:
        standing = judge(GROWTH, Target(105, is_base_missing=True), pair(1000, 1000), 6)
        assert standing.light is Light.BEHIND


class TestZeroAndUnknown:
    def test_zero_is_a_figure(self) -> None:
        standing = stand(rule(), 10, totals(0), 1)
        assert (standing.actual, standing.completion_tenths, standing.light) == (0, 0, Light.LAGGING)

    def test_no_line_at_all_is_null(self) -> None:
        assert stand(rule(), 10, silent(reported_to_date=0)).actual is None

    def test_the_last_known_level_stands_behind_unknown_lines(self) -> None:
        level = totals(70, unknown=1, reported_to_date=2, unknown_to_date=1)
        assert stand(rule(Kind.STOCK), 100, level).actual == 70

    def test_counts_are_passed_on(self) -> None:
        standing = stand(rule(), 10, totals(3, units=4, reported=2, unknown=1, provisional_amount=5))
        assert (standing.assigned, standing.reported, standing.unknown) == (4, 2, 1)
        assert standing.provisional == 5


def test_fields_come_in_the_order_of_the_contract() -> None:
    assert list(standing_fields(stand(rule(), 10, totals(3)), rule())) == [
        "code", "name", "measure", "kind", "target", "actual", "provisional", "numerator", "denominator",
        "bare_rate", "completion_percent", "expected_percent", "gap_points", "light", "assigned", "reported",
        "unknown", "goal",
    ]  # fmt: skip


def test_fields_print_every_place_of_an_amount() -> None:
    money = rule(decimals=2)
    fields = standing_fields(stand(money, 150_00, totals(-5, provisional_amount=10_50)), money)
    assert (fields["target"], fields["actual"], fields["provisional"]) == ("150.00", "-0.05", "10.50")
    assert (fields["completion_percent"], fields["gap_points"]) == ("0.0", "-50.0")
