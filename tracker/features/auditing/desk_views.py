"""The auditor's desk: findings not settled, samples, lists to draw from, and the lists to read."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.permissions import Permission, holds
from tracker.features.auditing.anchor_views import ON_THE_DESK, anchor_rows
from tracker.features.auditing.blueprint import blueprint
from tracker.features.auditing.finding_views import finding_rows
from tracker.features.auditing.sample_views import sample_rows
from tracker.features.auditing.sampling_queries import list_samples
from tracker.features.auditing.selection import ListName
from tracker.features.auditing.words import LISTS
from tracker.services.anchors import list_anchors
from tracker.services.findings import list_findings
from tracker.services.programme_heads import list_heads
from tracker.services.visibility import visible_programmes
from tracker.web.current import current_identity, current_session
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _

MOST_SAMPLES = 5


@blueprint.get("/auditing")
@requires(Permission.SEE_AUDIT)
def index() -> ResponseReturnValue:
    """The desk; who may only read the trail goes straight to it."""
    session, identity = current_session(), current_identity()
    if not holds(identity, Permission.SEE_SAMPLE):
        return redirect(url_for("auditing.entries"))
    heads = [head for head in list_heads(session, visible_programmes(identity)) if head.state != "draft"]
    return render_template(
        "auditing/desk.html",
        heading=_("审计工作台"),
        lead=_("范围：%(unit)s及以下单位。审计不改任何数据和目标。", unit=identity.appointment.org_unit_name),
        trail_url=url_for("auditing.entries"),
        verify_url=url_for("bulletins.verify"),
        new_url=url_for("auditing.new_finding"),
        findings_url=url_for("auditing.findings"),
        findings=finding_rows(list_findings(session, seen_by=identity)),
        samples=sample_rows(list_samples(session, seen_by=identity, limit=MOST_SAMPLES)),
        programmes=[
            {
                "title": head.title,
                "note": head.publisher_name,
                "url": url_for("auditing.samples", key=head.key),
            }
            for head in heads
        ],
        anchors=anchor_rows(list_anchors(session, limit=ON_THE_DESK)),
        anchors_url=url_for("auditing.anchors"),
        lists=[
            {"title": title, "text": text, "url": url_for("auditing.listing", name=name)}
            for name, (title, text) in ((name, LISTS[name]) for name in ListName)
        ],
    )
