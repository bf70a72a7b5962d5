"""The lists of bulletins as files; a bulletin itself has its own signed ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracker.features.bulletins.blueprint import head_of, may_see_drafts
from tracker.features.bulletins.pages import issue_row, period_title
from tracker.features.bulletins.queries import Issue, list_issues, list_visible_issues
from tracker.services.tables.csv_writing import Cell
from tracker.web.current import current_identity, current_session
from tracker.web.i18n import gettext as _
from tracker.web.table_files import Offer, Offers, Table


def every_bulletin_table() -> Table:
    """The bulletins of every list in sight."""
    identity = current_identity()
    found = list_visible_issues(current_session(), seen_by=identity)
    return _table(found, [(_("范围"), identity.appointment.org_unit_name)])


def bulletins_table(key: str) -> Table:
    """The bulletins of one list; its publisher's with drafts."""
    head = head_of(key)
    found = list_issues(current_session(), head, with_drafts=may_see_drafts(head))
    return _table(found, [(_("清单"), f"{head.title}（{head.key}）")])


def _table(found: Sequence[Issue], facts: Sequence[tuple[str, str]]) -> Table:
    rows: list[Sequence[Cell]] = [_row(one) for one in found]
    headings = [_("清单"), _("通报"), _("期号"), _("状态"), _("截至"), _("封存号"), _("印发"), _("校验码")]
    return Table(_("通报"), facts, headings, rows, len(rows), widths=(36, 16, 8, 10, 10, 8, 30, 66))


def _row(one: Issue) -> Sequence[Cell]:
    told = issue_row(one, title=period_title(one.period))
    return [
        one.programme_title, told["title"], one.number, told["state_text"], one.cutoff, one.seal, told["issued_text"],
        one.digest,
    ]  # fmt: skip


TABLES: Final[Offers] = {
    ("bulletins.index", "bulletins"): Offer(every_bulletin_table),
    ("bulletins.listing", "bulletins"): Offer(bulletins_table),
}
"""What can be taken away of which page."""
