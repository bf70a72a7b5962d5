"""Goals over several years: the step of the year, and nothing judged before its month."""

from __future__ import annotations

import pytest

from tests.domain.builders import pair, rule, silent, stand, totals
from tracker.domain.kinds import Kind, Light
from tracker.domain.periods import Month, Rhythm
from tracker.domain.progress import (
    Stage,
    expected_tenths,
    standing_fields,
    year_target,
)

GROWTH = rule(Kind.GROWTH, measure="元")
FIVE_YEARS = (Stage(Month(2017, 12), 500), Stage(Month(2018, 9), 1500), Stage(Month(2022, 12), 9000))


class TestStages:
    def test_make_the_year_of_a_flow_the_step_between_them(self) -> None:
        assert year_target(rule(stages=FIVE_YEARS), None) == 1000
        assert year_target(rule(stages=FIVE_YEARS, year=2017), None) == 500
        assert year_target(rule(stages=FIVE_YEARS, year=2022), None) == 7500

    def test_are_the_year_target_of_a_level(self) -> None:
        assert year_target(rule(Kind.STOCK, stages=FIVE_YEARS), None) == 1500

    def test_of_other_years_set_no_target(self) -> None:
        assert year_target(rule(stages=FIVE_YEARS, year=2020), None) is None

    def test_give_way_to_what_was_announced(self) -> None:
        assert year_target(rule(stages=FIVE_YEARS), 1200) == 1200
        assert year_target(rule(), None) is None

    def test_are_not_judged_before_their_month_unless_met(self) -> None:
        staged = rule(stages=FIVE_YEARS)
        waiting, met, silence = (
            stand(staged, 1000, given, 8) for given in (totals(10), totals(1000), silent(10))
        )
        assert (waiting.light, waiting.expected_tenths, waiting.gap_tenths) == (Light.NOT_JUDGED, None, None)
        assert (met.light, silence.light) == (Light.DONE, Light.NOT_REPORTED)

    def test_expect_everything_from_their_month(self) -> None:
        standing = stand(rule(stages=FIVE_YEARS), 1000, totals(850), 9)
        assert (standing.expected_tenths, standing.gap_tenths, standing.light) == (1000, -150, Light.BEHIND)

    def test_wait_for_a_period_that_ends_by_their_month(self) -> None:
        yearly = rule(stages=FIVE_YEARS, rhythm=Rhythm.YEAR)
        assert expected_tenths(yearly, None) is None
        assert expected_tenths(rule(stages=FIVE_YEARS), 8) is None

    def test_with_a_plan_follow_the_plan(self) -> None:
        planned = rule(stages=FIVE_YEARS, plan=(500,) * 11 + (1000,))
        standing = stand(planned, 1000, totals(450), 6)
        assert (standing.expected_tenths, standing.light) == (500, Light.LAGGING)

    @pytest.mark.parametrize("kind", [Kind.KEPT, Kind.RATIO])
    def test_of_levels_without_plan_wait_too(self, kind: Kind) -> None:
        staged = rule(kind, stages=FIVE_YEARS)
        lights = [stand(staged, 850, pair(7, 10, amount=700), month).light for month in (8, 9)]
        assert lights == [Light.NOT_JUDGED, Light.BEHIND]

    def test_show_the_goal_beside_them(self) -> None:
        staged = rule(stages=FIVE_YEARS, decimals=1)
        goal = standing_fields(stand(staged, 1000, totals(0)), staged)["goal"]
        assert goal == {"until": "2022-12", "target": "900.0"}
