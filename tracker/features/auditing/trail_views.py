"""The audit trail on pages: filtered, one entry, one subject's whole history, the lists."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.permissions import Permission, holds
from tracker.features.auditing.asked import address_filters, asked_of, list_named
from tracker.features.auditing.blueprint import Context, blueprint, trail_of
from tracker.features.auditing.entry_page import (
    acting_text,
    at_text,
    changes_for,
    difference_rows,
    entry_context,
    subject_text,
)
from tracker.features.auditing.queries import (
    EntryPage,
    get_entry,
    list_entries,
    name_subjects,
)
from tracker.features.auditing.selection import ListName, Selection
from tracker.features.auditing.viewing import record_personal_view
from tracker.features.auditing.words import LISTS, action_word
from tracker.services.anchors import find_newest_seal
from tracker.web.current import current_identity, current_session
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _

NOTHING_SELECTED = EntryPage([], has_newer=False, has_older=False)


@blueprint.get("/auditing/entries")
@requires(Permission.SEE_AUDIT)
def entries() -> ResponseReturnValue:
    """The trail of one's reach, newest first; who looks for a person is written down."""
    asked = asked_of(None)
    if asked.selection is None:
        return _entries_page(_("操作记录"), Selection(), form=asked.form, found=NOTHING_SELECTED, status=422)
    if asked.selection.person is not None:
        record_personal_view(f"person={asked.selection.person}")
    return _entries_page(_("操作记录"), asked.selection, form=asked.form)


@blueprint.get("/auditing/lists/<name>")
@requires(Permission.EXPORT_AUDIT)
def listing(name: str) -> ResponseReturnValue:
    """One of the auditors' lists; the one of accounts shows personal data, and that is written down."""
    listed = list_named(name)
    if listed is ListName.ACCOUNTS:
        record_personal_view(f"list={listed}")
    title, lead = LISTS[listed]
    return _entries_page(str(title), Selection(list=listed), lead=str(lead))


@blueprint.get("/auditing/entries/<int:number>")
@requires(Permission.SEE_AUDIT)
def entry(number: int) -> ResponseReturnValue:
    """One entry whole: its difference in words, its digest and seal; who reads of an account is written down."""
    identity = current_identity()
    row = get_entry(current_session(), number, seen_by=identity)
    if row.kind == "account":
        record_personal_view(f"entry={number}")
    subjects = name_subjects(current_session(), [row])
    changes = changes_for(row, subjects, identity)
    title = f"{action_word(row.action)} · {subject_text(row, subjects)}"
    facts = [
        (_("时间"), at_text(row), False),
        (_("人员"), row.actor, False),
        (_("任职"), acting_text(row), False),
        (_("单位"), row.unit_name or "—", False),
        (_("记录编号"), str(row.id), False),
        (_("请求号"), row.request_id or "—", True),
        (_("行校验码"), row.row_digest, True),
        (_("封存"), _("尚未封存") if row.seal is None else _("第 %(seal)s 号封存", seal=row.seal), False),
    ]
    return render_template(
        "auditing/entry.html",
        heading=title,
        trail=trail_of((_("操作记录"), url_for("auditing.entries")), (str(row.id), None)),
        facts=[{"label": label, "value": value, "is_digest": is_digest} for label, value, is_digest in facts],
        changes=None if changes is None else difference_rows(changes),
        history_url=url_for("auditing.subject", kind=row.kind, subject=row.subject_id),
        request_url=url_for("auditing.entries", request=row.request_id) if row.request_id else None,
    )


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None  # 64 bits hold any 18 digits


def _entries_page(
    heading: str,
    selection: Selection,
    *,
    form: Any = None,
    lead: str | None = None,
    found: EntryPage | None = None,
    status: int = 200,
) -> Response:
    session, identity = current_session(), current_identity()
    older, newer = _number("before"), _number("after")
    page = found or list_entries(session, selection, seen_by=identity, before=older, after=newer)
    subjects = name_subjects(session, page.rows)
    seal = find_newest_seal(session)
    note = (
        _("尚无封存")
        if seal is None
        else _("最新封存：第 %(number)s 号，校验码 %(digest)s", number=seal.number, digest=seal.digest)
    )
    context: Context = {
        "heading": heading,
        "lead": lead,
        "trail": trail_of((heading, None)),
        "filter_form": form,
        "filters_url": url_for("auditing.entries"),
        "entries": [entry_context(row, subjects, identity, selection.list) for row in page.rows],
        "has_remark": selection.list in (ListName.IMPORTS, ListName.CORRECTIONS, ListName.NEAR_MISSES),
        "newer_url": _beside(after=page.rows[0].id) if page.rows and page.has_newer else None,
        "older_url": _beside(before=page.rows[-1].id) if page.rows and page.has_older else None,
        "seal_text": note,
        "can_export": holds(identity, Permission.EXPORT_AUDIT),
    }
    return make_response(render_template("auditing/entries.html", **context), status)


def _beside(**place: int) -> str:
    """The same page further on."""
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **address_filters(), **place})
