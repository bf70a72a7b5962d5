"""What the page of a period sends: shapes only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired
from wtforms.widgets import DateInput

from tracker.domain.editing import deadline_on
from tracker.features.periods.commands import LONGEST_REASON
from tracker.services.tree import Unit
from tracker.web.forms import BaseForm, stripped, text_line


class CloseForm(BaseForm):
    """One button."""


class ReopenForm(BaseForm):
    """For which unit, until which day, and why."""

    unit = SelectField(_l("单位"), validators=[InputRequired(_l("请选择单位"))])
    until = StringField(_l("开放到此日 18:00"), filters=[stripped], widget=DateInput())
    reason = text_line(_l("原因"), longest=LONGEST_REASON)

    @property
    def deadline(self) -> datetime | None:
        """The chosen day's 18:00 in Shanghai; None when it is no day."""
        try:
            return deadline_on(date.fromisoformat(self.until.data or ""))
        except ValueError:
            return None


class WaiverForm(BaseForm):
    """Which unit, whether it needs a signature, and why."""

    unit = SelectField(_l("单位"), validators=[InputRequired(_l("请选择单位"))])
    then = SelectField(
        _l("设为"),
        choices=[
            SelectChoice("waived", _l("免审批，提交后直接报上级审核")),
            SelectChoice("required", _l("须由本单位审批")),
        ],
        validators=[InputRequired()],
    )
    reason = text_line(_l("原因"), longest=LONGEST_REASON)


def offer_units(form: ReopenForm | WaiverForm, units: Iterable[Unit]) -> None:
    """The units to choose from."""
    form.unit.choices = [
        SelectChoice("", _l("请选择")),
        *(SelectChoice(unit.code, unit.short_name) for unit in units),
    ]
