"""From the accepted lines of a unit to ledger cells, and from monthly sums to totals at a cut-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from tracker.domain.kinds import Judgement, Kind


class Part(StrEnum):
    """What a ledger cell counts."""

    AMOUNT = "amount"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    RATE = "rate"
    RATED = "rated"
    PAIRED = "paired"
    ASSIGNED = "assigned"
    REPORTED = "reported"
    UNKNOWN = "unknown"
    DONE = "done"
    JUDGED_DONE = "judged_done"
    JUDGED_ON_TRACK = "judged_on_track"
    JUDGED_LAGGING = "judged_lagging"


JUDGED_PARTS = {
    Judgement.DONE: Part.JUDGED_DONE,
    Judgement.ON_TRACK: Part.JUDGED_ON_TRACK,
    Judgement.LAGGING: Part.JUDGED_LAGGING,
}

Vector = dict[Part, int]
Cells = dict[tuple[int, Part], int]


class IncompleteLine(ValueError):
    """A line answers nothing its kind asks for, although it does not say 不详."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFigure:
    """What one accepted line says; which fields are set depends on the kind.

    ``value``: flow increment, level of a stock or kept, items done to date (scaled).
    ``numerator``, ``denominator``: parts of a rate (scaled by the indicator's decimals); growth:
    now and the same time last year. ``rate``: a bare rate (scaled by its target decimals).
    ``is_unknown`` outranks all of them.
    """

    value: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    rate: int | None = None
    is_done: bool | None = None
    judgement: Judgement | None = None
    is_unknown: bool = False


def cells(kind: Kind, lines: Mapping[int, LineFigure]) -> Cells:
    """The ledger cells (month, part) → amount of one unit and indicator, from all its accepted lines.

    ``lines`` maps posting months (1 to 12) to lines. The answer depends on nothing else, so what
    an act has to post is ``cells_between(cells(before), cells(after))`` whatever came first.
    Levels are differences to the level carried, so sums up to a month give the level at that month;
    an unknown line carries the last known one. No cell is zero. Raises IncompleteLine.
    """
    made: Cells = {}
    carried: Vector = {}
    for month in sorted(lines):
        line = lines[month]
        _add(made, month, {Part.REPORTED: 1, Part.UNKNOWN: int(line.is_unknown)})
        if line.is_unknown:
            continue
        vector = _vector(kind, line)
        _add(made, month, vector)
        if kind.facts.is_level:
            _add(made, month, {part: -amount for part, amount in carried.items()})
            carried = vector
    return {place: amount for place, amount in made.items() if amount}


def cells_between(before: Cells, after: Cells) -> Cells:
    """What must be posted to get from one set of cells to another; empty when they agree."""
    places = sorted(before.keys() | after.keys())
    moved = {place: after.get(place, 0) - before.get(place, 0) for place in places}
    return {place: amount for place, amount in moved.items() if amount}


def _add(made: Cells, month: int, vector: Mapping[Part, int]) -> None:
    for part, amount in vector.items():
        made[month, part] = made.get((month, part), 0) + amount


def _vector(kind: Kind, line: LineFigure) -> Vector:
    if kind.facts.is_rate:
        return _rate_vector(line)
    if kind is Kind.MILESTONE and line.is_done is not None:
        return {Part.DONE: int(line.is_done)}
    if kind is Kind.NARRATIVE and line.judgement is not None:
        return {JUDGED_PARTS[line.judgement]: 1}
    if kind not in (Kind.MILESTONE, Kind.NARRATIVE) and line.value is not None:
        return {Part.AMOUNT: line.value}
    raise IncompleteLine(f"a {kind} line without its figure: {line}")


def _rate_vector(line: LineFigure) -> Vector:
    if line.numerator is not None and line.denominator is not None:
        return {
            Part.NUMERATOR: line.numerator,
            Part.DENOMINATOR: line.denominator,
            Part.PAIRED: 1,
        }
    if line.rate is not None:
        return {Part.RATE: line.rate, Part.RATED: 1}
    raise IncompleteLine(f"a rate line without its parts: {line}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of one node and indicator at a cut-off month; they add up over children.

    Everything is a sum up to the cut-off, except ``reported`` and ``unknown``, which count the due
    period alone. ``known_to_date`` tells a sum of nothing from a sum of zeros.
    """

    amount: int = 0
    numerator: int = 0
    denominator: int = 0
    rate: int = 0
    rated: int = 0
    paired: int = 0
    assigned: int = 0
    done: int = 0
    judged_done: int = 0
    judged_on_track: int = 0
    judged_lagging: int = 0
    reported: int = 0
    unknown: int = 0
    reported_to_date: int = 0
    unknown_to_date: int = 0
    provisional_amount: int = 0
    provisional_done: int = 0

    @property
    def known_to_date(self) -> int:
        """Lines up to the cut-off that gave a figure, not 不详."""
        return self.reported_to_date - self.unknown_to_date

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            **{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        )


NO_MONTHS: Mapping[Part, Sequence[int]] = {}


def totals_at(
    months: Mapping[Part, Sequence[int]],
    *,
    cutoff: int,
    due_month: int | None,
    provisional: Mapping[Part, Sequence[int]] = NO_MONTHS,
) -> Totals:
    """Totals at a cut-off month (0 to 12) from twelve monthly sums per part, accepted and provisional.

    ``due_month`` is the last month of the due period, None before the first one. Assignments
    hold from the start of the year, so they count even before anything is due.
    """

    def to_date(source: Mapping[Part, Sequence[int]], part: Part, until: int = cutoff) -> int:
        return sum(source[part][:until]) if part in source else 0

    def in_due(part: Part) -> int:
        return months[part][due_month - 1] if due_month and part in months else 0

    return Totals(
        amount=to_date(months, Part.AMOUNT),
        numerator=to_date(months, Part.NUMERATOR),
        denominator=to_date(months, Part.DENOMINATOR),
        rate=to_date(months, Part.RATE),
        rated=to_date(months, Part.RATED),
        paired=to_date(months, Part.PAIRED),
        assigned=to_date(months, Part.ASSIGNED, max(cutoff, 1)),
        done=to_date(months, Part.DONE),
        judged_done=to_date(months, Part.JUDGED_DONE),
        judged_on_track=to_date(months, Part.JUDGED_ON_TRACK),
        judged_lagging=to_date(months, Part.JUDGED_LAGGING),
        reported=in_due(Part.REPORTED),
        unknown=in_due(Part.UNKNOWN),
        reported_to_date=to_date(months, Part.REPORTED),
        unknown_to_date=to_date(months, Part.UNKNOWN),
        provisional_amount=to_date(provisional, Part.AMOUNT),
        provisional_done=to_date(provisional, Part.DONE),
    )
