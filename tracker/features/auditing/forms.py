"""What the pages of auditing send: shapes only."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, HiddenField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length
from wtforms.widgets import DateInput

from tracker.web.forms import BaseForm, stripped

LONGEST_FILTER: Final = 60
FILTERS: Final = ("person", "unit", "action", "kind", "since", "until")
"""The names filters have in an address."""


def read_day(text: str | None) -> date | None:
    """A day written 2018-07-03; None for nothing. Raises ValueError."""
    return date.fromisoformat(text) if text else None


def is_day(_form: Form, field: Field) -> None:
    """Refuse what is no day."""
    try:
        read_day(field.data)
    except ValueError:
        raise ValidationError(str(_l("请选一个日期，例如 2018-07-09"))) from None


def _short() -> list[Any]:
    return [Length(max=LONGEST_FILTER, message=_l("请不要超过 %(max)d 个字"))]


class FilterForm(Form):
    """What of the trail is asked for; sent by GET."""

    person = StringField(_l("人员"), filters=[stripped], validators=_short())
    unit = StringField(_l("单位（名称或代码）"), filters=[stripped], validators=_short())
    action = SelectField(_l("事项"), default="")
    kind = SelectField(_l("对象"), default="")
    since = StringField(_l("从哪一天起"), filters=[stripped], validators=[is_day], widget=DateInput())
    until = StringField(_l("到哪一天止"), filters=[stripped], validators=[is_day], widget=DateInput())

    def offer(self, actions: dict[str, Any], kinds: dict[str, Any]) -> None:
        """The acts and subjects to choose from."""
        every = SelectChoice("", _l("全部"))
        self.action.choices = [every, *(SelectChoice(code, word) for code, word in actions.items())]
        self.kind.choices = [every, *(SelectChoice(code, word) for code, word in kinds.items())]


class ExportForm(BaseForm):
    """The same, sent as it stood on the page whose rows are wanted."""

    person = HiddenField(validators=_short())
    unit = HiddenField(validators=_short())
    action = HiddenField(validators=_short())
    kind = HiddenField(validators=_short())
    since = HiddenField(validators=[is_day])
    until = HiddenField(validators=[is_day])
    list = HiddenField(validators=_short())
    subject_id = HiddenField(validators=[Length(max=120)])
