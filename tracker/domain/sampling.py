"""Samples of accepted figures: three ways to draw, each repeatable by a reader with pencil and a digest tool.

random: for each figure the SHA-256 of ``start number:key`` in lower-case hex; the smallest digests are drawn.
size: figures are ranked by absolute size within their indicator; the largest of every indicator come first.
risk: figures with the most reasons to look come first, among equals by size; without a reason none is drawn.
Equal ones are taken in the order of their keys (``330203/enrolments/2018-06/1``: unit, indicator, period, revision).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How a sample is drawn."""

    RANDOM = "random"
    SIZE = "size"
    RISK = "risk"


class Risk(StrEnum):
    """A reason to look at a figure twice."""

    CORRECTED = "corrected"  # an earlier revision of the report was replaced or revoked
    LAST_DAY_JUMP = (
        "last_day_jump"  # far above the mean of the periods before, handed in on the last day or later
    )
    EXACTLY_FULL = "exactly_full"  # brings the unit to 100.0 % exactly
    LATE = "late"
    NO_EVIDENCE = "no_evidence"  # required, and none is attached
    IMPORTED = "imported"
    UNSIGNED = "unsigned"  # no approver signed it
    NEAR_MISS = (
        "near_miss"  # who signed or accepted has written another revision of the report, or reports there
    )


class Verdict(StrEnum):
    """What an auditor found about a sampled figure; the figure itself never changes by it."""

    VERIFIED = "verified"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One accepted figure. ``size``: the scaled figure, None where there is no number; ``group``: its indicator."""

    key: str
    group: str
    size: int | None
    risks: tuple[Risk, ...] = ()


def draw(population: Iterable[Candidate], method: Method, *, count: int, seed: str) -> list[Candidate]:
    """At most ``count`` figures of the population in the order they are drawn; the same input draws the same."""
    ways = {
        Method.RANDOM: lambda found: sorted(found, key=lambda one: (lot(seed, one.key), one.key)),
        Method.SIZE: _by_size,
        Method.RISK: _by_risk,
    }
    return ways[method](list(population))[:count]


def lot(seed: str, key: str) -> str:
    """A figure's lot in a random draw: SHA-256 of ``seed:key`` in hex; the smallest are drawn."""
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()


def population_digest(keys: Collection[str]) -> str:
    """SHA-256 over all keys in order, a line each: who has the same population has the same digest."""
    return hashlib.sha256("".join(f"{key}\n" for key in sorted(keys)).encode()).hexdigest()


def _by_size(population: Sequence[Candidate]) -> list[Candidate]:
    ranks = _ranks(population)
    return sorted(
        (one for one in population if one.size is not None),
        key=lambda one: (ranks[one.key], one.group, one.key),
    )


def _by_risk(population: Sequence[Candidate]) -> list[Candidate]:
    ranks = _ranks(population)
    return sorted(
        (one for one in population if one.risks),
        key=lambda one: (-len(one.risks), ranks[one.key], one.group, one.key),
    )


def _ranks(population: Sequence[Candidate]) -> dict[str, int]:
    """Key → place by absolute size within its indicator, from 0; figures without a number come last."""
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for one in population:
        groups[one.group].append(one)
    ranks: dict[str, int] = {}
    for found in groups.values():
        placed = sorted(found, key=lambda one: (one.size is None, -abs(one.size or 0), one.key))
        ranks |= {one.key: at for at, one in enumerate(placed)}
    return ranks
