"""How far an indicator is at a node: one answer for one input, exact, as document 1.3 lays down."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from tracker.domain.figures import round_half_away, show_exact, show_percent
from tracker.domain.kinds import Comparator, Elapsed, Kind, Light
from tracker.domain.measuring import Measured, measure
from tracker.domain.periods import due_month
from tracker.domain.rollup import Totals
from tracker.domain.rules import DEFAULT_LIGHTS, FULL, LightRule, Rule, Stage, Target, year_target

__all__ = [
    "DEFAULT_LIGHTS",
    "LightRule",
    "Rule",
    "Stage",
    "Standing",
    "Target",
    "expected_tenths",
    "judge",
    "standing_fields",
    "year_target",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An indicator at a node and cut-off. Null means unknown or not asked, never zero.

    ``target``, ``whole`` and ``actual`` are scaled by the rule's target decimals, ``numerator``,
    ``denominator`` and ``base`` by its decimals, ``provisional`` like the actual. ``whole`` is what
    the actual is held against: for checklists and milestones it grows with the units assigned.
    """

    target: int | None
    base: int | None
    whole: int | None
    actual: int | None
    numerator: int | None
    denominator: int | None
    is_bare_rate: bool
    completion_tenths: int | None
    expected_tenths: int | None
    gap_tenths: int | None
    light: Light
    is_met: bool
    assigned: int
    reported: int
    unknown: int
    provisional: int | None
    goal: Stage | None


def judge(rule: Rule, target: Target, totals: Totals, cutoff_month: int) -> Standing:
    """Everything there is to say of an indicator at a node; ``totals`` are those at ``cutoff_month``.

    ``cutoff_month`` is 0 (before the year) to 12; the due period follows from the rule's rhythm.
    """
    measured = measure(rule, target, totals)
    completion = _completion(rule, target, measured)
    expected = expected_tenths(rule, due_month(rule.rhythm, cutoff_month))
    printed = _printed(rule, measured)
    gap = _rate_gap(rule, measured.whole, printed) if _is_open_rate(rule) else _plan_gap(completion, expected)
    numerator, denominator = _shown_parts(rule, totals)
    return Standing(
        target=target.value,
        base=target.base,
        whole=measured.whole,
        actual=printed,
        numerator=numerator,
        denominator=denominator,
        is_bare_rate=measured.actual is not None and measured.actual.is_bare_rate,
        completion_tenths=completion,
        expected_tenths=expected,
        gap_tenths=gap,
        light=_Questions(rule, target, totals, cutoff_month, measured, gap).light(),
        is_met=measured.is_met,
        assigned=totals.assigned,
        reported=totals.reported,
        unknown=totals.unknown,
        provisional=_provisional(rule, totals),
        goal=rule.goal,
    )


def expected_tenths(rule: Rule, due: int | None) -> int | None:
    """What should be done by the end of the due period, in tenths of a percent; null without a plan."""
    if not _has_expectation(rule):
        return None
    if rule.is_staged:
        return FULL if rule.is_stage_due(due) else None
    if due is None:
        return 0
    if rule.plan is not None:
        return rule.plan[due - 1]
    if rule.elapsed is Elapsed.DAYS:
        return _elapsed_days_tenths(rule.year, due)
    return round_half_away(due * FULL, 12)


def _has_expectation(rule: Rule) -> bool:
    if rule.is_held:
        return False
    if rule.kind is Kind.MILESTONE:
        return rule.plan is not None or bool(rule.stages)
    return rule.kind.facts.has_plan


def _elapsed_days_tenths(year: int, due: int) -> int:
    last = date(year, due, calendar.monthrange(year, due)[1])
    return round_half_away(last.timetuple().tm_yday * FULL, 366 if calendar.isleap(year) else 365)


def _completion(rule: Rule, target: Target, measured: Measured) -> int | None:
    """Actual against target in tenths of a percent; a target not met never reads 100.0."""
    if not rule.kind.facts.has_completion or rule.is_held or measured.actual is None or not measured.whole:
        return None
    base = (target.base or 0) if rule.kind is Kind.STOCK else 0
    if _lacks_base(rule, target):
        return None
    tenths = round_half_away((measured.actual.top - base) * FULL, measured.whole - base)
    return tenths if measured.is_met else min(tenths, FULL - 1)


def _lacks_base(rule: Rule, target: Target) -> bool:
    """Whether the growth of a stock cannot be told: no base, or one that is the target already."""
    if rule.kind is not Kind.STOCK:
        return False
    return target.is_base_missing if target.base is None else target.base == target.value


def _printed(rule: Rule, measured: Measured) -> int | None:
    """The actual as shown; a rate not met stays one last place away from its target."""
    actual, whole = measured.actual, measured.whole
    if actual is None:
        return None
    printed = round_half_away(actual.top, actual.bottom)
    if measured.is_met or whole is None or not rule.kind.facts.is_rate:
        return printed
    if rule.comparator is Comparator.AT_MOST:
        return max(printed, whole + 1)
    is_short = whole != 0 and not rule.is_capped and actual.top <= whole * actual.bottom
    return min(printed, whole - 1) if is_short else printed


def _is_open_rate(rule: Rule) -> bool:
    return rule.kind.facts.is_rate and not rule.is_capped


def _rate_gap(rule: Rule, target: int | None, printed: int | None) -> int | None:
    """Tenths of a point between the rate and its target as printed."""
    if printed is None or target is None:
        return None
    return round_half_away((printed - target) * 10, 10**rule.target_decimals)


def _plan_gap(completion: int | None, expected: int | None) -> int | None:
    """Tenths of a point between what is done and what should be, as printed."""
    return None if completion is None or expected is None else completion - expected


def _shown_parts(rule: Rule, totals: Totals) -> tuple[int | None, int | None]:
    if rule.kind.facts.is_rate and totals.paired > 0:
        return totals.numerator, totals.denominator
    return None, None


def _provisional(rule: Rule, totals: Totals) -> int | None:
    if not rule.kind.facts.has_provisional:
        return None
    return totals.provisional_done if rule.kind is Kind.MILESTONE else totals.provisional_amount


@dataclass(frozen=True, slots=True)
class _Questions:
    """What is asked of an indicator at a node, in order: the first answer is its light."""

    rule: Rule
    target: Target
    totals: Totals
    cutoff_month: int
    measured: Measured
    gap: int | None

    def light(self) -> Light:
        if self.totals.assigned == 0:
            return Light.NOT_ASSIGNED
        if due_month(self.rule.rhythm, self.cutoff_month) is None:
            return Light.NOT_JUDGED
        if self.measured.is_met:
            return Light.ON_TRACK if self.rule.is_held and self.cutoff_month < 12 else Light.DONE
        if self.totals.reported == 0:
            return Light.NOT_REPORTED
        if self.rule.kind is Kind.NARRATIVE:
            return self._worst_judgement()
        return self._unmet() if self._has_enough() else Light.NOT_JUDGED

    def _has_enough(self) -> bool:
        """Whether there is something to judge a figure by that does not meet its target."""
        if self.measured.whole is None or self.measured.actual is None:
            return False
        if self.rule.is_staged and not self.rule.is_stage_due(due_month(self.rule.rhythm, self.cutoff_month)):
            return False
        return self.rule.is_capped or (self.measured.whole != 0 and not _lacks_base(self.rule, self.target))

    def _unmet(self) -> Light:
        if self.rule.is_held:
            return Light.BEHIND
        if self.gap is None:
            return Light.ON_TRACK if self.cutoff_month < 12 else Light.BEHIND
        if self.gap >= self.rule.lights.on_track_tenths and not _is_open_rate(self.rule):
            return Light.ON_TRACK
        return Light.LAGGING if self.gap >= self.rule.lights.lagging_tenths else Light.BEHIND

    def _worst_judgement(self) -> Light:
        if self.totals.judged_lagging:
            return Light.LAGGING
        if self.totals.judged_on_track:
            return Light.ON_TRACK
        return Light.DONE if self.totals.judged_done else Light.NOT_JUDGED


def standing_fields(standing: Standing, rule: Rule) -> dict[str, object]:
    """The indicator as documents and the API spell it (3.5): exact strings, counts, nulls."""

    def amount(value: int | None, decimals: int) -> str | None:
        return None if value is None else show_exact(value, decimals)

    def percent(tenths: int | None) -> str | None:
        return None if tenths is None else show_percent(tenths)

    places = rule.target_decimals
    goal = standing.goal
    return {
        "code": rule.code,
        "name": rule.name,
        "measure": rule.measure,
        "kind": str(rule.kind),
        "target": amount(standing.target, places),
        "actual": amount(standing.actual, places),
        "provisional": amount(standing.provisional, places),
        "numerator": amount(standing.numerator, rule.decimals),
        "denominator": amount(standing.denominator, rule.decimals),
        "bare_rate": standing.is_bare_rate,
        "completion_percent": percent(standing.completion_tenths),
        "expected_percent": percent(standing.expected_tenths),
        "gap_points": percent(standing.gap_tenths),
        "light": str(standing.light),
        "assigned": standing.assigned,
        "reported": standing.reported,
        "unknown": standing.unknown,
        "goal": goal and {"until": str(goal.until), "target": show_exact(goal.target, places)},
    }
