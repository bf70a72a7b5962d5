"""The right of the review: files of the line looked at, what happened, how long at each desk, and the conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from tracker.domain.desk_time import Desk, Moved, time_at_desks
from tracker.domain.kinds import EvidenceRule
from tracker.domain.workflow import Action, State
from tracker.features.reviews.onlooker import Onlooker, place_of
from tracker.features.reviews.queries import Review
from tracker.services.evidence import Attached
from tracker.services.sheets import SheetReport
from tracker.web.comment_form import CommentForm
from tracker.web.evidence_words import file_item, in_line_order
from tracker.web.filters import moment, span_text
from tracker.web.punctuation import listed
from tracker.web.thread_words import told_steps, who


def side_context(review: Review, onlooker: Onlooker, comment_form: CommentForm) -> dict[str, Any]:
    """The context of ``reviews/_side.html``."""
    has_thread = any(report.filing for report in review.judged)
    steps = [step for step in review.steps if step.action is not Action.COMMENT]
    return {
        "evidence": _evidence(review, onlooker),
        "events": told_steps(steps),
        "desks": _desks(review, onlooker),
        "comments": _comments(review),
        "comment_form": comment_form,
        "comment_url": place_of("reviews.say", review.sheet) if has_thread else None,
        "links": _links(review, onlooker),
    }


def _evidence(review: Review, onlooker: Onlooker) -> dict[str, Any] | None:
    """The files of what is judged, line by line; none where nothing is attached and nothing was asked for."""
    lines = {row.listed.id: row for report in review.judged for row in report.rows}
    current = next((row for row in lines.values() if row.listed.rule.code == onlooker.line), None)
    codes = {key: row.listed.rule.code for key, row in lines.items()}
    files = [
        _file(review, report, file, code=codes.get(file.indicator_id or 0, ""), line=onlooker.line)
        for report in review.judged
        for file in in_line_order(report)
    ]
    asked = any(row.listed.evidence != EvidenceRule.NONE for row in lines.values())
    if not files and not asked:
        return None
    return {
        "count": len(files),
        "line_name": current.listed.rule.name if current else None,
        "all_url": place_of("reviews.review", review.sheet) if current else None,
        "is_empty": all(file["is_hidden"] for file in files),
        "files": files,
    }


def _file(review: Review, report: SheetReport, file: Attached, *, code: str, line: str) -> dict[str, Any]:
    is_hidden = line not in ("", code)
    return file_item(review.sheet, report, file) | {"line": code, "is_hidden": is_hidden}


def _desks(review: Review, onlooker: Onlooker) -> list[dict[str, str]]:
    """How long the sheet lay at each desk: of each, the report that took longest."""
    names = {Desk.REPORTER: _("填报单位修改"), Desk.APPROVER: _("等审批"), Desk.REVIEWER: _("等审核")}
    longest: dict[Desk, timedelta] = {}
    for report in review.judged:
        filing = report.filing
        if filing is None:
            continue
        moves = [
            Moved(step.action, step.at) for step in review.steps if step.revision_id == filing.revision_id
        ]
        spent = time_at_desks(moves, onlooker.now, is_signed=filing.state is State.SIGNED)
        for desk, span in spent.items():
            longest[desk] = max(span, longest.get(desk, span))
    return [{"name": names[desk], "text": span_text(longest[desk])} for desk in Desk if desk in longest]


def _comments(review: Review) -> list[dict[str, Any]]:
    """What was said, the newest last, as people read a conversation; reasons of returns belong to it."""
    names = {row.listed.id: row.listed.rule.name for report in review.judged for row in report.rows}
    titles = {
        report.filing.report_id: f"{report.promise.number} · {report.promise.title}"
        for report in review.judged
        if report.filing
    }
    return [
        {
            "author": who(step),
            "at_text": moment(step.at),
            "line_name": listed(names[key] for key in step.pinned if key in names)
            or titles.get(step.report_id),
            "text": step.text,
        }
        for step in review.steps
        if step.action is Action.COMMENT
    ]


def _links(review: Review, onlooker: Onlooker) -> list[dict[str, str]]:
    """What else can be done about the sheet: see it whole, talk about it, and revoke what is accepted."""
    if not review.judged:
        return []
    links = [
        {"label": _("月报表"), "url": place_of("reports.sheet", review.sheet)},
        {"label": _("全部沟通"), "url": place_of("threads.show", review.sheet)},
    ]
    is_accepted = any(report.state is State.ACCEPTED or report.replaces for report in review.sheet.reports)
    if is_accepted and not onlooker.is_approver:
        revoke_url = place_of("corrections.show_revoke", review.sheet)
        links.append({"label": _("作废已通过的报告"), "url": revoke_url})
    return links
