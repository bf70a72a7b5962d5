"""What stands on top of an exported scope: who, when, what of, up to which entry and seal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.features.auditing.entry_page import at_text
from tracker.features.auditing.queries import EntryRow
from tracker.features.auditing.selection import Selection
from tracker.features.auditing.words import LISTS, key_word, value_word
from tracker.services.visibility import find_visible_unit
from tracker.web.filters import moment
from tracker.web.i18n import gettext as _
from tracker.web.punctuation import clauses, labelled


class Scope(NamedTuple):
    """What an export's entry says was handed out."""

    selection: Selection
    told: dict[str, object]
    seal: int | None
    seal_digest: str
    seal_at: datetime | None
    rows: int


def read_scope(session: Session, entry: EntryRow, *, seen_by: Identity) -> Scope:
    """The scope an export's entry recorded; UnitNotFound when its unit is no longer in reach."""
    told = json.loads(entry.after or "{}")
    filters = told["filters"]
    unit = find_visible_unit(session, filters["unit"], seen_by=seen_by) if "unit" in filters else None
    selection = Selection.read({**filters, "newest": told["newest_entry"]}, unit)
    at = told.get("seal_at")
    sealed = datetime.fromisoformat(at) if at else None
    return Scope(selection, filters, told["seal"], told.get("seal_digest") or "", sealed, told["rows"])


def scope_title(scope: Scope) -> str:
    """What the file is called on its first line."""
    listed = scope.selection.list
    return _("操作记录") if listed is None else str(LISTS[listed][0])


def scope_facts(entry: EntryRow, scope: Scope, identity: Identity) -> list[tuple[str, str]]:
    """The lines below it: what the rows rest on."""
    asked = clauses(labelled(key_word(name), value_word(name, value)) for name, value in scope.told.items())
    return [
        (_("范围"), identity.appointment.org_unit_name),
        (_("筛选"), asked or _("全部")),
        (_("截至记录"), str(scope.selection.newest)),
        *_sealed(scope),
        (_("行数"), str(scope.rows)),
        (_("导出"), f"{entry.actor} {at_text(entry)}"),
        (_("导出记录编号"), str(entry.id)),
    ]


def _sealed(scope: Scope) -> Iterator[tuple[str, str]]:
    """The newest seal there was, and as an anchor: ``flask audit verify --anchor`` takes its line."""
    yield _("最新封存号"), _("尚无封存") if scope.seal is None else str(scope.seal)
    if scope.seal_at is not None:
        yield _("封存时间"), moment(scope.seal_at, with_year=True)
    if scope.seal_digest:
        yield _("锚点（封存号:校验码）"), f"{scope.seal}:{scope.seal_digest}"
