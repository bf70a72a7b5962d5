"""The shape of what the entry sheet, its check and the withdrawal send; rules are elsewhere."""

from __future__ import annotations

import re
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

from tracker.domain.kinds import Judgement, Kind
from tracker.features.reports.commands.merging import Pick, Seen, Typed, seen_of, text_place
from tracker.features.reports.commands.saving import SheetEntry, version_of
from tracker.features.reports.stored_lines import stored_line
from tracker.features.reports.typed_lines import TypedLine, field_name
from tracker.services.sheets import Row, Sheet
from tracker.services.snapshots import Texts
from tracker.web.forms import BaseForm, stripped

LONGEST_CELL: Final = 200
_NUMBER: Final = re.compile(r"-?[0-9]{1,16}")
LONGEST_VERSION: Final = 4_000
LONGEST_SEEN: Final = 40_000

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
    seen = HiddenField(validators=[Length(max=LONGEST_SEEN)])
    then = StringField(validators=[Length(max=LONGEST_CELL)])
    reading = StringField(validators=[Length(max=LONGEST_CELL)])


def sheet_form(sheet: Sheet, *, is_posted: bool) -> SheetForm:
    """The form of this sheet: filled from the request, or from what is on file."""
    fields: dict[str, Any] = {}
    for row in sheet.rows:
        for column in (*KIND_COLUMNS[row.kind], "is_unknown", "note"):
            fields[field_name(row.listed.rule.code, column)] = _field(row, column)
        fields[pick_name(row.listed.rule.code)] = StringField(validators=[Length(max=LONGEST_CELL)])
    for report in sheet.reports:
        for column in TEXT_COLUMNS:
            name = field_name(str(report.promise.id), column)
            fields[pick_name(text_place(report, column))] = StringField(validators=[Length(max=LONGEST_CELL)])
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
    found: dict[str, Any] = {"version": version_token(sheet), "seen": seen_token(seen_of(sheet))}
    for row in sheet.rows:
        found |= stored_fields(row)
    for report in sheet.reports:
        texts = report.texts._asdict()
        found |= {field_name(str(report.promise.id), column): text for column, text in texts.items()}
    return found


def stored_fields(row: Row) -> dict[str, Any]:
    """What a row's fields hold when the page is drawn, by the names of the fields."""
    line = stored_line(row)
    columns = (*KIND_COLUMNS[row.kind], "is_unknown", "note")
    return {field_name(row.listed.rule.code, column): getattr(line, column) for column in columns}


def typed_of(form: SheetForm, sheet: Sheet) -> Typed:
    """What the form holds, in the words of the commands; rows and texts that were not drawn as fields are left out."""
    lines = {row.listed.id: _typed(form, row) for row in sheet.rows if is_sent(form, row)}
    texts = {
        report.promise.id: Texts(
            *(form[field_name(str(report.promise.id), column)].data or "" for column in TEXT_COLUMNS)
        )
        for report in sheet.reports
        if form[field_name(str(report.promise.id), TEXT_COLUMNS[0])].raw_data
    }
    entry = SheetEntry(lines, texts, read_version(form.version.data or ""))
    return Typed(entry, read_seen(form.seen.data or ""), _picks(form, sheet))


def is_sent(form: SheetForm, row: Row) -> bool:
    """Whether the request brought any of a row's fields."""
    columns = (*KIND_COLUMNS[row.kind], "is_unknown", "note")
    return any(form[field_name(row.listed.rule.code, column)].raw_data for column in columns)


def pick_name(place: str) -> str:
    """The name of the choice between two people's values."""
    return f"pick-{place}"


def _picks(form: SheetForm, sheet: Sheet) -> dict[str, Pick]:
    found = {}
    for place in seen_of(sheet):
        side, _, digest = (form[pick_name(place)].data or "").partition(".")
        if side in ("mine", "theirs"):
            found[place] = Pick(side == "mine", digest)
    return found


def seen_token(seen: Mapping[str, Seen]) -> str:
    """What the page showed as one hidden field: ``enrolments=1f…9a.17600 12/problems=…``."""
    return " ".join(
        f"{place}={one.digest}" + ("" if one.value is None else f".{one.value}")
        for place, one in seen.items()
    )


def read_seen(token: str) -> dict[str, Seen]:
    """The token read back; what is not one shows nothing."""
    found = {}
    for part in token.split():
        place, _, shown = part.partition("=")
        digest, _, value = shown.partition(".")
        found[place] = Seen(digest, int(value) if _NUMBER.fullmatch(value) else None)
    return found


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
