"""Handing in a sheet, and taking it back: all reports of a unit for a period together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.domain.kinds import Kind
from tracker.domain.messages import Conflict, Fault, Faults, Message
from tracker.features.reports.commands.saving import NothingToFill, is_editable, refuse_stale
from tracker.features.reports.typed_lines import field_name
from tracker.services.may_edit import check_may_change, check_may_take_back
from tracker.services.sheets import Row, Sheet, SheetReport
from tracker.services.transitions import Doer, Standing, list_standings, submit, withdraw


class NothingToTakeBack(Conflict):
    """Nothing on the sheet waits for a verdict, or it has been judged already."""


def reports_to_hand_in(sheet: Sheet) -> list[SheetReport]:
    """The reports that go along when the sheet is submitted."""
    return [report for report in sheet.reports if is_editable(report)]


def missing_answers(sheet: Sheet) -> list[Fault]:
    """What keeps the sheet from being submitted, each at its field: blank lines, odd figures without a word, missing files."""
    rows = [row for report in reports_to_hand_in(sheet) for row in report.rows]
    return list(_faults(rows))


def _faults(rows: Iterable[Row]) -> Iterable[Fault]:
    for row in rows:
        name = {"name": row.listed.rule.name}
        note = field_name(row.listed.rule.code, "note")
        if row.kind is Kind.NARRATIVE and not row.is_answered:
            place = note if row.line.judgement else field_name(row.listed.rule.code, "judgement")
            yield Fault(place, Message("“{name}”还没有填：请选一个判断，并写一句情况", name))
        elif not row.is_answered:
            yield Fault(note, Message("“{name}”还没有填。没有数字的，请写一句说明", name))
        elif row.needs_explanation:
            yield Fault(note, Message("“{name}”有提示，请写一句说明", name))
        if row.lacks_evidence:
            place = field_name(row.listed.rule.code, "evidence")
            yield Fault(place, Message("“{name}”需要附佐证材料", name))


def submit_sheet(
    session: Session, sheet: Sheet, versions: Mapping[int, str], doer: Doer, *, today: datetime
) -> None:
    """Submit every report of the sheet that is not handed in yet, exactly as it was checked.

    Raises StaleSheet, NothingToFill, PeriodNotBegun, PeriodClosed, and Faults for what is missing.
    """
    refuse_stale(sheet, versions)
    handing = reports_to_hand_in(sheet)
    if not handing:
        raise NothingToFill("这张表已经提交过了。")
    for report in handing:
        check_may_change(sheet, report, today)
    faults = missing_answers(sheet)
    if faults:
        raise Faults(faults)
    submit(session, _standings(session, handing), doer)


def withdraw_sheet(session: Session, sheet: Sheet, doer: Doer, *, today: datetime) -> None:
    """Take back what this person submitted and nobody has judged yet.

    Raises NothingToTakeBack, PeriodClosed, and NotYourDesk when somebody else submitted it.
    """
    waiting = [report for report in sheet.reports if report.is_unjudged]
    if not waiting:
        raise NothingToTakeBack("没有可以撤回的报告：还没有提交，或者已经审批。")
    for report in waiting:
        check_may_take_back(sheet, report, today)
    withdraw(session, _standings(session, waiting), doer)


def _standings(session: Session, reports: Iterable[SheetReport]) -> list[Standing]:
    """The reports as the workflow moves them, each still in the version the sheet was read in."""
    versions = {report.filing.revision_id: report.filing.version_id for report in reports if report.filing}
    return [
        standing._replace(version_id=versions[standing.id]) for standing in list_standings(session, versions)
    ]
