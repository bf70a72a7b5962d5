"""Forms as the features shape them, filled with samples (样例)."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)


def _choices(words: dict[str, str]) -> Any:
    """Value to word; the stubs of WTForms do not know this form of choices yet."""
    return words


class SampleForm(FlaskForm):  # type: ignore[misc]
    """What every form of the product carries."""

    idempotency_key = HiddenField(default="sample-key")
    version = HiddenField(default="3")


class SignInForm(SampleForm):
    login = StringField("账号", default="yangliqun")
    password = PasswordField("密码")


class CheckForm(SampleForm):
    confirmed = BooleanField(
        "以上数字已与台账、花名册核对一致，佐证真实完整，不含涉密内容和身份证号等敏感信息。"
    )


class ReturnForm(SampleForm):
    lines = SelectMultipleField(
        "哪几项要改？",
        choices=_choices({"training": "三 · 就业创业培训", "recuperation": "七 · 参加普惠性疗休养"}),
        default=["training"],
    )
    reason = TextAreaField("退回意见")
    answer_by = SelectField(
        "请在此前改好",
        choices=_choices({"2018-07-06": "7月6日 18:00", "2018-07-09": "7月9日 18:00"}),
    )


class CommentForm(SampleForm):
    text = TextAreaField("留言")


class DraftForm(SampleForm):
    cutoff = SelectField("截至", choices=_choices({"2018-06": "2018年6月底", "2018-05": "2018年5月底"}))
    reason = TextAreaField("出新版的原因")
    keeps_prose = BooleanField("保留改过的段落，其中的数字按新数据更新")


class CountersignForm(SampleForm):
    digest = HiddenField(default="7f3a91c0")
    agrees = BooleanField("已看到手填数字与数据不一致，同意照此印发")


class VerifyForm(SampleForm):
    file = FileField("通报文件")


class EntriesForm(FlaskForm):  # type: ignore[misc]
    person = StringField("人员")
    action = SelectField("事项", choices=_choices({"": "全部", "report.submitted": "提交"}))
    since = DateField("从哪一天起")


class LotForm(SampleForm):
    period = SelectField("报告期", choices=_choices({"": "全年", "2018-06": "2018年6月"}))
    method = SelectField("抽法", choices=_choices({"random": "随机：按起始号抽，可以复算"}))
    count = StringField("抽几项", default="10")
    seed = StringField("起始号")


class MarkForm(SampleForm):
    note = StringField("说明")


class FindingForm(SampleForm):
    sample = HiddenField()
    position = HiddenField()
    unit = StringField("单位（名称或代码）", default="330203")
    title = StringField("一句话说清问题")
    text = TextAreaField("发现了什么")
    asked = TextAreaField("要求怎么整改")
    due = DateField("期限（此日 18:00 前）")


class AnswerForm(SampleForm):
    text = TextAreaField("整改情况")
    correction = SelectField("对应的更正", choices=_choices({"": "没有", "7": "2018年6月 第 2 版"}))


class JudgeForm(SampleForm):
    action = RadioField("复核结论", choices=_choices({"close": "整改到位，销号", "reopen": "还要继续整改"}))
    text = TextAreaField("说明")
    due = DateField("期限（此日 18:00 前）")


class SheetForm(SampleForm):
    """One text field a row; ids are the ones error summaries point to."""

    figures = FieldList(StringField("数字"), min_entries=12)
    notes = FieldList(StringField("请写一句说明"), min_entries=12)
    story = TextAreaField("本期情况")
    judgement = SelectField(
        "本期判断",
        choices=_choices({"": "请选择", "on_track": "达序时", "lagging": "预警"}),
    )
    flagged = BooleanField("已看过提示与说明，一并通过本项")
    submission = HiddenField(default="2-4f1c")
