"""The heat map: pledges by units as ready cells, and the board's ranking below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.domain.figures import show_percent
from tracker.domain.kinds import Light
from tracker.domain.lights import explain
from tracker.domain.rules import FULL
from tracker.features.dashboards.leading import Rank, leading, ranks
from tracker.services.progress_table import Branch, Judged, PledgeStanding, ProgressTable
from tracker.services.tree import Unit
from tracker.web.i18n import translate
from tracker.web.punctuation import bracketed, labelled, phrases

LIGHT_WORDS: Final = {
    Light.DONE: _l("已完成"), Light.ON_TRACK: _l("达序时"), Light.LAGGING: _l("预警"), Light.BEHIND: _l("滞后"),
    Light.NOT_REPORTED: _l("未报"), Light.NOT_ASSIGNED: _l("不承担"), Light.NOT_JUDGED: _l("不评判"),
}  # fmt: skip

AHEAD: Final = ((200, "heat-ahead-20"), (100, "heat-ahead-10"))
"""On-track cells are shaded by ten points of the gap: least gap in tenths, class."""
FAR_BEHIND: Final = -200


UrlOf = Callable[[Unit], str | None]
TrailOf = Callable[[Judged, Branch], str | None]


class Cell(NamedTuple):
    """A ready cell: what stands in it, how it looks, and the sentence for readers and hover."""

    text: str
    css_class: str
    shape: str | None
    label: str
    href: str | None


def matrix(table: ProgressTable, *, url_of: UrlOf, trail_of: TrailOf) -> dict[str, Any]:
    """What the heat map's macro wants; addresses are None where a unit may not be looked into.

    ``url_of`` gives a unit's overview, ``trail_of`` the trail of an indicator at a unit.
    """
    return {
        "columns": [
            {
                "label": column_name(branch),
                "url": None if branch.is_own_level else url_of(branch.unit),
                "note": None if branch.here is None else _("%(since)s月划入", since=branch.since),
            }
            for branch in table.branches
        ],
        "rows": [_row(table, at, trail_of) for at in range(len(table.pledges))],
        "total_label": table.node.short_name,
        "former": [f"{one.unit.short_name}{bracketed(left_note(one))}" for one in table.former],
        "ranking": _ranking(table) if table.head.is_ranked else None,
    }


def column_name(branch: Branch) -> str:
    """A unit's short name, or 本级 for the node's own level."""
    return _("本级") if branch.is_own_level else branch.unit.short_name


def left_note(branch: Branch) -> str:
    """What became of a part whose figures still count, and of which months they are."""
    months = months_text(branch.since, branch.until)
    return (
        _("已撤销，计入%(months)s的数", months=months)
        if branch.is_closed
        else _("已移出，计入%(months)s的数", months=months)
    )


def months_text(since: int, until: int) -> str:
    """Months of the year from one to another: 1–6月."""
    return (
        _("%(month)s月", month=since)
        if since == until
        else _("%(since)s–%(until)s月", since=since, until=until)
    )


def _row(table: ProgressTable, at: int, trail_of: TrailOf) -> dict[str, Any]:
    pledge = table.pledges[at]
    tenths = _completion(pledge)
    return {
        "number": pledge.promise.number,
        "title": pledge.promise.title,
        "url": f"#pledge-{pledge.promise.number}",
        "total_text": _cell_word(pledge.light) if tenths is None else show_percent(tenths),
        "cells": [_cell(branch, at, table.month, trail_of) for branch in table.branches],
    }


def _completion(pledge: PledgeStanding) -> int | None:
    one = leading(pledge)
    return one.standing.completion_tenths if one else None


def _cell_word(light: Light) -> str:
    return _("不承担‖格") if light is Light.NOT_ASSIGNED else str(LIGHT_WORDS[light])


def _cell(branch: Branch, at: int, month: int, trail_of: TrailOf) -> Cell:
    pledge = branch.pledges[at]
    one, tenths = leading(pledge), _completion(pledge)
    word = str(LIGHT_WORDS[pledge.light])
    css_class, shape = _shade(pledge)
    reason = translate(explain(one.listed.rule, one.standing, month)) if one else ""
    told = _("。").join(text for text in (word, reason) if text)
    label = labelled(phrases((column_name(branch), pledge.promise.title)), told)
    is_assigned = one is not None and pledge.light is not Light.NOT_ASSIGNED
    url = trail_of(one, branch) if one and is_assigned else None
    is_number = tenths is not None and is_assigned
    text = _whole_percent(tenths) if is_number and tenths is not None else _cell_word(pledge.light)
    return Cell(text, css_class, shape, label, url)


def _whole_percent(tenths: int) -> str:
    """A whole percent for a small cell; what is not met never reads 100."""
    rounded = (tenths + 5) // 10
    return str(min(rounded, 99) if tenths < FULL else rounded)


def _shade(pledge: PledgeStanding) -> tuple[str, str | None]:
    """The cell's class and shape: both follow the light; within it, ten points of the gap shade it."""
    one = leading(pledge)
    gap = one.standing.gap_tenths if one else None
    match pledge.light:
        case Light.ON_TRACK:
            return next((css for least, css in AHEAD if (gap or 0) >= least), "heat-ahead-0"), None
        case Light.LAGGING:
            return "heat-short-0", "lagging"
        case Light.BEHIND:
            return ("heat-short-10" if gap is not None and gap >= FAR_BEHIND else "heat-short-20"), "behind"
        case _:
            return f"heat-{pledge.light}", None


def _ranking(table: ProgressTable) -> list[dict[str, Any]]:
    units = [branch.unit.id for branch in table.branches if not branch.is_own_level]
    places = dict(zip(units, ranks(table), strict=True))
    return [rank_cell(None if branch.is_own_level else places[branch.unit.id]) for branch in table.branches]


def rank_cell(rank: Rank | None) -> dict[str, Any]:
    """A place with how far it moved: ``place``, ``move_text``, ``direction``."""
    if rank is None or rank.place is None:
        return {"place": "—", "move_text": "", "direction": "same"}
    if not rank.rise:
        return {"place": rank.place, "move_text": "—", "direction": "same"}
    arrow, direction = ("↑", "up") if rank.rise > 0 else ("↓", "down")
    return {"place": rank.place, "move_text": f"{arrow}{abs(rank.rise)}", "direction": direction}
