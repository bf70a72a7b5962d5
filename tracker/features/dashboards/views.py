"""The overview: one address for any node, cut-off, basis and order."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Identity, Role
from tracker.domain.messages import NotFound
from tracker.domain.periods import Month, UnreadableMonth
from tracker.domain.permissions import Permission
from tracker.features.dashboards.overview import Overview
from tracker.features.dashboards.queries import list_under_way
from tracker.services.programme_heads import Head
from tracker.services.progress_table import Basis, ProgressTable, load
from tracker.services.tree import Unit, get_unit
from tracker.services.visibility import find_visible_head, find_visible_unit, sees_place
from tracker.web.current import calendar_now, current_identity, current_session, now
from tracker.web.guard import requires

blueprint = Blueprint("dashboards", __name__)

SORTS = ("number", "lag")


@blueprint.get("/programmes/<key:key>")
@requires(Permission.SEE_PROGRAMME)
def overview(key: str) -> ResponseReturnValue:
    """What stands where in one list, at the publisher or at ``?at=``."""
    session, identity = current_session(), current_identity()
    head = find_visible_head(session, key, seen_by=identity)
    node = _node(head, identity)
    table = load(session, head, node, cutoff=_cutoff(), basis=_basis(), with_branches=True)
    units = [node.id, *(branch.unit.id for branch in table.branches)]
    page = Overview(
        table=table,
        under_way=list_under_way(session, head.id, sorted(set(units))) if _sees(identity, node) else [],
        now=calendar_now(),
        real_now=now(),
        sees=lambda unit: _sees(identity, unit),
        sort=_sort(),
        is_reviewer=identity.role is Role.REVIEWER and identity.place.org_unit_id == node.id,
        shows_units=_shows_units(identity, table),
    )
    list_url = url_for("programmes.show", key=key)
    return render_template("dashboards/overview.html", **page.context(), list_url=list_url)


def _node(head: Head, identity: Identity) -> Unit:
    """The unit asked for; without one the publisher for whoever stands at or above it, else the own unit."""
    session = current_session()
    publisher = get_unit(session, head.publisher_id)
    code = request.args.get("at")
    if code == publisher.code:
        return publisher
    if code is not None:
        unit = find_visible_unit(session, code, seen_by=identity)
        if not publisher.place.holds(unit.place):
            raise NotFound("这份清单不涉及这个单位")
        return unit
    if publisher.place.holds(identity.place):
        return get_unit(session, identity.place.org_unit_id)
    return publisher


def _sees(identity: Identity, node: Unit) -> bool:
    return sees_place(identity, node.place)


def _shows_units(identity: Identity, table: ProgressTable) -> bool:
    """Other units' completion is shown to those who may look into them, or where the list is ranked."""
    return _sees(identity, table.node) or table.head.is_ranked


def _cutoff() -> Month | None:
    text = request.args.get("cutoff")
    if not text:
        return None
    try:
        return Month.parse(text)
    except UnreadableMonth:
        abort(404)


def _basis() -> Basis:
    text = request.args.get("basis", Basis.ACCEPTED)
    return Basis(text) if text in list(Basis) else abort(404)


def _sort() -> str:
    text = request.args.get("sort", "number")
    return text if text in SORTS else abort(404)
