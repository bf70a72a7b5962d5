"""Dividing whole numbers by weight so that the parts add up exactly."""

from __future__ import annotations

from collections.abc import Sequence

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
