"""What the bulletin pages send: shapes only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from tracker.web.forms import BaseForm, text_area

LONGEST_REASON = 400
LONGEST_SECTION = 20_000
MOST_SECTIONS = 20
LARGEST_VERSION = 2**31 - 1


class DraftForm(BaseForm):
    """Which cut-off to draft to; from the second issue on also why."""

    cutoff = SelectField(_l("截至"), validators=[InputRequired(_l("请选择截止月"))])
    reason = text_area(_l("出新版的原因"), longest=LONGEST_REASON, is_required=False)
    keeps_prose = BooleanField(_l("保留改过的段落，其中的数字按新数据更新"))


class CountersignForm(BaseForm):
    """The draft as it was seen."""

    version = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1, max=LARGEST_VERSION)]
    )
    digest = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])
    agrees = BooleanField(_l("已看到手填数字与数据不一致，同意照此印发"))


class SectionForm(Form):
    """One section's words, a paragraph a line."""

    text = text_area(_l("段落"), longest=LONGEST_SECTION, is_required=False)


class ProseForm(BaseForm):
    """The words of a draft, section by section, and the version they were read from."""

    version = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1, max=LARGEST_VERSION)]
    )
    sections = FieldList(FormField(SectionForm), min_entries=1, max_entries=MOST_SECTIONS)


class ExportForm(BaseForm):
    """Which of an issue's files is wanted."""

    format = HiddenField(validators=[InputRequired(), Length(max=8)])


class VerifyForm(BaseForm):
    """A file to be held against what was issued."""

    file = FileField(_l("通报文件"), validators=[FileRequired(_l("请选择一个文件"))])
