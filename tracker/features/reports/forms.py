"""The shape of what the entry sheet, its check and the withdrawal send; rules are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length
from wtforms.widgets import DateInput

from tracker.domain.figures import show_grouped
from tracker.domain.kinds import Judgement, Kind
from tracker.features.reports.commands.saving import SheetEntry, version_of
from tracker.features.reports.typed_lines import TypedLine, field_name
from tracker.services.sheets import Row, Sheet
from tracker.services.snapshots import LineContent, Texts
from tracker.web.forms import BaseForm, stripped

LONGEST_CELL: Final = 200
LONGEST_VERSION: Final = 4_000

KIND_COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.FLOW:      ("value", "cumulative"),
    Kind.STOCK:     ("value",),
    Kind.KEPT:      ("value",),
    Kind.RATIO:     ("numerator", "denominator", "rate"),
    Kind.GROWTH:    ("numerator", "denominator", "rate"),
    Kind.MILESTONE: ("done_on", "is_not_done"),
    Kind.CHECKLIST: ("items", "item_count"),
    Kind.NARRATIVE: ("judgement",),
}  # fmt: skip
"""The fields of a row of each kind; a tick 不详 and a note stand beside all of them."""

TEXT_COLUMNS: Final = Texts._fields
TEXT_LABELS: Final = {
    "achievements": _l("做法成效"),
    "problems": _l("存在问题"),
    "next_steps": _l("下步措施"),
}
JUDGEMENT_CHOICES: Final = (
    SelectChoice("", _l("请选择")),
    SelectChoice(Judgement.ON_TRACK.value, _l("达序时")),
    SelectChoice(Judgement.LAGGING.value, _l("预警")),
    SelectChoice(Judgement.DONE.value, _l("已完成")),
)


class PlainForm(BaseForm):
    """A form that carries one button."""


class ConfirmForm(BaseForm):
    """The last tick before submitting, for exactly the versions shown."""

    version = HiddenField(validators=[InputRequired(_l("请刷新页面后再办理")), Length(max=LONGEST_VERSION)])
    confirmed = BooleanField(
        _l("以上数字已与台账、花名册核对一致，不含涉密内容和身份证号等敏感信息。"),
        validators=[InputRequired(_l("请先勾选确认"))],
    )


class SheetForm(BaseForm):
    """What every entry sheet sends; ``sheet_form`` adds the fields of its rows."""

    version = HiddenField(validators=[InputRequired(_l("请刷新页面后再办理")), Length(max=LONGEST_VERSION)])
    then = StringField(validators=[Length(max=LONGEST_CELL)])
    reading = StringField(validators=[Length(max=LONGEST_CELL)])


def sheet_form(sheet: Sheet, *, is_posted: bool) -> SheetForm:
    """The form of this sheet: filled from the request, or from what is on file."""
    fields: dict[str, Any] = {}
    for row in sheet.rows:
        for column in (*KIND_COLUMNS[row.kind], "is_unknown", "note"):
            fields[field_name(row.listed.rule.code, column)] = _field(row, column)
    for report in sheet.reports:
        for column in TEXT_COLUMNS:
            name = field_name(str(report.promise.id), column)
            fields[name] = TextAreaField(
                TEXT_LABELS[column], filters=[stripped], render_kw={"rows": 3, "class": "input"}
            )
    made = type("FilledSheetForm", (SheetForm,), fields)
    form: SheetForm = made() if is_posted else made(formdata=None, data=_on_file(sheet))
    return form


def _field(row: Row, column: str) -> Field:
    if column == "items":
        choices = [SelectChoice(name, name) for name in row.listed.items]
        return SelectMultipleField(row.listed.rule.name, choices=choices, validate_choice=False)
    if column == "judgement":
        return SelectField(_l("本期判断"), choices=list(JUDGEMENT_CHOICES), validate_choice=False)
    if column in ("is_unknown", "is_not_done"):
        return BooleanField(_l("不详") if column == "is_unknown" else _l("尚未完成"))
    if column == "note":
        label = _l("本期情况") if row.kind is Kind.NARRATIVE else _l("说明")
        return TextAreaField(label, filters=[stripped], render_kw={"rows": 2})
    if column == "done_on":
        return StringField(_l("完成日期"), filters=[stripped], widget=DateInput())
    return StringField(_label(row, column), filters=[stripped])


def _label(row: Row, column: str) -> Any:
    growth = row.kind is Kind.GROWTH
    labels = {
        "numerator": _l("本期数") if growth else _l("分子"),
        "denominator": _l("上年同期数") if growth else _l("分母"),
        "rate": _l("或只填增幅") if growth else _l("或只填比率"),
        "item_count": _l("或只填项数") if row.listed.items else _l("完成项数"),
        "cumulative": _l("本期末累计"),
    }
    return labels.get(column, row.listed.rule.name)


def _on_file(sheet: Sheet) -> dict[str, Any]:
    found: dict[str, Any] = {"version": version_token(sheet)}
    for row in sheet.rows:
        typed = stored_line(row)
        for column in (*KIND_COLUMNS[row.kind], "is_unknown", "note"):
            found[field_name(row.listed.rule.code, column)] = getattr(typed, column)
    for report in sheet.reports:
        texts = report.texts._asdict()
        found |= {field_name(str(report.promise.id), column): text for column, text in texts.items()}
    return found


def stored_line(row: Row) -> TypedLine:
    """A line on file as it would be typed; what was done by the last period is offered again on a new line."""
    line, rule = row.line, row.listed.rule
    if row.carried is not None and row.kind in (Kind.MILESTONE, Kind.CHECKLIST):
        line = row.carried._replace(note="")
    places = rule.target_decimals
    total = None if line.value is None or row.kind is not Kind.FLOW else row.last_total + line.value
    is_value = row.kind in (Kind.FLOW, Kind.STOCK, Kind.KEPT)
    return TypedLine(
        value=_shown(line.value, places) if is_value else "",
        cumulative=_shown(total, places),
        numerator=_shown(line.numerator, rule.decimals),
        denominator=_shown(line.denominator, rule.decimals),
        rate=_shown(line.rate, places),
        done_on=line.done_on.isoformat() if line.done_on else "",
        is_not_done=row.kind is Kind.MILESTONE and line.value == 0,
        items=line.items_done or (),
        item_count=_shown(_bare_count(row, line), 0),
        judgement=line.judgement or "",
        is_unknown=line.is_unknown,
        note=line.note,
    )


def _bare_count(row: Row, line: LineContent) -> int | None:
    return line.value if row.kind is Kind.CHECKLIST and line.items_done is None else None


def _shown(value: int | None, decimals: int) -> str:
    return "" if value is None else show_grouped(value, decimals)


def entry_of(form: SheetForm, sheet: Sheet) -> SheetEntry:
    """What the form holds, in the words of the commands."""
    lines = {row.listed.id: _typed(form, row) for row in sheet.rows}
    texts = {
        report.promise.id: Texts(
            *(form[field_name(str(report.promise.id), column)].data or "" for column in TEXT_COLUMNS)
        )
        for report in sheet.reports
    }
    return SheetEntry(lines, texts, read_version(form.version.data or ""))


def _typed(form: SheetForm, row: Row) -> TypedLine:
    found: dict[str, Any] = {}
    for column in (*KIND_COLUMNS[row.kind], "is_unknown", "note"):
        typed = form[field_name(row.listed.rule.code, column)].data
        found[column] = tuple(typed or ()) if column == "items" else (typed or "")
    found |= {name: bool(found[name]) for name in ("is_unknown", "is_not_done") if name in found}
    return TypedLine(**found)


def version_token(sheet: Sheet) -> str:
    """The versions of all reports of the sheet as one hidden field: ``12:5.3 13:``."""
    return " ".join(f"{report.promise.id}:{version_of(report)}" for report in sheet.reports)


def read_version(token: str) -> dict[int, str]:
    """The token read back; what is not one names no report."""
    pairs = [part.partition(":") for part in token.split()]
    return {int(pledge): version for pledge, _, version in pairs if pledge.isdecimal()}
