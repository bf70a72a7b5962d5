"""The list of people as a file: the columns of the screen, whoever its filters ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from flask import request

from tracker.domain.periods import SHANGHAI
from tracker.features.people.forms import FilterForm
from tracker.features.people.list_views import held_text, state_tag, wanted_by
from tracker.features.people.queries import PeoplePage, Wanted, list_people
from tracker.services.tables.csv_writing import Cell
from tracker.web.current import current_identity, current_session, now
from tracker.web.i18n import gettext as _
from tracker.web.punctuation import clauses, labelled
from tracker.web.table_files import Offer, Offers, Table, UnreadableFilter

ROWS_A_PIECE: Final = 500


def people_table() -> Table:
    """Everybody in reach who meets the filters, in the order of the screen."""
    form = FilterForm(request.args)
    wanted = wanted_by(form) if form.validate() else None
    if wanted is None:
        raise UnreadableFilter
    first = _piece(wanted, 1)
    asked = [labelled(field.label.text, _shown(field)) for field in form if field.data]
    facts = [
        (_("范围"), current_identity().appointment.org_unit_name),
        (_("筛选"), clauses(asked) or _("全部")),
    ]
    headings = [_("姓名"), _("登录名"), _("任职"), _("状态"), _("最近登录")]
    return Table(
        _("人员‖栏目"), facts, headings, _rows(wanted, first), first.total, widths=(12, 24, 60, 10, 18)
    )


def _shown(field: object) -> str:
    """What a filter asks for in the words of its field."""
    choices = getattr(field, "choices", None)
    words = {one.value: str(one.label) for one in choices} if choices else {}
    data = str(getattr(field, "data", ""))
    return words.get(data, data)


def _piece(wanted: Wanted, page: int) -> PeoplePage:
    session, identity = current_session(), current_identity()
    return list_people(session, wanted, seen_by=identity, now=now(), page=page, size=ROWS_A_PIECE)


def _rows(wanted: Wanted, first: PeoplePage) -> Iterator[Sequence[Cell]]:
    """Piece by piece: never more than one in memory."""
    yield from _cells(first)
    for page in range(2, (first.total - 1) // ROWS_A_PIECE + 2):
        yield from _cells(_piece(wanted, page))


def _cells(found: PeoplePage) -> Iterator[Sequence[Cell]]:
    for row in found.rows:
        standing = [one for one in found.held.get(row.person_id, []) if one.is_open(now())]
        at = row.last_sign_in
        yield [
            row.name, row.login,
            clauses(f"{one.unit} · {held_text(one)}" for one in standing) or _("没有任职"),
            str(state_tag(row.closed_at is not None, row.has_password, bool(standing))["state"]),
            None if at is None else at.astimezone(SHANGHAI).replace(tzinfo=None),
        ]  # fmt: skip


TABLES: Final[Offers] = {("people.index", "people"): Offer(people_table)}
"""What can be taken away of which page."""
