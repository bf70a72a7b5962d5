"""节点: what a pledge has to reach by when, and what was reached: milestones of units, stages of several years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _

from tracker.domain.kinds import Kind, Light
from tracker.domain.prose import show_with_measure
from tracker.features.dashboards.told import Node
from tracker.services.progress_table import Judged, PledgeStanding, ProgressTable
from tracker.web.filters import day
from tracker.web.i18n import amount_text

MOST_UNITS = 8
AHEAD = Light.NOT_REPORTED.value
"""What is still to come is drawn as an open ring."""


def node_rows(table: ProgressTable, pledge: PledgeStanding, reached: Sequence[Node]) -> list[dict[str, Any]]:
    """The rows of the page's list of nodes, in order of time within each indicator."""
    return [row for one in pledge.indicators for row in _of_indicator(table, one, reached)]


def _of_indicator(table: ProgressTable, one: Judged, reached: Sequence[Node]) -> Iterator[dict[str, Any]]:
    if one.listed.rule.kind is Kind.MILESTONE:
        mine = [node for node in reached if node.indicator == one.listed.rule.code]
        yield from _milestones(table, one, mine)
    for stage in one.listed.rule.stages:
        is_now = stage == one.listed.rule.stage
        yield {
            "at_text": _("%(month)s 前", month=stage.until),
            "light": one.standing.light.value if is_now else _passed(table, stage.until),
            "text": _("累计 %(target)s", target=_amount(one, stage.target)),
            "note": _("今年的阶段") if is_now else "",
        }


def _milestones(table: ProgressTable, one: Judged, mine: Sequence[Node]) -> Iterator[dict[str, Any]]:
    for node in mine[-MOST_UNITS:]:
        yield {
            "at_text": day(node.done_on),
            "light": Light.DONE.value,
            "text": one.listed.rule.name,
            "note": node.unit,
        }
    left = one.standing.assigned - (one.standing.actual or 0)
    if left > 0:
        yield {
            "at_text": _("%(year)s年12月 前", year=table.head.year),
            "light": one.standing.light.value if one.standing.light is Light.BEHIND else AHEAD,
            "text": one.listed.rule.name,
            "note": _("还有 %(count)s 个单位没有完成", count=left),
        }


def _passed(table: ProgressTable, until: Any) -> str:
    """A stage of another year: over or to come; what came of it then is not judged here."""
    return Light.NOT_JUDGED.value if until < table.cutoff else AHEAD


def _amount(one: Judged, value: int) -> str:
    rule = one.listed.rule
    return amount_text(show_with_measure(value, decimals=rule.target_decimals, measure=rule.measure))
