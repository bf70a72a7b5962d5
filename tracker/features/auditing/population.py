"""What a sample is drawn from: the accepted figures of a list in reach, each with its reasons to look twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity, Role
from tracker.domain.kinds import Kind, target_decimals
from tracker.domain.periods import Period
from tracker.domain.plausibility import Entered, NoteCode, notes
from tracker.domain.sampling import Candidate, Risk
from tracker.domain.workflow import State
from tracker.models.account import Appointment
from tracker.models.evidence import Evidence
from tracker.models.ledger import Posting
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Target
from tracker.models.report import Acceptance, Line, Report, Revision, RevisionAuthor
from tracker.services.figures_of_lines import figure_of
from tracker.services.openings import Openings, read_openings
from tracker.services.programme_heads import Head
from tracker.services.visibility import visible_units

LAST_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted figure that may be drawn. ``row`` holds the line with its indicator, unit and revision."""

    candidate: Candidate
    row: Row[*tuple[Any, ...]]


class Terms(NamedTuple):
    """From what reasons are judged: the list's deadlines, and how far the calendar runs from real time."""

    openings: Openings
    moved: timedelta


def read_population(
    session: Session, head: Head, period: Period | None, *, seen_by: Identity, moved: timedelta
) -> list[Accepted]:
    """Every sealed accepted figure of the period (None: of the year) in reach, in the order of keys.

    ``moved``: calendar time minus real time. Three statements.
    """
    rows = session.execute(_lines(head, period, seen_by)).all()
    targets = _targets(session, head, 12 if period is None else period.last_month)
    terms = Terms(read_openings(session, head), moved)
    found: list[Accepted] = []
    for stream in _streams(rows):
        found += _judged(stream, targets, terms)
    wanted = None if period is None else period.key
    chosen = [one for one in found if wanted is None or one.row.period == wanted]
    return sorted(chosen, key=lambda one: one.candidate.key)


def _lines(head: Head, period: Period | None, identity: Identity) -> Select[*tuple[Any, ...]]:
    until = 12 if period is None else period.last_month
    return (
        select(
            Line.value, Line.numerator, Line.denominator, Line.rate, Line.done_on, Line.items_done,
            Line.judgement, Line.is_unknown, Indicator.id.label("indicator_id"),
            Indicator.code.label("indicator"), Indicator.name, Indicator.kind, Indicator.decimals,
            Indicator.measure, Indicator.evidence, OrgUnit.id.label("unit_id"), OrgUnit.code.label("unit"),
            Report.period, Report.month, Revision.id.label("revision_id"), Revision.number, Revision.origin,
            Revision.submitted_at, Revision.signed_by_id,
            _was_corrected().label("was_corrected"), _has_evidence().label("has_evidence"),
            _is_near_miss().label("is_near_miss"),
        )
        .select_from(Acceptance)
        .join(Posting, and_(Posting.id == Acceptance.posting_id, Posting.seal.is_not(None)))
        .join(Revision, Revision.id == Acceptance.revision_id)
        .join(Report, Report.id == Revision.report_id)
        .join(Line, Line.revision_id == Revision.id)
        .join(Indicator, Indicator.id == Line.indicator_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .where(
            Acceptance.ended_posting_id.is_(None),
            Report.programme_id == head.id,
            Report.month <= until,
            OrgUnit.id.in_(visible_units(identity)),
        )
        .order_by(OrgUnit.code, Indicator.code, Report.month)
    )  # fmt: skip


def _was_corrected() -> ColumnElement[bool]:
    older = aliased(Revision)
    replaced = (State.SUPERSEDED, State.REVOKED)
    return exists().where(older.report_id == Revision.report_id, older.state.in_(replaced))


def _has_evidence() -> ColumnElement[bool]:
    of_line = or_(Evidence.indicator_id.is_(None), Evidence.indicator_id == Line.indicator_id)
    return exists().where(Evidence.revision_id == Revision.id, Evidence.removed_at.is_(None), of_line)


def _is_near_miss() -> ColumnElement[bool]:
    """Who signed or accepted wrote another revision of the report, or may report for the unit."""
    other, judges = aliased(Revision), (Revision.signed_by_id, Revision.accepted_by_id)
    wrote = exists().where(
        other.report_id == Revision.report_id,
        other.id != Revision.id,
        RevisionAuthor.revision_id == other.id,
        RevisionAuthor.person_id.in_(judges),
    )
    reports = exists().where(
        Appointment.person_id.in_(judges),
        Appointment.role == Role.REPORTER,
        Appointment.org_unit_id == Report.org_unit_id,
    )
    return or_(wrote, reports)


def _targets(session: Session, head: Head, month: int) -> dict[tuple[int, int], int | None]:
    """(unit, indicator) → its target; a unit's own level before the whole it answers for."""
    wanted = (
        select(Target.org_unit_id, Target.indicator_id, Target.is_own_level, Target.is_assigned, Target.value)
        .where(Target.programme_id == head.id, Target.effective_month <= month)
        .order_by(Target.seal, Target.id)
    )
    whole: dict[tuple[int, int], int | None] = {}
    own: dict[tuple[int, int], int | None] = {}
    for row in session.execute(wanted):
        place = own if row.is_own_level else whole
        place[row.org_unit_id, row.indicator_id] = row.value if row.is_assigned else None
    return whole | {key: value for key, value in own.items() if value is not None}


def _streams(rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterable[list[Row[*tuple[Any, ...]]]]:
    """One indicator of one unit through the year, blank lines left out."""
    found: dict[tuple[int, int], list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in rows:
        if figure_of(Kind(row.kind), row) is not None:
            found[row.unit_id, row.indicator_id].append(row)
    return found.values()


def _judged(
    stream: Sequence[Row[*tuple[Any, ...]]], targets: dict[tuple[int, int], int | None], terms: Terms
) -> Iterable[Accepted]:
    for at, row in enumerate(stream):
        earlier = [None if one.is_unknown else one.value for one in stream[:at]]
        odd = _notes(row, earlier, targets.get((row.unit_id, row.indicator_id)))
        key = f"{row.unit}/{row.indicator}/{row.period}/{row.number}"
        size = row.value if row.value is not None else row.numerator
        yield Accepted(Candidate(key, row.indicator, size, tuple(_risks(row, odd, terms))), row)


def _notes(row: Row[*tuple[Any, ...]], earlier: list[int | None], target: int | None) -> set[NoteCode]:
    if row.value is None or row.is_unknown:
        return set()
    kind = Kind(row.kind)
    entered = Entered(
        kind=kind, measure=row.measure, decimals=target_decimals(kind, row.decimals), value=row.value,
        earlier=earlier, target=target,
    )  # fmt: skip
    return {note.code for note in notes(entered)}


def _risks(row: Row[*tuple[Any, ...]], odd: set[NoteCode], terms: Terms) -> Iterable[Risk]:
    is_import = row.origin == "import"
    late = terms.openings.window(row.unit_id, Period.parse(row.period)).late
    handed_in = None if is_import else _by_calendar(row.submitted_at, terms.moved)
    reasons = {
        Risk.CORRECTED: row.was_corrected,
        Risk.LAST_DAY_JUMP: bool(odd & {NoteCode.JUMP, NoteCode.SLIP})
        and handed_in is not None
        and late is not None
        and handed_in >= late - LAST_DAY,
        Risk.EXACTLY_FULL: NoteCode.EXACTLY_FULL in odd,
        Risk.LATE: handed_in is not None and late is not None and handed_in >= late,
        Risk.NO_EVIDENCE: row.evidence == "required" and not row.has_evidence,
        Risk.IMPORTED: is_import,
        Risk.UNSIGNED: not is_import and row.signed_by_id is None,
        Risk.NEAR_MISS: row.is_near_miss,
    }
    return [risk for risk, holds in reasons.items() if holds]


def _by_calendar(moment: datetime | None, moved: timedelta) -> datetime | None:
    return None if moment is None else moment + moved
