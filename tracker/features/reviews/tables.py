"""What waits for one's verdict, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask_babel import gettext as _

from tracker.domain.periods import SHANGHAI
from tracker.features.reviews.onlooker import wait_text
from tracker.features.reviews.queries import list_queue
from tracker.services.tables.csv_writing import Cell
from tracker.services.visibility import find_visible_head
from tracker.web.current import current_identity, current_session, now
from tracker.web.i18n import translate
from tracker.web.table_files import Offer, Offers, Table


def queue_table(key: str) -> Table:
    """What waits for this person in one programme, the longest first."""
    session, identity = current_session(), current_identity()
    head = find_visible_head(session, key, seen_by=identity)
    rows: list[Sequence[Cell]] = [
        [
            one.unit.code, one.unit.short_name, translate(one.period.title), one.submission_number,
            one.submitted_at.astimezone(SHANGHAI).replace(tzinfo=None), wait_text(now() - one.since),
            one.reports_count, len(one.clean), one.notes_count,
        ]
        for one in list_queue(session, head, seen_by=identity)
    ]  # fmt: skip
    headings = [
        _("单位代码"), _("单位"), _("报告期"), _("第几次提交"), _("提交时间"), _("已等"), _("实事件数"), _("可一并办理"),
        _("提示数"),
    ]  # fmt: skip
    facts = [(_("清单"), f"{head.title}（{head.key}）"), (_("办理人"), identity.name)]
    return Table(_("等您办理的报告"), facts, headings, rows, len(rows), widths=(12, 20))


TABLES: Final[Offers] = {("reviews.queue", "queue"): Offer(queue_table)}
"""What can be taken away of which page."""
