"""Stored lines as figures: the one place that knows which columns carry what for each kind."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from tracker.domain.kinds import Judgement, Kind
from tracker.domain.rollup import LineFigure


class LineColumns(Protocol):
    """The columns of a line row, from an entity or from a Core row."""

    @property
    def value(self) -> int | None: ...
    @property
    def numerator(self) -> int | None: ...
    @property
    def denominator(self) -> int | None: ...
    @property
    def rate(self) -> int | None: ...
    @property
    def done_on(self) -> date | None: ...
    @property
    def judgement(self) -> str | None: ...
    @property
    def is_unknown(self) -> bool | None: ...


def figure_of(kind: Kind, line: LineColumns) -> LineFigure | None:
    """The figure a line states, or None for a blank one.

    Milestones: a date is done, the value 0 is "reported, not done yet". Growth may lack last year's
    value: its ``denominator`` stays None for the base to fill.
    """
    if line.is_unknown:
        return LineFigure(is_unknown=True)
    if kind is Kind.MILESTONE:
        is_blank = line.done_on is None and line.value is None
        return None if is_blank else LineFigure(is_done=line.done_on is not None)
    if kind is Kind.NARRATIVE:
        return None if line.judgement is None else LineFigure(judgement=Judgement(line.judgement))
    if kind.facts.is_rate:
        is_blank = line.numerator is None and line.rate is None
        return (
            None
            if is_blank
            else LineFigure(numerator=line.numerator, denominator=line.denominator, rate=line.rate)
        )
    return None if line.value is None else LineFigure(value=line.value)
