"""Long tables one had made: under way, or there to be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.services.table_exports import Export
from tracker.web.filters import moment


def export_sections(exports: Sequence[Export]) -> list[dict[str, Any]]:
    """A section of ``accounts/desk.html``; none while there are no such tables."""
    if not exports:
        return []
    ready = [one for one in exports if one.made_at is not None]
    return [
        {
            "title": _("导出的表格"),
            "count": len(ready),
            "is_hot": bool(ready),
            "empty_text": "",
            "rows": [_row(one) for one in exports],
        }
    ]


def _row(one: Export) -> dict[str, Any]:
    url = url_for("exports.show", number=one.id)
    is_ready = one.made_at is not None
    kept = _("保留到 %(until)s", until=moment(one.expires_at)) if is_ready else ""
    return {
        "title": one.title,
        "url": url,
        "text": _("%(rows)s 行，%(at)s 要求导出", rows=f"{one.rows:,}", at=moment(one.asked_at)),
        "detail": kept,
        "tag": _("可下载") if is_ready else _("正在生成"),
        "tag_tone": "green" if is_ready else "yellow",
        "action_label": _("去下载") if is_ready else _("看进度"),
        "action_url": url,
        "is_primary": is_ready,
    }
