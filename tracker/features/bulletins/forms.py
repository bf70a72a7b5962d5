"""What the bulletin pages send: shapes only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from tracker.web.forms import BaseForm, text_area

LONGEST_REASON = 400
LARGEST_VERSION = 2**31 - 1


class DraftForm(BaseForm):
    """Which cut-off to draft to; from the second issue on also why."""

    cutoff = SelectField(_l("截至"), validators=[InputRequired(_l("请选择截止月"))])
    reason = text_area(_l("出新版的原因"), longest=LONGEST_REASON, is_required=False)


class CountersignForm(BaseForm):
    """The draft as it was seen."""

    version = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1, max=LARGEST_VERSION)]
    )
    digest = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])


class ExportForm(BaseForm):
    """Which of an issue's files is wanted."""

    format = HiddenField(validators=[InputRequired(), Length(max=8)])


class VerifyForm(BaseForm):
    """A file to be held against what was issued."""

    file = FileField(_l("通报文件"), validators=[FileRequired(_l("请选择一个文件"))])
