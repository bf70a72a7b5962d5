"""What an address asks of the trail, read into a selection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import request

from tracker.domain.days import day_begins, day_ends
from tracker.domain.messages import NotFound
from tracker.features.auditing.forms import FILTERS, FilterForm
from tracker.features.auditing.selection import ListName, Selection
from tracker.features.auditing.words import ACTIONS, KINDS
from tracker.services.tree import Unit
from tracker.services.visibility import find_unit_named, find_visible_unit
from tracker.web.current import calendar_shift, current_identity, current_session
from tracker.web.forms import read_day
from tracker.web.i18n import gettext as _


class ListNotFound(NotFound):
    """There is no such list."""


class Asked(NamedTuple):
    """The filters as typed; ``selection`` is None where one of them cannot be understood."""

    form: FilterForm
    selection: Selection | None


def asked_of(listed: ListName | None) -> Asked:
    """What the address asks for."""
    form = FilterForm(request.args)
    form.offer(ACTIONS, KINDS)
    if not form.validate():
        return Asked(form, None)
    return Asked(form, _selection(form, form.data, listed))


def _selection(form: Any, typed: Mapping[str, Any], listed: ListName | None) -> Selection | None:
    unit = _unit(form, typed["unit"])
    if typed["unit"] and unit is None:
        return None
    since, until = read_day(typed["since"]), read_day(typed["until"])
    return Selection(
        person=typed["person"] or None,
        unit=unit,
        action=typed["action"] or None,
        kind=typed["kind"] or None,
        subject_id=typed["subject_id"] or None,
        request=typed["request"] or None,
        since=None if since is None else _stored(day_begins(since)),
        until=None if until is None else _stored(day_ends(until)),
        list=listed,
    )


def _stored(moment: datetime) -> datetime:
    """When the clock stores what happens at a moment of the calendar."""
    return (moment - calendar_shift()).astimezone(UTC)


def _unit(form: Any, text: str | None) -> Unit | None:
    if not text:
        return None
    code = find_unit_named(current_session(), text, seen_by=current_identity())
    if code is None:
        form.unit.errors = [_("您的范围内没有这个单位，请核对名称或代码")]
        return None
    return find_visible_unit(current_session(), code, seen_by=current_identity())


def list_named(name: str) -> ListName:
    """The list with this name, or ListNotFound."""
    try:
        return ListName(name)
    except ValueError:
        raise ListNotFound("没有这份名单") from None


def address_filters() -> dict[str, str]:
    """The filters as they stand in the address, for links and for the export form."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}
