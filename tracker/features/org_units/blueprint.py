"""The one blueprint of the org units, and what all its pages show."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Blueprint, Response, make_response, render_template, url_for

from tracker.domain.permissions import Permission, holds, reaches
from tracker.features.org_units.browsing import OrgFacts, find_facts, list_path
from tracker.features.org_units.moves import Doer
from tracker.web.current import current_actor, current_identity, current_session, now
from tracker.web.forms import BaseForm
from tracker.web.i18n import gettext as _

blueprint = Blueprint("org_units", __name__)

Context = dict[str, Any]


def visible_unit(code: str) -> OrgFacts:
    """The unit with this code in this person's sight. Raises UnitNotFound."""
    return find_facts(current_session(), code, seen_by=current_identity())


def current_doer() -> Doer:
    """Who acts in this request."""
    return Doer(current_identity(), current_actor(), now())


def may_edit(facts: OrgFacts) -> bool:
    """Whether this person changes the unit."""
    return reaches(current_identity(), Permission.EDIT_ORG_UNIT, facts.unit.place)


def may_take_away(facts: OrgFacts) -> bool:
    """Whether this person moves, closes or merges the unit: only from above it."""
    return may_edit(facts) and current_identity().place.org_unit_id != facts.unit.id


def does_hold(permission: Permission) -> bool:
    """Whether this person holds the permission at all."""
    return holds(current_identity(), permission)


def unit_url(code: str) -> str:
    """The page of a unit."""
    return url_for("org_units.unit", code=code)


def trail_to(facts: OrgFacts, *steps: str) -> list[Context]:
    """From the highest unit in sight down to this one, and to a page of it."""
    path = list_path(current_session(), facts.unit, seen_by=current_identity())
    trail: list[Context] = [{"label": _("组织"), "url": url_for("org_units.index")}]
    trail += [{"label": one.unit.short_name, "url": unit_url(one.unit.code)} for one in path]
    if not steps:
        trail[-1]["url"] = None
    return [*trail, *({"label": step, "url": None} for step in steps)]


class FormPage(NamedTuple):
    """A page with a form about a unit: its template, where the form goes, its heading and the last step of the way."""

    template: str
    endpoint: str
    heading: str
    step: str


def form_page(
    page: FormPage, facts: OrgFacts, form: BaseForm, *, status: int = 200, **more: object
) -> Response:
    """The page drawn for this unit; ``more`` is what its template asks for besides."""
    drawn = render_template(
        page.template,
        heading=page.heading,
        trail=trail_to(facts, page.step),
        action=url_for(page.endpoint, code=facts.unit.code),
        cancel_url=unit_url(facts.unit.code),
        form=form,
        **more,
    )
    return make_response(drawn, status)
