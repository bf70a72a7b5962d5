"""The one blueprint of the bulletins, and who may do what with one of them."""

from __future__ import annotations

from flask import Blueprint, request

from tracker.domain.permissions import Permission, reaches
from tracker.features.bulletins import commands
from tracker.features.bulletins.figure_source import chosen_figure, figure_at, figure_source
from tracker.features.bulletins.pages import Context
from tracker.features.bulletins.paper import paper_context
from tracker.features.bulletins.queries import Issue
from tracker.services.programme_heads import Head
from tracker.services.tree import get_unit
from tracker.services.visibility import find_visible_head
from tracker.web.current import current_actor, current_identity, current_session, now

blueprint = Blueprint("bulletins", __name__)


def head_of(key: str) -> Head:
    """The list with this key, where the person may see it; raises NotFound."""
    return find_visible_head(current_session(), key, seen_by=current_identity())


def current_doer() -> commands.Doer:
    """The signed-in person, now."""
    return commands.Doer(current_identity(), current_actor(), now())


def may(head: Head, permission: Permission) -> bool:
    """Whether the person's right reaches the list's publisher."""
    publisher = get_unit(current_session(), head.publisher_id)
    return reaches(current_identity(), permission, publisher.place)


def may_see_drafts(head: Head) -> bool:
    """Drafts are seen by who may write or countersign them."""
    return may(head, Permission.DRAFT_BULLETIN) or may(head, Permission.COUNTERSIGN_BULLETIN)


def paper_page(found: Issue) -> Context:
    """The paper, with the source of the figure chosen in the address: ``?fig=``, or as older links say it in two parts."""
    document, short = found.document, request.args.get("fig")
    if short is None:
        indicator, field = request.args.get("figure"), request.args.get("field")
        chosen = chosen_figure(document, indicator=indicator, field=field)
    else:
        chosen = figure_at(document, short)
    source = None if chosen is None else figure_source(document, chosen)
    return paper_context(found, chosen) | {"source": source}
