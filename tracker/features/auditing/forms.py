"""What the pages of auditing send: shapes only."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import (
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import DateInput, HiddenInput

from tracker.domain.editing import deadline_on
from tracker.web.forms import BaseForm, is_day, read_day, stripped, text_area, text_line

LONGEST_FILTER: Final = 60
MOST_FIGURES: Final = 200
FILTERS: Final = ("person", "unit", "action", "kind", "subject_id", "request", "since", "until")
"""The names filters have in an address."""


def _short() -> list[Any]:
    return [Length(max=LONGEST_FILTER, message=_l("请不要超过 %(max)d 个字"))]


class FilterForm(Form):
    """What of the trail is asked for; sent by GET."""

    person = StringField(_l("人员（姓名或登录名）"), filters=[stripped], validators=_short())
    unit = StringField(_l("单位（含下级）"), filters=[stripped], validators=_short())
    action = SelectField(_l("事项"), default="")
    kind = SelectField(_l("对象"), default="")
    subject_id = StringField(_l("对象编号"), filters=[stripped], validators=[Length(max=120)])
    request = StringField(_l("请求号"), filters=[stripped], validators=_short())
    since = StringField(_l("从哪一天起"), filters=[stripped], validators=[is_day], widget=DateInput())
    until = StringField(_l("到哪一天止"), filters=[stripped], validators=[is_day], widget=DateInput())

    def offer(self, actions: dict[str, Any], kinds: dict[str, Any]) -> None:
        """The acts and subjects to choose from."""
        every = SelectChoice("", _l("全部"))
        self.action.choices = [every, *(SelectChoice(code, word) for code, word in actions.items())]
        self.kind.choices = [every, *(SelectChoice(code, word) for code, word in kinds.items())]


class DrawForm(BaseForm):
    """Which period, how, how many; a start number for those who bring one."""

    period = SelectField(_l("报告期"), default="")
    method = SelectField(
        _l("抽法"),
        default="random",
        choices=[
            SelectChoice("random", _l("随机：按起始号抽，可以复算")),
            SelectChoice("size", _l("按大小：每项指标先抽最大的")),
            SelectChoice("risk", _l("按风险：理由多的先抽")),
        ],
    )
    count = IntegerField(
        _l("抽几项"),
        default=10,
        validators=[
            InputRequired(_l("请填 1 到 200 的整数")),
            NumberRange(min=1, max=MOST_FIGURES, message=_l("请填 1 到 200 的整数")),
        ],
    )
    seed = StringField(
        _l("起始号"),
        filters=[stripped],
        validators=[Optional(), Regexp(r"\d{1,12}\Z", message=_l("起始号最多 12 位数字"))],
    )


class MarkForm(BaseForm):
    """What was found about one figure."""

    verdict = HiddenField(validators=[InputRequired(), AnyOf(["verified", "doubtful"])])
    note = text_line(_l("说明"), longest=1000, is_required=False)


def _due() -> StringField:
    return StringField(
        _l("期限（此日 18:00 前）"), filters=[stripped], validators=[is_day], widget=DateInput()
    )


class DeadlineForm(BaseForm):
    """A form that names a deadline."""

    due = _due()

    @property
    def deadline(self) -> datetime | None:
        """The chosen day's 18:00 in Shanghai; None where no day was chosen."""
        day = read_day(self.due.data)
        return None if day is None else deadline_on(day)


class FindingForm(DeadlineForm):
    """What was found at which unit, what is asked, until when."""

    unit = text_line(_l("单位（名称或代码）"), longest=LONGEST_FILTER)
    title = text_line(_l("一句话说清问题"), longest=120)
    text = text_area(_l("发现了什么"))
    asked = text_area(_l("要求怎么整改"))
    sample = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(min=1)])
    position = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(min=1)])


class AnswerForm(BaseForm):
    """What the unit has done, and the correction that did it."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1)])
    text = text_area(_l("整改情况"))
    correction = SelectField(_l("对应的更正"), default="")


class JudgeForm(DeadlineForm):
    """Closing a finding, or asking again until a new day."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1)])
    action = RadioField(
        _l("复核结论"),
        choices=[SelectChoice("close", _l("整改到位，销号")), SelectChoice("reopen", _l("还要继续整改"))],
        validators=[InputRequired(_l("请选择"))],
    )
    text = text_area(_l("说明"))
