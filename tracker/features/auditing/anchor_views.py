"""The page of anchors: which seals left the house, in what, and whether the chain still holds them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from tracker.domain.permissions import Permission
from tracker.features.auditing.anchor_queries import EXPORTS, visible_references
from tracker.features.auditing.blueprint import Context, blueprint, trail_of
from tracker.services.anchors import AnchorRow, Place, find_newest_seal, list_anchors
from tracker.web.current import current_identity, current_session
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _

MOST_ANCHORS: Final = 200
ON_THE_DESK: Final = 3
PLACES: Final = {
    Place.BULLETIN: _l("通报文件"),
    Place.AUDIT_EXPORT: _l("操作记录导出"),
    Place.TABLE_EXPORT: _l("表格导出"),
    Place.MAIL: _l("邮件"),
}


@blueprint.get("/auditing/anchors")
@requires(Permission.EXPORT_AUDIT)
def anchors() -> ResponseReturnValue:
    """The newest seal to write down, and the anchors there are, newest first."""
    seal = find_newest_seal(current_session())
    rows = list_anchors(current_session(), limit=MOST_ANCHORS)
    named = visible_references(current_session(), rows, seen_by=current_identity())
    return render_template(
        "auditing/anchors.html",
        heading=_("锚点"),
        lead=_("锚点是抄到系统之外的封存号和校验码。封存链自己看不出末尾几行被删，外面留着的锚点看得出。"),
        trail=trail_of((_("锚点"), None)),
        newest=None
        if seal is None
        else {"number": seal.number, "written": seal.written, "at_text": moment(seal.at, with_year=True)},
        anchors=anchor_rows(rows, named),
        lost=sum(not row.is_kept for row in rows),
        most=MOST_ANCHORS if len(rows) == MOST_ANCHORS else None,
    )


def anchor_rows(rows: list[AnchorRow], named: Collection[int] = ()) -> list[Context]:
    """For the page and the desk; what an anchor stands in is told of those in ``named`` only."""
    return [
        {
            "at_text": moment(row.at, with_year=True),
            "at_iso": row.at.isoformat(),
            "place": PLACES[Place(row.place)],
            "reference": row.reference if row.id in named else _("在您的范围之外"),
            "url": _url_of(row) if row.id in named else None,
            "seal": row.seal,
            "digest": row.digest,
            "is_kept": row.is_kept,
        }
        for row in rows
    ]


def _url_of(row: AnchorRow) -> str | None:
    """The entry of an export, the history of a bulletin; a mail lies elsewhere."""
    if row.place in EXPORTS and row.reference.isdecimal():
        return url_for("auditing.entry", number=int(row.reference))
    if row.place == Place.BULLETIN:
        return url_for("auditing.subject", kind="bulletin", subject=row.reference)
    return None
