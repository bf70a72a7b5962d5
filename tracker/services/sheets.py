"""月报表 as plain values: what a unit reports for a period, with what it said before and how that stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row as SqlRow
from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from tracker.domain.editing import Window
from tracker.domain.kinds import EvidenceRule, Kind
from tracker.domain.periods import Period
from tracker.domain.plausibility import Entered, Note, list_note, notes
from tracker.domain.progress import Standing, Target, judge
from tracker.domain.rollup import LineFigure, Part, cells, totals_at
from tracker.domain.workflow import OPEN, PROVISIONAL, State
from tracker.models.evidence import Evidence
from tracker.models.report import Line, Report, Revision, Submission
from tracker.services.chunks import chunked
from tracker.services.duties import Duties, list_duties
from tracker.services.evidence import Attached, list_evidence, reuse_notes
from tracker.services.figures_of_lines import figure_of
from tracker.services.ledger.desired import against_base
from tracker.services.openings import Openings, read_openings
from tracker.services.programme_heads import Head, ListedIndicator, Promise, list_promises
from tracker.services.snapshots import LineContent, Texts, content_of
from tracker.services.tree import Unit

NO_LINE = LineContent()
NO_TEXTS = Texts()
_COUNTED_KINDS = (Kind.FLOW, Kind.STOCK, Kind.KEPT, Kind.CHECKLIST)


class Filing(NamedTuple):
    """A revision on file with its lines by indicator; ``digest`` is that of what was last handed in."""

    report_id: int
    pledge_id: int
    org_unit_id: int
    period: str
    month: int
    revision_id: int
    number: int
    state: State
    version_id: int
    texts: Texts
    reason: str
    submission_number: int
    digest: str | None
    submitted_by_id: int | None
    submitted_at: datetime | None
    signed_by_id: int | None
    signed_at: datetime | None
    answer_by: datetime | None
    changed_at: datetime
    lines: Mapping[int, LineContent]
    evidence: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class OnFile:
    """One report's two living revisions: the one that counts and the one under way."""

    accepted: Filing | None = None
    opened: Filing | None = None

    @property
    def latest(self) -> Filing | None:
        """What the unit itself works with."""
        return self.opened or self.accepted

    @property
    def handed_in(self) -> Filing | None:
        """What superiors see: nothing that is still being written or mended."""
        is_under_way = self.opened is not None and self.opened.state in PROVISIONAL
        return self.opened if is_under_way else self.accepted


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator on a sheet. ``earlier``: figures of the year's earlier periods in order, None where there is none.

    ``carried``: the line of the last period while nothing is on file for this one, to begin from.
    """

    listed: ListedIndicator
    target: Target
    period: Period
    earlier: tuple[LineFigure | None, ...]
    line: LineContent
    carried: LineContent | None = None
    evidence: tuple[Attached, ...] = ()

    @property
    def kind(self) -> Kind:
        return self.listed.rule.kind

    @property
    def figure(self) -> LineFigure | None:
        """What the line states; None while it is blank."""
        return figure_of(self.kind, self.line)

    @property
    def last(self) -> LineFigure | None:
        """The figure of the period before."""
        return self.earlier[-1] if self.earlier else None

    @property
    def last_total(self) -> int:
        """Flows: what the earlier periods add up to."""
        return sum(figure.value or 0 for figure in self.earlier if figure is not None)

    @property
    def is_answered(self) -> bool:
        """Whether the line gives a figure, or says why it does not; narratives need judgement and text."""
        if self.kind is Kind.NARRATIVE:
            return self.figure is not None and (self.line.is_unknown or bool(self.line.note))
        return self.figure is not None or bool(self.line.note)

    @property
    def notes(self) -> list[Note]:
        """Everything odd about the figure and its evidence, to be explained in the line's note."""
        return [*self._figure_notes, *self._list_notes, *reuse_notes(self.evidence)]

    @property
    def lacks_evidence(self) -> bool:
        """Whether the line states something that must be proved by a file and has none."""
        figure = self.figure
        if self.listed.evidence != EvidenceRule.REQUIRED or self.evidence or figure is None:
            return False
        is_nothing = figure.value == 0 or figure.is_done is False
        return not figure.is_unknown and not is_nothing

    @property
    def listed_rows(self) -> int | None:
        """How many things the attached lists name together; None without any."""
        counts = [file.row_count for file in self.evidence if file.row_count is not None]
        return sum(counts) if counts else None

    @property
    def _list_notes(self) -> list[Note]:
        entered, rows = self._entered, self.listed_rows
        note = None if entered is None or rows is None else list_note(entered, rows)
        return [] if note is None else [note]

    @property
    def _figure_notes(self) -> list[Note]:
        entered = self._entered
        return [] if entered is None else notes(entered)

    @property
    def _entered(self) -> Entered | None:
        figure = self.figure
        if figure is None or figure.value is None or self.kind not in _COUNTED_KINDS:
            return None
        rule = self.listed.rule
        return Entered(
            kind=self.kind,
            measure=rule.measure,
            decimals=rule.target_decimals,
            value=figure.value,
            earlier=[None if one is None else one.value for one in self.earlier],
            target=self.target.value,
        )

    @property
    def needs_explanation(self) -> bool:
        """Whether something odd still goes without a word."""
        return bool(self.notes) and not self.line.note

    @property
    def standing(self) -> Standing:
        """How the unit stands with this figure."""
        return self._standing(self.figure, self.period.last_month)

    @property
    def standing_before(self) -> Standing:
        """How it stood a period ago."""
        return self._standing(None, self.period.first_month - 1)

    def _standing(self, now: LineFigure | None, month: int) -> Standing:
        step = self.period.rhythm.months
        figures = {(at + 1) * step: figure for at, figure in enumerate(self.earlier) if figure is not None}
        if now is not None:
            figures[self.period.last_month] = now
        months: dict[Part, list[int]] = defaultdict(lambda: [0] * 12)
        for (at, part), amount in cells(
            self.kind, against_base(figures, self.kind, self.target.base)
        ).items():
            months[part][at - 1] += amount
        months[Part.ASSIGNED][0] = 1
        totals = totals_at(months, cutoff=month, due_month=month or None)
        return judge(self.listed.rule, self.target, totals, month)


@dataclass(frozen=True, slots=True)
class SheetReport:
    """One pledge on a sheet. ``carried``: the texts of the last period, offered while nothing is on file.

    ``replaces``: the accepted revision that stays while ``filing`` corrects it.
    """

    promise: Promise
    filing: Filing | None
    rows: tuple[Row, ...]
    carried: Texts = NO_TEXTS
    replaces: Filing | None = None

    @property
    def texts(self) -> Texts:
        return self.carried if self.filing is None else self.filing.texts

    @property
    def state(self) -> State | None:
        return None if self.filing is None else self.filing.state

    @property
    def evidence(self) -> tuple[Attached, ...]:
        """All files attached, of single lines and of the whole report."""
        return () if self.filing is None else self.filing.evidence

    @property
    def is_unjudged(self) -> bool:
        """Whether it is handed in and nobody has given a verdict yet: no signature, or none is needed."""
        filing = self.filing
        return filing is not None and filing.state in PROVISIONAL and filing.signed_by_id is None

    @property
    def notes_count(self) -> int:
        return sum(bool(row.notes) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All reports of a unit for a period, and when they may be changed."""

    head: Head
    unit: Unit
    period: Period
    reports: tuple[SheetReport, ...]
    window: Window

    @property
    def rows(self) -> list[Row]:
        return [row for report in self.reports for row in report.rows]


@dataclass(frozen=True, slots=True)
class Books:
    """Everything read for the sheets of some units in one programme."""

    head: Head
    promises: tuple[Promise, ...]
    duties: Duties
    on_file: Mapping[tuple[int, int, str], OnFile]
    openings: Openings

    def sheet(self, unit: Unit, period: Period, *, sees_drafts: bool) -> Sheet:
        """A unit's sheet of a period; drafts are for the unit's own eyes."""
        due = self.duties.get(unit.id, {})
        made = [
            self._report(promise, unit, period, due=due, sees_drafts=sees_drafts) for promise in self.promises
        ]
        window = self.openings.window(unit.id, period)
        return Sheet(self.head, unit, period, tuple(report for report in made if report.rows), window)

    def filings(self, unit_id: int, period: Period) -> list[OnFile]:
        """What is on file of a unit for a period."""
        return [
            on_file
            for (pledge, unit, key), on_file in self.on_file.items()
            if unit == unit_id and key == period.key
        ]

    def _report(
        self,
        promise: Promise,
        unit: Unit,
        period: Period,
        *,
        due: Mapping[int, Target],
        sees_drafts: bool,
    ) -> SheetReport:
        on_file = self._at(promise, unit, period)
        filing = on_file.latest if sees_drafts else on_file.handed_in
        lines = filing.lines if filing else {}
        before = [self._at(promise, unit, earlier) for earlier in earlier_periods(period)]
        last = before[-1].latest if before else None
        carried = last.lines if last and not lines else {}
        files = filing.evidence if filing else ()
        rows = [
            Row(
                one,
                due.get(one.id, Target()),
                period,
                _earlier(one, before),
                lines.get(one.id, NO_LINE),
                carried.get(one.id),
                tuple(file for file in files if file.indicator_id == one.id),
            )
            for one in promise.indicators
            if one.id in due or one.id in lines
        ]
        replaces = None if filing is on_file.accepted else on_file.accepted
        return SheetReport(promise, filing, tuple(rows), last.texts if last else NO_TEXTS, replaces)

    def _at(self, promise: Promise, unit: Unit, period: Period) -> OnFile:
        return self.on_file.get((promise.id, unit.id, period.key), OnFile())


def earlier_periods(period: Period) -> list[Period]:
    """The periods of the same year before this one, in order."""
    return [Period(period.year, period.rhythm, index) for index in range(1, period.index)]


def _earlier(listed: ListedIndicator, before: Iterable[OnFile]) -> tuple[LineFigure | None, ...]:
    """What was handed in: accepted figures, and in their place those that wait for a verdict."""
    lines = [on_file.handed_in.lines.get(listed.id) if on_file.handed_in else None for on_file in before]
    return tuple(None if line is None else figure_of(listed.rule.kind, line) for line in lines)


def load_books(session: Session, head: Head, units: Collection[Unit], *, month: int = 12) -> Books:
    """The books of some units: their duties with targets in force by ``month``, and all they have on file."""
    promises = tuple(list_promises(session, head))
    duties = list_duties(session, head, promises, units, month=month)
    files = _read_files(session, head, [unit.id for unit in units])
    return Books(head, promises, duties, files, read_openings(session, head))


def load_sheet(session: Session, head: Head, unit: Unit, period: Period, *, sees_drafts: bool) -> Sheet:
    """One sheet, read in five statements whatever its size (two more where files are attached, one where lists feed one another)."""
    return load_books(session, head, [unit], month=period.last_month).sheet(
        unit, period, sees_drafts=sees_drafts
    )


def _read_files(session: Session, head: Head, units: Sequence[int]) -> dict[tuple[int, int, str], OnFile]:
    found: dict[tuple[int, int, str], OnFile] = {}
    for part in chunked(units):
        of_units = _FILINGS.where(Report.programme_id == head.id, Report.org_unit_id.in_(part))
        rows = session.execute(of_units).all()
        files = list_evidence(session, sorted({row.revision_id for row in rows if row.has_evidence}))
        for filing in _filings(rows, files):
            key = (filing.pledge_id, filing.org_unit_id, filing.period)
            known = found.get(key, OnFile())
            is_accepted = filing.state is State.ACCEPTED
            found[key] = OnFile(filing, known.opened) if is_accepted else OnFile(known.accepted, filing)
    return found


_LIVING = sorted({State.ACCEPTED, *OPEN})
_CURRENT = and_(Submission.revision_id == Revision.id, Submission.number == Revision.submission_number)
_LINE_COLUMNS = [
    getattr(Line, name)
    for name in ("indicator_id", *LineContent._fields)
]  # fmt: skip
_FILINGS = (
    select(
        Report.id.label("report_id"), Report.pledge_id, Report.org_unit_id, Report.period, Report.month,
        Revision.id.label("revision_id"), Revision.number, Revision.state, Revision.version_id,
        Revision.achievements, Revision.problems, Revision.next_steps, Revision.reason,
        Revision.submission_number, Submission.digest, Revision.submitted_by_id, Revision.submitted_at,
        Revision.signed_by_id, Revision.signed_at, Revision.answer_by, Revision.changed_at,
        exists().where(Evidence.revision_id == Revision.id).label("has_evidence"), *_LINE_COLUMNS,
    )
    .join(Revision, Revision.report_id == Report.id)
    .join(Submission, _CURRENT, isouter=True)
    .join(Line, Line.revision_id == Revision.id, isouter=True)
    .where(Revision.state.in_(_LIVING))
)  # fmt: skip


def _filings(
    rows: Sequence[SqlRow[*tuple[Any, ...]]], files: Mapping[int, tuple[Attached, ...]]
) -> Iterator[Filing]:
    """Rows of revisions with one line each, put together; a revision without lines has one row."""
    lines: dict[int, dict[int, LineContent]] = defaultdict(dict)
    heads = {row.revision_id: row for row in rows}
    for row in rows:
        if row.indicator_id is not None:
            lines[row.revision_id][row.indicator_id] = content_of(row)
    for revision_id, row in heads.items():
        values = {name: value for name, value in row._asdict().items() if name in Filing._fields}
        texts = Texts(*(getattr(row, name) for name in Texts._fields))
        evidence = files.get(revision_id, ())
        yield Filing(
            **values | {"state": State(row.state)}, texts=texts, lines=lines[revision_id], evidence=evidence
        )
