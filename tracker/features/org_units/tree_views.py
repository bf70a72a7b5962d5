"""The tree on pages: one level at a time, a unit with its past, a search, an earlier edition, and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from flask import Response, make_response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Role
from tracker.domain.messages import NotFound
from tracker.domain.permissions import Permission, holds
from tracker.features.org_units.affected import list_lists_in_play, list_open_reports, subtree_ids
from tracker.features.org_units.blueprint import (
    Context,
    blueprint,
    does_hold,
    may_edit,
    may_take_away,
    trail_to,
    unit_url,
    visible_unit,
)
from tracker.features.org_units.browsing import (
    MOST_FOUND,
    PAGE,
    FactsPage,
    Filters,
    OrgFacts,
    find_edition,
    list_children_page,
    list_editions,
    list_facts,
    list_former_places,
    list_holders,
    list_names,
    search_units,
)
from tracker.features.org_units.exporting import export_tree, find_own_export, note_rows, tree_rows
from tracker.features.org_units.files import COLUMNS
from tracker.features.org_units.forms import ExportForm, FilterForm
from tracker.features.org_units.words import KINDS, LEVELS, LIST_STATES, month_text
from tracker.services.tables.csv_writing import csv_pieces
from tracker.services.tree import paths_up
from tracker.services.visibility import SUBTREE_ROLES, sees_place
from tracker.web.current import current_actor, current_identity, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.navigation import role_name

SEES_PEOPLE = frozenset({Role.ADMIN, Role.AUDITOR})
"""Who is told by name who is appointed at a unit."""


class PageNotFound(NotFound):
    """There is no such page of the tree."""


@blueprint.get("/org-units")
@requires(Permission.SEE_ORG_UNIT)
def index() -> ResponseReturnValue:
    """The own unit, or what a search finds in sight."""
    form = FilterForm(request.args)
    if not form.q.data:
        return _unit_page(visible_unit(current_identity().appointment.org_unit_code), form)
    if not form.validate():
        return _results_page(form, [], status=422)
    found = search_units(current_session(), form.q.data, _filters(form), seen_by=current_identity())
    return _results_page(form, found)


@blueprint.get("/org-units/<code:code>")
@requires(Permission.SEE_ORG_UNIT)
def unit(code: str) -> ResponseReturnValue:
    """One unit: facts, who stands below it, what it was called and where it stood."""
    return _unit_page(visible_unit(code), FilterForm(request.args))


@blueprint.get("/org-units/<code:code>/editions/<int:number>")
@requires(Permission.SEE_ORG_UNIT)
def edition(code: str, number: int) -> ResponseReturnValue:
    """Who stood below a unit in an earlier edition of the tree."""
    facts, session = visible_unit(code), current_session()
    found = find_edition(session, number)
    if found is None or not _sees_below():
        raise PageNotFound("没有这一版组织树")
    children = list_children_page(
        session, facts.unit, Filters(with_closed=True), first=_first(), edition=number
    )
    return render_template(
        "org_units/edition.html",
        heading=_("%(unit)s：第 %(number)s 版的下级", unit=facts.unit.short_name, number=number),
        trail=trail_to(facts, _("第 %(number)s 版", number=number)),
        edition=found,
        children=_rows_now(children),
        pager=_pager(children, "org_units.edition", code=code, number=number),
        now_url=unit_url(code),
    )


@blueprint.post("/org-units/<code:code>/export")
@requires(Permission.EDIT_ORG_UNIT)
def export(code: str) -> ResponseReturnValue:
    """Write down who takes the tree below a unit out, and send it."""
    facts = visible_unit(code)
    entry = export_tree(current_session(), facts, actor=current_actor(), now=now())
    return redirect(url_for("org_units.exported", code=code, entry=entry), 303)


@blueprint.get("/org-units/<code:code>/exports/<int:entry>.csv")
@requires(Permission.EDIT_ORG_UNIT)
def exported(code: str, entry: int) -> ResponseReturnValue:
    """The tree below a unit in the columns of the import."""
    facts, session = visible_unit(code), current_session()
    found = find_own_export(session, entry, facts, person_id=current_identity().person_id)
    if found is None:
        raise PageNotFound("没有这次导出")
    rows = chain(tree_rows(session, facts.unit), note_rows(found.seal))
    pieces: Iterator[bytes] = csv_pieces(COLUMNS, rows)
    response = Response(stream_with_context(pieces), mimetype="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"org-{code}.csv")
    return response


def _filters(form: FilterForm) -> Filters:
    form.validate()
    kind = form.kind.data if form.kind.data in KINDS else ""
    level = form.level.data if form.level.data in LEVELS else ""
    return Filters(kind, level, bool(form.closed.data))


def _first() -> int:
    """From which child on, a multiple of the page's length."""
    text = request.args.get("first", "0")
    return int(text) // PAGE * PAGE if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _sees_below() -> bool:
    return current_identity().role in SUBTREE_ROLES


def _unit_page(facts: OrgFacts, form: FilterForm) -> ResponseReturnValue:
    session, filters = current_session(), _filters(form)
    children = (
        list_children_page(session, facts.unit, filters, first=_first())
        if _sees_below()
        else FactsPage([], 0, 0)
    )
    return render_template(
        "org_units/unit.html",
        heading=facts.unit.name,
        trail=trail_to(facts),
        code=facts.unit.code,
        facts=_facts(facts),
        closed_text=_closed_text(facts),
        filter_form=form,
        search_url=url_for("org_units.index"),
        sees_below=_sees_below(),
        is_filtered=bool(filters.kind or filters.level),
        children=[_row(one) for one in children.rows],
        pager=_pager(children, "org_units.unit", code=facts.unit.code),
        actions=_actions(facts),
        export_form=ExportForm() if may_edit(facts) else None,
        export_url=url_for("org_units.export", code=facts.unit.code),
        **_past(facts),
        **_hanging(facts),
    )


def _facts(facts: OrgFacts) -> list[Context]:
    unit = facts.unit
    rows: list[tuple[str, Any]] = [
        (_("代码"), unit.code),
        (_("简称"), unit.short_name),
        (_("层级"), LEVELS[unit.level]),
        (_("类型"), KINDS[unit.kind]),
        (_("排在第几"), facts.position),
        (_("权重"), "—" if unit.weight is None else unit.weight),
        (_("成立"), facts.valid_from or "—"),
        (_("下级单位"), facts.children if _sees_below() else "—"),
    ]
    return [{"label": label, "value": value} for label, value in rows]


def _closed_text(facts: OrgFacts) -> Context | None:
    """That the unit has ended, and who follows it where that one is in sight."""
    if facts.valid_to is None:
        return None
    successor = list_facts(current_session(), [facts.successor_id or 0]).get(facts.successor_id or 0)
    return {
        "text": _("已撤销，最后一天是 %(day)s；历史数据照旧保留。", day=facts.valid_to),
        "successor": None if successor is None else successor.unit.name,
        "url": None if successor is None else unit_url(successor.unit.code),
    }


def _row(facts: OrgFacts) -> Context:
    unit = facts.unit
    return {
        "url": unit_url(unit.code),
        "name": unit.name,
        "short_name": unit.short_name,
        "code": unit.code,
        "level": LEVELS[unit.level],
        "kind": KINDS[unit.kind],
        "children": facts.children,
        "closed": facts.valid_to,
    }


def _rows_now(page: FactsPage) -> list[Context]:
    """Units of an earlier edition; who has left this person's sight since is named without a way there."""
    now_there = list_facts(current_session(), [one.unit.id for one in page.rows])
    rows = []
    for one in page.rows:
        known = now_there.get(one.unit.id)
        is_seen = known is not None and sees_place(current_identity(), known.unit.place)
        rows.append(_row(one) | ({} if is_seen else {"url": None}))
    return rows


def _pager(page: FactsPage, endpoint: str, **values: Any) -> Context | None:
    if page.total <= PAGE:
        return None
    kept = {name: request.args[name] for name in ("kind", "level", "closed") if request.args.get(name)}
    at = page.first

    def url(first: int) -> str:
        return url_for(endpoint, **{**values, **kept, "first": first or None})

    return {
        "from_row": min(at + 1, page.total),
        "to_row": at + len(page.rows),
        "total": page.total,
        "previous_url": url(at - PAGE) if at else None,
        "next_url": url(at + PAGE) if at + PAGE < page.total else None,
    }


def _actions(facts: OrgFacts) -> list[Context]:
    """What this person may do to the unit."""
    if not may_edit(facts) or facts.valid_to is not None:
        return []
    offered = [
        ("org_units.add", _("新增下级")),
        ("org_units.rename", _("更名")),
        ("org_units.change", _("修改")),
    ]
    if may_take_away(facts):
        offered += [
            ("org_units.move", _("划转")), ("org_units.merge", _("合并")), ("org_units.close", _("撤销")),
        ]  # fmt: skip
    return [{"label": label, "url": url_for(endpoint, code=facts.unit.code)} for endpoint, label in offered]


def _past(facts: OrgFacts) -> Context:
    session = current_session()
    return {
        "names": [one._asdict() for one in list_names(session, facts.unit.id)],
        "places": [
            {
                "until": month_text(one.until),
                "edition": one.edition,
                "superior": one.name or _("没有上级"),
            }
            for one in list_former_places(session, facts.unit.id)
        ],
        "editions": [
            one._asdict() | {"url": url_for("org_units.edition", code=facts.unit.code, number=one.number)}
            for one in (list_editions(session) if _sees_below() else ())
        ],
    }


def _hanging(facts: OrgFacts) -> Context:
    """People, lists and open work of the unit, as far as this person may know."""
    session, identity = current_session(), current_identity()
    sees_people = identity.role in SEES_PEOPLE
    holders = list_holders(session, facts.unit.id, now=now()) if sees_people else []
    [path] = paths_up(session, facts.unit.place.edition, [facts.unit.id]).values()
    sees_lists = holds(identity, Permission.SEE_PROGRAMME)
    lists = list_lists_in_play(session, facts.unit, [step.org_unit_id for step in path])
    return {
        "sees_people": sees_people,
        "people": [
            {
                "name": one.name, "role": role_name(one.role), "department": one.department,
                "until": one.valid_to,
            }
            for one in holders
        ],
        "lists": [
            {
                "title": one.title, "year": one.year, "state": LIST_STATES[one.state],
                "url": url_for("dashboards.overview", key=one.key) if sees_lists and one.state != "draft" else None,
            }
            for one in lists
            if one.state != "draft" or does_hold(Permission.EDIT_ORG_UNIT)
        ],
        "open_count": len(list_open_reports(session, subtree_ids(facts.unit.place))),
    }  # fmt: skip


def _results_page(form: FilterForm, found: list[OrgFacts], *, status: int = 200) -> Response:
    page = render_template(
        "org_units/found.html",
        heading=_("查找单位"),
        trail=[
            {"label": _("组织"), "url": url_for("org_units.index")},
            {"label": _("查找"), "url": None},
        ],
        filter_form=form,
        search_url=url_for("org_units.index"),
        found=[_row(one) for one in found[:MOST_FOUND]],
        is_cut=len(found) > MOST_FOUND,
        most=MOST_FOUND,
    )
    return make_response(page, status)
