"""Rules and totals for tests, saying only what a test is about."""

from __future__ import annotations

from dataclasses import replace

from tracker.domain.kinds import Kind
from tracker.domain.progress import Rule, Standing, Target, judge
from tracker.domain.rollup import Totals

_PLAIN = Rule(code="x", name="指标", kind=Kind.FLOW, measure="人次", year=2018)


def rule(kind: Kind = Kind.FLOW, **facts: object) -> Rule:
    """An indicator of 2018, monthly, without decimals, unless said otherwise."""
    return replace(_PLAIN, kind=kind, **facts)  # type: ignore[arg-type]


def totals(amount: int = 0, *, units: int = 1, **sums: int) -> Totals:
    """Totals of units that are all assigned and reported in the due period, once."""
    usual = Totals(amount=amount, assigned=units, reported=units, reported_to_date=units)
    return replace(usual, **sums)


def silent(amount: int = 0, *, units: int = 1, **sums: int) -> Totals:
    """Totals of units that reported earlier but not in the due period."""
    return totals(amount, units=units, **({"reported": 0} | sums))


def stand(of: Rule, target: int | None, at: Totals, cutoff: int = 6) -> Standing:
    """Judge with a plain target."""
    return judge(of, Target(target), at, cutoff)


def pair(numerator: int, denominator: int, units: int = 1, **sums: int) -> Totals:
    """Totals of units that reported both parts of a rate."""
    return totals(numerator=numerator, denominator=denominator, paired=units, units=units, **sums)
