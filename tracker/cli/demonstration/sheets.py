"""What people do with a month's sheet: type, attach, hand in, sign, accept, return, correct, revoke, talk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from tracker.cli.demonstration.people import LOGINS
from tracker.cli.demonstration.stage import NINGBO, Hour, Missing, Stage
from tracker.domain.identity import Role
from tracker.domain.periods import Period
from tracker.domain.plausibility import NoteCode
from tracker.domain.workflow import State
from tracker.features.evidence.commands import attach_files, incoming
from tracker.features.evidence.intake import look_at
from tracker.features.evidence.queries import find_folder
from tracker.features.reports.commands.handing_in import submit_sheet
from tracker.features.reports.commands.saving import SheetEntry, save_sheet, version_of
from tracker.features.reports.typed_lines import TypedLine
from tracker.services.revising import comment, correct, revoke
from tracker.services.sheets import Row, Sheet, SheetReport, load_sheet
from tracker.services.snapshots import Texts
from tracker.services.standings import Remark, Standing
from tracker.services.transitions import Seen, accept, list_standings, send_back, sign

EXPLAINED: Final = "样例：集中办理，数字属实。"
EXPLANATIONS: Final = {
    NoteCode.ZERO_AFTER_ACTIVITY: "样例：本月没有新增，下月集中办理。",
    NoteCode.EXACTLY_FULL: "样例：是实际数，已逐项核对。",
    NoteCode.LIST_DIFFERS: "样例：名册只列本级经办的部分。",
    NoteCode.FALL: "样例：核减重复登记的人次。",
}
"""What a reporter writes beside an odd figure; beside any other ``EXPLAINED``."""


class Place(NamedTuple):
    """A unit's sheet of a month."""

    code: str
    period: str
    key: str = NINGBO

    @property
    def reporter(self) -> str:
        return f"{LOGINS[self.code]}-reporter"

    @property
    def approver(self) -> str:
        return f"{LOGINS[self.code]}-approver"

    def sheet(self, stage: Stage) -> Sheet:
        """As it is now, with what is still being written."""
        unit, head = stage.unit(self.code), stage.head(self.key)
        return load_sheet(stage.session, head, unit, Period.parse(self.period), sees_drafts=True)


def type_in(stage: Stage, hour: Hour, place: Place, only: Collection[str] | None = None) -> None:
    """The unit's figures as its file has them (``only``: of these indicators), and a word for each that looks odd."""
    found = stage.figures[place.code, place.period]
    chosen = {code: typed for code, typed in found.items() if only is None or code in only}
    type_lines(stage, hour, place, chosen)


def type_lines(
    stage: Stage,
    hour: Hour,
    place: Place,
    typed: Mapping[str, TypedLine],
    texts: Mapping[str, Texts] | None = None,
) -> None:
    """Save these figures (indicator → line) and texts (indicator of their pledge → texts); then explain what is odd."""
    doer = stage.doer(place.reporter, hour, Role.REPORTER)
    for is_explained in (False, True):
        sheet = place.sheet(stage)
        rows = [row for row in sheet.rows if row.listed.rule.code in typed]
        if is_explained and not any(row.needs_explanation for row in rows):
            return
        lines = {row.listed.id: _line(row, typed[row.listed.rule.code], is_explained) for row in rows}
        entry = SheetEntry(lines=lines, texts=_texts(sheet, texts or {}), versions=_versions(sheet))
        save_sheet(stage.session, sheet, entry, doer, today=hour.today)


def _line(row: Row, typed: TypedLine, is_explained: bool) -> TypedLine:
    if not is_explained or not row.needs_explanation:
        return typed
    return typed._replace(note=EXPLANATIONS.get(row.notes[0].code, EXPLAINED))


def _texts(sheet: Sheet, texts: Mapping[str, Texts]) -> dict[int, Texts]:
    return {
        report.promise.id: texts[row.listed.rule.code]
        for report in sheet.reports
        for row in report.rows
        if row.listed.rule.code in texts
    }


def attach(stage: Stage, hour: Hour, place: Place, indicator: str, name: str, content: bytes) -> None:
    """A file for one line, while its report is being written."""
    doer = stage.doer(place.reporter, hour, Role.REPORTER)
    report = report_of(place.sheet(stage), indicator)
    number, period = report.promise.number, Period.parse(place.period)
    folder = find_folder(stage.session, place.key, place.code, period, number, seen_by=doer.identity)
    attach_files(
        stage.session,
        stage.printer().store,
        folder,
        [incoming(look_at(name, content), content)],
        line=row_of(folder.sheet, indicator),
        doer=doer,
        today=hour.today,
    )


def hand_in(stage: Stage, hour: Hour, place: Place) -> None:
    """Everything of the sheet that is being written."""
    sheet, doer = place.sheet(stage), stage.doer(place.reporter, hour, Role.REPORTER)
    submit_sheet(stage.session, sheet, _versions(sheet), doer, today=hour.today)


def sign_off(stage: Stage, hour: Hour, place: Place) -> None:
    """The head of the unit signs what was handed in."""
    sign(stage.session, seen(stage, place, State.SUBMITTED), stage.doer(place.approver, hour))


def let_pass(stage: Stage, hour: Hour, place: Place, login: str = "ningbo-reviewer") -> None:
    """The superior's reviewer accepts what was signed."""
    accept(stage.session, seen(stage, place, State.SIGNED), stage.doer(login, hour))


def give_back(
    stage: Stage,
    hour: Hour,
    place: Place,
    *,
    by: str,
    indicator: str,
    reason: str,
    answer_by: datetime,
) -> None:
    """Return the report of one indicator, pinned to its line: by the unit's approver or the superior's reviewer."""
    state = State.SUBMITTED if by == place.approver else State.SIGNED
    pinned = row_of(place.sheet(stage), indicator).listed.id
    remark = Remark(reason, (pinned,), answer_by)
    send_back(stage.session, seen(stage, place, state, indicator), stage.doer(by, hour), remark)


def begin_correction(stage: Stage, hour: Hour, place: Place, indicator: str, reason: str) -> None:
    """The unit says why an accepted report is to be corrected; its lines are copied into a draft."""
    versions = _accepted(stage, place, indicator)
    correct(stage.session, versions, stage.doer(place.reporter, hour, Role.REPORTER), reason=reason)


def take_out(
    stage: Stage, hour: Hour, place: Place, indicator: str, reason: str, answer_by: datetime
) -> None:
    """The city revokes an accepted report; the unit does it again in a draft with the lines copied."""
    versions, doer = _accepted(stage, place, indicator), stage.doer("ningbo-reviewer", hour)
    revoke(stage.session, versions, doer, reason=reason, answer_by=answer_by)


def remark(stage: Stage, hour: Hour, place: Place, login: str, indicator: str, text: str) -> None:
    """A word in the thread of an indicator's report, pinned to its line."""
    sheet = place.sheet(stage)
    standing = _standing(stage, report_of(sheet, indicator))
    doer = stage.doer(login, hour)
    comment(stage.session, standing, doer, text=text, pinned=[row_of(sheet, indicator).listed.id])


def report_of(sheet: Sheet, indicator: str) -> SheetReport:
    """The report that holds an indicator."""
    for report in sheet.reports:
        if any(row.listed.rule.code == indicator for row in report.rows):
            return report
    raise Missing(indicator)


def row_of(sheet: Sheet, indicator: str) -> Row:
    """An indicator's row."""
    for row in sheet.rows:
        if row.listed.rule.code == indicator:
            return row
    raise Missing(indicator)


def seen(stage: Stage, place: Place, state: State, indicator: str | None = None) -> list[Seen]:
    """What somebody has before their eyes: the sheet's reports in this state, or the one of an indicator."""
    sheet = place.sheet(stage)
    reports = sheet.reports if indicator is None else (report_of(sheet, indicator),)
    ids = [one.filing.revision_id for one in reports if one.filing is not None and one.state is state]
    return [Seen(one.id, one.version_id, one.digest or "") for one in list_standings(stage.session, ids)]


def _accepted(stage: Stage, place: Place, indicator: str) -> dict[int, int]:
    standing = _standing(stage, report_of(place.sheet(stage), indicator))
    return {standing.id: standing.version_id}


def _standing(stage: Stage, report: SheetReport) -> Standing:
    if report.filing is None:
        raise Missing(report.promise.title)
    [standing] = list_standings(stage.session, [report.filing.revision_id])
    return standing


def _versions(sheet: Sheet) -> dict[int, str]:
    return {report.promise.id: version_of(report) for report in sheet.reports}
