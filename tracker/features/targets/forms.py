"""The shape of what the matrix, its check and a unit's answer send; rules are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length
from wtforms.widgets import DateInput

from tracker.domain.allocation import Way
from tracker.domain.editing import deadline_on
from tracker.features.targets.content import WHOLE
from tracker.features.targets.queries import Board, Row
from tracker.features.targets.typed_cells import (
    TICKED,
    base_name,
    cell_name,
    typed_columns,
    weight_name,
)
from tracker.web.forms import BaseForm, stripped, text_area

LONGEST_CELL: Final = 64
LONGEST_VERSION: Final = 60
LONGEST_REASON: Final = 400
ALL_ROWS: Final = "all"


class MatrixForm(BaseForm):
    """What every matrix sends; ``matrix_form`` adds the fields of its cells."""

    version = HiddenField(validators=[Length(max=LONGEST_VERSION)])
    then = StringField(validators=[Length(max=LONGEST_CELL)])
    scope = SelectField(_l("分配哪些行"), default=ALL_ROWS)


class IssueForm(BaseForm):
    """Issuing exactly what the check showed."""

    version = HiddenField(validators=[Length(max=LONGEST_VERSION)])
    effective_month = SelectField(
        _l("从哪个月起生效"),
        coerce=int,
        choices=[SelectChoice(month, _l("%(month)s月", month=month)) for month in range(1, 13)],
    )
    answer_by = StringField(_l("请各单位在此日 18:00 前确认"), filters=[stripped], widget=DateInput())
    reason = text_area(_l("理由"), longest=LONGEST_REASON, is_required=False)
    confirmed = BooleanField(
        _l("我已核对以上改动，下达后即成为各单位的正式目标"),
        validators=[InputRequired(_l("请先勾选确认"))],
    )

    @property
    def deadline(self) -> datetime | None:
        """The chosen day's 18:00 in Shanghai; None when it is no day."""
        try:
            return deadline_on(date.fromisoformat(self.answer_by.data or ""))
        except ValueError:
            return None


class AnswerForm(BaseForm):
    """Confirming what a notice says."""

    version = HiddenField(validators=[Length(max=LONGEST_VERSION)])


class ReasonForm(AnswerForm):
    """A step that has to be explained."""

    reason = text_area(_l("理由"), longest=LONGEST_REASON, is_required=False)


def matrix_form(board: Board, texts: Mapping[str, str], *, is_posted: bool) -> MatrixForm:
    """The form of a matrix: filled from the request, or with these texts."""
    fields: dict[str, Any] = {weight_name(column.key): _text(_l("权重")) for column in board.columns}
    for row in board.rows:
        for column in typed_columns(board, row):
            fields[cell_name(row.id, column)] = _cell(row, column)
            if column != WHOLE and board.has_base(row):
                fields[base_name(row.id, column)] = _text(_l("基数"))
    made = type("FilledMatrixForm", (MatrixForm,), fields)
    version = {"version": board.token}
    form: MatrixForm = made() if is_posted else made(formdata=None, data={**version, **_filled(board, texts)})
    rows = [(str(row.id), row.listed.rule.name) for row in board.rows]
    form.scope.choices = [SelectChoice(ALL_ROWS, _l("所有行")), *(SelectChoice(*row) for row in rows)]
    form.scope.validate_choice = False
    return form


def _filled(board: Board, texts: Mapping[str, str]) -> dict[str, Any]:
    ticks = {
        cell_name(row.id, column.key)
        for row in board.rows
        if row.way is Way.TICKED
        for column in board.columns
    }
    return {name: text == TICKED if name in ticks else text for name, text in texts.items()}


def _cell(row: Row, column: str) -> Field:
    if row.way is Way.TICKED and column != WHOLE:
        return BooleanField(row.listed.rule.name)
    return _text(row.listed.rule.name)


def _text(label: Any) -> Field:
    return StringField(
        label,
        filters=[stripped],
        validators=[Length(max=LONGEST_CELL, message=_l("请不要超过 %(max)d 个字"))],
    )


def texts_sent(form: MatrixForm) -> dict[str, str]:
    """The texts of the cells that were sent; a box that was not ticked is an empty text."""
    found: dict[str, str] = {}
    for field in form:
        if field.name.partition("-")[0] not in ("cell", "base", "weight"):
            continue
        if isinstance(field, BooleanField):
            found[field.name] = TICKED if field.data else ""
        elif field.raw_data:
            found[field.name] = field.data or ""
    return found


def put_texts(form: MatrixForm, texts: Mapping[str, str]) -> None:
    """Put other texts into these fields, as after two people typed at once."""
    for name, text in texts.items():
        if name in form:
            form[name].data = text == TICKED if isinstance(form[name], BooleanField) else text


def seen_number(version: str | None) -> int:
    """The working copy's number that a page was drawn from; −1 where the token is not one of ours."""
    number = (version or "").partition(".")[0]
    return int(number) if number.isdecimal() and len(number) <= 9 else -1
