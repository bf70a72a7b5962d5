"""How a programme file is laid out in a workbook: three sheets, and how lists are spelt in one cell."""

from __future__ import annotations

INDICATORS_SHEET = "指标"
HEAD_SHEET = "清单"
ALLOCATIONS_SHEET = "分解"
NOTES_SHEET = "说明"
"""Beside the list; nobody reads it back."""

HEAD_COLUMNS = ("field", "value")
HEAD_ROWS = (
    "format", "publisher", "year", "slug", "title", "reporting", "due_day", "close_day", "elapsed",
    "own_level_counts", "lights",
)  # fmt: skip
PLEDGE_COLUMNS = ("number", "title", "lead", "supporting")
INDICATOR_COLUMNS = (
    "code", "name", "counting_rule", "kind", "measure", "decimals", "comparator", "aspiration", "tolerance_percent",
    "target", "base", "plan", "stages", "items", "part_of", "parts_complete", "aligned", "evidence", "last_year",
)  # fmt: skip
ALLOCATION_COLUMNS = ("indicator", "org_unit", "target", "base")

LISTED_COLUMNS = ("supporting", "plan", "items", "aligned")
"""Several values in one cell, parted by SEPARATOR."""

SEPARATOR = "；"
STAGE_MARK = "="
"""``2021-12=1000；2025-12=10000``; lights are ``0；-10`` (on_track, lagging) or ``default``."""
ANCHOR_LABEL = "锚点（封存号:校验码）"
ANCHOR_TOLD = "这一行不是清单的内容，导入时不读；请保留，供 flask audit verify --anchor 核对。"
