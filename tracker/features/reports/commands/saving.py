"""Saving a sheet: what was typed becomes lines of draft or returned revisions, or nothing at all is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, insert, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from tracker.domain.figures import show_exact
from tracker.domain.identity import actor_of
from tracker.domain.kinds import Kind
from tracker.domain.messages import Conflict, Fault, Faults, Message
from tracker.domain.workflow import EDITABLE
from tracker.features.reports.typed_lines import TypedLine, field_name, read_typed
from tracker.models.report import Line, Revision
from tracker.services.audit import Subject, record
from tracker.services.drafts import DraftTaken, begin_draft
from tracker.services.may_edit import check_may_change
from tracker.services.sheets import NO_LINE, Filing, Sheet, SheetReport
from tracker.services.snapshots import LineContent, Texts
from tracker.services.transitions import Doer, add_author

LONGEST_TEXT: Final = 4000
NO_NEWS: Final = "本期无新增。"
"""What the button of that name writes as the explanation of its zeros."""


class StaleSheet(Conflict):
    """Somebody saved or handed in reports of this sheet since the page was drawn; ``pledges`` names them."""

    def __init__(self, pledges: frozenset[int]) -> None:
        super().__init__("这张表在您打开之后有人改过。您填的都还在，请看过对方填的数再保存。")
        self.pledges = pledges


class NothingToFill(Conflict):
    """No report of the sheet can be changed: all are handed in, or none is asked of the unit."""


class SheetEntry(NamedTuple):
    """A sheet as handed in: lines by indicator, texts and version tokens by pledge."""

    lines: Mapping[int, TypedLine]
    texts: Mapping[int, Texts]
    versions: Mapping[int, str]


class Content(NamedTuple):
    """What a report would say: its texts and its lines by indicator."""

    texts: Texts
    lines: Mapping[int, LineContent]


def version_of(report: SheetReport) -> str:
    """The token that names exactly this state of a report; "" while nothing is on file."""
    filing = report.filing
    return "" if filing is None else f"{filing.revision_id}.{filing.version_id}"


def is_editable(report: SheetReport) -> bool:
    """Whether the report's state lets its lines change (the period may still forbid it)."""
    return report.filing is None or report.filing.state in EDITABLE


def with_no_news(sheet: Sheet, entry: SheetEntry) -> SheetEntry:
    """本期无新增: every flow left empty is 0, and saying so is its explanation."""
    empty = {
        row.listed.id: _with_zero(entry.lines[row.listed.id])
        for row in sheet.rows
        if row.kind is Kind.FLOW and row.listed.id in entry.lines and _is_empty(entry.lines[row.listed.id])
    }
    return entry._replace(lines={**entry.lines, **empty})


def _with_zero(typed: TypedLine) -> TypedLine:
    return typed._replace(value="0", note=typed.note or NO_NEWS)


def _is_empty(typed: TypedLine) -> bool:
    return not (typed.value or typed.cumulative or typed.is_unknown)


def with_reading(sheet: Sheet, entry: SheetEntry, chosen: str) -> SheetEntry:
    """The other reading of a 万 slip, as its button sends it (``enrolments=176000``); anything else is left alone."""
    code, _, text = chosen.partition("=")
    for row in sheet.rows:
        rule = row.listed.rule
        offered = {show_exact(note.other_reading, rule.decimals) for note in row.notes if note.other_reading}
        if rule.code == code and text in offered and row.listed.id in entry.lines:
            changed = entry.lines[row.listed.id]._replace(value=text, cumulative="")
            return entry._replace(lines={**entry.lines, row.listed.id: changed})
    return entry


def save_sheet(session: Session, sheet: Sheet, entry: SheetEntry, doer: Doer, *, today: datetime) -> int:
    """Keep what was typed; how many reports changed. ``today``: the moment by which periods open and close.

    A report's first save creates it with its first revision. Raises StaleSheet, NothingToFill,
    PeriodNotBegun, PeriodClosed, and Faults whose places are names of fields.
    """
    refuse_stale(sheet, entry.versions)
    editable = [report for report in sheet.reports if is_editable(report)]
    if not editable:
        raise NothingToFill("这张表已经全部提交，没有可以填的项。")
    for report in editable:
        check_may_change(sheet, report, today)
    faults: list[Fault] = []
    contents = [(report, _content(report, entry, faults)) for report in editable]
    if faults:
        raise Faults(faults)
    changed = [(report, content) for report, content in contents if _has_changed(report, content)]
    for report, content in changed:
        _keep(session, sheet, report, content, doer)
    return len(changed)


def refuse_stale(sheet: Sheet, versions: Mapping[int, str]) -> None:
    """Raise StaleSheet when a report is not the one whose token came with the page; one without token is not."""
    moved = {
        report.promise.id for report in sheet.reports if versions.get(report.promise.id) != version_of(report)
    }
    if moved:
        raise StaleSheet(frozenset(moved))


def _content(report: SheetReport, entry: SheetEntry, faults: list[Fault]) -> Content:
    lines = {
        row.listed.id: read_typed(row, entry.lines[row.listed.id], faults)
        for row in report.rows
        if row.listed.id in entry.lines
    }
    texts = entry.texts.get(report.promise.id, report.texts)
    for name, text in texts._asdict().items():
        if len(text) > LONGEST_TEXT:
            place = field_name(str(report.promise.id), name)
            faults.append(Fault(place, Message("请不要超过 {length} 个字", {"length": LONGEST_TEXT})))
    return Content(texts, lines)


def _has_changed(report: SheetReport, content: Content) -> bool:
    return content.texts != report.texts or bool(_changed_lines(report, content))


def _changed_lines(report: SheetReport, content: Content) -> dict[int, LineContent]:
    stored = {row.listed.id: row.line for row in report.rows}
    return {key: line for key, line in content.lines.items() if line != stored[key]}


def _keep(session: Session, sheet: Sheet, report: SheetReport, content: Content, doer: Doer) -> None:
    filing = report.filing
    if filing is None:
        report_id, revision_id = _create(session, sheet, report, content, doer)
    else:
        report_id, revision_id = filing.report_id, filing.revision_id
        _touch(session, report, filing, content, doer)
    add_author(session, revision_id, doer.identity.person_id)
    _write_lines(session, revision_id, _changed_lines(report, content), doer)
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action="report.saved",
        subject=Subject("report", str(report_id), sheet.unit.id),
        before=_told(report, content, {row.listed.id: row.line for row in report.rows}, report.texts),
        after=_told(report, content, content.lines, content.texts),
    )


def _create(
    session: Session, sheet: Sheet, report: SheetReport, content: Content, doer: Doer
) -> tuple[int, int]:
    """The report's first revision; whoever is second at the same moment finds the sheet stale."""
    try:
        return begin_draft(session, sheet, report, content.texts, doer)
    except DraftTaken as taken:
        raise StaleSheet(frozenset({report.promise.id})) from taken


def _touch(session: Session, report: SheetReport, filing: Filing, content: Content, doer: Doer) -> None:
    """The guarded UPDATE: 0 rows mean somebody was first."""
    changed = session.execute(
        update(Revision)
        .where(
            Revision.id == filing.revision_id,
            Revision.version_id == filing.version_id,
            Revision.state.in_(sorted(EDITABLE)),
        )
        .values(version_id=Revision.version_id + 1, changed_at=doer.now, **content.texts._asdict())
        .execution_options(synchronize_session=False)
    )
    if isinstance(changed, CursorResult) and changed.rowcount == 0:
        raise StaleSheet(frozenset({report.promise.id}))


def _write_lines(session: Session, revision_id: int, lines: Mapping[int, LineContent], doer: Doer) -> None:
    """Replace these lines; one that says nothing at all has no row."""
    if not lines:
        return
    session.execute(delete(Line).where(Line.revision_id == revision_id, Line.indicator_id.in_(lines)))
    rows = [
        line._asdict()
        | {
            "revision_id": revision_id,
            "indicator_id": indicator_id,
            "items_done": None if line.items_done is None else list(line.items_done),
            "typed_by_id": doer.identity.person_id,
            "typed_at": doer.now,
        }
        for indicator_id, line in lines.items()
        if line != NO_LINE
    ]
    if rows:
        session.execute(insert(Line), rows)


def _told(
    report: SheetReport, content: Content, lines: Mapping[int, LineContent], texts: Texts
) -> dict[str, Any]:
    """What the audit trail keeps of one side: the lines and texts that changed, by code."""
    codes = {row.listed.id: row.listed.rule.code for row in report.rows}
    changed = _changed_lines(report, content)
    told: dict[str, Any] = {
        "lines": {codes[key]: _stated(line) for key, line in lines.items() if key in changed},
    }
    if content.texts != report.texts:
        told["texts"] = texts._asdict()
    return told


def _stated(line: LineContent) -> dict[str, Any]:
    return {name: value for name, value in line._asdict().items() if value not in (None, "", False)}
