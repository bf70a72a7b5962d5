"""The public figures everything is measured by, fed as totals by hand."""

from __future__ import annotations

import pytest

from tests.domain.builders import rule, stand, totals
from tracker.domain.kinds import Kind, Light
from tracker.domain.lights import classes, pledge_light
from tracker.domain.periods import Month, Rhythm
from tracker.domain.progress import Stage, standing_fields, year_target


@pytest.mark.parametrize(
    ("actual", "target", "units", "cutoff", "printed", "light"),
    [
        (1_520_000, 1_500_000, 11, 6, ("101.3", "50.0", "51.3"), "done"),
        (1_368_000, 1_500_000, 11, 5, ("91.2", "41.7", "49.5"), "on_track"),
        (176_000, 180_000, 1, 6, ("97.8", "50.0", "47.8"), "on_track"),
    ],
)
def test_enrolments_of_ningbo_read_as_published(
    actual: int, target: int, units: int, cutoff: int, printed: tuple[str, str, str], light: str
) -> None:
    fields = standing_fields(stand(rule(), target, totals(actual, units=units), cutoff), rule())
    assert (fields["completion_percent"], fields["expected_percent"], fields["gap_points"]) == printed
    assert fields["light"] == light
    assert (fields["target"], fields["actual"]) == (str(target), str(actual))
    assert (fields["assigned"], fields["reported"], fields["unknown"]) == (units, units, 0)
    assert (fields["numerator"], fields["denominator"], fields["bare_rate"]) == (None, None, False)
    assert (fields["provisional"], fields["goal"]) == ("0", None)


@pytest.mark.parametrize("amount", [480_000, 395_000, 12_500, 15_000, 25_000, 3_900_000_000, 2219])
def test_a_figure_without_a_target_is_shown_and_not_judged(amount: int) -> None:
    standing = stand(rule(), None, totals(amount))
    assert (standing.actual, standing.completion_tenths, standing.gap_tenths) == (amount, None, None)
    assert standing.light is Light.NOT_JUDGED


def test_the_opening_is_done() -> None:
    standing = stand(rule(Kind.MILESTONE), 1, totals(done=1))
    assert (standing.actual, standing.completion_tenths, standing.light) == (1, 1000, Light.DONE)


def test_a_number_lost_in_the_source_is_null_and_counts_as_reported() -> None:
    fields = standing_fields(stand(rule(), None, totals(unknown=1, unknown_to_date=1)), rule())
    assert (fields["actual"], fields["reported"], fields["unknown"]) == (None, 1, 1)
    assert fields["light"] == "not_judged"


def test_the_classes_of_ningbo_add_up() -> None:
    done, quiet = Light.DONE, Light.NOT_JUDGED
    pledges = [[done], [quiet, quiet], [quiet] * 4, [done, quiet, quiet]]
    counted = classes(pledge_light(lights) for lights in pledges)
    assert counted == dict.fromkeys(Light, 0) | {done: 2, quiet: 2}


def test_zhangqi_prints_more_than_a_hundred() -> None:
    yearly = rule(year=2021, rhythm=Rhythm.YEAR)
    standing = stand(yearly, 2100, totals(2589), 12)
    assert (standing.completion_tenths, standing.light) == (1233, Light.DONE)


def test_huzhou_coverage_is_a_bare_rate() -> None:
    coverage = rule(Kind.RATIO, rhythm=Rhythm.YEAR)
    fields = standing_fields(stand(coverage, None, totals(rate=820, rated=1), 12), coverage)
    assert (fields["actual"], fields["numerator"], fields["denominator"]) == ("82.0", None, None)
    assert (fields["bare_rate"], fields["light"]) == (True, "not_judged")


def test_nanxun_shows_stage_and_goal_and_waits_for_the_stage() -> None:
    stages = (Stage(Month(2021, 12), 1000), Stage(Month(2025, 12), 10_000))
    homes = rule(year=2021, rhythm=Rhythm.QUARTER, stages=stages)
    assert year_target(homes, None) == 1000
    standing = stand(homes, 1000, totals(300))
    assert (standing.expected_tenths, standing.light) == (None, Light.NOT_JUDGED)
    assert standing_fields(standing, homes)["goal"] == {"until": "2025-12", "target": "10000"}


@pytest.mark.parametrize("month", [3, 6, 9])
def test_xianning_judges_a_kept_level_without_time_progress(month: int) -> None:
    kept = rule(Kind.KEPT, year=2026, rhythm=Rhythm.QUARTER)
    good, bad = (stand(kept, 400, totals(level), month) for level in (400, 399))
    assert (good.light, bad.light) == (Light.ON_TRACK, Light.BEHIND)
    assert (good.completion_tenths, good.expected_tenths, good.gap_tenths) == (None, None, None)
