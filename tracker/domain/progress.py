"""How far an indicator is at a node: one answer for one input, exact, as document 1.3 lays down."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracker.domain.figures import round_half_away, show_exact, show_percent
from tracker.domain.kinds import Comparator, Elapsed, Kind, Light, target_decimals
from tracker.domain.periods import Month, Rhythm, due_month
from tracker.domain.rollup import Totals

FULL = 1000
"""100.0 % in tenths."""
DEFAULT_TOLERANCE_TENTHS = 50


class Stage(NamedTuple):
    """A step of a goal over several years; ``target`` counts from the goal's start (scaled)."""

    until: Month
    target: int


class LightRule(NamedTuple):
    """The least gap, in tenths of a point, that is still on track, and still only lagging."""

    on_track_tenths: int = 0
    lagging_tenths: int = -100


DEFAULT_LIGHTS = LightRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """All of an indicator and its programme that decides how a figure is judged.

    ``plan``: twelve cumulative tenths of a percent. ``tolerance_tenths``: of a percent, for ``~``.
    ``item_count``: names on a checklist, 0 when it only has a number as target.
    """

    code: str
    name: str
    kind: Kind
    measure: str
    year: int
    decimals: int = 0
    comparator: Comparator = Comparator.AT_LEAST
    is_aspiration: bool = False
    tolerance_tenths: int = DEFAULT_TOLERANCE_TENTHS
    plan: tuple[int, ...] | None = None
    stages: tuple[Stage, ...] = ()
    item_count: int = 0
    rhythm: Rhythm = Rhythm.MONTH
    elapsed: Elapsed = Elapsed.MONTHS
    lights: LightRule = DEFAULT_LIGHTS

    @property
    def target_decimals(self) -> int:
        """Places of targets, actuals and bare rates; parts and bases have ``decimals``."""
        return target_decimals(self.kind, self.decimals)

    @property
    def is_capped(self) -> bool:
        """Whether the comparator wants little; a narrative has nothing to compare."""
        return self.comparator.is_cap and self.kind is not Kind.NARRATIVE

    @property
    def is_held(self) -> bool:
        """Kept levels and caps: right or wrong at every cut-off, done only by December."""
        return self.kind is Kind.KEPT or self.is_capped

    @property
    def is_staged(self) -> bool:
        """Stages stand in for a plan: nothing is judged before this year's stage."""
        return bool(self.stages) and self.plan is None

    @property
    def goal(self) -> Stage | None:
        """The last stage, which is the whole promise."""
        return self.stages[-1] if self.stages else None

    @property
    def stage(self) -> Stage | None:
        """This year's stage, the last one where the year has several."""
        return next(
            (stage for stage in reversed(self.stages) if stage.until.year == self.year),
            None,
        )


class Target(NamedTuple):
    """A node's own target (scaled by the rule's target decimals) and base (scaled by its decimals).

    ``is_base_missing``: the publisher's target has a base and this one has none.
    """

    value: int | None = None
    base: int | None = None
    is_base_missing: bool = False


class Actual(NamedTuple):
    """What has been reached: ``top`` ÷ ``bottom`` (> 0) is the exact number, scaled like the target."""

    top: int
    bottom: int = 1
    is_bare_rate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An indicator at a node and cut-off. Null means unknown or not asked, never zero.

    ``target`` and ``actual`` are scaled by the rule's target decimals, ``numerator`` and
    ``denominator`` by its decimals, ``provisional`` like the actual. ``whole`` is the number the
    actual is held against (for checklists and milestones it grows with the units assigned).
    """

    target: int | None
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


def year_target(rule: Rule, announced: int | None) -> int | None:
    """The publisher's target of the year: as announced, else out of the stages.

    A flow takes this year's stage minus the last one due before; a level the stage itself.
    Null without an announced number and without a stage in this year.
    """
    if announced is not None or rule.stage is None:
        return announced
    if rule.kind is not Kind.FLOW:
        return rule.stage.target
    before = [stage.target for stage in rule.stages if stage.until.year < rule.year]
    return rule.stage.target - (before[-1] if before else 0)


def judge(rule: Rule, target: Target, totals: Totals, cutoff_month: int) -> Standing:
    """Everything there is to say of an indicator at a node; ``totals`` are those at ``cutoff_month``.

    ``cutoff_month`` is 0 (before the year) to 12; the due period follows from the rule's rhythm.
    """
    due = due_month(rule.rhythm, cutoff_month)
    actual = _actual(rule, totals)
    whole = _whole(rule, target, totals)
    is_met = _is_met(rule, whole, actual)
    completion = _completion(rule, target, whole=whole, actual=actual, is_met=is_met)
    expected = expected_tenths(rule, due)
    printed = _printed(rule, whole, actual=actual, is_met=is_met)
    gap = _gap(rule, whole, printed=printed, completion=completion, expected=expected)
    is_judged = _has_enough(rule, target, whole=whole, actual=actual, due=due)
    light = _light(
        rule,
        totals,
        cutoff_month=cutoff_month,
        due=due,
        is_met=is_met,
        is_judged=is_judged,
        gap=gap,
    )
    has_pair = rule.kind.facts.is_rate and totals.paired > 0
    return Standing(
        target=target.value,
        whole=whole,
        actual=printed,
        numerator=totals.numerator if has_pair else None,
        denominator=totals.denominator if has_pair else None,
        is_bare_rate=actual is not None and actual.is_bare_rate,
        completion_tenths=completion,
        expected_tenths=expected,
        gap_tenths=gap,
        light=light,
        is_met=is_met,
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
        return FULL if _is_stage_due(rule, due) else None
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


def _is_stage_due(rule: Rule, due: int | None) -> bool:
    return rule.stage is not None and due is not None and due >= rule.stage.until.month


def _elapsed_days_tenths(year: int, due: int) -> int:
    last = date(year, due, calendar.monthrange(year, due)[1])
    return round_half_away(last.timetuple().tm_yday * FULL, 366 if calendar.isleap(year) else 365)


def _actual(rule: Rule, totals: Totals) -> Actual | None:
    if rule.kind.facts.is_rate:
        return _rate(rule, totals)
    if rule.kind is Kind.NARRATIVE or not totals.known_to_date:
        return None
    return Actual(totals.done if rule.kind is Kind.MILESTONE else totals.amount)


def _rate(rule: Rule, totals: Totals) -> Actual | None:
    """From summed parts as soon as one unit has them; a bare rate only where it stands alone."""
    if totals.paired == 0:
        return Actual(totals.rate, is_bare_rate=True) if totals.rated == 1 else None
    top, bottom = totals.numerator, totals.denominator
    if bottom == 0:
        return None
    if rule.kind is Kind.GROWTH:
        top -= bottom
    sign = -1 if bottom < 0 else 1
    return Actual(sign * top * 100 * 10**rule.target_decimals, sign * bottom)


def _whole(rule: Rule, target: Target, totals: Totals) -> int | None:
    if rule.kind is Kind.NARRATIVE:
        return None
    if rule.kind is Kind.CHECKLIST and rule.item_count:
        return rule.item_count * totals.assigned
    if rule.kind is Kind.MILESTONE and target.value is not None:
        return target.value * totals.assigned
    return target.value


def _is_met(rule: Rule, whole: int | None, actual: Actual | None) -> bool:
    if whole is None or actual is None or (whole == 0 and not rule.is_capped):
        return False
    needed = whole * actual.bottom
    match rule.comparator:
        case Comparator.AT_MOST:
            return actual.top <= needed
        case Comparator.UNDER:
            return actual.top < needed
        case Comparator.OVER:
            return actual.top > needed
        case Comparator.ABOUT:
            return actual.top * FULL >= needed * (FULL - rule.tolerance_tenths)
        case Comparator.AT_LEAST | Comparator.EQUAL:
            return actual.top >= needed


def _completion(
    rule: Rule,
    target: Target,
    *,
    whole: int | None,
    actual: Actual | None,
    is_met: bool,
) -> int | None:
    """Actual against target in tenths of a percent; a target not met never reads 100.0."""
    if not rule.kind.facts.has_completion or rule.is_held or not whole or actual is None:
        return None
    base = (target.base or 0) if rule.kind is Kind.STOCK else 0
    if whole == base or _lacks_base(rule, target):
        return None
    tenths = round_half_away((actual.top - base) * FULL, whole - base)
    return tenths if is_met else min(tenths, FULL - 1)


def _lacks_base(rule: Rule, target: Target) -> bool:
    return rule.kind is Kind.STOCK and target.is_base_missing and target.base is None


def _printed(rule: Rule, whole: int | None, *, actual: Actual | None, is_met: bool) -> int | None:
    """The actual as shown; a rate not met stays one last place away from its target."""
    if actual is None:
        return None
    printed = round_half_away(actual.top, actual.bottom)
    if is_met or whole is None or not rule.kind.facts.is_rate:
        return printed
    if rule.comparator is Comparator.AT_MOST:
        return max(printed, whole + 1)
    is_short = whole != 0 and not rule.is_capped and actual.top <= whole * actual.bottom
    return min(printed, whole - 1) if is_short else printed


def _gap(
    rule: Rule,
    whole: int | None,
    *,
    printed: int | None,
    completion: int | None,
    expected: int | None,
) -> int | None:
    """Tenths of a point between what is printed: completion and expected, or a rate and its target."""
    if rule.kind.facts.is_rate and not rule.is_capped:
        if printed is None or whole is None:
            return None
        return round_half_away((printed - whole) * 10, 10**rule.target_decimals)
    return None if completion is None or expected is None else completion - expected


def _provisional(rule: Rule, totals: Totals) -> int | None:
    if not rule.kind.facts.has_provisional:
        return None
    return totals.provisional_done if rule.kind is Kind.MILESTONE else totals.provisional_amount


def _has_enough(
    rule: Rule,
    target: Target,
    *,
    whole: int | None,
    actual: Actual | None,
    due: int | None,
) -> bool:
    """Whether there is something to judge a figure that does not meet its target by."""
    if rule.kind is Kind.NARRATIVE:
        return True
    if whole is None or actual is None or (rule.is_staged and not _is_stage_due(rule, due)):
        return False
    if rule.is_capped:
        return True
    has_base_trouble = rule.kind is Kind.STOCK and (_lacks_base(rule, target) or whole == target.base)
    return whole != 0 and not has_base_trouble


def _light(
    rule: Rule,
    totals: Totals,
    *,
    cutoff_month: int,
    due: int | None,
    is_met: bool,
    is_judged: bool,
    gap: int | None,
) -> Light:
    """The questions in their order: the first one answered decides."""
    if totals.assigned == 0:
        return Light.NOT_ASSIGNED
    if due is None:
        return Light.NOT_JUDGED
    if is_met:
        return Light.ON_TRACK if rule.is_held and cutoff_month < 12 else Light.DONE
    if totals.reported == 0:
        return Light.NOT_REPORTED
    if not is_judged:
        return Light.NOT_JUDGED
    return _unmet_light(rule, totals, cutoff_month=cutoff_month, gap=gap)


def _unmet_light(rule: Rule, totals: Totals, *, cutoff_month: int, gap: int | None) -> Light:
    if rule.is_held:
        return Light.BEHIND
    if rule.kind is Kind.NARRATIVE:
        return _worst_judgement(totals)
    if gap is None:
        return Light.ON_TRACK if cutoff_month < 12 else Light.BEHIND
    if gap >= rule.lights.on_track_tenths and not rule.kind.facts.is_rate:
        return Light.ON_TRACK
    return Light.LAGGING if gap >= rule.lights.lagging_tenths else Light.BEHIND


def _worst_judgement(totals: Totals) -> Light:
    if totals.judged_lagging:
        return Light.LAGGING
    if totals.judged_on_track:
        return Light.ON_TRACK
    return Light.DONE if totals.judged_done else Light.NOT_JUDGED


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
