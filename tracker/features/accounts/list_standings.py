"""How each list in reach stands, for those who look on: its lights and who has not reported, in five statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from flask import url_for
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.kinds import Light
from tracker.services.desk import DeskList, DeskRow
from tracker.services.programme_heads import Head, list_heads
from tracker.services.progress_side_by_side import load_side_by_side
from tracker.services.progress_table import ProgressTable, newest_seal
from tracker.services.tree import Unit, find_units
from tracker.services.visibility import visible_programmes
from tracker.web.filters import month_end
from tracker.web.i18n import gettext as _
from tracker.web.punctuation import listed

LOOKING_ON: Final = frozenset({Role.VIEWER, Role.AUDITOR})
MOST_LISTS: Final = 20
MOST_NAMES: Final = 3
TOLD: Final = (
    Light.BEHIND, Light.LAGGING, Light.NOT_REPORTED, Light.ON_TRACK, Light.DONE, Light.NOT_JUDGED,
)  # fmt: skip
"""The worst first: what asks for somebody's eyes."""


class ListStanding(NamedTuple):
    """A list at the unit it is looked at from: its publisher, or the own unit below it."""

    head: Head
    table: ProgressTable
    silent: int


def read_standings(session: Session, identity: Identity) -> list[ListStanding]:
    """The lists under way in reach, newest first, as last sealed."""
    under_way = [
        head
        for head in list_heads(session, visible_programmes(identity))
        if head.state in ("published", "running")
    ]
    heads = under_way[:MOST_LISTS]
    if not heads:
        return []
    own = identity.appointment.org_unit_code
    units = find_units(session, {own, *(head.publisher_code for head in heads)})
    lists = [(head, _looked_at(head, units, identity)) for head in heads]
    seal = newest_seal(session) or 0
    tables = load_side_by_side(session, lists, month=None, seal=seal, as_of=None, is_aligned=False)
    return [ListStanding(table.head, table, _silent(table)) for table in tables]


def _looked_at(head: Head, units: Mapping[str, Unit], identity: Identity) -> Unit:
    publisher = units[head.publisher_code]
    return publisher if identity.place.holds(publisher.place) else units[identity.appointment.org_unit_code]


def _silent(table: ProgressTable) -> int:
    """How many units owe figures of the newest period that is due, by the indicator most of them owe."""
    totals = [one.totals for pledge in table.pledges for one in pledge.indicators]
    return max((one.assigned - one.reported for one in totals), default=0) if table.due else 0


def standing_rows(
    found: Sequence[ListStanding], late: Sequence[DeskRow], *, now: datetime
) -> list[dict[str, Any]]:
    """The rows of ``accounts/_standings.html``; ``now`` is the calendar's: before a period's end nobody owes it."""
    return [_row(one, [row.unit for row in late if _is_late(row, one.head)], now) for one in found]


def _is_late(row: DeskRow, head: Head) -> bool:
    return row.list is DeskList.LATE and row.key == head.key


def _row(one: ListStanding, late: Sequence[str], now: datetime) -> dict[str, Any]:
    counted = one.table.classes
    at = "" if one.table.node.id == one.head.publisher_id else one.table.node.short_name
    return {
        "title": one.head.title,
        "url": url_for("dashboards.overview", key=one.head.key, at=one.table.node.code if at else None),
        "note": _(
            "%(unit)s · 截至%(month)s", unit=at or one.head.publisher_name, month=month_end(one.table.cutoff)
        )
        if one.table.seal
        else _("%(unit)s · 还没有已通过的数据", unit=at or one.head.publisher_name),
        "lights": [{"code": light.value, "count": counted[light]} for light in TOLD if counted[light]],
        "silent": _silent_text(one, late, now),
        "is_silent": bool(late or (one.silent and one.table.due_has_ended(now))),
    }


def _silent_text(one: ListStanding, late: Sequence[str], now: datetime) -> str:
    if late:
        names = listed(late[:MOST_NAMES])
        if len(late) > MOST_NAMES:
            return _("迟报：%(names)s等 %(count)s 个单位", names=names, count=len(late))
        return _("迟报：%(names)s", names=names)
    if one.table.due and not one.table.due_has_ended(now):
        return _("本期还没有结束。")
    if one.silent:
        return _("本期还有 %(count)s 个单位没有报齐", count=one.silent)
    return _("应报的都报了") if one.table.due and one.table.seal else ""
