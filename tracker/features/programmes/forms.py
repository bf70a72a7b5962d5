"""What the pages of a list send: shapes only; the rules of a list are those of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from tracker.domain.kinds import Kind
from tracker.features.programmes.words import COMPARATORS, ELAPSED, EVIDENCES, RHYTHMS
from tracker.web.forms import BaseForm, text_area, text_line

LONGEST_REASON: Final = 400
LARGEST_VERSION: Final = 2**31 - 1
MOST_STAGES: Final = 12
MONTHS: Final = 12
PLAN_SHAPES: Final = {
    "linear": _l("按时间均匀"),
    "own": _l("自定：填每个月末的累计百分数"),
    "last_year": _l("照上年的走势：由上年已通过的各月数据算出"),
}
EVERY_FIELD: Final = frozenset(
    {"measure", "decimals", "comparator", "aspiration", "tolerance_percent", "target", "base", "last_year", "plan_shape",
     "plan", "stages", "items", "part_of"}
)  # fmt: skip

# fmt: off
ABSENT: Final = {
    Kind.FLOW:      frozenset({"base", "items"}),
    Kind.STOCK:     frozenset({"items"}),
    Kind.KEPT:      frozenset({"base", "items", "plan_shape", "plan"}),
    Kind.RATIO:     frozenset({"base", "items", "plan_shape", "plan"}),
    Kind.GROWTH:    frozenset({"items", "plan_shape", "plan", "stages"}),
    Kind.MILESTONE: EVERY_FIELD - {"measure", "target", "plan_shape", "plan"},
    Kind.CHECKLIST: frozenset({"decimals", "base"}),
    Kind.NARRATIVE: EVERY_FIELD,
}
"""The fields an indicator of each kind has no use for."""
# fmt: on


def choices_of(words: Mapping[Any, Any]) -> list[Any]:
    """The choices of a field, by value and word."""
    return [SelectChoice(str(value), word) for value, word in words.items()]


class HeadFields(Form):
    """The list itself."""

    title = text_line(_l("清单名称"))
    year = text_line(_l("年度"), longest=4)
    slug = text_line(_l("短名"), longest=40, is_required=False)
    reporting = SelectField(_l("多久报一次"), choices=choices_of(RHYTHMS))
    due_day = text_line(_l("报告期结束后，次月几日前报"), longest=2)
    close_day = text_line(_l("次月几日后不再收"), longest=2, is_required=False)
    elapsed = RadioField(_l("时间进度怎么算"), choices=choices_of(ELAPSED), default="months")
    own_level_counts = RadioField(
        _l("本级自己的数计入合计吗"),
        choices=choices_of({"true": _l("计入"), "false": _l("不计入")}),
        default="true",
    )
    on_track = text_line(_l("达序时：差距不低于"), longest=8)
    lagging = text_line(_l("预警：差距不低于"), longest=8)


class PledgeFields(Form):
    """One pledge."""

    number = text_line(_l("序号"), longest=4)
    title = text_line(_l("实事名称"))
    lead = text_line(_l("牵头部门"), longest=60)
    supporting = text_area(_l("配合部门"), is_required=False)


class StageFields(Form):
    """One stage of a goal over several years."""

    until = text_line(_l("到哪个月"), longest=7, is_required=False)
    target = text_line(_l("从头累计到"), longest=40, is_required=False)


class IndicatorFields(Form):
    """One indicator; fields its kind has no use for are taken out."""

    kind = HiddenField()
    code = text_line(_l("代码"), longest=60, is_required=False)
    name = text_line(_l("指标名称"))
    counting_rule = text_area(_l("统计口径"), is_required=False)
    measure = text_line(_l("计量单位"), longest=20)
    decimals = SelectField(_l("小数位"), choices=choices_of({0: _l("整数"), 1: "1", 2: "2", 3: "3", 4: "4"}))
    comparator = SelectField(_l("怎么算达到"), choices=choices_of(COMPARATORS))
    tolerance_percent = text_line(_l("左右的容差"), longest=8, is_required=False)
    target = text_line(_l("目标"), longest=40, is_required=False)
    aspiration = BooleanField(_l("力争目标（只显示“力争”，评判不变）"))
    base = text_line(_l("基数"), longest=40, is_required=False)
    last_year = text_line(_l("上年实绩"), longest=40, is_required=False)
    plan_shape = RadioField(_l("计划进度"), choices=choices_of(PLAN_SHAPES), default="linear")
    plan = FieldList(
        text_line(_l("月末累计"), longest=8, is_required=False), min_entries=MONTHS, max_entries=MONTHS
    )
    stages = FieldList(FormField(StageFields), max_entries=MOST_STAGES)
    items = text_area(_l("名单"), longest=40_000, is_required=False)
    part_of = SelectField(_l("属于哪一项（其中）"), validate_choice=True)
    parts_complete = RadioField(
        _l("各部分合起来等于整体吗"),
        choices=choices_of(
            {"": _l("没有说明"), "true": _l("等于，目标之和必须相等"), "false": _l("不等于，还有别的部分")}
        ),
        default="",
    )
    aligned = SelectMultipleField(_l("同时计入上级清单"))
    evidence = RadioField(_l("佐证"), choices=choices_of(EVIDENCES), default="none")

    def validate_measure(self, field: Field) -> None:
        """万 and 亿 are for showing; figures are kept in single ones."""
        if (field.data or "").startswith(("万", "亿")):
            raise ValidationError(_l("请写单个的单位，例如“人次”；数可以写成 150万"))


class TermsForm(BaseForm):
    """What every change carries: the list as it was seen, and on a public list why and from when."""

    version = HiddenField(validators=[Length(max=64)])
    reason = text_area(_l("改动的理由"), longest=LONGEST_REASON, is_required=False)
    effective = SelectField(_l("改了的目标从哪个月起算"), choices=[], validators=[Optional()], default="")


class HeadForm(TermsForm):
    """The head of a list there is."""

    head = FormField(HeadFields)


class PledgeForm(TermsForm):
    """A pledge there is."""

    pledge = FormField(PledgeFields)


class NewPledgeForm(PledgeForm):
    """A pledge with its first indicator."""

    indicator = FormField(IndicatorFields)


class IndicatorForm(TermsForm):
    """An indicator."""

    indicator = FormField(IndicatorFields)


class NewListForm(TermsForm):
    """A list with its first pledge and that one's first indicator."""

    head = FormField(HeadFields)
    pledge = FormField(PledgeFields)
    indicator = FormField(IndicatorFields)


class PlaceFields(Form):
    """One row of the order: what it is, and the number it gets."""

    key = HiddenField(validators=[Length(max=60)])
    number = IntegerField(
        _l("序号"),
        validators=[
            InputRequired(_l("请填写序号")),
            NumberRange(min=1, max=9999, message=_l("序号要是 1 到 9999 的整数")),
        ],
    )


class OrderForm(TermsForm):
    """The order of pledges, and of the indicators within each."""

    pledges = FieldList(FormField(PlaceFields), max_entries=500)
    indicators = FieldList(FormField(PlaceFields), max_entries=2_000)


class StepForm(BaseForm):
    """One step of a list as it was seen."""

    version = HiddenField(validators=[InputRequired(), Length(max=64)])


class RankingForm(BaseForm):
    """Whether units are ranked; ``version`` is that of the list's own row."""

    version = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1, max=LARGEST_VERSION)]
    )
    is_ranked = RadioField(
        _l("各单位按进度排名"),
        choices=choices_of({"true": _l("排名"), "false": _l("不排名")}),
        validators=[InputRequired(_l("请选一项"))],
    )


class CopyForm(BaseForm):
    """Which year the new list is for."""

    year = IntegerField(
        _l("新清单的年度"),
        validators=[
            InputRequired(_l("请填写年度")),
            NumberRange(min=2001, max=2100, message=_l("年度要是 2001 到 2100 之间的整数")),
        ],
    )
    slug = text_line(_l("短名"), longest=40, is_required=False)


class UploadForm(BaseForm):
    """A programme file."""

    file = FileField(_l("清单文件"), validators=[FileRequired(_l("请选择一个文件"))])


class ExportForm(BaseForm):
    """Which format is wanted."""

    format = SelectField(choices=choices_of({"xlsx": "Excel", "yaml": "YAML"}))
