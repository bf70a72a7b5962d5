"""Pages of a list: the overview for any node, cut-off, basis and order, and the trail behind a number."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Identity, Role
from tracker.domain.messages import NotFound
from tracker.domain.permissions import Permission
from tracker.features.dashboards.asked import Asked, address_now, asked_of, sees
from tracker.features.dashboards.instant import Instant
from tracker.features.dashboards.overview import Overview
from tracker.features.dashboards.queries import UnderWay, list_under_way
from tracker.features.dashboards.trail_page import Trail
from tracker.services.progress_table import Judged, ProgressTable
from tracker.services.trail import Source, sources_of
from tracker.web.current import calendar_now, current_calendar, current_identity, current_session, now
from tracker.web.guard import requires

blueprint = Blueprint("dashboards", __name__)

SORTS = ("number", "lag")


@blueprint.get("/programmes/<key:key>")
@requires(Permission.SEE_PROGRAMME)
def overview(key: str) -> ResponseReturnValue:
    """What stands where in one list, at the publisher or at ``?at=``."""
    identity, asked, sort = current_identity(), asked_of(key), _sort()
    table = asked.table()
    page = Overview(
        table=table,
        under_way=_under_way(asked, table, identity),
        now=calendar_now(),
        real_now=now(),
        holidays=current_calendar().holidays,
        sees=lambda unit: sees(identity, unit),
        sort=sort,
        is_reviewer=identity.role is Role.REVIEWER and identity.place.org_unit_id == asked.node.id,
        shows_units=_shows_units(identity, table),
        instant=Instant(asked.seals, asked.as_of, address_now(), asked.table_of_today(table)),
    )
    return render_template("dashboards/overview.html", **page.context())


@blueprint.get("/programmes/<key:key>/trail")
@requires(Permission.SEE_PROGRAMME)
def trail(key: str) -> ResponseReturnValue:
    """How the number of one indicator at one node came about, down to the reports."""
    identity, asked = current_identity(), asked_of(key)
    node, is_own_level = asked.node, "own" in request.args
    if is_own_level and not sees(identity, node):
        raise NotFound("没有找到这个单位")
    table = asked.table()
    judged = _indicator(table, is_own_level)
    is_leaf = is_own_level or all(branch.is_own_level for branch in table.branches)
    page = Trail(
        table=table,
        judged=judged,
        is_own_level=is_own_level,
        sources=_sources(table, judged) if is_leaf and sees(identity, node) else None,
        sees=lambda unit: sees(identity, unit),
        instant=Instant(asked.seals, asked.as_of, address_now(), None),
    )
    return render_template("dashboards/trail.html", **page.context())


def _under_way(asked: Asked, table: ProgressTable, identity: Identity) -> list[UnderWay]:
    """Reports under way now; of a past instant nobody knows."""
    if asked.as_of is not None or not sees(identity, asked.node):
        return []
    units = {asked.node.id, *(branch.unit.id for branch in table.branches)}
    return list_under_way(current_session(), asked.head.id, sorted(units))


def _indicator(table: ProgressTable, is_own_level: bool) -> Judged:
    """The indicator asked for, at the node or at its own level."""
    own = [branch.pledges for branch in table.branches if branch.is_own_level]
    pledges = (own[0] if own else ()) if is_own_level else table.pledges
    code = request.args.get("indicator", "")
    for pledge in pledges:
        for judged in pledge.indicators:
            if judged.listed.rule.code == code:
                return judged
    raise NotFound("清单里没有这项指标，或这个单位不承担")


def _sources(table: ProgressTable, judged: Judged) -> list[Source]:
    """The node's own lines, as they counted under the table's seal."""
    if table.seal is None or table.month == 0:
        return []
    itself = table.node._replace(place=replace(table.node.place, last=table.node.place.pre))
    found = sources_of(current_session(), table.head, itself, month=table.month, seal=table.seal)
    return [source for source in found if source.indicator == judged.listed.rule.code]


def _shows_units(identity: Identity, table: ProgressTable) -> bool:
    """Other units' completion is shown to those who may look into them, or where the list is ranked."""
    return sees(identity, table.node) or table.head.is_ranked


def _sort() -> str:
    text = request.args.get("sort", "number")
    return text if text in SORTS else abort(404)
