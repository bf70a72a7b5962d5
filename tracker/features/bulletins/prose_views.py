"""Editing the words of a draft, section by section."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.periods import Period
from tracker.domain.permissions import Permission
from tracker.features.bulletins.blueprint import blueprint, current_doer, head_of, may
from tracker.features.bulletins.editing import Edited, ProseHasMoved, edit_prose
from tracker.features.bulletins.forms import ProseForm
from tracker.features.bulletins.narrative import Section, plain_text
from tracker.features.bulletins.pages import Context, draft_url, period_title, trail_of
from tracker.features.bulletins.queries import Issue, IssueNotFound, find_draft
from tracker.features.bulletins.relinking import contradictions_in, length_of
from tracker.services.programme_heads import Head
from tracker.web.current import current_session
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate


@blueprint.get("/programmes/<key:key>/bulletins/<period:period>/draft/prose")
@requires(Permission.DRAFT_BULLETIN)
def prose(key: str, period: Period) -> ResponseReturnValue:
    """The words of the draft, to be edited."""
    head, found = _draft(key, period)
    texts = [_text_of(section) for section in found.document["prose"]]
    return _prose_page(head, period, found, _form(found, texts))


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/draft/prose")
@requires(Permission.DRAFT_BULLETIN)
def write_prose(key: str, period: Period) -> ResponseReturnValue:
    """Keep the edited words; what contradicts its figure is marked on the draft."""
    head, found = _draft(key, period)
    form = ProseForm()
    if not form.validate():
        return _prose_page(head, period, found, form, status=422)
    texts = [entry.form.text.data or "" for entry in form.sections]
    edited = Edited(form.version.data or 0, texts)
    try:
        written = edit_prose(current_session(), head, period, edited, doer=current_doer())
    except ProseHasMoved as refused:
        typed = _form(found, texts)
        typed.form_errors.append(translate(refused.message))
        return _prose_page(head, period, found, typed, theirs=found.document["prose"], status=409)
    count = len(contradictions_in(written.document))
    flash(
        _("正文已保存。")
        if not count
        else _("正文已保存；有 %(count)s 个数字与数据不一致，已标出。", count=count)
    )
    return redirect(draft_url(head.key, period.key), 303)


def _draft(key: str, period: Period) -> tuple[Head, Issue]:
    head = head_of(key)
    found = find_draft(current_session(), head, period) if may(head, Permission.DRAFT_BULLETIN) else None
    if found is None:
        raise IssueNotFound("没有找到这份拟稿。")
    return head, found


def _form(found: Issue, texts: list[str]) -> ProseForm:
    return ProseForm(
        formdata=None, data={"version": found.version, "sections": [{"text": text} for text in texts]}
    )


def _text_of(section: Section) -> str:
    return "\n".join(plain_text(paragraph) for paragraph in section["paragraphs"])


def _prose_page(
    head: Head,
    period: Period,
    found: Issue,
    form: ProseForm,
    *,
    theirs: list[Section] | None = None,
    status: int = 200,
) -> Response:
    sections = found.document["prose"]
    page = render_template(
        "bulletins/prose.html",
        heading=_("编辑正文"),
        trail=trail_of(
            head, (period_title(period.key), draft_url(head.key, period.key)), (_("编辑正文"), None)
        ),
        form=form,
        own_url=url_for("bulletins.write_prose", key=head.key, period=period),
        draft_url=draft_url(head.key, period.key),
        sections=[
            _section(entry, sections[at] if at < len(sections) else None, is_contested=theirs is not None)
            for at, entry in enumerate(form.sections)
        ],
        length=length_of(found.document),
    )
    return make_response(page, status)


def _section(entry: object, section: Section | None, *, is_contested: bool) -> Context:
    text = "" if section is None else _text_of(section)
    field = entry.form.text  # type: ignore[attr-defined]  # WTForms has no types
    is_theirs = is_contested and (field.data or "").split() != text.split()
    return {
        "heading": (section or {}).get("heading") or _("开头"),
        "field": field,
        "rows": max(3, min(16, len(field.data or "") // 40 + 2)),
        "theirs": text if is_theirs else None,
    }
