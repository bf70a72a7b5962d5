"""Measuring one thing against a floor taken in the same run: interleaved rounds, medians, verdicts, a table, JSON."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

ROUNDS: Final = 7
NOISY_SHARE: Final = 0.20
"""Where the middle half of the rounds' ratios spreads wider than this share of their median, nothing is known."""

Work = Callable[[], object]
Clock = Callable[[], float]


class Verdict(StrEnum):
    """What a measurement says."""

    MET = "met"
    MISSED = "missed"
    NOISY = "noisy"
    TOLD = "told"


class TooFewRounds(ValueError):
    """A median of fewer than five rounds says nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One goal on one engine. ``at_least``: the ratio should not be below its goal (else: not above).

    ``goal`` None: only told. ``subject_ms`` and ``floor_ms`` are medians of this machine, kept beside the ratio.
    """

    name: str
    engine: str
    goal: float | None
    ratios: tuple[float, ...]
    subject_ms: float
    floor_ms: float
    at_least: bool = False
    note: str = ""

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> float:
        """How far the middle half of the ratios lies apart, as a share of their median."""
        low, _middle, high = statistics.quantiles(self.ratios, n=4, method="inclusive")
        return (high - low) / self.ratio if self.ratio else 0.0

    @property
    def verdict(self) -> Verdict:
        """A wide spread is noise, wherever the median lies."""
        if self.goal is None:
            return Verdict.TOLD
        if self.spread > NOISY_SHARE:
            return Verdict.NOISY
        is_met = self.ratio >= self.goal if self.at_least else self.ratio <= self.goal
        return Verdict.MET if is_met else Verdict.MISSED


@dataclass(frozen=True, slots=True)
class Timed:
    """One action of the side-by-side set: its statements and its median time."""

    name: str
    engine: str
    statements: int
    milliseconds: float
    note: str = ""


@dataclass
class Results:
    """Everything one run has measured."""

    ratios: list[Measured] = field(default_factory=list)
    actions: list[Timed] = field(default_factory=list)

    def write(self, file: Path, *, machine: str) -> None:
        """Keep everything as JSON."""
        file.parent.mkdir(parents=True, exist_ok=True)
        ratios = [
            asdict(one) | {"ratio": one.ratio, "spread": one.spread, "verdict": one.verdict.value}
            for one in self.ratios
        ]
        document = {"machine": machine, "goals": ratios, "actions": [asdict(one) for one in self.actions]}
        file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def table(self) -> str:
        """Both tables, as they are printed and kept in docs/performance.md."""
        lines = [
            "| measure | engine | ratio | goal | spread | says | beside |",
            "|---|---|--:|--:|--:|---|---|",
        ]
        lines += [_goal_line(one) for one in self.ratios]
        lines += ["", "| action | engine | statements | ms | note |", "|---|---|--:|--:|---|"]
        lines += [
            f"| {one.name} | {one.engine} | {one.statements} | {one.milliseconds:.1f} | {one.note} |"
            for one in self.actions
        ]
        return "\n".join(lines)


def _goal_line(one: Measured) -> str:
    sign = "≥" if one.at_least else "≤"
    goal = "—" if one.goal is None else f"{sign} {one.goal:g}"
    beside = f"{one.subject_ms:.2f} ÷ {one.floor_ms:.2f} ms"
    note = f"{beside}; {one.note}" if one.note else beside
    return f"| {one.name} | {one.engine} | {one.ratio:.2f} | {goal} | {one.spread:.0%} | {one.verdict} | {note} |"


def compare(
    name: str,
    engine: str,
    *,
    goal: float | None,
    subject: Work,
    floor: Work,
    repeats: tuple[int, int] = (1, 1),
    rounds: int = ROUNDS,
    clock: Clock = time.perf_counter,
    takes_least: bool = False,
    note: str = "",
) -> Measured:
    """The subject's time as a multiple of the floor's. ``repeats``: how often each runs in a round.

    Both are run once before, then in turns: floor, subject, floor, subject. ``takes_least``: of a round's repeats
    the quickest counts, not their mean, which leaves out what other work on the machine added. Raises TooFewRounds.
    """
    if rounds < 5:
        raise TooFewRounds(rounds)
    subject(), floor()
    timed = _least if takes_least else _timed
    pairs = [(timed(floor, repeats[1], clock), timed(subject, repeats[0], clock)) for _ in range(rounds)]
    return measured(name, engine, goal=goal, pairs=pairs, note=note)


def measured(
    name: str, engine: str, *, goal: float | None, pairs: Sequence[tuple[float, float]], note: str = ""
) -> Measured:
    """From pairs of (floor, subject) seconds."""
    ratios = tuple(subject / floor for floor, subject in pairs)
    floor_ms, subject_ms = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    return Measured(name, engine, goal, ratios, subject_ms, floor_ms, note=note)


def _least(work: Work, repeats: int, clock: Clock) -> float:
    """Seconds of the quickest of so many runs."""
    return min(_timed(work, 1, clock) for _ in range(repeats))


def _timed(work: Work, repeats: int, clock: Clock) -> float:
    """Seconds for one run, over so many."""
    began = clock()
    for _ in range(repeats):
        work()
    return (clock() - began) / repeats
