"""What the ledger ought to hold for some units, as a pure reading of their lines and targets.

A posting is the difference between this and what the entries already sum to, so the order in which
revisions were accepted, corrected or revoked never matters (document 4.1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tracker.domain.kinds import Kind
from tracker.domain.rollup import LineFigure, Part, cells, cells_between
from tracker.services.ledger.reading import Cell, Counted, Lines, Scope, Stream, Targets
from tracker.services.tree import Step

ACCEPTED = "accepted"
PROVISIONAL = "provisional"

Sums = dict[tuple[str, Part, int], int]


class Books(NamedTuple):
    """All that was read for one act."""

    scope: Scope
    lines: Lines
    targets: Targets
    paths: Mapping[int, Sequence[Step]]


def desired_cells(books: Books, units: Collection[int]) -> dict[Cell, int]:
    """Every cell these units ought to have, zero cells left out."""
    found: dict[Cell, int] = {}
    spoken_of = _spoken_of(books)
    for unit in units:
        above = {step.org_unit_id for step in books.paths.get(unit, ())}
        for indicator in books.scope.indicators.values():
            is_silent = unit != indicator.publisher_id and Stream(unit, indicator.id) not in spoken_of
            if not is_silent and indicator.publisher_id in above:
                found |= _cells_at(books, indicator, unit, above)
    return found


def _spoken_of(books: Books) -> set[Stream]:
    """The streams with a figure or a target, and those they feed: of all others there is nothing to say.

    (A publisher's own level is held to report without a target.)
    """
    known = books.lines.streams() | books.targets.streams()
    for fed_id, sources in books.scope.sources.items():
        feeding = {source.id for source in sources}
        known |= {Stream(stream.org_unit_id, fed_id) for stream in known if stream.indicator_id in feeding}
        known |= {Stream(source.publisher_id, fed_id) for source in sources}
    return known


def _cells_at(books: Books, indicator: Counted, unit: int, above: set[int]) -> dict[Cell, int]:
    """One unit's cells of one indicator: its own lines, or those of the lists that feed it."""
    feeding = [source for source in books.scope.sources.get(indicator.id, ()) if source.publisher_id in above]
    sums: Sums = defaultdict(int)
    for source in feeding or [indicator]:
        for key, amount in _stream_sums(books, source, unit).items():
            sums[key] = amount if key[1] is Part.ASSIGNED else sums[key] + amount
    return {
        Cell(unit, indicator.id, basis, part.value, month): amount
        for (basis, part, month), amount in sums.items()
        if amount
    }


def _stream_sums(books: Books, indicator: Counted, unit: int) -> Sums:
    stream = Stream(unit, indicator.id)
    sums = _line_sums(books, indicator, stream) if books.lines.has(stream) else {}
    has_reported = books.lines.has_accepted(stream)
    if books.targets.is_reporting(indicator, stream, has_reported=has_reported):
        sums[(ACCEPTED, Part.ASSIGNED, 1)] = 1
    return sums


def _line_sums(books: Books, indicator: Counted, stream: Stream) -> Sums:
    """What a stream's lines come to: those that count, and what those under way would change."""
    base = books.targets.base_at(stream)
    accepted = against_base(books.lines.accepted(stream), indicator.kind, base)
    now = cells(indicator.kind, accepted)
    sums: Sums = {(ACCEPTED, part, month): amount for (month, part), amount in now.items()}
    if books.lines.has_open_reports:
        overlaid = against_base(books.lines.overlaid(stream), indicator.kind, base)
        coming = cells_between(now, cells(indicator.kind, overlaid))
        sums |= {(PROVISIONAL, part, month): amount for (month, part), amount in coming.items()}
    return sums


def against_base(figures: Mapping[int, LineFigure], kind: Kind, base: int | None) -> Mapping[int, LineFigure]:
    """Growth without last year's value counts against the base; without either its rate is unknown."""
    if kind is not Kind.GROWTH:
        return figures
    return {month: _with_base(figure, base) for month, figure in figures.items()}


def _with_base(figure: LineFigure, base: int | None) -> LineFigure:
    if figure.numerator is None or figure.denominator is not None:
        return figure
    if base is None:
        return LineFigure(is_unknown=True)
    return LineFigure(numerator=figure.numerator, denominator=base)
