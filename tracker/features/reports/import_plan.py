"""What an import will write, worked out before anything is: which reports get a new revision, with which lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.domain.messages import Fault, Message
from tracker.features.reports.figure_book import FigureBook
from tracker.features.reports.figure_checks import Stated, Stream
from tracker.features.reports.figure_files import place_of
from tracker.features.reports.standing_reports import ReportPlace, StandingLine, StandingReport
from tracker.services.targets import NewTarget


class ReportPlan(NamedTuple):
    """One report's next revision: the rows that change it, and all its lines by indicator, carried ones included."""

    place: ReportPlace
    changes: Sequence[Stated]
    lines: Mapping[int, StandingLine]
    standing: StandingReport | None

    @property
    def ended_id(self) -> int | None:
        """The accepted revision this one takes the place of."""
        return None if self.standing is None else self.standing.accepted_id


@dataclass(frozen=True, slots=True)
class Plan:
    """All reports to be written in a fixed order, and the file's rows counted by what they do."""

    reports: tuple[ReportPlan, ...]
    new: int
    corrected: int
    skipped: int


def make_plan(stated: Sequence[Stated], standing: Mapping[ReportPlace, StandingReport]) -> Plan:
    """Rows equal to the accepted line are passed over; reports without another row stay as they are."""
    groups: dict[ReportPlace, list[Stated]] = defaultdict(list)
    new = corrected = 0
    for one in stated:
        place = ReportPlace(one.unit.id, one.indicator.pledge_id, one.period.last_month)
        accepted = standing[place].lines.get(one.indicator.id) if place in standing else None
        if accepted is None:
            new += 1
        elif accepted.content != one.content:
            corrected += 1
        else:
            continue
        groups[place].append(one)
    reports = tuple(_report_plan(place, groups[place], standing.get(place)) for place in sorted(groups))
    return Plan(reports, new, corrected, len(stated) - new - corrected)


def _report_plan(
    place: ReportPlace, changes: Sequence[Stated], standing: StandingReport | None
) -> ReportPlan:
    lines = {} if standing is None else dict(standing.lines)
    lines |= {one.indicator.id: StandingLine(one.content, None) for one in changes}
    return ReportPlan(place, changes, lines, standing)


def open_faults(plan: Plan, book: FigureBook) -> Iterator[Fault]:
    """Reports that somebody is working on: an import does not overtake them."""
    for report in plan.reports:
        if report.standing is not None and report.standing.open_number is not None:
            first = report.changes[0]
            message = Message(
                "{unit} 第 {pledge} 项实事 {period} 的报告有第 {number} 版还没有办结，请先办结再导入",
                {
                    "unit": first.unit.code,
                    "pledge": book.pledge_numbers[report.place.pledge_id],
                    "period": first.period.key,
                    "number": report.standing.open_number,
                },
            )
            yield Fault(place_of(first.line, ""), message)


def newly_assigned(stated: Sequence[Stated], book: FigureBook) -> dict[Stream, Stated]:
    """The streams no list assigned to their unit, each with the first row that brings a figure for it."""
    first_rows: dict[Stream, Stated] = {}
    for one in stated:
        first_rows.setdefault(one.stream, one)
    return {
        stream: one
        for stream, one in first_rows.items()
        if not book.is_assigned(one.unit.id, one.indicator.id)
    }


def assignment_of(stream: Stream) -> NewTarget:
    """Assigned without a number."""
    return NewTarget(
        indicator_id=stream.indicator_id,
        org_unit_id=stream.org_unit_id,
        is_own_level=False,
        is_assigned=True,
        value=None,
        base=None,
    )
