"""What the ledger reads before it posts: indicators in reach, their lines, targets and present cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    Select,
    and_,
    bindparam,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from tracker.domain.kinds import Kind
from tracker.domain.rollup import LineFigure
from tracker.domain.workflow import PROVISIONAL, State
from tracker.models.base import Key
from tracker.models.org_unit import OrgPlace
from tracker.models.programme import Alignment, Indicator, Programme, Target
from tracker.models.report import Line, Report, Revision
from tracker.services.chunks import chunked
from tracker.services.figures_of_lines import figure_of
from tracker.services.tree import near_units


class Cell(NamedTuple):
    """The key of one ledger cell."""

    org_unit_id: int
    indicator_id: int
    basis: str
    part: str
    month: int


class Counted(NamedTuple):
    """An indicator as the ledger needs it: its list, its publisher and its kind."""

    id: int
    programme_id: int
    publisher_id: int
    year: int
    kind: Kind
    own_level_counts: bool = True


class Stream(NamedTuple):
    """One unit's account of one indicator."""

    org_unit_id: int
    indicator_id: int


class Scope(NamedTuple):
    """What an act touches: the indicators to post, and for each fed one the indicators that feed it."""

    indicators: Mapping[int, Counted]
    sources: Mapping[int, tuple[Counted, ...]]

    def read_ids(self) -> list[int]:
        """All indicators whose lines and targets matter, in order."""
        feeding = {source.id for group in self.sources.values() for source in group}
        return sorted(feeding | set(self.indicators))


class Lines:
    """Figures of some units: those that count, and those that open revisions would put in their place."""

    def __init__(self) -> None:
        self._accepted: dict[Stream, dict[int, tuple[int, LineFigure]]] = defaultdict(dict)
        self._opened: dict[Stream, dict[int, LineFigure]] = defaultdict(dict)
        self._open_reports: set[int] = set()

    def open_report(self, report_id: int) -> None:
        """Say that a submitted or signed revision stands ready to replace what the report says now."""
        self._open_reports.add(report_id)

    def put(
        self,
        stream: Stream,
        month: int,
        report_id: int,
        figure: LineFigure,
        *,
        is_accepted: bool,
    ) -> None:
        """Take in one figure."""
        if is_accepted:
            self._accepted[stream][month] = (report_id, figure)
        else:
            self._opened[stream][month] = figure

    def streams(self) -> set[Stream]:
        """Every stream of which there is any figure."""
        return self._accepted.keys() | self._opened.keys()

    @property
    def has_open_reports(self) -> bool:
        """Whether anything is under way; else what counts and what would count are the same."""
        return bool(self._open_reports)

    def has(self, stream: Stream) -> bool:
        """Whether there is any figure of the stream."""
        return stream in self._accepted or stream in self._opened

    def has_accepted(self, stream: Stream) -> bool:
        """Whether a figure of the stream counts."""
        return stream in self._accepted

    def accepted(self, stream: Stream) -> dict[int, LineFigure]:
        """Month → figure as accepted."""
        return {month: figure for month, (_, figure) in self._accepted.get(stream, {}).items()}

    def overlaid(self, stream: Stream) -> dict[int, LineFigure]:
        """Month → figure as if every open revision were accepted."""
        kept = {
            month: figure
            for month, (report_id, figure) in self._accepted.get(stream, {}).items()
            if report_id not in self._open_reports
        }
        return kept | self._opened.get(stream, {})


def read_lines(session: Session, indicator_ids: Sequence[int], units: Sequence[int]) -> Lines:
    """The figures of these units for these indicators."""
    session.flush()
    lines = Lines()
    for part in chunked(units):
        values = {"units": part, "indicator_ids": indicator_ids}
        for row in session.connection().execute(LINES, values).all():
            take_line(lines, row)
    return lines


LINE: Final = "line"


def many(name: str) -> BindParameter[Any]:
    """A list that is told when the statement runs."""
    return bindparam(name, expanding=True, type_=Key)


def _lines() -> Select[*tuple[Any, ...]]:
    states = [State.ACCEPTED, *sorted(PROVISIONAL)]
    pledges = select(Indicator.pledge_id).where(Indicator.id.in_(many("indicator_ids")))
    return (
        select(
            literal(LINE).label("what"), Report.id, Report.org_unit_id, Report.month, Revision.state, Indicator.kind,
            Line.indicator_id, Line.value, Line.numerator, Line.denominator, Line.rate, Line.done_on, Line.judgement,
            Line.is_unknown,
        )
        .join(Revision, Revision.report_id == Report.id)
        .join(Line, Line.revision_id == Revision.id, isouter=True)
        .join(Indicator, Indicator.id == Line.indicator_id, isouter=True)
        .where(
            Report.org_unit_id.in_(many("units")), Report.pledge_id.in_(pledges), Revision.state.in_(states)
        )
    )  # fmt: skip


LINES = _lines()
"""Made once: putting a statement together costs more than sending it."""


def take_line(lines: Lines, row: Any) -> None:
    """Put what a row of ``LINES`` says among the lines."""
    is_accepted = row.state == State.ACCEPTED
    if not is_accepted:
        lines.open_report(row.id)
    figure = None if row.kind is None else figure_of(Kind(row.kind), row)
    if figure is not None:
        stream = Stream(row.org_unit_id, row.indicator_id)
        lines.put(stream, row.month, row.id, figure, is_accepted=is_accepted)


class Version(NamedTuple):
    """As much of a target version as the ledger needs."""

    org_unit_id: int
    indicator_id: int
    is_own_level: bool
    is_assigned: bool
    base: int | None


class Targets:
    """The newest target versions of some units and of the units right below them."""

    def __init__(self) -> None:
        self._wholes: dict[Stream, Version] = {}
        self._owns: dict[Stream, Version] = {}
        self._parents: dict[int, int] = {}
        self.delegating: set[Stream] = set()

    def put(self, version: Version, parent_id: int) -> None:
        """Take in one version of a unit that stands below ``parent_id``; later ones win, so they come in order."""
        stream = Stream(version.org_unit_id, version.indicator_id)
        self._parents[stream.org_unit_id] = parent_id
        (self._owns if version.is_own_level else self._wholes)[stream] = version

    def finish(self) -> None:
        """Work out, once all versions are in, which units have assigned children."""
        self.delegating = {
            Stream(self._parents[stream.org_unit_id], stream.indicator_id)
            for stream, whole in self._wholes.items()
            if whole.is_assigned
        }

    def streams(self) -> set[Stream]:
        """Every stream a version speaks of."""
        return self._wholes.keys() | self._owns.keys()

    def base_at(self, stream: Stream) -> int | None:
        """The base a unit's own figures are held against."""
        own = self._owns.get(stream)
        version = own if own is not None and own.is_assigned else self._wholes.get(stream)
        return None if version is None else version.base

    def is_reporting(self, indicator: Counted, stream: Stream, *, has_reported: bool) -> bool:
        """Whether the unit itself counts among ``assigned`` (document 1.3): one unit that has to report."""
        own, whole = self._owns.get(stream), self._wholes.get(stream)
        if own is not None and own.is_assigned:
            return True
        is_held = stream.org_unit_id == indicator.publisher_id if whole is None else whole.is_assigned
        if not is_held:
            return False
        return has_reported or stream not in self.delegating


def read_scope_and_targets(
    session: Session, programme_id: int, units: Sequence[int], edition: int
) -> tuple[Scope, Targets]:
    """What an act of a programme touches, with the targets of these units and of those right below them.

    The programme's indicators, the higher ones they feed, and everything else that feeds those; the newest
    target versions by the tree of that edition. One statement for each 400 units.
    """
    session.flush()
    counted: dict[int, Counted] = {}
    feeds: set[tuple[int, int]] = set()
    targets = Targets()
    for part in chunked(units, 400) if units else [[]]:
        values = {"programme_id": programme_id, "units": part, "edition": edition}
        for row in session.connection().execute(_SCOPE_AND_TARGETS, values).all():
            if row.id not in counted:
                counted[row.id] = _counted(row)
            if row.fed_id is not None:
                feeds.add((row.fed_id, row.id))
            if row.org_unit_id is not None:
                version = Version(row.org_unit_id, row.id, row.is_own_level, row.is_assigned, row.base)
                targets.put(version, row.parent_id)
    targets.finish()
    return _scope(programme_id, counted, feeds), targets


def _counted(row: Any) -> Counted:
    return Counted(row.id, row.programme_id, row.publisher_id, row.year, Kind(row.kind), row.own_level_counts)


def _scope(programme_id: int, known: Mapping[int, Counted], feeds: Collection[tuple[int, int]]) -> Scope:
    sources: dict[int, list[Counted]] = defaultdict(list)
    for fed_id, source_id in sorted(feeds):
        if fed_id in known:
            sources[fed_id].append(known[source_id])
    own = {key: one for key, one in known.items() if one.programme_id == programme_id}
    return Scope(
        own | {key: known[key] for key in sources}, {key: tuple(group) for key, group in sources.items()}
    )


def _scope_and_targets() -> Select[*tuple[Any, ...]]:
    own = select(Indicator.id).where(Indicator.programme_id == bindparam("programme_id", type_=Key))
    units, edition = many("units"), bindparam("edition", type_=Key)
    touching = select(Alignment.indicator_id).where(
        or_(Alignment.source_id.in_(own), Alignment.indicator_id.in_(own))
    )
    feeding = select(Alignment.source_id).where(Alignment.indicator_id.in_(touching))
    is_their_target = and_(
        Target.programme_id == Indicator.programme_id,
        Target.indicator_id == Indicator.id,
        Target.org_unit_id.in_(near_units(edition, units)),
    )
    return (
        select(
            Indicator.id, Indicator.programme_id, Programme.publisher_id, Programme.year, Indicator.kind,
            Programme.own_level_counts, Alignment.indicator_id.label("fed_id"),
            Target.org_unit_id, Target.is_own_level, Target.is_assigned, Target.base, OrgPlace.parent_id,
        )
        .join(Programme, Programme.id == Indicator.programme_id)
        .join(Alignment, and_(Alignment.source_id == Indicator.id, Alignment.indicator_id.in_(touching)),
              isouter=True)
        .join(Target, is_their_target, isouter=True)
        .join(OrgPlace, and_(OrgPlace.org_unit_id == Target.org_unit_id, OrgPlace.edition == edition),
              isouter=True)
        .where(or_(Indicator.id.in_(own), Indicator.id.in_(touching), Indicator.id.in_(feeding)))
        .order_by(Target.id, Indicator.id)
    )  # fmt: skip


_SCOPE_AND_TARGETS = _scope_and_targets()


def note_far_assignments(
    session: Session,
    targets: Targets,
    indicators: Collection[Counted],
    *,
    units: Collection[int],
    coming: Sequence[Version],
) -> None:
    """A publisher whose list names nobody right below it, but somebody further down, does not report itself either.

    Asked only where the publisher is among ``units``: its whole list has to be looked through.
    """
    waiting = {
        indicator.id: indicator
        for indicator in indicators
        if indicator.publisher_id in units
        and Stream(indicator.publisher_id, indicator.id) not in targets.delegating
    }
    if not waiting:
        return
    programmes = {indicator.programme_id for indicator in waiting.values()}
    wanted = (
        select(Target.org_unit_id, Target.indicator_id, Target.is_own_level, Target.is_assigned, Target.base)
        .where(Target.programme_id.in_(programmes), Target.indicator_id.in_(waiting))
        .order_by(Target.id)
    )
    stored = [Version(*row) for row in session.execute(wanted)]
    newest = {
        Stream(version.org_unit_id, version.indicator_id): version.is_assigned
        for version in [*stored, *coming]
        if not version.is_own_level and version.indicator_id in waiting
    }
    for stream, is_assigned in newest.items():
        publisher_id = waiting[stream.indicator_id].publisher_id
        if is_assigned and stream.org_unit_id != publisher_id:
            targets.delegating.add(Stream(publisher_id, stream.indicator_id))
