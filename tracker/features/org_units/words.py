"""Levels, kinds and months of org units in words."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _l

from tracker.domain.periods import Month
from tracker.domain.workflow import State
from tracker.web.i18n import translate

# fmt: off
LEVELS: Final[dict[str, Any]] = {
    "province":   _l("省级"),
    "city":       _l("市级"),
    "county":     _l("县（区）级"),
    "township":   _l("乡镇（街道）级"),
    "grassroots": _l("基层"),
}
KINDS: Final[dict[str, Any]] = {
    "federation": _l("地方工会"),
    "sector":     _l("产业（系统）工会"),
    "zone":       _l("开发区工会"),
    "department": _l("部门"),
    "grassroots": _l("基层工会"),
}
STATES: Final[dict[State, Any]] = {
    State.DRAFT:     _l("填写中"),
    State.SUBMITTED: _l("已提交"),
    State.SIGNED:    _l("已审批"),
    State.RETURNED:  _l("已退回"),
}
LIST_STATES: Final[dict[str, Any]] = {
    "draft":     _l("草稿"),
    "published": _l("已公布"),
    "running":   _l("进行中"),
    "closed":    _l("已结束"),
}
# fmt: on


def month_text(until: int) -> str:
    """A month kept as year × 12 + month."""
    return translate(Month((until - 1) // 12, (until - 1) % 12 + 1).title)
