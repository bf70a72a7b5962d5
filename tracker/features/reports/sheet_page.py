"""What the entry sheet shows: the sheet, its form and what people said of it, ready to print."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms import Field

from tracker.domain.editing import Leave
from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault, Refusal
from tracker.domain.workflow import Action, State
from tracker.features.reports.commands.merging import text_place
from tracker.features.reports.commands.saving import is_editable
from tracker.features.reports.forms import TEXT_COLUMNS, SheetForm, is_sent
from tracker.features.reports.queries import Typist
from tracker.features.reports.sheet_cells import columns_of, inputs_of, plain_target_of, reading_of
from tracker.features.reports.typed_lines import field_name
from tracker.services.may_edit import check_may_change, leave_of
from tracker.services.sheets import Row, Sheet, SheetReport, earlier_periods
from tracker.services.threads import ThreadStep
from tracker.web.evidence_words import line_evidence, report_evidence
from tracker.web.figure_words import actual_text, figure_text, short_period, state_word, target_text
from tracker.web.filters import moment, time_left
from tracker.web.i18n import translate
from tracker.web.punctuation import labelled
from tracker.web.thread_words import who

ASIDE = frozenset({"note", "is_unknown"})
"""Fields that tell their own faults; those of the others are told below the row."""

FAR = timedelta(days=7)
"""A deadline further off than this is told without colour."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the page is made of besides the sheet: who looks, when, and what went wrong."""

    today: datetime
    can_save: bool
    can_judge: bool = False
    steps: Sequence[ThreadStep] = ()
    faults: Sequence[Fault] = ()
    typists: Sequence[Typist] = ()
    clashes: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    shows_all: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A note below a row."""

    tone: str
    title: str | None
    text: str
    field: Field | None = None
    readings: tuple[dict[str, str], ...] = ()


def sheet_context(sheet: Sheet, form: SheetForm, situation: Situation) -> dict[str, Any]:
    """The context of ``reports/sheet.html``."""
    page = _Page(sheet, form, situation)
    groups = [page.group(report) for report in sheet.reports]
    rows = [row for group in groups for row in group["rows"]]
    is_open = any(not group["is_locked"] for group in groups)
    return {
        "heading": _("%(period)s · 月报表", period=translate(sheet.period.title)),
        "trail": trail(sheet),
        "trail_note": None,
        "form": form,
        "save_url": sheet_url("reports.save", sheet),
        "autosave_url": sheet_url("reports.save", sheet) if is_open else None,
        "has_evidence": any(row["evidence_url"] for row in rows),
        "sheet": page.frame(is_open=is_open),
        "periods": period_links(sheet),
        "faults": page.summary(),
        "groups": groups,
        "progress": {
            "filled": sum(row["is_answered"] for row in rows),
            "total": len(rows),
            "mend_count": len(situation.faults),
            "explain_count": sum(row["needs_explanation"] for row in rows),
            "saved_text": None,
        },
        "tasks": [page.task(group) for group in groups],
        "comments": page.comments(),
        "can_submit": is_open,
        "links": page.links(),
    }


def trail(sheet: Sheet) -> list[dict[str, Any]]:
    """Where the page stands."""
    return [
        {"label": sheet.unit.name, "url": None},
        {"label": sheet.head.title, "url": f"/programmes/{sheet.head.key}"},
        {"label": _("月报表"), "url": None},
    ]


def sheet_url(endpoint: str, sheet: Sheet, **more: Any) -> str:
    """The address of one of the sheet's pages."""
    return url_for(endpoint, key=sheet.head.key, code=sheet.unit.code, period=sheet.period, **more)


def period_links(sheet: Sheet) -> list[dict[str, Any]]:
    """The period before and the one after, so that one can walk through the year."""
    last = 12 // sheet.period.rhythm.months
    near = [
        at for at in (sheet.period.index - 1, sheet.period.index, sheet.period.index + 1) if 1 <= at <= last
    ]
    periods = [type(sheet.period)(sheet.period.year, sheet.period.rhythm, at) for at in near]
    return [
        {
            "label": short_period(period),
            "url": url_for("reports.sheet", key=sheet.head.key, code=sheet.unit.code, period=period),
            "is_current": period == sheet.period,
        }
        for period in periods
    ]


@dataclass(frozen=True)
class _Page:
    sheet: Sheet
    form: SheetForm
    situation: Situation

    def frame(self, *, is_open: bool) -> dict[str, Any]:
        """The head of the sheet: deadlines and the names of its columns."""
        today = self.situation.today
        before = earlier_periods(self.sheet.period)
        last, now = short_period(before[-1]) if before else _("上期"), short_period(self.sheet.period)
        is_flow = all(row.kind is Kind.FLOW for row in self.sheet.rows)
        lights = self.sheet.head.lights
        leaves = [leave_of(report) for report in self.sheet.reports if not self._is_locked(report)]
        until = self._until(leaves)
        due = _("清单公布以前的报告期，可以补报，没有截止时间")
        if leaves and all(leave.is_correction for leave in leaves):
            due = _("更正没有截止时间，通过之前原数照常有效")
        elif until is not None:
            due = _("%(due)s 截止，%(left)s", due=moment(until), left=time_left(until, today))
        return {
            "is_open": is_open,
            "closed_text": self._closed_text(),
            "receipt_url": self._receipt_url(),
            "due_text": due if is_open else None,
            "due_tone": _due_tone(until, today),
            "fills_cumulative": False,
            "last_total_label": _("%(period)s末累计", period=last),
            "last_label": _column_label(last, is_flow=is_flow),
            "fill_label": _column_label(now, is_flow=is_flow),
            "total_label": _("%(period)s末累计", period=now),
            "on_track_points": lights.on_track_tenths // 10,
            "lagging_points": lights.lagging_tenths // 10,
        }

    def _until(self, leaves: Sequence[Leave]) -> datetime | None:
        """The next deadline of what can be filled: the period's, or the day by which something returned is asked for; or none."""
        late = self.sheet.window.late
        bound = [leave for leave in leaves if not leave.is_correction]
        found = [late if leave.answer_by is None else leave.answer_by for leave in bound]
        return min((one for one in found if one is not None), default=None if leaves else late)

    def links(self) -> list[dict[str, str]]:
        """What else can be done about the sheet: correct what is accepted, judge or revoke it, and talk about it."""
        reports = [report for report in self.sheet.reports if report.filing]
        is_accepted = any(report.replaces or report.state is State.ACCEPTED for report in reports)
        found = []
        if self.situation.can_save and is_accepted:
            found.append({"label": _("更正"), "url": sheet_url("corrections.show", self.sheet)})
        if self.situation.can_judge and reports:
            found.append({"label": _("到审核页"), "url": sheet_url("reviews.review", self.sheet)})
        if reports:
            found.append({"label": _("沟通"), "url": sheet_url("threads.show", self.sheet)})
        if self.sheet.reports:
            found.append({"label": _("打印"), "url": sheet_url("reports.printed", self.sheet)})
        return found

    def _closed_text(self) -> str:
        editable = [report for report in self.sheet.reports if is_editable(report)]
        if not self.situation.can_save:
            return _("只读：由本单位填报人填写。")
        for report in editable:
            refusal = self._refusal(report)
            if refusal is not None:
                return translate(refusal.message)
        if all(report.state is State.ACCEPTED for report in self.sheet.reports):
            return _("本表已通过；要改请用“更正”。")
        return _("本表已提交，正在办理；退回后可以再改。")

    def _receipt_url(self) -> str | None:
        """Where what is handed in can be looked at and taken back."""
        is_handed_in = any(report.filing and report.filing.digest for report in self.sheet.reports)
        return sheet_url("reports.receipt", self.sheet) if is_handed_in and self.situation.can_save else None

    def _refusal(self, report: SheetReport) -> Refusal | None:
        try:
            check_may_change(self.sheet, report, self.situation.today)
        except Refusal as refusal:
            return refusal
        return None

    def _is_locked(self, report: SheetReport) -> bool:
        return not self.situation.can_save or not is_editable(report) or self._refusal(report) is not None

    def group(self, report: SheetReport) -> dict[str, Any]:
        """One pledge."""
        is_locked = self._is_locked(report)
        texts = [self.form[field_name(str(report.promise.id), column)] for column in TEXT_COLUMNS]
        pinned = self._pinned(report)
        rows = [self._row(report, row, is_locked or self._is_set_aside(row, pinned)) for row in report.rows]
        is_partial = not is_locked and any(row["is_locked"] for row in rows)
        told = [(text.label.text, text.data) for text in texts if text.data] if is_locked else []
        return {
            "number": report.promise.number,
            "title": report.promise.title,
            "anchor": f"pledge-{report.promise.id}",
            "note": self._group_note(report),
            "is_locked": is_locked,
            "state": report.state,
            "rows": rows,
            "span": len(rows) + sum(_has_second_line(row) for row in rows) + bool(not is_locked or told),
            "texts": [] if is_locked else texts,
            "clashes": [
                box for name in TEXT_COLUMNS if (box := self.situation.clashes.get(text_place(report, name)))
            ],
            "all_url": sheet_url("reports.sheet", self.sheet, all=1, _anchor=f"pledge-{report.promise.id}")
            if is_partial
            else None,
            "has_texts": any(text.data or text.errors for text in texts),
            "told": told,
            **report_evidence(self.sheet, report),
        }

    def _pinned(self, report: SheetReport) -> frozenset[int]:
        """The lines the last return named, while it is being answered."""
        last = self._last_return(report)
        return frozenset() if last is None else frozenset(last.pinned)

    def _is_set_aside(self, row: Row, pinned: Collection[int]) -> bool:
        """Whether only other rows were named: this one is for looking at until somebody asks for it."""
        is_named = not pinned or row.listed.id in pinned
        return not (is_named or self.situation.shows_all or is_sent(self.form, row))

    def _group_note(self, report: SheetReport) -> str | None:
        filing = report.filing
        if filing is not None and report.replaces:
            return _("更正 · %(state)s，原数照常有效", state=state_word(filing.state))
        if filing is not None and filing.state is State.DRAFT and filing.answer_by:
            return _("已作废，%(until)s 前重报", until=moment(filing.answer_by))
        if filing is None or filing.state is State.DRAFT:
            return None
        if filing.state is State.RETURNED and filing.answer_by:
            return _("已退回，%(until)s 前改好", until=moment(filing.answer_by))
        return state_word(filing.state)

    def _row(self, report: SheetReport, row: Row, is_locked: bool) -> dict[str, Any]:
        rule, standing = row.listed.rule, row.standing
        code = rule.code
        is_flow = row.kind is Kind.FLOW
        is_level = row.kind in (Kind.STOCK, Kind.KEPT)
        cells = (
            {} if is_locked else {column: self.form[field_name(code, column)] for column in columns_of(row)}
        )
        return {
            "anchor": f"row-{code}",
            "name": rule.name,
            "rule_text": row.listed.counting_rule,
            "target_text": target_text(rule, standing),
            "measure": rule.measure,
            "is_locked": is_locked,
            "locked_text": figure_text(rule, row.figure),
            "last_total_text": actual_text(rule, row.standing_before),
            "last_text": figure_text(rule, row.last),
            "total_text": actual_text(rule, standing),
            "percent_tenths": standing.completion_tenths,
            "expected_tenths": standing.expected_tenths,
            "light": str(standing.light),
            **line_evidence(self.sheet, report, row, is_locked=is_locked),
            "decimals": rule.target_decimals,
            "last_total": str(row.last_total) if is_flow else "0" if is_level else None,
            "is_level": is_level,
            "target": plain_target_of(row),
            "inputs": inputs_of(row, cells),
            "total_input": cells.get("cumulative"),
            "tick": cells.get("is_not_done"),
            "choices": cells.get("items") if row.listed.items else None,
            "unknown": None if row.kind is Kind.NARRATIVE else cells.get("is_unknown"),
            "story": cells.get("note") if row.kind is Kind.NARRATIVE else None,
            "note_field": self._note_field(row, cells),
            "wrong": [cell for name, cell in cells.items() if name not in ASIDE and cell.errors],
            "notes": self._remarks(report, row, cells),
            "is_answered": row.is_answered,
            "is_named": row.listed.id in self._pinned(report),
            "clash": self.situation.clashes.get(code),
            "typist": self._typists.get(row.listed.id),
            "needs_explanation": row.needs_explanation,
        }

    def _note_field(self, row: Row, cells: Mapping[str, Field]) -> Field | None:
        """The explanation, where it does not already stand within a note."""
        return None if row.kind is Kind.NARRATIVE or row.notes else cells.get("note")

    def _remarks(self, report: SheetReport, row: Row, cells: Mapping[str, Field]) -> list[Remark]:
        made = self._returned(report, row)
        odd = row.notes
        for at, one in enumerate(odd):
            is_last = at == len(odd) - 1 and row.kind is not Kind.NARRATIVE
            readings = () if not cells or one.other_reading is None else (reading_of(row, one.other_reading),)
            field = cells.get("note") if is_last else None
            made.append(Remark("explain", None, translate(one.message), field, readings))
        if row.line.note and not cells:
            title = _("情况：") if row.kind is Kind.NARRATIVE else _("说明：")
            made.append(Remark("told", title, row.line.note))
        return made

    def _returned(self, report: SheetReport, row: Row) -> list[Remark]:
        """The reason of the return, at the rows it was pinned to."""
        last = self._last_return(report)
        if last is None or row.listed.id not in last.pinned:
            return []
        return [Remark("explain", _("退回意见："), last.text)]

    def _last_return(self, report: SheetReport) -> ThreadStep | None:
        if report.state is not State.RETURNED or report.filing is None:
            return None
        key = (Action.RETURN, report.filing.revision_id)
        returns = [step for step in self.situation.steps if (step.action, step.revision_id) == key]
        return returns[-1] if returns else None

    @cached_property
    def _typists(self) -> dict[int, str]:
        """Who typed which line, where several people did."""
        current = {report.filing.revision_id for report in self.sheet.reports if report.filing}
        typists = [one for one in self.situation.typists if one.revision_id in current]
        if len({one.name for one in typists}) < 2:
            return {}
        return {one.indicator_id: f"{one.name} {moment(one.at)}" if one.at else one.name for one in typists}

    def summary(self) -> list[dict[str, str]]:
        """Everything wrong, each with the place where it can be mended."""
        names = {field_name(row.listed.rule.code, ""): row.listed.rule.name for row in self.sheet.rows}
        told = []
        for fault in self.situation.faults:
            prefix = next((name for name in names if fault.place.startswith(name)), "")
            said = translate(fault.message)
            told.append({"text": labelled(names[prefix], said) if prefix else said, "field_id": fault.place})
        return told

    def task(self, group: Mapping[str, Any]) -> dict[str, Any]:
        """One line of the progress list."""
        places = [fault.place for fault in self.situation.faults]
        wrong = sum(
            any(place.startswith(f"line-{row['anchor'][4:]}-") for place in places) for row in group["rows"]
        )
        blank = sum(not row["is_answered"] for row in group["rows"])
        odd = sum(row["needs_explanation"] for row in group["rows"])
        state, light = _("已填"), None
        if wrong:
            state, light = _("%(count)s 处要改", count=wrong), "behind"
        elif group["is_locked"] and group["state"] is not None:
            state = state_word(group["state"])
        elif blank:
            state, light = _("待填"), "not_reported"
        elif odd:
            state, light = _("待说明"), "lagging"
        return {**group, "state": state, "light": light}

    def comments(self) -> list[dict[str, str]]:
        """What superiors wrote, newest first."""
        told = [step for step in self.situation.steps if step.text]
        return [
            {"author": who(step), "at_text": moment(step.at), "text": step.text} for step in reversed(told)
        ]


def _has_second_line(row: Mapping[str, Any]) -> bool:
    return bool(row["notes"] or row["story"] or row["wrong"] or row["clash"])


def _due_tone(until: datetime | None, today: datetime) -> str:
    if until is None:
        return "due-far"
    if today >= until:
        return "due-late"
    return "due-far" if until - today > FAR else ""


def _column_label(period: str, *, is_flow: bool) -> str:
    return _("%(period)s新增", period=period) if is_flow else _("%(period)s填报", period=period)
