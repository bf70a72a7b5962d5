"""Bulletins before they are issued: drafted, countersigned, waiting for their files."""

from __future__ import annotations

from typing import Final

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue

from tracker.domain.periods import Month, Period
from tracker.domain.permissions import Permission
from tracker.features.bulletins import commands, issuing
from tracker.features.bulletins.blueprint import (
    blueprint,
    current_doer,
    head_of,
    may,
    may_see_drafts,
    paper_page,
)
from tracker.features.bulletins.forms import CountersignForm, DraftForm
from tracker.features.bulletins.pages import (
    Context,
    cutoff_choices,
    draft_url,
    issue_url,
    issued_text,
    period_title,
    trail_of,
)
from tracker.features.bulletins.queries import (
    Issue,
    IssueNotFound,
    find_draft,
    find_in_press,
    find_newest,
    get_generated_prose,
    list_authors,
)
from tracker.features.bulletins.relinking import contradictions_in, edited_sections, length_of
from tracker.services.programme_heads import Head
from tracker.web.current import current_identity, current_session
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

LETTERS_A_PAGE: Final = 22 * 28
"""Lines and letters of a page by GB/T 9704."""


@blueprint.get("/programmes/<key:key>/bulletins/<period:period>/draft")
@requires(Permission.SEE_BULLETIN)
def draft(key: str, period: Period) -> ResponseReturnValue:
    """The draft of a period's bulletin on paper, with what can be done with it."""
    head = head_of(key)
    if not may_see_drafts(head) or period.year != head.year:
        raise IssueNotFound("没有找到这份拟稿。")
    return _draft_page(head, period, _draft_form(period))


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/draft")
@requires(Permission.DRAFT_BULLETIN)
def write_draft(key: str, period: Period) -> ResponseReturnValue:
    """Draft from the newest seal, in place of the draft there is."""
    head, form = head_of(key), _draft_form(period)
    if not may(head, Permission.DRAFT_BULLETIN) or period.year != head.year:
        raise IssueNotFound("没有找到这份拟稿。")
    if not form.validate():
        return _draft_page(head, period, form, status=422)
    try:
        commands.draft_issue(
            current_session(),
            head,
            period,
            doer=current_doer(),
            cutoff=Month.parse(form.cutoff.data),
            reason=form.reason.data or "",
            keeps_prose=bool(form.keeps_prose.data),
        )
    except commands.ReasonRequired as refused:
        form.reason.errors = [translate(refused.message)]
        return _draft_page(head, period, form, status=422)
    flash(_("已按最新封存的数据拟稿，请另一位人员会签。"))
    return redirect(draft_url(head.key, period.key), 303)


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/issue")
@requires(Permission.COUNTERSIGN_BULLETIN)
def countersign(key: str, period: Period) -> ResponseReturnValue:
    """Countersign the draft that was seen, and issue it."""
    head, form = head_of(key), CountersignForm()
    if not may(head, Permission.COUNTERSIGN_BULLETIN):
        raise IssueNotFound("没有找到这份拟稿。")
    if not form.validate():
        return _draft_page(head, period, _draft_form(period), status=422)
    found = find_draft(current_session(), head, period)
    if found is None:
        raise issuing.DraftHasMoved("这份拟稿已经印发或撤下，请看最新一期。")
    seen = issuing.Seen(found.id, form.version.data or 0, form.digest.data or "", bool(form.agrees.data))
    verify_at = f"{current_app.config['BASE_URL'].rstrip('/')}{url_for('bulletins.verify')}"
    try:
        signed = issuing.countersign(current_session(), head, seen, doer=current_doer(), verify_at=verify_at)
    except issuing.Contradicted as refused:
        form.agrees.errors = [translate(refused.message)]
        return _draft_page(head, period, _draft_form(period), countersigning=form, status=422)
    issuing.ask_for_files(current_session(), signed, doer=current_doer())
    flash(_("第 %(number)s 期已会签，正在生成文件。", number=signed.number))
    return redirect(issue_url(signed), 303)


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/press")
@requires(Permission.COUNTERSIGN_BULLETIN)
def press_again(key: str, period: Period) -> ResponseReturnValue:
    """Have the files of a countersigned issue tried once more after the background work gave up."""
    head = head_of(key)
    waiting = find_in_press(current_session(), head, period)
    if waiting is None or not may(head, Permission.COUNTERSIGN_BULLETIN):
        raise IssueNotFound("没有找到这份待印发的通报。")
    issuing.ask_again(current_session(), head, waiting, doer=current_doer())
    flash(_("已重新安排生成文件。"))
    return redirect(issue_url(waiting), 303)


def _draft_form(period: Period) -> DraftForm:
    form = DraftForm()
    form.cutoff.choices = cutoff_choices(period)
    return form


def _draft_page(
    head: Head,
    period: Period,
    form: DraftForm,
    *,
    countersigning: CountersignForm | None = None,
    status: int = 200,
) -> Response:
    session = current_session()
    found, newest = find_draft(session, head, period), find_newest(session, head, period)
    if form.cutoff.data is None and found is not None:
        form.cutoff.data = found.cutoff
    if form.reason.data is None and found is not None:
        form.reason.data = (found.document["differences"] or {}).get("reason", "")
    words = _words_of(found)
    if form.keeps_prose.raw_data is None:
        form.keeps_prose.data = words["is_edited"]
    page = render_template(
        "bulletins/draft.html",
        **({"bulletin": None, "source": None} if found is None else paper_page(found)),
        **_countersigning(head, period, found, countersigning),
        **words,
        prose_url=_prose_url(head, period, found),
        heading=_("%(period)s通报 · 拟稿", period=period_title(period.key)),
        trail=trail_of(head, (period_title(period.key), None)),
        trail_note=None,
        form=form,
        draft_url=draft_url(head.key, period.key) if may(head, Permission.DRAFT_BULLETIN) else None,
        needs_reason=newest is not None,
        missing=[] if found is None else found.document["problems"]["late_units"],
        drafted_by=None if found is None else issued_text(found),
    )
    return make_response(page, status)


def _words_of(found: Issue | None) -> Context:
    """How long the prose is, what in it contradicts its figures, and whether anybody edited it."""
    if found is None:
        return {"length": 0, "pages": 0, "contradictions": [], "is_edited": False}
    document = found.document
    generated = get_generated_prose(current_session(), found.id)
    length = length_of(document)
    return {
        "length": length,
        "pages": -(-length // LETTERS_A_PAGE),
        "contradictions": contradictions_in(document),
        "is_edited": bool(edited_sections(document["prose"], generated)),
    }


def _prose_url(head: Head, period: Period, found: Issue | None) -> str | None:
    if found is None or not may(head, Permission.DRAFT_BULLETIN):
        return None
    return url_for("bulletins.prose", key=head.key, period=period)


def _countersigning(
    head: Head, period: Period, found: Issue | None, refused: CountersignForm | None
) -> Context:
    """The button to countersign with, for those who may and did not draft it themselves."""
    if found is None or not may(head, Permission.COUNTERSIGN_BULLETIN):
        return {"countersign_url": None, "countersign_form": None, "is_own_draft": False}
    is_own = current_identity().person_id in list_authors(current_session(), found.id)
    form = refused or CountersignForm(formdata=None, data={"version": found.version, "digest": found.digest})
    target = url_for("bulletins.countersign", key=head.key, period=period)
    return {"countersign_url": None if is_own else target, "countersign_form": form, "is_own_draft": is_own}
