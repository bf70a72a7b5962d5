"""What reports say already: their revisions and accepted lines, for the units and months an import speaks of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tracker.domain.workflow import OPEN, State
from tracker.features.reports.figure_checks import Stream
from tracker.models.report import Line, Report, Revision
from tracker.services.chunks import chunked
from tracker.services.snapshots import LineContent, Texts, content_of


class ReportPlace(NamedTuple):
    """Which report: a unit's account of a pledge, by the month its period is posted to."""

    org_unit_id: int
    pledge_id: int
    month: int


class StandingLine(NamedTuple):
    """An accepted line and who typed it."""

    content: LineContent
    typed_by_id: int | None


@dataclass(slots=True)
class StandingReport:
    """A report as it is: its newest revision number, the accepted revision and the open one, if any."""

    id: int
    last_number: int = 0
    accepted_id: int | None = None
    open_number: int | None = None
    texts: Texts = field(default_factory=Texts)
    lines: dict[int, StandingLine] = field(default_factory=dict)


def read_standing(
    session: Session, programme_id: int, *, units: Collection[int], months: Collection[int]
) -> dict[ReportPlace, StandingReport]:
    """The reports of these units for these months, with the lines of their accepted revisions."""
    found: dict[ReportPlace, StandingReport] = {}
    for part in chunked(sorted(units)):
        here = (
            Report.programme_id == programme_id, Report.org_unit_id.in_(part), Report.month.in_(sorted(months)),
        )  # fmt: skip
        _take_revisions(session, here, found)
        _take_lines(session, here, found)
    return found


def _take_revisions(
    session: Session, here: Iterable[ColumnElement[bool]], found: dict[ReportPlace, StandingReport]
) -> None:
    wanted = (
        select(
            Report.id, Report.org_unit_id, Report.pledge_id, Report.month, Revision.id.label("revision_id"),
            Revision.number, Revision.state, Revision.achievements, Revision.problems, Revision.next_steps,
        )
        .join(Revision, Revision.report_id == Report.id, isouter=True)
        .where(*here)
    )  # fmt: skip
    for row in session.execute(wanted):
        place = ReportPlace(row.org_unit_id, row.pledge_id, row.month)
        report = found.setdefault(place, StandingReport(row.id))
        report.last_number = max(report.last_number, row.number or 0)
        if row.state == State.ACCEPTED:
            report.accepted_id = row.revision_id
            report.texts = Texts(row.achievements, row.problems, row.next_steps)
        elif row.state in OPEN:
            report.open_number = row.number


def _take_lines(
    session: Session, here: Iterable[ColumnElement[bool]], found: Mapping[ReportPlace, StandingReport]
) -> None:
    wanted = (
        select(Report.org_unit_id, Report.pledge_id, Report.month, *Line.__table__.columns)
        .join(Revision, Revision.report_id == Report.id)
        .join(Line, Line.revision_id == Revision.id)
        .where(*here, Revision.state == State.ACCEPTED)
    )
    for row in session.execute(wanted):
        report = found[ReportPlace(row.org_unit_id, row.pledge_id, row.month)]
        report.lines[row.indicator_id] = StandingLine(content_of(row), row.typed_by_id)


def accepted_increments(
    standing: Mapping[ReportPlace, StandingReport],
) -> dict[Stream, dict[int, int | None]]:
    """Stream → month → the accepted number, None where it is unknown."""
    found: dict[Stream, dict[int, int | None]] = defaultdict(dict)
    for place, report in standing.items():
        for indicator_id, line in report.lines.items():
            found[Stream(place.org_unit_id, indicator_id)][place.month] = line.content.value
    return found
