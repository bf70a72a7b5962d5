"""Sample contexts (样例) for the pages of auditing."""

from __future__ import annotations

from types import SimpleNamespace as Sample
from typing import Any

from tests.support.look_forms import EntriesExportForm, EntriesForm
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
        "export_form": EntriesExportForm(), "export_url": "#",
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
    ]
    return shell("留痕") | {
        "heading": "保存报告 · 鄞州 2018年6月 助力职工就业创业", "trail": trail("审计", "操作记录", "1284"),
        "facts": [Sample(label=label, value=value, is_digest=is_digest) for label, value, is_digest in facts],
        "changes": changes, "history_url": "#",
    }  # fmt: skip


def closed_entry() -> dict[str, Any]:
    """The same for an admin."""
    return entry() | {"changes": None}


def desk() -> dict[str, Any]:
    """An auditor's desk."""
    return shell("留痕") | {
        "heading": "审计工作台", "lead": "范围：宁波市总工会及以下单位。审计不改任何数据和目标。", "trail_url": "#",
        "lists": [Sample(title="导入的数据", text="不经填报、审批直接入账的数据，以及由谁负责。", url="#")],
    }  # fmt: skip
