"""Sample contexts (样例) for the pages of auditing."""

from __future__ import annotations

from types import SimpleNamespace as Sample
from typing import Any

from tests.support.look_forms import (
    AnswerForm,
    EntriesForm,
    FindingForm,
    JudgeForm,
    LotForm,
    MarkForm,
)
from tests.support.look_overview import shell, trail

DIGEST = "7f3a91c0be52d044a04be1d27f3a91c0be52d044a04be1d27f3a91c0be52d044"


def entries() -> dict[str, Any]:
    """Two entries of the trail, one not sealed yet."""
    rows = [
        Sample(at_text="2018年7月3日 16:20:04", at_iso="2018-07-03T16:20:04+08:00", actor="陈国平（chenguoping）", role="审批人",
               action="审批报告", url="#", subject="鄞州 2018年6月 助力职工就业创业", subject_url="#", unit="鄞州", remark="通报印发之后",
               detail="状态：待审批 → 待审核；校验码：be52d044", digest_short="7f3a91c0be52", seal=None),
        Sample(at_text="2018年7月2日 17:31:40", at_iso="2018-07-02T17:31:40+08:00", actor="杨立群（yangliqun）", role="审核人",
               action="退回报告", url="#", subject="鄞州 2018年6月 助力职工就业创业", subject_url="#", unit="宁波市", remark="报告期关闭之后",
               detail="意见：单位应为人，请按花名册填写", digest_short="be52d044a04b", seal=12),
    ]  # fmt: skip
    return shell("留痕") | {
        "heading": "关闭或通报之后的更正", "lead": "报告期关闭或通报印发之后才提出的更正。", "trail": trail("审计", "操作记录"),
        "filter_form": EntriesForm(meta={"csrf": False}), "filters_url": "#",
        "seal_text": f"最新封存：第 12 号，校验码 {DIGEST}", "entries": rows, "has_remark": True, "newer_url": "#", "older_url": "#",
        "can_export": True,
    }  # fmt: skip


def export_waiting() -> dict[str, Any]:
    """A long table being made."""
    return shell("留痕") | {
        "heading": "导出 · 操作记录", "trail": trail("工作台", "导出"), "page_url": "#", "own_url": "/look/exports/show",
        "file_url": None, "file_text": "", "digest": None, "is_gone": False, "has_failed": False,
        "rows": 48_120, "rows_done": 12_000, "days": 7,
    }  # fmt: skip


def export_ready() -> dict[str, Any]:
    """The same, made."""
    return export_waiting() | {
        "file_url": "#", "digest": DIGEST,
        "file_text": "操作记录-31.xlsx，48,120 行，保留到 7月10日 16:20",
    }  # fmt: skip


def entry() -> dict[str, Any]:
    """One entry with its difference."""
    facts = [
        ("时间", "2018年7月3日 16:20:04", False),
        ("人员", "陈国平（审批人）", False),
        ("行校验码", DIGEST, True),
    ]
    changes = [
        Sample(label="就业创业培训 · 数值", before="1.2 人", after="12,000 人"),
        Sample(label="说明", before=None, after="按花名册"),
        Sample(
            label="进展情况",
            before="x",
            after="y",
            pieces=[
                Sample(mark="kept", text="已开班 12 期，"),
                Sample(mark="gone", text="1.2 人"),
                Sample(mark="new", text="12,000 人"),
            ],
        ),
    ]
    return shell("留痕") | {
        "heading": "保存报告 · 鄞州 2018年6月 助力职工就业创业", "trail": trail("审计", "操作记录", "1284"),
        "facts": [Sample(label=label, value=value, is_digest=is_digest) for label, value, is_digest in facts],
        "changes": changes, "history_url": "#", "request_url": "#",
    }  # fmt: skip


def history() -> dict[str, Any]:
    """Two steps of a report, the second not sealed yet and not to be read whole."""
    first = {
        "at_text": "2018年7月2日 17:31:40", "at_iso": "2018-07-02T17:31:40+08:00", "action": "保存报告", "subject": None,
        "actor": "周晓燕（zhouxiaoyan）", "actor_url": "#", "role": "鄞州区总工会 · 填报人", "url": "#", "number": 1284,
        "request": "a1b2c3d4e5f60718", "request_url": "#", "seal": 12, "digest": DIGEST, "digest_short": DIGEST[:12],
        "changes": entry()["changes"], "more": 3,
    }  # fmt: skip
    second = first | {
        "action": "切换任职",
        "subject": "任职 31",
        "actor_url": None,
        "seal": None,
        "changes": None,
        "request": "",
    }
    return shell("留痕") | {
        "heading": "全部经过 · 鄞州 2018年6月 助力职工就业创业", "lead": "共 64 步，自 2018年7月2日 17:31 至 2018年7月3日 16:20；按封存先后排列。",
        "trail": trail("审计", "操作记录", "鄞州 2018年6月"), "steps": [Sample(**first), Sample(**second)], "page_url": "#",
        "earlier_url": "#", "later_url": "#", "can_export": True,
    }  # fmt: skip


def anchors() -> dict[str, Any]:
    """Anchors, one of which the chain has lost."""
    told = (
        ("通报文件", "330200-2018/2018-H1/1", "#", True),
        ("邮件", "a***@***.cn", None, True),
        ("操作记录导出", "在您的范围之外", None, False),
    )
    rows = [
        Sample(at_text="2018年7月3日 16:20", at_iso="2018-07-03T16:20:00+08:00", place=place, reference=reference, url=url, seal=12 - at,
               digest=DIGEST, is_kept=is_kept)
        for at, (place, reference, url, is_kept) in enumerate(told)
    ]  # fmt: skip
    return shell("留痕") | {
        "heading": "锚点", "lead": "锚点是抄到系统之外的封存号和校验码。", "trail": trail("审计", "锚点"), "lost": 1, "most": None,
        "newest": Sample(number=12, written=f"12:{DIGEST}", at_text="2018年7月3日 16:20"), "anchors": rows,
    }  # fmt: skip


def closed_entry() -> dict[str, Any]:
    """The same for an admin."""
    return entry() | {"changes": None}


def _samples() -> list[Sample]:
    words = "李建华 2018年7月17日 10:20，从 55 项里抽 6 项，第 12 号封存"
    return [
        Sample(url="#", title=title, programme="2018年服务职工十件实事", text=words, progress="已核 1，存疑 1，待核 4")
        for title in ("2018年6月 · 随机，起始号 367205", "全年 · 按风险")
    ]  # fmt: skip


def _findings() -> list[Sample]:
    return [
        Sample(url="#", title="帮扶资金与台账不符", unit="海曙", tag="待整改", tone="yellow", is_overdue=True,
               detail="7月10日 18:00 前，逾期 2 天"),
        Sample(url="#", title="名册少 3 人", unit="鄞州", tag="待复核", tone="blue", is_overdue=False, detail=""),
    ]  # fmt: skip


def desk() -> dict[str, Any]:
    """An auditor's desk."""
    return shell("留痕") | {
        "heading": "审计工作台", "lead": "范围：宁波市总工会及以下单位。审计不改任何数据和目标。", "trail_url": "#", "verify_url": "#", "new_url": "#",
        "findings_url": "#", "findings": _findings(), "samples": _samples(),
        "programmes": [Sample(title="2018年服务职工十件实事", note="宁波市总工会", url="#")],
        "anchors": anchors()["anchors"], "anchors_url": "#",
        "lists": [Sample(title="导入的数据", text="不经填报、审批直接入账的数据，以及由谁负责。", url="#")],
    }  # fmt: skip


def samples() -> dict[str, Any]:
    """The samples of a list."""
    return shell("留痕") | {
        "heading": "抽样 · 2018年服务职工十件实事", "trail": trail("审计", "抽样"), "form": LotForm(), "draw_url": "#", "samples": _samples(),
    }  # fmt: skip


def _marking(position: int) -> MarkForm:
    form = MarkForm()
    form.note.id = f"note-{position}"
    return form


def sample() -> dict[str, Any]:
    """A sample with a figure verified, one doubtful and moved on, one waiting."""
    facts = [
        ("清单", "2018年服务职工十件实事", False),
        ("总体校验码", DIGEST, True),
        ("起始号", "367205", False),
    ]
    plain: dict[str, Any] = {"name": "参加职工医疗互助保障人次", "pledge": "优化职工互助保障", "period": "2018年6月", "trail_url": "#",
                             "finding_url": "#", "lot": "00a1b2c3d4e5f607", "mark_url": "#"}  # fmt: skip
    figures = [
        Sample(position=1, unit="海曙", key="330203/enrolments/2018-06/1", value="17,600 人次", risks=[], moved_on=False,
               verdict="verified", note="与台账一致", marked_text="李建华 7月17日 10:31", form=_marking(1), **plain),
        Sample(position=2, unit="鄞州", key="330212/enrolments/2018-06/2", value="26,300 人次", risks=["更正过", "迟报"], moved_on=True,
               verdict="doubtful", note="名册少 3 人", marked_text="李建华 7月17日 10:40", form=_marking(2), **plain),
        Sample(position=3, unit="市直", key="3302Z1/enrolments/2018-06/1", value="12,600 人次", risks=["导入"], moved_on=False,
               verdict=None, note="", marked_text="", form=_marking(3), **plain),
    ]  # fmt: skip
    return shell("留痕") | {
        "heading": "2018年6月 · 随机，起始号 367205", "trail": trail("审计", "抽样", "1"), "how": "对每一项算 SHA-256，取数值最小的几项。",
        "facts": [Sample(label=label, value=value, is_digest=is_digest) for label, value, is_digest in facts],
        "progress": "已核 1，存疑 1，待核 1", "figures": figures,
    }  # fmt: skip


def findings() -> dict[str, Any]:
    """All findings."""
    return shell("留痕") | {
        "heading": "审计发现", "trail": trail("审计", "审计发现"), "findings": _findings(), "new_url": "#",
    }  # fmt: skip


def finding() -> dict[str, Any]:
    """An overdue finding as the unit's staff sees it."""
    events = [
        Sample(at_text="7月3日 16:20", at_iso="2018-07-03T16:20+08:00", light="lagging", actor="李建华", text="提出",
               quote="台账少 3 笔　要求：逐笔核对　期限：2018年7月10日 18:00"),
    ]  # fmt: skip
    return shell("留痕") | {
        "heading": "帮扶资金与台账不符", "trail": trail("工作台", "审计发现", "1"), "row": _findings()[0], "about": "下拨资金：480,000 元",
        "sample_url": "#", "events": events, "form": AnswerForm(), "is_answer": True, "can_close": False, "own_url": "#",
    }  # fmt: skip


def judged_finding() -> dict[str, Any]:
    """One that waits for the auditor's verdict."""
    return finding() | {"row": _findings()[1], "form": JudgeForm(), "is_answer": False, "can_close": True}


def new_finding() -> dict[str, Any]:
    """The form of a new finding."""
    return shell("留痕") | {
        "heading": "提出审计发现", "trail": trail("审计", "审计发现", "提出"), "form": FindingForm(), "about": "海曙 参保人次：17,600 人次",
        "own_url": "#",
    }  # fmt: skip
