"""Comparing the units of a list, and the lists of a year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.domain.permissions import Permission
from tracker.features.dashboards.asked import (
    Asked,
    address_now,
    asked_basis,
    asked_cutoff,
    asked_of,
    asked_seals,
    kept,
    sees,
    shows_units,
)
from tracker.features.dashboards.choices import Choice, cutoff_choices
from tracker.features.dashboards.compare import SORTS, Comparison, Side
from tracker.features.dashboards.instant import Instant
from tracker.features.dashboards.queries import Seals
from tracker.features.dashboards.unchanged import is_known, not_modified, tag_of, tagged
from tracker.models.org_unit import LEVELS
from tracker.services.programme_heads import Head, list_heads
from tracker.services.progress_side_by_side import load_side_by_side
from tracker.services.progress_table import Branch, Judged, ProgressTable
from tracker.services.tree import Unit, find_units
from tracker.services.visibility import visible_programmes_of
from tracker.web.current import calendar_now, current_identity, current_session
from tracker.web.guard import requires

TEMPLATE = "dashboards/compare.html"
KEPT = ("year", "at", "sort", "basis", "level")
LEVEL_WORDS = {
    "province": _l("省级"), "city": _l("市级"), "county": _l("区县级"), "township": _l("乡镇级"),
    "grassroots": _l("基层"),
}  # fmt: skip


def add_to(blueprint: Blueprint) -> None:
    """Serve both comparisons from the dashboards' blueprint."""
    blueprint.add_url_rule("/programmes/<key:key>/compare", view_func=compare, methods=["GET"])
    blueprint.add_url_rule("/compare", view_func=compare_lists, methods=["GET"])


@requires(Permission.SEE_PROGRAMME)
def compare(key: str) -> ResponseReturnValue:
    """The parts of a node beside each other."""
    asked = asked_of(key)
    _check_shown(asked)
    tag = tag_of(asked.seals)
    if is_known(tag):
        return not_modified(tag)
    table, page = comparison(asked)
    up = url_for("dashboards.overview", key=key, **kept(table, is_past=asked.as_of is not None))
    trail: list[dict[str, Any]] = [
        {"label": table.head.title, "url": up},
        {"label": table.node.name, "url": None},
    ]
    instant = Instant(asked.seals, asked.as_of, address_now(), asked.table_of_today(table), table)
    return tagged(_page(page, _("各地比较"), trail, instant, table.head.year), tag)


def _check_shown(asked: Asked) -> None:
    if not shows_units(current_identity(), asked):
        raise NotFound("这份清单不公开各单位的比较")


def comparison(asked: Asked) -> tuple[ProgressTable, Comparison]:
    """The parts of the node asked for, and the table they stand in."""
    _check_shown(asked)
    table, identity = asked.table(), current_identity()
    branches = [branch for branch in table.branches if not branch.is_own_level]
    page = Comparison(
        sides=[_side_of(branch, table, asked, identity) for branch in branches],
        month=table.month,
        sort=_sort(),
        is_ranked=table.head.is_ranked,
        url_of=_by_sort,
    )
    return table, page


class Lists(NamedTuple):
    """The lists of a year beside each other, those of the own unit apart, the tables compared, the levels to choose."""

    page: Comparison
    tables: list[ProgressTable]
    own: list[Head]
    year: int
    levels: list[Choice]


@requires(Permission.SEE_PROGRAMME)
def compare_lists() -> ResponseReturnValue:
    """The lists of one year beside each other, each at its publisher."""
    seals, as_of = asked_seals()
    tag = tag_of(seals)
    if is_known(tag):
        return not_modified(tag)
    found = list_comparison(seals, as_of)
    trail: list[dict[str, Any]] = [
        {"label": current_identity().appointment.org_unit_name, "url": None},
    ]
    own_lists = [
        {"title": head.title, "url": url_for("dashboards.compare", key=head.key)} for head in found.own
    ]
    instant = Instant(seals, as_of, address_now())
    heading = lists_heading(found.year)
    more = {"own_lists": own_lists, "level_links": found.levels}
    return tagged(_page(found.page, heading, trail, instant, found.year, **more), tag)


def lists_heading(year: int) -> str:
    """What the comparison of a year's lists is called."""
    return _("%(year)s年各地清单比较", year=year)


def list_comparison(seals: Seals, as_of: int | None) -> Lists:
    """The lists of the year asked for, as of a seal (None: now)."""
    identity, session, year = current_identity(), current_session(), _year()
    found = list_heads(session, visible_programmes_of(year, seen_by=identity))
    own = identity.place.org_unit_id
    units = find_units(session, {head.publisher_code for head in found}, below=own)
    compared = _compared(found, units, identity)
    levels = [level for level in LEVELS if any(unit.level == level for _head, unit in compared)]
    level = _level(levels, units.get(identity.appointment.org_unit_code))
    lists = [(head, unit) for head, unit in compared if unit.level == level]
    cutoff = asked_cutoff()
    if cutoff is not None and cutoff.year != year:
        abort(404)
    month = cutoff.month if cutoff else None
    seal = seals.newest if as_of is None else as_of
    tables = load_side_by_side(session, lists, month=month, seal=seal, as_of=as_of, basis=asked_basis())
    page = Comparison(
        sides=[_side_of_list(table, is_past=as_of is not None) for table in tables]
        + _without_list(lists, units, own),
        month=tables[0].month if tables else 0,
        sort=_sort(),
        is_ranked=all(table.head.is_ranked for table in tables),
        url_of=_by_sort,
    )
    apart = [
        head
        for head in found
        if head.publisher_id == own and (head, units[head.publisher_code]) not in compared
    ]
    return Lists(page, tables, apart, year, _level_links(levels, level))


def _without_list(lists: list[tuple[Head, Unit]], units: dict[str, Unit], own: int) -> list[Side]:
    """The units beside those compared that have not published a list yet."""
    levels = {unit.level for _head, unit in lists if unit.place.parent_id == own}
    with_list = {unit.id for _head, unit in lists}
    return [
        Side(unit.short_name, None, None, lambda _one: None)
        for unit in units.values()
        if unit.place.parent_id == own and unit.level in levels and unit.id not in with_list
    ]


def _page(
    page: Comparison,
    heading: str,
    trail: list[dict[str, Any]],
    instant: Instant,
    year: int,
    **more: object,
) -> str:
    return render_template(
        TEMPLATE,
        heading=heading,
        trail=trail,
        cutoff_choices=cutoff_choices(year, page.month),
        kept={name: value for name, value in request.args.items() if name in KEPT},
        **more,
        **page.context(),
        **instant.context(),
    )


def _side_of(branch: Branch, table: ProgressTable, asked: Asked, identity: Identity) -> Side:
    is_past = asked.as_of is not None
    state = kept(table, is_past=is_past, unit=branch.unit)
    is_open = sees(identity, branch.unit)
    url = url_for("dashboards.overview", key=table.head.key, **state) if is_open else None
    return Side(branch.unit.short_name, branch.pledges, url, _trails(table, state if is_open else None))


def _side_of_list(table: ProgressTable, *, is_past: bool) -> Side:
    state = kept(table, is_past=is_past)
    url = url_for("dashboards.overview", key=table.head.key, **(state | {"at": table.node.code}))
    return Side(table.node.short_name, table.pledges, url, _trails(table, state | {"at": table.node.code}))


def _trails(table: ProgressTable, state: dict[str, Any] | None) -> Callable[[Judged], str | None]:
    def trail_of(one: Judged) -> str | None:
        if state is None:
            return None
        return url_for("dashboards.trail", key=table.head.key, indicator=one.listed.rule.code, **state)

    return trail_of


def _compared(heads: list[Head], units: dict[str, Unit], identity: Identity) -> list[tuple[Head, Unit]]:
    """The lists of units below the own one; where there are none, whatever is in sight."""
    lists = [(head, units[head.publisher_code]) for head in heads if head.publisher_code in units]
    below = [
        (head, unit)
        for head, unit in lists
        if unit.id != identity.place.org_unit_id and identity.place.holds(unit.place)
    ]
    return below or lists


def _level(levels: Sequence[str], own: Unit | None) -> str | None:
    """The one level of publishers that is compared: ``?level=``, else the own one, else the highest; None: no list.

    A city's ten pledges for its districts and a district's own ten are no race.
    """
    asked = request.args.get("level")
    if asked is not None:
        return asked if asked in levels else abort(404)
    if own is not None and own.level in levels:
        return own.level
    return levels[0] if levels else None


def _level_links(levels: Sequence[str], chosen: str | None) -> list[Choice]:
    """A switch between the levels, where there are several."""
    if len(levels) < 2:
        return []
    return [
        Choice(level, str(LEVEL_WORDS[level]), level == chosen, _same_page(level=level)) for level in levels
    ]


def _by_sort(sort: str) -> str:
    return _same_page(sort=sort)


def _same_page(**changes: str) -> str:
    state: dict[str, Any] = {**request.args.to_dict(), **changes}
    return url_for(request.endpoint or "", **(request.view_args or {}), **state)


def _sort() -> str:
    text = request.args.get("sort", "completion")
    return text if text in SORTS else abort(404)


def _year() -> int:
    text = request.args.get("year")
    if text is None:
        return calendar_now().year
    is_year = text.isascii() and text.isdecimal() and len(text) == len("2018")
    return int(text) if is_year and int(text) else abort(404)
