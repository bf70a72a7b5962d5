"""What a desk says about targets: one section, only when something waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.features.accounts.desk_page import Moments
from tracker.services.target_desk import TargetRow, TargetTask
from tracker.web.filters import moment, span_text, time_left
from tracker.web.punctuation import listed


def target_sections(rows: Sequence[TargetRow], moments: Moments) -> list[dict[str, Any]]:
    """None, or the one section of ``accounts/desk.html`` about targets."""
    if not rows:
        return []
    return [
        {
            "title": _("目标‖栏目"),
            "count": len(rows),
            "is_hot": any(row.task in (TargetTask.CONFIRM, TargetTask.ANSWER) for row in rows),
            "empty_text": "",
            "rows": [_row(row, moments) for row in rows],
        }
    ]


def _row(row: TargetRow, moments: Moments) -> dict[str, Any]:
    unit = row.units[0]
    titles = {
        TargetTask.CONFIRM: _("%(issuer)s下达的目标等您确认", issuer=row.issuer),
        TargetTask.UNDER_WAY: _("已请%(issuer)s调整目标", issuer=row.issuer),
        TargetTask.ANSWER: _("%(unit)s请求调整目标", unit=unit),
        TargetTask.OVERDUE: _("%(count)s 家单位逾期没有确认目标", count=len(row.units)),
    }
    labels = {
        TargetTask.CONFIRM: _("去确认"),
        TargetTask.UNDER_WAY: _("查看"),
        TargetTask.ANSWER: _("去答复"),
        TargetTask.OVERDUE: _("去看"),
    }
    url = _url(row)
    return {
        "title": titles[row.task],
        "url": url,
        "text": _text(row),
        "detail": _detail(row, moments),
        "tag": _("逾期") if row.is_late else None,
        "tag_tone": "red" if row.is_late else None,
        "action_label": labels[row.task],
        "action_url": url,
        "is_primary": row.task in (TargetTask.CONFIRM, TargetTask.ANSWER),
    }


def _url(row: TargetRow) -> str:
    if row.task is TargetTask.OVERDUE:
        return url_for("targets.matrix", key=row.key, at=row.issuer_code, _anchor="answers")
    return url_for("targets.unit", key=row.key, code=row.code)


def _text(row: TargetRow) -> str:
    if row.task is TargetTask.OVERDUE:
        return f"{row.programme} · {listed(row.units)}"
    return f"{row.programme} · {row.text}" if row.text else row.programme


def _detail(row: TargetRow, moments: Moments) -> str:
    if row.until is not None:
        left = time_left(row.until, moments.today)
        return _("%(due)s 前，%(left)s", due=moment(row.until), left=left)
    if row.task in (TargetTask.ANSWER, TargetTask.UNDER_WAY):
        return _("已等 %(span)s", span=span_text(moments.now - row.since))
    return ""
