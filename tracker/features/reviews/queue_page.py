"""What the queue shows, ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.features.reviews.onlooker import Onlooker, wait_text
from tracker.features.reviews.queries import Waiting
from tracker.features.reviews.together_form import TogetherForm, chosen_value
from tracker.services.handovers import Handover
from tracker.services.programme_heads import Head
from tracker.web.filters import moment
from tracker.web.handover_words import handover_text
from tracker.web.i18n import translate

OLD_DAYS = 2


def queue_context(
    head: Head, waiting: Sequence[Waiting], handovers: Sequence[Handover], onlooker: Onlooker
) -> dict[str, Any]:
    """The context of ``reviews/queue.html``."""
    return {
        "heading": onlooker.queue_heading,
        "trail": [
            {"label": onlooker.identity.appointment.org_unit_name, "url": None},
            {"label": head.title, "url": f"/programmes/{head.key}"},
            {"label": _("审核"), "url": None},
        ],
        "trail_note": None,
        "lead": _("等得久的排在前面。") if waiting else None,
        "action_word": onlooker.verb,
        **_together(head, waiting, onlooker),
        "states": [],
        "waiting": [_queue_row(head, one, onlooker) for one in waiting],
        "handovers": [handover_text(one, person_id=onlooker.identity.person_id) for one in handovers],
        "handover_url": url_for("reviews.handover"),
        "pager": None,
        "empty_text": _("有新的月报提交上来，会出现在这里。"),
    }


def _together(head: Head, waiting: Sequence[Waiting], onlooker: Onlooker) -> dict[str, Any]:
    """The ticks and the one button, for reviewers who have something clean before them."""
    can_accept = not onlooker.is_approver and any(one.clean for one in waiting)
    return {
        "form": TogetherForm(formdata=None) if can_accept else None,
        "chosen_name": "chosen",
        "accept_url": url_for("reviews.accept_clean", key=head.key) if can_accept else None,
        "periods_url": None if onlooker.is_approver else url_for("periods.current", key=head.key),
    }


def _queue_row(head: Head, one: Waiting, onlooker: Onlooker) -> dict[str, Any]:
    waited = onlooker.now - one.since
    return {
        "key": chosen_value(one),
        "unit": one.unit.short_name,
        "url": url_for("reviews.review", key=head.key, code=one.unit.code, period=one.period),
        "period": translate(one.period.title),
        "submission_text": _("第%(number)s次提交", number=one.submission_number),
        "submitted_text": moment(one.submitted_at),
        "wait_text": wait_text(waited),
        "is_old": waited.days >= OLD_DAYS,
        "notes_count": one.notes_count,
        "evidence_text": _reports_text(one),
        "is_clean": bool(one.clean),
    }


def _reports_text(one: Waiting) -> str:
    """How many reports, and how many of them can be accepted together where not all can."""
    if len(one.clean) in (0, one.reports_count):
        return _("%(count)s 件实事", count=one.reports_count)
    return _("%(count)s 件实事，%(clean)s 件可一并办理", count=one.reports_count, clean=len(one.clean))
