"""What has been reached, against what, and whether that meets it: exact numbers before any rounding."""

from __future__ import annotations

from typing import NamedTuple

from tracker.domain.kinds import Comparator, Kind
from tracker.domain.rollup import Totals
from tracker.domain.rules import FULL, Rule, Target


class Actual(NamedTuple):
    """What has been reached: ``top`` ÷ ``bottom`` (> 0) is the exact number, scaled like the target."""

    top: int
    bottom: int = 1
    is_bare_rate: bool = False


class Measured(NamedTuple):
    """The exact answers everything shown is derived from.

    ``whole`` is the number the actual is held against: the target, or for checklists and
    milestones what all assigned units have to do together. Null: not known or not set.
    """

    actual: Actual | None
    whole: int | None
    is_met: bool


def measure(rule: Rule, target: Target, totals: Totals) -> Measured:
    """Hold the totals of a node against its target."""
    actual, whole = _actual(rule, totals), _whole(rule, target, totals)
    is_met = actual is not None and whole is not None and _meets(rule, whole, actual)
    return Measured(actual, whole, is_met)


def _actual(rule: Rule, totals: Totals) -> Actual | None:
    if rule.kind.facts.is_rate:
        return _rate(rule, totals)
    if rule.kind is Kind.NARRATIVE or totals.known_to_date == 0:
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


def _meets(rule: Rule, whole: int, actual: Actual) -> bool:
    """A target of 0 is met by caps alone; everything meets nothing."""
    needed = whole * actual.bottom
    if whole == 0 and not rule.is_capped:
        return False
    match rule.comparator:
        case Comparator.AT_LEAST | Comparator.EQUAL:
            return actual.top >= needed
        case Comparator.OVER:
            return actual.top > needed
        case Comparator.ABOUT:
            return actual.top * FULL >= needed * (FULL - rule.tolerance_tenths)
        case Comparator.AT_MOST:
            return actual.top <= needed
        case Comparator.UNDER:
            return actual.top < needed
