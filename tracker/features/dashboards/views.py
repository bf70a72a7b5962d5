"""Pages of a list: the overview for any node, cut-off, basis and order, and the trail behind a number."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Identity, Role
from tracker.domain.messages import NotFound
from tracker.domain.permissions import Permission, reaches
from tracker.features.dashboards.asked import Asked, address_now, asked_of, sees, shows_units
from tracker.features.dashboards.compare_views import add_to
from tracker.features.dashboards.instant import Instant
from tracker.features.dashboards.leading import leading
from tracker.features.dashboards.overview import Overview
from tracker.features.dashboards.papers import read_behind
from tracker.features.dashboards.pledge_page import PledgePage
from tracker.features.dashboards.queries import NOTHING_UNDER_WAY, Desks, read_desks
from tracker.features.dashboards.told import About, Telling, read_telling
from tracker.features.dashboards.trail_page import MOST_BELOW, Trail
from tracker.features.dashboards.unchanged import Ages, is_known, not_modified, tag_of, tagged
from tracker.services.counting_rules import list_counting_rules
from tracker.services.progress_table import Judged, PledgeStanding, ProgressTable
from tracker.services.trail import Counting, read_counting
from tracker.web.current import calendar_now, current_calendar, current_identity, current_session, now
from tracker.web.guard import requires

blueprint = Blueprint("dashboards", __name__)
add_to(blueprint)

SORTS = ("number", "lag")


@blueprint.get("/programmes/<key:key>")
@requires(Permission.SEE_PROGRAMME)
def overview(key: str) -> ResponseReturnValue:
    """What stands where in one list, at the publisher or at ``?at=``."""
    asked = asked_of(key)
    tag = tag_of(asked.seals, Ages.BY_THE_MINUTE)
    if is_known(tag):
        return not_modified(tag)
    page = overview_page(asked)
    list_url = url_for("programmes.show", key=key)
    links = {"list_url": list_url, "targets_url": page.targets_url}
    return tagged(render_template("dashboards/overview.html", **page.context(), **links), tag)


def overview_page(asked: Asked) -> Overview:
    """What the overview shows of what was asked for."""
    identity = current_identity()
    table = _comparable(asked.table(), identity)
    is_reviewer = identity.role is Role.REVIEWER and identity.place.org_unit_id == asked.node.id
    return Overview(
        table=table,
        desks=_desks(asked, table, identity),
        now=calendar_now(),
        real_now=now(),
        holidays=current_calendar().holidays,
        sees=lambda unit: sees(identity, unit),
        sort=_sort(),
        is_reviewer=is_reviewer,
        reminds=identity.person_id if is_reviewer and not asked.as_of else None,
        shows_units=shows_units(identity, asked),
        instant=Instant(asked.seals, asked.as_of, address_now(), asked.table_of_today(table), table),
        targets_url=_targets_url(asked, identity),
        part=asked.part,
    )


@blueprint.get("/programmes/<key:key>/trail")
@requires(Permission.SEE_PROGRAMME)
def trail(key: str) -> ResponseReturnValue:
    """How the number of one indicator at one node came about, down to the reports."""
    asked = asked_of(key)
    _check_own_level(asked)
    tag = tag_of(asked.seals)
    if is_known(tag):
        return not_modified(tag)
    return tagged(render_template("dashboards/trail.html", **number_trail(asked).context()), tag)


def _check_own_level(asked: Asked) -> None:
    """A node's own level is shown to those alone who may look into it."""
    if "own" in request.args and not sees(current_identity(), asked.node):
        raise NotFound("没有找到这个单位")


def number_trail(asked: Asked) -> Trail:
    """How the number asked for came about."""
    _check_own_level(asked)
    identity, node, is_own_level = current_identity(), asked.node, "own" in request.args
    table = asked.table()
    judged = _indicator(table, is_own_level)
    is_leaf = is_own_level or all(branch.is_own_level for branch in (*table.branches, *table.former))
    is_subtree = not is_leaf and "reports" in request.args and judged.totals.assigned <= MOST_BELOW
    has_sources = (is_leaf or is_subtree) and sees(identity, node)
    found = _counting(table, judged, is_subtree) if has_sources else Counting(())
    behind = read_behind(current_session(), found, with_said=asked.as_of is None)
    return Trail(
        table=table,
        judged=judged,
        is_own_level=is_own_level,
        sources=behind.sources if has_sources else None,
        is_subtree=is_subtree,
        papers=behind.papers,
        said=behind.said,
        sees=lambda unit: sees(identity, unit),
        instant=Instant(
            asked.seals,
            asked.as_of,
            address_now(),
            None if is_own_level else asked.table_of_today(table),
            table,
            indicator=judged.listed.id,
        ),
    )


@blueprint.get("/programmes/<key:key>/pledges/<int:number>")
@requires(Permission.SEE_PROGRAMME)
def pledge(key: str, number: int) -> ResponseReturnValue:
    """One pledge at a node: its promise, its indicators, the year against the plan, its units."""
    asked = asked_of(key)
    tag = tag_of(asked.seals)
    if is_known(tag):
        return not_modified(tag)
    return tagged(render_template("dashboards/pledge.html", **pledge_page(asked, number).context()), tag)


def pledge_page(asked: Asked, number: int) -> PledgePage:
    """What the page of one pledge shows."""
    identity, table = current_identity(), asked.table()
    at = next((at for at, one in enumerate(table.pledges) if one.promise.number == number), None)
    if at is None:
        raise NotFound("清单里没有这件实事")
    return PledgePage(
        table=table,
        at=at,
        chosen=_chosen(table.pledges[at]),
        told=_told(asked, table, at),
        rules=list_counting_rules(current_session(), asked.head.id),
        sees=lambda unit: sees(identity, unit),
        shows_units=shows_units(identity, asked),
        instant=Instant(
            asked.seals,
            asked.as_of,
            address_now(),
            asked.table_of_today(table),
            table,
            pledge=table.pledges[at].promise.id,
        ),
    )


def _comparable(table: ProgressTable, identity: Identity) -> ProgressTable:
    """Peers are compared where the list is ranked, or by those who may look into all of them."""
    if table.head.is_ranked or all(sees(identity, peer.unit) for peer in table.peers):
        return table
    return replace(table, peers=())


def _told(asked: Asked, table: ProgressTable, at: int) -> Telling:
    """What the units in sight told of a pledge."""
    identity = current_identity()
    units = {branch.unit for branch in table.branches} | {asked.node}
    about = About(
        pledge_id=table.pledges[at].promise.id,
        unit_ids=sorted(unit.id for unit in units if sees(identity, unit)),
        month=table.month,
        seal=table.seal or 0,
        with_steps=asked.as_of is None,
    )
    return read_telling(current_session(), about)


def _targets_url(asked: Asked, identity: Identity) -> str | None:
    """Where targets are divided, for whoever may look there."""
    reach = reaches(identity, Permission.SEE_TARGETS, asked.node.place)
    if not reach or "targets.matrix" not in current_app.view_functions:
        return None
    if asked.node.id != asked.head.publisher_id:
        return url_for("targets.unit", key=asked.head.key, code=asked.node.code)
    return url_for("targets.matrix", key=asked.head.key)


def _chosen(pledge: PledgeStanding) -> Judged | None:
    """The indicator whose year is drawn: the one in the address, else the leading one."""
    code = request.args.get("indicator")
    if code is None:
        return leading(pledge)
    found = [one for one in pledge.indicators if one.listed.rule.code == code]
    if not found:
        raise NotFound("清单里没有这项指标，或这个单位不承担")
    return found[0]


def _desks(asked: Asked, table: ProgressTable, identity: Identity) -> Desks:
    """What lies with units now; of a past instant nobody knows."""
    if asked.as_of is not None or not sees(identity, asked.node):
        return NOTHING_UNDER_WAY
    units = {asked.node.id, *(branch.unit.id for branch in table.branches)}
    return read_desks(current_session(), asked.head.id, sorted(units))


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


def _counting(table: ProgressTable, judged: Judged, is_subtree: bool) -> Counting:
    """The lines behind the number, the node's own or all below it, as they counted under the table's seal."""
    if table.seal is None or table.month == 0:
        return Counting(())
    place = table.node.place if is_subtree else replace(table.node.place, last=table.node.place.pre)
    node = table.node._replace(place=place)
    found = read_counting(current_session(), table.head, node, month=table.month, seal=table.seal)
    return found.of(judged.listed.rule.code)


def _sort() -> str:
    text = request.args.get("sort", "number")
    return text if text in SORTS else abort(404)
