"""What a person sees whose verdict came too late: what happened meanwhile, with both values, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.messages import Fault
from tracker.features.reviews.onlooker import place_of
from tracker.features.reviews.queries import Review, SeenBefore
from tracker.features.reviews.review_rows import old_text
from tracker.services.sheets import Filing, SheetReport
from tracker.services.snapshots import LineContent
from tracker.services.threads import ThreadStep
from tracker.services.transitions import Seen
from tracker.web.figure_words import action_word, figure_text, state_word
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.punctuation import clauses
from tracker.web.thread_words import who


def moved_context(
    review: Review, seen: Sequence[Seen], before: Sequence[SeenBefore], faults: Sequence[Fault]
) -> dict[str, Any]:
    """The context of ``reviews/moved_on.html``: what happened to the reports somebody wanted to judge."""
    shown = {one.revision_id: one for one in seen}
    lines = {one.revision_id: one.lines for one in before}
    changes = []
    for report in review.sheet.reports:
        filing = report.filing
        if filing is None or filing.revision_id not in shown:
            continue
        one = shown[filing.revision_id]
        if (one.version_id, one.digest) != (filing.version_id, filing.digest):
            changes.append(_moved(report, filing, lines.get(filing.revision_id, {}), review.steps))
    known = {report.filing.revision_id for report in review.sheet.reports if report.filing}
    return {
        "heading": _("%(unit)s的月报表在您打开之后有变动", unit=review.sheet.unit.short_name),
        "message": clauses(translate(fault.message) for fault in faults),
        "changes": changes,
        "gone_count": len(set(shown) - known),
        "back_url": place_of("reviews.review", review.sheet),
        "queue_url": url_for("reviews.queue", key=review.sheet.head.key),
    }


def _moved(
    report: SheetReport, filing: Filing, old: Mapping[str, LineContent], steps: Sequence[ThreadStep]
) -> dict[str, Any]:
    last = [step for step in steps if step.revision_id == filing.revision_id][-1:]
    told = [
        _("%(name)s %(at)s %(action)s", name=who(step), at=moment(step.at), action=action_word(step.action))
        for step in last
    ]
    values = []
    for row in report.rows:
        now_text = figure_text(row.listed.rule, row.figure)
        before = old_text(row, old, now_text)
        if before is not None:
            values.append({"name": row.listed.rule.name, "old": before, "now": now_text})
    return {
        "number": report.promise.number,
        "title": report.promise.title,
        "state": state_word(filing.state),
        "told": "".join(told),
        "values": values,
    }
