"""Samples (样例) for every component: invented figures and people, one for each state."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace as Sample
from typing import Any, Final

import segno
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

LIGHTS: Final = ("done", "on_track", "lagging", "behind", "not_reported", "not_assigned", "not_judged")
COLOURS: Final = (
    ("brand", _l("朱砂")), ("act", _l("靛青")), ("ink", _l("墨")), ("ink-2", _l("次墨")), ("ink-3", _l("浅墨")),
    ("done", _l("已完成")), ("green", _l("达序时")), ("yellow", _l("预警")), ("red", _l("滞后")), ("grey", _l("未报")),
    ("paper", _l("纸")), ("sunk", _l("凹")), ("line", _l("线")),
)  # fmt: skip
BULLETS: Final = (
    ("done", 1013, 1120), ("on_track", 600, 1180), ("lagging", 450, 1010), ("behind", 342, 710), ("not_reported", None, None),
)  # fmt: skip
SHADES: Final = (
    ("heat-done", "100", None), ("heat-ahead-20", "72", None), ("heat-ahead-10", "63", None), ("heat-ahead-0", "51", None),
    ("heat-short-0", "44", "lagging"), ("heat-short-10", "36", "behind"), ("heat-short-20", "21", "behind"),
    ("heat-not_reported", "未报", "not_reported"), ("heat-not_assigned", "不承担", None), ("heat-not_judged", "—", None),
)  # fmt: skip
TAGS: Final = (
    (_l("草稿"), None), (_l("待审批"), "blue"), (_l("待审核"), "blue"), (_l("已退回"), "red"), (_l("已通过"), "green"),
    (_l("待说明"), "yellow"), (_l("逾期 2 天"), "red"),
)  # fmt: skip
DIGEST: Final = "7f3a91c0be52d044a04be1d27f3a91c0be52d044a04be1d27f3a91c0be52d044"


class GalleryForm(FlaskForm):  # type: ignore[misc]
    """A field of each kind; it is never sent."""

    class Meta:
        """Never sent, so without a token of its own."""

        csrf = False

    name = StringField(_l("名称"), default="就业创业培训")
    wrong = StringField(_l("本月新增"), default="1.2")
    story = TextAreaField(_l("进展情况"), default="已开班 12 期。")
    period = SelectField(
        _l("报告期"), choices=[SelectChoice("2018-05", _l("5月")), SelectChoice("2018-06", _l("6月"))]
    )
    method = RadioField(
        _l("抽法"),
        default="random",
        choices=[SelectChoice("random", _l("随机")), SelectChoice("risk", _l("按风险"))],
    )
    items = SelectMultipleField(
        _l("要改的项目"),
        default=["2"],
        choices=[SelectChoice("1", _l("参保人次")), SelectChoice("2", _l("培训人数"))],
    )
    sure = BooleanField(_l("我已核对以上数字"))


class NewPassword(FlaskForm):  # type: ignore[misc]
    """The fields of a new password, with one fault."""

    class Meta:
        """Never sent, so without a token of its own."""

        csrf = False

    current = PasswordField(_l("现在的密码"))
    replacement = PasswordField(_l("新密码"))
    repeated = PasswordField(_l("再输一次新密码"))


class Cell(FlaskForm):  # type: ignore[misc]
    """The cells of a sheet, one for each state."""

    class Meta:
        """Never sent, so without a token of its own."""

        csrf = False

    empty = StringField(_l("未填"))
    filled = StringField(_l("已填"), default="17,600")
    explain = StringField(_l("待说明"), default="176,000")
    mend = StringField(_l("要改"), default="1.2")


def gallery_context() -> dict[str, Any]:
    """Everything the page shows."""
    return {
        "lights": LIGHTS,
        "things": [
            Sample(title=_l("填报月报表"), text=_l("打开该填的那一期：一张表填完，随填随存，也可以从表格粘贴；核对后提交给本单位审批。"), url="#guide"),
            Sample(title=_l("确认下达的目标"), text=_l("上级下达目标以后，在限期内确认，或写明理由提出调整。"), url="#guide"),
        ],
        "colours": COLOURS,
        "tags": TAGS,
        "bullets": [
            Sample(light=light, percent=percent, forecast=forecast, label=f"{light}：与序时 50.0% 对照（样例）")
            for light, percent, forecast in BULLETS
        ],
        "months": _months(),
        "heat": _heat(),
        "panel": _panel(),
        "source": _source(),
        "events": _events(),
        "files": _files(),
        "changes": _changes(),
        "effects": _effects(),
        "faults": [
            Sample(text=_l("就业创业培训：填的是 1.2，单位是“人”"), field_id="wrong"),
            Sample(text=_l("劳动用工“体检”企业：还没有填"), field_id="name"),
        ],
        "file_faults_shown": [
            Sample(place=_l("第 3 行"), text=_l("就业创业培训：填的是 1.2，单位是“人”")),
            Sample(place=None, text=_l("劳动用工“体检”企业：还没有填")),
        ],
        "form": _form(),
        "cells": _cells(),
        "password": NewPassword(prefix="password-"),
        "policy": Sample(shortest=15, kinds=3, remembered=5, age=timedelta(days=90)),
        "factor": _factor(),
        "pager": Sample(from_row=51, to_row=100, total=1284, previous_url="#pager", next_url="#pager"),
        "trail": [
            Sample(label=_l("实事清单"), url="#breadcrumbs"),
            Sample(label=_l("2018 年十件实事"), url=None),
        ],
        "choices": [Sample(value="a", label=_l("仅已通过"), is_current=True), Sample(value="p", label=_l("含待审"), is_current=False)],
    }  # fmt: skip


def _months() -> list[Sample]:
    gaps = (
        (-70, "lagging"),
        (-140, "behind"),
        (None, "not_reported"),
        (20, "on_track"),
        (90, "on_track"),
        (170, "done"),
    )
    return [Sample(gap_tenths=gap, light=light) for gap, light in gaps]


def _heat() -> dict[str, Any]:
    cells = [
        Sample(
            text=text, css_class=shade, shape=shape, label=f"{text}（样例）", href="#heat" if shape else None
        )
        for shade, text, shape in SHADES
    ]
    columns = [Sample(label=name, url=None) for name in "甲乙丙丁戊己庚辛壬癸"]
    ranks = [
        Sample(place=at + 1, move_text=("↑2", "↓1", "—")[at % 3], direction=("up", "down", "same")[at % 3])
        for at in range(len(cells))
    ]
    row = Sample(number=3, title=_l("助力职工就业创业"), url="#heat", total_text="48.6", cells=cells)
    return {"columns": columns, "rows": [row], "ranking": ranks}


def _panel() -> list[Sample]:
    return [
        Sample(number=at + 1, title=light, percent_tenths=percent, gap_tenths=None, light=light, word="", reason="", url=None)
        for at, (light, percent, _forecast) in enumerate(BULLETS)
    ]  # fmt: skip


def _source() -> Sample:
    parts = [
        Sample(name="鄞州", share_tenths=1000, value_text="12,500", url="#source"),
        Sample(name="象山", share_tenths=520, value_text="6,500", url=None),
    ]
    steps = [
        Sample(heading=_l("怎么得出"), text=_l("2 个单位已通过的数字相加。"), tag=None, tag_tone=None, parts=parts, total_text="19,000", agrees=True, files=None),
        Sample(heading=_l("谁审定"), text=_l("杨立群（样例）7月2日 17:31"), tag=_l("已通过"), tag_tone="green", parts=None, files=None),
        Sample(heading=_l("依据什么"), text=_l("花名册一份，行数相符。"), tag=None, tag_tone=None, parts=None, files=_files()[:1]),
    ]  # fmt: skip
    return Sample(
        label=_l("就业创业培训"), figure_text="19,000 人", name=_l("宁波市 · 截至 6月"), steps=steps
    )


def _events() -> list[Sample]:
    told = (
        ("on_track", "7月3日 16:20", "陈国平（样例）", _l("审批通过"), None),
        ("behind", "7月2日 17:31", "杨立群（样例）", _l("退回"), _l("单位应为人，请按花名册填写。")),
        ("not_reported", "7月2日 10:42", "周晓燕（样例）", _l("保存草稿"), None),
    )
    return [
        Sample(light=light, at_text=at, at_iso="2018-07-03T16:20:00+08:00", actor=actor, text=text, quote=quote, place=_l("鄞州 6月"), url="#timeline")
        for light, at, actor, text, quote in told
    ]  # fmt: skip


def _files() -> list[Sample]:
    kinds = (
        ("sheet", "XLS", "培训花名册.xlsx"),
        ("paper", "PDF", "开班通知.pdf"),
        ("picture", "JPG", "现场.jpg"),
        ("other", "ZIP", "材料.zip"),
    )
    return [
        Sample(kind=kind, mark=mark, name=name, url="#evidence", note=_l("周晓燕（样例）7月2日；行数相符"), thumbnail=None, line_name="",
               reused=[_l("5 月也用过这份文件")] if kind == "paper" else [])
        for kind, mark, name in kinds
    ]  # fmt: skip


def _changes() -> list[Sample]:
    pieces = [
        Sample(mark="kept", text="已开班 12 期，培训 "), Sample(mark="gone", text="1.2 "), Sample(mark="new", text="12,000 "),
        Sample(mark="kept", text="人，其中高技能人才占四成。"),
    ]  # fmt: skip
    return [
        Sample(label=_l("就业创业培训 · 数值"), before="1.2 人", after="12,000 人", pieces=None),
        Sample(label=_l("进展情况"), before="x", after="y", pieces=pieces),
        Sample(label=_l("说明"), before=None, after=_l("按花名册更正"), pieces=None),
    ]


def _effects() -> list[Sample]:
    rows = (
        ("象山", "", "6,200", "6,500", True),
        ("宁波市", _l("2018 年十件实事"), "18,700", "19,000", True),
        ("浙江省", "", "—", "—", False),
    )
    return [
        Sample(name=_l("就业创业培训"), is_first=not at, measure=_l("人"), unit=unit, programme=programme, before=before, after=after, is_changed=is_changed)
        for at, (unit, programme, before, after, is_changed) in enumerate(rows)
    ]  # fmt: skip


def _form() -> GalleryForm:
    form = GalleryForm()
    form.wrong.errors = [_l("单位是不是看错了？此项单位是“人”，您填的是 1.2。")]
    form.items.errors = [_l("请至少选一项")]
    return form


def _factor() -> Sample:
    letters = "SAMP LE"
    address = "otpauth://totp/sample?secret=SAMPLE"
    picture = segno.make(address, error="l").svg_data_uri(scale=5, border=4)
    return Sample(picture=picture, address=address, secret=letters)


def _cells() -> list[Sample]:
    form = Cell(prefix="cell-")
    form.mend.errors = [_l("请填整数")]
    return [
        Sample(field=form.empty, css_class=""),
        Sample(field=form.filled, css_class=" cell-filled"),
        Sample(field=form.explain, css_class=" cell-explain"),
        Sample(field=form.mend, css_class=" cell-mend"),
    ]
