"""The tables of lists as files: the lists in sight, a list's versions, what differs between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracker.domain.periods import SHANGHAI
from tracker.features.programmes.blueprint import visible_list
from tracker.features.programmes.list_views import STATES, chosen_versions, difference_of
from tracker.features.programmes.lists import list_programmes
from tracker.features.programmes.versions import list_versions
from tracker.services.programme_heads import Head
from tracker.services.tables.csv_writing import Cell
from tracker.web.current import current_identity, current_session
from tracker.web.i18n import gettext as _
from tracker.web.people_words import acting_name
from tracker.web.table_files import Offer, Offers, Table


def lists_table() -> Table:
    """Every list in sight."""
    identity = current_identity()
    rows: list[Sequence[Cell]] = [
        [
            one.key, one.title, one.publisher, one.year, str(STATES[one.state][0]), one.pledges, one.indicators,
        ]
        for one in list_programmes(current_session(), seen_by=identity)
    ]  # fmt: skip
    headings = [_("代码"), _("清单"), _("发布单位"), _("年度"), _("状态"), _("实事件数"), _("指标项数")]
    facts = [(_("范围"), identity.appointment.org_unit_name)]
    return Table(_("年度实事清单"), facts, headings, rows, len(rows), widths=(16, 40, 24, 8, 10, 10, 10))


def versions_table(key: str) -> Table:
    """The versions of a list, newest first."""
    head = visible_list(key)
    rows: list[Sequence[Cell]] = [
        [
            one.number, one.reason, acting_name(one.by, one.stand_in) if one.by else _("操作员"), one.at.astimezone(SHANGHAI).replace(tzinfo=None), one.digest,
        ]
        for one in list_versions(current_session(), head.id)
    ]  # fmt: skip
    headings = [_("版"), _("理由"), _("谁"), _("何时"), _("校验码")]
    return Table(_("清单的版本"), _facts(head), headings, rows, len(rows), widths=(8, 50, 14, 18, 20))


def difference_table(key: str) -> Table:
    """What differs between the two versions asked for."""
    head = visible_list(key)
    chosen = chosen_versions([one.number for one in list_versions(current_session(), head.id)])
    found = [] if chosen is None else difference_of(head, chosen)
    rows: list[Sequence[Cell]] = [[one["place"], one["before"], one["after"]] for one in found]
    first, second = chosen or (1, 1)
    compared = _("第 %(first)s 版与第 %(second)s 版", first=first, second=second)
    facts = [*_facts(head), (_("比较"), compared)]
    headings = [_("位置"), _("原来"), _("改为")]
    return Table(_("清单的不同之处"), facts, headings, rows, len(rows), widths=(50, 50, 50))


def _facts(head: Head) -> list[tuple[str, str]]:
    return [(_("清单"), f"{head.title}（{head.key}）")]


# fmt: off
TABLES: Final[Offers] = {
    ("programmes.list_all", "lists"):     Offer(lists_table),
    ("programmes.history", "versions"):   Offer(versions_table),
    ("programmes.history", "difference"): Offer(difference_table),
}
"""What can be taken away of which page."""
# fmt: on
