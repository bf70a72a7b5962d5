"""The auditor's desk: what is in reach, and where everything begins."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.permissions import Permission, holds
from tracker.features.auditing.blueprint import blueprint
from tracker.features.auditing.selection import ListName
from tracker.features.auditing.words import LISTS
from tracker.web.current import current_identity
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _


@blueprint.get("/auditing")
@requires(Permission.SEE_AUDIT)
def index() -> ResponseReturnValue:
    """The desk; who may only read the trail goes straight to it."""
    identity = current_identity()
    if not holds(identity, Permission.EXPORT_AUDIT):
        return redirect(url_for("auditing.entries"))
    return render_template(
        "auditing/desk.html",
        heading=_("审计工作台"),
        lead=_("范围：%(unit)s及以下单位。审计不改任何数据和目标。", unit=identity.appointment.org_unit_name),
        trail_url=url_for("auditing.entries"),
        lists=[
            {"title": title, "text": text, "url": url_for("auditing.listing", name=name)}
            for name, (title, text) in ((name, LISTS[name]) for name in ListName)
        ],
    )
