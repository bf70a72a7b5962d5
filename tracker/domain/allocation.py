"""Dividing whole numbers by weight so that the parts add up exactly, and checking what was divided."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from operator import mul
from typing import NamedTuple

from tracker.domain.figures import round_half_away
from tracker.domain.kinds import Kind
from tracker.domain.messages import Refusal


class UnusableWeights(Refusal):
    """Nothing can be divided by these weights."""


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Divide ``total`` (any scale) by weight: each part the quota rounded down or up, the sum exact.

    What is left after rounding down goes to the largest remainders, ties to the earlier place.
    A weight of 0 gets 0. Raises UnusableWeights for a negative weight, or no weight and a total.
    """
    if total < 0:
        return [-part for part in largest_remainder(-total, weights)]
    weight_sum = sum(weights)
    if any(weight < 0 for weight in weights) or (weight_sum == 0 and total != 0):
        raise UnusableWeights("权重要大于零，至少一个单位要有权重")
    if weight_sum == 0:
        return [0] * len(weights)
    parts, remainders = zip(*(divmod(total * weight, weight_sum) for weight in weights), strict=True)
    order = sorted(range(len(weights)), key=lambda place: (-remainders[place], place))
    extra = set(order[: total - sum(parts)])
    return [part + (place in extra) for place, part in enumerate(parts)]


def share_tenths(counts: Sequence[int]) -> list[int]:
    """Each count's share in tenths of a percent, adding up to 1000; all 0 where there is nothing."""
    return largest_remainder(1000, counts) if any(counts) else [0] * len(counts)


class Way(StrEnum):
    """How an indicator's target goes down to the units below."""

    SUMMED = "summed"  # the parts make up the whole
    RATE = "rate"  # the same percent, or one of its own; a weighted mean is shown, nothing is summed
    EACH = "each"  # the same number for everybody, or one of its own; nothing is summed
    TICKED = "ticked"  # a unit takes part or does not; there is no number to divide


class Method(StrEnum):
    """By what a target is divided."""

    WEIGHT = "weight"
    LAST_YEAR = "last_year"
    EQUAL = "equal"


class Verdict(StrEnum):
    """How what was allocated stands to the target above it."""

    GAP = "gap"
    EQUAL = "equal"
    PADDING = "padding"


class Balance(NamedTuple):
    """A row's check: ``difference`` is target − allocated, positive for a gap, negative for padding (scaled)."""

    verdict: Verdict
    difference: int


class Share(NamedTuple):
    """One place in a row. ``kept``: what stands there already and stays; else ``weight`` (None: takes no part)."""

    weight: int | None
    kept: int | None = None


def way_of(kind: Kind, *, item_count: int) -> Way:
    """The way of an indicator; a checklist with names is taken part in, one without has a number for each unit."""
    if kind.facts.is_rate:
        return Way.RATE
    if kind in (Kind.MILESTONE, Kind.NARRATIVE) or (kind is Kind.CHECKLIST and item_count):
        return Way.TICKED
    return Way.EACH if kind is Kind.CHECKLIST else Way.SUMMED


def allocate(total: int, shares: Sequence[Share]) -> list[int | None]:
    """Divide ``total`` over the places that have a weight and nothing kept; kept ones stay as they are.

    With a free place of weight > 0 the result sums to ``total``, unless the kept ones already exceed it:
    then free places get 0 and the row is padded. None for places that take no part. Raises UnusableWeights
    where something is left to divide and nobody has a weight.
    """
    free = [place for place, share in enumerate(shares) if share.kept is None and share.weight is not None]
    rest = max(0, total - sum(share.kept or 0 for share in shares))
    parts = [share.kept for share in shares]
    if free:
        weights = [shares[place].weight or 0 for place in free]
        for place, part in zip(free, largest_remainder(rest, weights), strict=True):
            parts[place] = part
    return parts


def balance(target: int, parts: Sequence[int]) -> Balance:
    """Whether the parts fall short of the target, meet it or exceed it (层层加码)."""
    difference = target - sum(parts)
    if difference == 0:
        return Balance(Verdict.EQUAL, 0)
    return Balance(Verdict.GAP if difference > 0 else Verdict.PADDING, difference)


def weighted_mean(values: Sequence[int], weights: Sequence[int]) -> int | None:
    """What rates of their own amount to, by weight, in the values' own scale; None without any weight."""
    total = sum(weights)
    if total <= 0:
        return None
    return round_half_away(sum(map(mul, values, weights)), total)
