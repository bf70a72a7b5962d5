"""Sample contexts (样例) for what surrounds the sheet: two editors, a return, the form on paper, files, corrections."""

from __future__ import annotations

from types import SimpleNamespace as Sample
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.widgets import DateInput

from tests.support.look_forms import SampleForm
from tests.support.look_overview import TITLES, shell, trail
from tests.support.look_reports import ROWS, receipt, sheet, show

REASON = "单位应为“人”，请按6月花名册填写；花名册与台账两处数字要一致，差一人也请写明原因。"


class UploadSample(SampleForm):
    files = MultipleFileField("选择文件")
    line = SelectField(
        "用于哪一项",
        choices=[SelectChoice("training", "就业创业培训"), SelectChoice("", "整件实事（不分项）")],
    )


class RemovalSample(SampleForm):
    reason = StringField("作废原因")


class CorrectionSample(SampleForm):
    reports = SelectMultipleField(
        "哪几件？",
        choices=[SelectChoice("1", "第1件 优化职工互助保障"), SelectChoice("3", "第3件 助力职工就业创业")],
        default=["3"],
    )
    reason = TextAreaField("原因", render_kw={"rows": 3})
    answer_by = StringField("请在此日 18:00 前重报", default="2018-07-09", widget=DateInput())


def _clash(**more: Any) -> Sample:
    told = {
        "place": "training", "name": "就业创业培训", "field": "pick-training", "who": "李慧 7月3日 10:43",
        "mine_text": "312", "theirs_text": "326（含镇级班 14 人，名册另附）", "mine": "mine.a", "theirs": "theirs.a",
        "is_late": False,
    }  # fmt: skip
    return Sample(**told | more)


def two_editors() -> dict[str, Any]:
    """A colleague changed the same row meanwhile, and handed another one in."""
    context = sheet()
    rows = [row for group in context["groups"] for row in group.rows]
    rows[3].clash = _clash()
    rows[7].clash = _clash(name="新建、改造提升站点", is_late=True, mine_text="3", theirs_text="2")
    context["groups"][5].span = 2
    for row, who in zip(rows, ("周晓燕 7月2日 09:10", "李慧 7月3日 10:43") * 6, strict=False):
        row.typist = who
    context["faults"] = [Sample(text="“就业创业培训”两个人都改了，请选一个", field_id="pick-training")]
    context["periods"] = [
        Sample(label=label, url="#", is_current=label == "6月") for label in ("5月", "6月", "7月")
    ]
    return context


def returned() -> dict[str, Any]:
    """Only the rows the return named are open."""
    context = sheet()
    group = context["groups"][2]
    for row in group.rows:
        row.is_locked = row.name != "就业创业培训"
        row.is_named = not row.is_locked
        row.locked_text = "455"
        row.is_answered = True
    group.rows[0].notes = [Sample(tone="explain", title="退回意见：", text=REASON, field=None, readings=[])]
    group.note, group.all_url = "已退回，7月9日 18:00 前改好", "?all=1"
    for other in (*context["groups"][:2], *context["groups"][3:]):
        other.note = "待审核"
        for row in other.rows:
            row.is_locked, row.is_answered, row.inputs, row.notes, row.story = True, True, [], [], None
            row.locked_text = "21,400"
    context["faults"] = []
    context["comments"] = [
        Sample(author="杨立群（市总工会权益保障部）", at_text="7月2日 17:31", text=REASON),
        Sample(author="陈国平", at_text="7月2日 12:05", text="A" * 80),
    ]
    return context


def printed(*, is_draft: bool = False) -> dict[str, Any]:
    """The form on paper."""
    told = receipt()["receipt"]
    groups = [
        {
            "number": number,
            "title": title,
            "state": "草稿" if is_draft else "待审批",
            "rows": [
                {
                    "name": row.name, "measure": row.measure, "target_text": f"目标 {show(row.target, row.decimals)} {row.measure}",
                    "last_text": show(row.last_total, row.decimals), "now_text": show(row.now, row.decimals),
                    "total_text": show(row.last_total + (row.now or 0), row.decimals), "percent_tenths": 612,
                    "note": "6月起暑期团集中出行，含教职工团 11 批；佐证 1 份" if row.pledge == 7 else "",
                }
                for row in ROWS
                if row.pledge == number
            ],
            "texts": [("做法成效", "6月开班 11 期，覆盖 312 人。"), ("存在问题", "镇级师资不足。")] if number == 3 else [],
        }
        for number, title in enumerate(TITLES[:10], 1)
    ]  # fmt: skip
    columns = ["指标", "全年目标", "5月末累计", "6月填报", "6月末累计", "完成率", "说明、佐证"]
    return shell("月报表", reporter=True) | {
        "heading": "2018年服务职工实事填报表", "unit": "鄞州区总工会", "period": "2018年6月", "back_url": "#",
        "printed_text": "2018年7月3日 15:04", "is_draft": is_draft, "receipt": None if is_draft else told,
        "reporter": "" if is_draft else "周晓燕", "approver": "", "columns": columns, "groups": groups,
    }  # fmt: skip


def printed_draft() -> dict[str, Any]:
    """The same before it is handed in."""
    return printed(is_draft=True)


def folder() -> dict[str, Any]:
    """The files of one report, one of them used elsewhere too."""
    files = [
        Sample(
            id=at, name=name, url="#", thumbnail=picture, kind=kind, mark=mark, note=note, reused=reused,
            digest="4f1c83e07ab95d2264c1f09b8e35aa7104d9c6e2f7b80d13a59e6cc02b47d98f", remove_url="/remove",
            remove_form=RemovalSample(formdata=None), is_removing=at == 1, original_url="#" if picture else None,
        )
        for at, (name, picture, kind, mark, note, reused) in enumerate(
            [
                ("培训花名册-6月.xlsx", None, "sheet", "XLSX", "48 KB · 周晓燕 7月3日 10:12 · 312 行，与填报数相符", []),
                ("开班通知（含公章）.pdf", None, "paper", "PDF", "1.2 MB · 周晓燕 7月3日 10:13",
                 ["“开班通知（含公章）.pdf”已在 本单位 2018-05 第3件 用作佐证，再次使用请说明原因"]),
                ("焊工班开班.jpg", "/static/img/mark.svg", "picture", "JPG", "3.4 MB · 李慧 7月3日 10:15", []),
            ]
        )
    ]  # fmt: skip
    return shell("月报表", reporter=True) | {
        "heading": "第3件 · 佐证材料", "subtitle": TITLES[2], "trail": trail("鄞州区总工会", "2018年6月 · 月报表", "佐证材料"),
        "back_url": "#", "upload_url": "/upload", "form": UploadSample(formdata=None), "accepted": ".pdf,.png", "count": 3,
        "limits_text": "PDF、图片、.xlsx、.docx、.csv，每份不超过 20 MB，每件实事最多 40 份。",
        "sections": [
            Sample(name="就业创业培训", anchor="line-training", is_required=True, files=files),
            Sample(name="提供就业岗位", anchor="line-jobs", is_required=True, files=[]),
            Sample(name="整件实事（不分项）", anchor="whole", is_required=False, files=[]),
        ],
        "removed": [Sample(name="旧花名册.xlsx", text="周晓燕 7月3日 09:58 作废：传错了月份")],
    }  # fmt: skip


def correct() -> dict[str, Any]:
    """Beginning a correction of printed figures while another is under way."""
    return shell("月报表", reporter=True) | {
        "heading": "更正 2018年6月", "trail": trail("鄞州区总工会", "月报表", "更正"), "issue": "2018年上半年通报第1号",
        "form": CorrectionSample(formdata=None), "begin_url": "/begin", "sheet_url": "#",
        "droppable": ["第1件 优化职工互助保障 · 草稿"], "drop_form": SampleForm(), "drop_url": "/drop",
    }  # fmt: skip


def revoke() -> dict[str, Any]:
    """Revoking, with what it does to the totals."""
    effects = [
        Sample(name="就业创业培训", is_first=at == 0, measure="人", unit=unit, programme="", before=before, after=after, is_changed=True)
        for at, (unit, before, after) in enumerate([("鄞州区", "2,054", "1,742"), ("宁波市", "18,432", "18,120")])
    ]  # fmt: skip
    return shell("审核") | {
        "heading": "作废 鄞州区 2018年6月", "trail": trail("宁波市总工会", "审核", "作废"), "issue": "", "review_url": "#",
        "form": CorrectionSample(formdata=None), "revoke_url": "/revoke", "effects": effects,
    }  # fmt: skip
