"""The thread of a sheet's reports: everything done and said, and a form to reply."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.periods import Period
from tracker.domain.permissions import Permission
from tracker.features.threads.queries import Discussion, ThreadNotFound, find_discussion
from tracker.services.revising import comment
from tracker.services.standings import Doer, list_standings
from tracker.services.threads import ThreadStep
from tracker.web.comment_form import CommentForm, offer_subjects, subject_of
from tracker.web.current import current_identity, current_session, now, request_id
from tracker.web.figure_words import ACTION_LIGHTS, action_word
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.i18n import translate
from tracker.web.punctuation import listed
from tracker.web.thread_words import who

blueprint = Blueprint("threads", __name__)

PLACE = "/programmes/<key:key>/sheets/<code:code>/<period:period>/thread"


@blueprint.get(PLACE)
@requires(Permission.SEE_SHEET)
def show(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Everything said about the reports of a sheet."""
    return _page(_find(key, code, period))


@blueprint.post(PLACE)
@requires(Permission.COMMENT_REPORT)
def reply(key: str, code: str, period: Period) -> ResponseReturnValue:
    """A comment by anybody who sees the report."""
    shown = _find(key, code, period)
    form = CommentForm()
    offer_subjects(form, shown.reports)
    if not form.validate():
        return _page(shown, form, status=422)
    subject = subject_of(form, shown.reports)
    if subject is None or subject[0].filing is None:
        raise ThreadNotFound("没有这份报告")
    session, doer = current_session(), Doer(current_identity(), now(), request_id())
    [standing] = list_standings(session, [subject[0].filing.revision_id])
    comment(session, standing, doer, text=form.text.data or "", pinned=subject[1])
    flash(_("已留言。"), "success")
    return redirect(url_for("threads.show", key=key, code=code, period=period), 303)


def _find(key: str, code: str, period: Period) -> Discussion:
    return find_discussion(current_session(), key, code, period, seen_by=current_identity())


def _page(shown: Discussion, form: CommentForm | None = None, *, status: int = 200) -> Response:
    sheet = shown.sheet
    place: dict[str, Any] = {"key": sheet.head.key, "code": sheet.unit.code, "period": sheet.period}
    form = form or CommentForm(formdata=None)
    offer_subjects(form, shown.reports)
    names = {row.listed.id: row.listed.rule.name for row in sheet.rows}
    page = render_template(
        "threads/thread.html",
        heading=_(
            "%(unit)s %(period)s · 沟通", unit=sheet.unit.short_name, period=translate(sheet.period.title)
        ),
        trail=[
            {"label": sheet.unit.name, "url": None},
            {"label": translate(sheet.period.title), "url": url_for("reports.sheet", **place)},
            {"label": _("沟通"), "url": None},
        ],
        threads=[
            {
                "number": report.promise.number,
                "title": report.promise.title,
                "events": [
                    _event(step, names)
                    for step in reversed(shown.steps)
                    if report.filing and step.report_id == report.filing.report_id
                ],
            }
            for report in shown.reports
        ],
        form=form if shown.reports else None,
        reply_url=url_for("threads.reply", **place),
    )
    return make_response(page, status)


def _event(step: ThreadStep, names: dict[int, str]) -> dict[str, Any]:
    pinned = listed(names[key] for key in step.pinned if key in names)
    about = _("：%(names)s", names=pinned) if pinned else ""
    return {
        "at_text": moment(step.at),
        "at_iso": step.at.isoformat(),
        "light": ACTION_LIGHTS.get(step.action, "done"),
        "actor": who(step),
        "text": action_word(step.action) + about,
        "quote": step.text or None,
    }
