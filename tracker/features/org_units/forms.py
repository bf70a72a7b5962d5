"""What the pages of org units send: shapes only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import DateInput, HiddenInput

from tracker.domain.codes import UNIT_CODE
from tracker.domain.messages import Refusal
from tracker.domain.periods import Month
from tracker.features.org_units.words import KINDS, LEVELS
from tracker.web.forms import BaseForm, stripped, text_area, text_line

LONGEST_NAME: Final = 120
LONGEST_SHORT_NAME: Final = 40
LONGEST_CODE: Final = 32
LONGEST_REASON: Final = 400
LARGEST_COUNT: Final = 10**9
LARGEST_VERSION: Final = 2**31 - 1
MOST_MERGED: Final = 20


def choices_of(words: Mapping[str, Any], nothing: Any = None) -> list[Any]:
    """The choices of a field, by value and word; first of all none where that has a word."""
    first = [] if nothing is None else [SelectChoice("", nothing)]
    return first + [SelectChoice(value, word) for value, word in words.items()]


def day_field(label: Any, *, is_required: bool = True) -> StringField:
    """A day, written 2018-07-03."""
    presence = InputRequired(_l("请填写这一项")) if is_required else Optional()
    return StringField(label, filters=[stripped], validators=[presence, is_day], widget=DateInput())


def is_day(_form: Form, field: Field) -> None:
    """Refuse what is no day."""
    try:
        date.fromisoformat(field.data)
    except ValueError:
        raise ValidationError(str(_l("请选一个日期，例如 2018-07-09"))) from None


def read_day(text: str | None) -> date | None:
    """The day, None for nothing; checked before."""
    return date.fromisoformat(text) if text else None


def is_month(_form: Form, field: Field) -> None:
    """Refuse what is no month."""
    try:
        Month.parse(field.data)
    except Refusal:
        raise ValidationError(str(_l("请写成 2018-07 这样的月份"))) from None


def code_field(label: Any, *, is_required: bool = True) -> StringField:
    """An official code."""
    presence = InputRequired(_l("请填写这一项")) if is_required else Optional()
    shape = Regexp(UNIT_CODE + r"\Z", message=_l("代码只能用字母、数字和下划线，最多 32 位"))
    return StringField(label, filters=[stripped], validators=[presence, shape])


def count_field(label: Any, *, is_required: bool = False) -> IntegerField:
    """A whole number from 0."""
    presence = InputRequired(_l("请填写这一项")) if is_required else Optional()
    within = NumberRange(min=0, max=LARGEST_COUNT, message=_l("请填 0 到 10 亿之间的整数"))
    return IntegerField(label, validators=[presence, within])


def version_field() -> IntegerField:
    """The version of the unit's row as seen."""
    return IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1, max=LARGEST_VERSION)]
    )


def reason_field() -> Any:
    """Why."""
    return text_area(_l("理由"), longest=LONGEST_REASON)


class AddForm(BaseForm):
    """A unit to be added."""

    code = code_field(_l("代码"))
    name = text_line(_l("名称"), longest=LONGEST_NAME)
    short_name = text_line(_l("简称"), longest=LONGEST_SHORT_NAME, is_required=False)
    level = SelectField(_l("层级"), choices=choices_of(LEVELS))
    kind = SelectField(_l("类型"), choices=choices_of(KINDS), default="federation")
    position = count_field(_l("排在第几"))
    weight = count_field(_l("分解目标时的权重"))
    valid_from = day_field(_l("成立日期"), is_required=False)
    reason = reason_field()


class RenameForm(BaseForm):
    """Another name, and from which day."""

    version = version_field()
    name = text_line(_l("新名称"), longest=LONGEST_NAME)
    short_name = text_line(_l("新简称"), longest=LONGEST_SHORT_NAME)
    since = day_field(_l("从哪一天起"))
    reason = reason_field()


class ChangeForm(BaseForm):
    """Level, kind, weight and turn."""

    version = version_field()
    level = SelectField(_l("层级"), choices=choices_of(LEVELS))
    kind = SelectField(_l("类型"), choices=choices_of(KINDS))
    position = count_field(_l("排在第几"), is_required=True)
    weight = count_field(_l("分解目标时的权重"))
    reason = reason_field()


class ShapeForm(BaseForm):
    """What moving, closing and merging have in common; ``seen`` is the fingerprint of the effect that was shown."""

    version = version_field()
    edition = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=0, max=LARGEST_VERSION)]
    )
    seen = HiddenField(validators=[Length(max=64)])
    effective = StringField(
        _l("从哪个月的数起算"), filters=[stripped], validators=[InputRequired(_l("请填写这一项")), is_month]
    )
    reason = reason_field()


class MoveForm(ShapeForm):
    """Where a unit goes."""

    above = code_field(_l("新上级的代码"))


class CloseForm(ShapeForm):
    """A unit that ends, and who follows it if anybody."""

    successor = code_field(_l("承接单位的代码"), is_required=False)


class MergeForm(ShapeForm):
    """Units that become one; ``summed``: indicators whose figures go to the successor."""

    into = code_field(_l("并入哪个单位（代码）"))
    also = text_line(_l("一起并入的其他单位（代码，用空格隔开）"), is_required=False)
    summed = SelectMultipleField(_l("数字并入承接单位的指标"))


class FilterForm(Form):
    """What of the tree is asked for; sent by GET."""

    q = StringField(
        _l("名称或代码"),
        filters=[stripped],
        validators=[Length(max=60, message=_l("请不要超过 %(max)d 个字"))],
    )
    kind = SelectField(_l("类型"), choices=choices_of(KINDS, _l("所有类型")), default="")
    level = SelectField(_l("层级"), choices=choices_of(LEVELS, _l("所有层级")), default="")
    closed = BooleanField(_l("也列出已撤销的"))


class UploadForm(BaseForm):
    """A file of org units."""

    file = FileField(_l("组织文件"), validators=[FileRequired(_l("请选择一个文件"))])


class ConfirmForm(BaseForm):
    """What was looked at: the digest of the changes shown."""

    seen = HiddenField(validators=[InputRequired(), Length(max=64)])


class ExportForm(BaseForm):
    """Nothing but the wish."""
