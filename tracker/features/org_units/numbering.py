"""Numbering a forest so that "below" is two comparisons, with room left for units that join later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

STEP = 2**20
"""Distance between neighbouring ends of intervals when the whole forest is numbered."""

FINE_STEP = 2**8
"""At most this much of what is left goes to one end of an added interval, so that many can follow."""

ROOT = ""
"""The parent of roots."""

Children = Mapping[str, Sequence[str]]
"""Parent → its children in official order; every unit of the forest once."""


class Interval(NamedTuple):
    """Where a unit stands: everything below has its ``pre`` after this one's, up to ``last``. A root's depth is 0."""

    depth: int
    pre: int
    last: int


class _Visit(NamedTuple):
    """One end of a unit's interval."""

    code: str
    depth: int
    is_start: bool


def number_forest(children: Children) -> dict[str, Interval]:
    """Every unit's interval, all ends ``STEP`` apart."""
    return _number(list(_visits(children, children.get(ROOT, ()), 0)), start=0, step=STEP)


def number_added(children: Children, placed: Mapping[str, Interval]) -> dict[str, Interval] | None:
    """Intervals for the units not yet placed, without moving the others; None when there is no room.

    None also where the placed ones no longer stand in official order: then all must be numbered anew.
    """
    added: dict[str, Interval] = {}
    for parent, siblings in children.items():
        if parent != ROOT and parent not in placed:
            continue
        known = [placed[code] for code in siblings if code in placed]
        if any(left.last >= right.pre for left, right in pairwise(known)):
            return None
        for run in _runs(parent, siblings, placed):
            fitted = _fit(children, run)
            if fitted is None:
                return None
            added |= fitted
    return added


class _Run(NamedTuple):
    """New siblings side by side and the free numbers between their neighbours; ``until`` None: no end."""

    codes: list[str]
    depth: int
    after: int
    until: int | None


def _runs(parent: str, siblings: Sequence[str], placed: Mapping[str, Interval]) -> Iterator[_Run]:
    around = placed.get(parent)
    depth = 0 if around is None else around.depth + 1
    after = 0 if around is None else around.pre
    codes: list[str] = []
    for code in siblings:
        if code not in placed:
            codes.append(code)
            continue
        if codes:
            yield _Run(codes, depth, after, placed[code].pre)
        codes, after = [], placed[code].last
    if codes:
        yield _Run(codes, depth, after, None if around is None else around.last)


def number_run(
    children: Children, *, depth: int, after: int, until: int | None
) -> dict[str, Interval] | None:
    """Intervals for the forest ``children`` between two numbers (``until`` None: no end); None when there is no room."""
    return _fit(children, _Run(list(children[ROOT]), depth, after, until))


def _fit(children: Children, run: _Run) -> dict[str, Interval] | None:
    visits = list(_visits(children, run.codes, run.depth))
    step = STEP if run.until is None else min(FINE_STEP, (run.until - run.after) // (len(visits) + 1))
    return _number(visits, start=run.after, step=step) if step else None


def _visits(children: Children, roots: Sequence[str], depth: int) -> Iterator[_Visit]:
    """Both ends of every interval from left to right."""
    waiting = [_Visit(code, depth, is_start=True) for code in reversed(roots)]
    while waiting:
        visit = waiting.pop()
        yield visit
        if visit.is_start:
            waiting.append(visit._replace(is_start=False))
            below = reversed(children.get(visit.code, ()))
            waiting += [_Visit(code, visit.depth + 1, is_start=True) for code in below]


def _number(visits: Sequence[_Visit], *, start: int, step: int) -> dict[str, Interval]:
    starts: dict[str, int] = {}
    intervals: dict[str, Interval] = {}
    for turn, visit in enumerate(visits, 1):
        if visit.is_start:
            starts[visit.code] = start + turn * step
        else:
            intervals[visit.code] = Interval(visit.depth, starts[visit.code], start + turn * step)
    return intervals
