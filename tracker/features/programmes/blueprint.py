"""The one blueprint of the lists, and who may do what with one of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for

from tracker.domain.messages import Forbidden
from tracker.domain.permissions import Permission, reaches
from tracker.services.programme_heads import Head
from tracker.services.tree import Unit, get_unit
from tracker.services.visibility import find_visible_head
from tracker.web.current import current_identity, current_session
from tracker.web.i18n import gettext as _

blueprint = Blueprint("programmes", __name__)

Context = dict[str, Any]


class NotOwnList(Forbidden):
    """The list is another unit's: it may be read, not changed."""


def visible_list(key: str) -> Head:
    """The list with this key in this person's sight."""
    return find_visible_head(current_session(), key, seen_by=current_identity())


def own_list(key: str, permission: Permission) -> Head:
    """The same where the permission reaches its publisher. Raises NotOwnList."""
    head = visible_list(key)
    if not does_reach(permission, publisher_of(head)):
        raise NotOwnList("这份清单由别的单位发布，您不能改动")
    return head


def publisher_of(head: Head) -> Unit:
    """The unit that publishes the list."""
    return get_unit(current_session(), head.publisher_id)


def does_reach(permission: Permission, unit: Unit) -> bool:
    """Whether this person's permission goes as far as the unit."""
    return reaches(current_identity(), permission, unit.place)


def trail_of(head: Head, *steps: str) -> list[Context]:
    """From all lists to a page of this one."""
    trail: list[Context] = [
        {"label": _("实事清单"), "url": url_for("programmes.list_all")},
        {"label": head.title, "url": url_for("dashboards.overview", key=head.key)},
    ]
    if steps:
        trail.append({"label": _("清单"), "url": list_url(head.key)})
    return [*trail, *({"label": step, "url": None} for step in (steps or (_("清单"),)))]


def list_url(key: str) -> str:
    """The page of the list itself."""
    return url_for("programmes.show", key=key)
