"""One subject's whole history on a page: every step with its difference, who, the seal and the digest."""

from __future__ import annotations

from typing import Any, Final

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Identity
from tracker.domain.periods import Period
from tracker.domain.permissions import Permission, holds
from tracker.features.auditing.blueprint import Context, blueprint, trail_of
from tracker.features.auditing.entry_page import (
    SHORT_DIGEST,
    acting_text,
    at_text,
    changes_for,
    difference_rows,
    login_of,
    subject_text,
)
from tracker.features.auditing.history_queries import At, get_history, place_of
from tracker.features.auditing.queries import EntryRow, Subjects, name_subjects
from tracker.features.auditing.viewing import record_personal_view
from tracker.features.auditing.words import action_word
from tracker.web.current import current_identity, current_session
from tracker.web.filters import moment
from tracker.web.guard import permission_of, requires
from tracker.web.i18n import gettext as _

MOST_CHANGES: Final = 12
"""A step that changed more shows these and leads to its entry."""


@blueprint.get("/auditing/subjects/<kind>/<path:subject>")
@requires(Permission.SEE_AUDIT)
def subject(kind: str, subject: str) -> ResponseReturnValue:
    """Everything ever done about one subject as far as it is in reach; of an account, looking is written down."""
    if kind in ("account", "appointment"):
        record_personal_view(f"{kind}={subject}"[:120])
    session, identity = current_session(), current_identity()
    after, before = (At.read(request.args.get(name, "")) for name in ("after", "before"))
    found = get_history(session, kind, subject, seen_by=identity, after=after, before=before)
    subjects = name_subjects(session, found.steps)
    named = next((row for row in found.steps if (row.kind, row.subject_id) == (kind, subject)), None)
    name = subject_text(named, subjects) if named is not None else subject
    here: dict[str, Any] = {"kind": kind, "subject": subject}
    return render_template(
        "auditing/history.html",
        heading=_("全部经过 · %(name)s", name=name),
        lead=_(
            "共 %(count)s 步，自 %(first)s 至 %(last)s；按封存先后排列。",
            count=found.total,
            first=moment(found.first_at, with_year=True),
            last=moment(found.last_at, with_year=True),
        ),
        trail=trail_of((_("操作记录"), url_for("auditing.entries")), (name, None)),
        steps=[_step(row, subjects, identity, is_part=row.kind != kind) for row in found.steps],
        page_url=_page_of(kind, subject, subjects, identity),
        earlier_url=url_for("auditing.subject", **here, before=place_of(found.steps[0]).written)
        if found.steps and found.has_earlier
        else None,
        later_url=url_for("auditing.subject", **here, after=place_of(found.steps[-1]).written)
        if found.steps and found.has_later
        else None,
        can_export=holds(identity, Permission.EXPORT_AUDIT),
    )


def _step(row: EntryRow, subjects: Subjects, identity: Identity, *, is_part: bool) -> Context:
    changes = changes_for(row, subjects, identity)
    telling = None if changes is None else [change for change in changes if not change.is_dull]
    login = login_of(row)
    return {
        "at_text": at_text(row),
        "at_iso": row.at.isoformat(),
        "action": action_word(row.action),
        "subject": subject_text(row, subjects) if is_part else None,
        "actor": row.actor,
        "actor_url": url_for("auditing.entries", person=login) if login else None,
        "role": acting_text(row),
        "url": url_for("auditing.entry", number=row.id),
        "number": row.id,
        "request": row.request_id,
        "request_url": url_for("auditing.entries", request=row.request_id) if row.request_id else None,
        "seal": row.seal,
        "digest": row.row_digest,
        "digest_short": row.row_digest[:SHORT_DIGEST],
        "changes": None if telling is None else difference_rows(telling[:MOST_CHANGES]),
        "more": 0 if telling is None else max(0, len(telling) - MOST_CHANGES),
    }


PAGES: Final = {"programme": ("programmes.show", "key"), "finding": ("auditing.finding", "number"),
                "sample": ("auditing.sample", "number")}  # fmt: skip
"""Kind of subject → its own page, and the name its id has in the address."""


def _page_of(kind: str, subject_id: str, subjects: Subjects, identity: Identity) -> str | None:
    """The subject's own page, where there is one this person may open."""
    values: dict[str, Any]
    if kind == "report" and subject_id in subjects.reports:
        report = subjects.reports[subject_id]
        endpoint = "reports.sheet"
        values = {"key": report.key, "code": report.unit_code, "period": Period.parse(report.period)}
    elif kind in PAGES:
        endpoint, name = PAGES[kind]
        values = {name: subject_id}
    else:
        return None
    return url_for(endpoint, **values) if holds(identity, permission_of(current_app, endpoint)) else None
