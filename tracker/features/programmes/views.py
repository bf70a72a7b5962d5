"""The lists of promises a person may open."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.domain.permissions import Permission
from tracker.features.programmes.lists import ListedProgramme, list_programmes
from tracker.web.current import current_identity, current_session
from tracker.web.guard import requires

blueprint = Blueprint("programmes", __name__)

STATES: Final = {
    "draft": (_l("草稿"), "yellow"),
    "published": (_l("已公布"), "blue"),
    "running": (_l("进行中"), "blue"),
    "closed": (_l("已结束"), None),
}
"""A list's state: its word, and the tone of its tag."""


@blueprint.get("/programmes")
@requires(Permission.SEE_PROGRAMME)
def list_all() -> ResponseReturnValue:
    """Every list in sight, newest first."""
    identity = current_identity()
    found = list_programmes(current_session(), seen_by=identity)
    return render_template(
        "programmes/list.html",
        heading=_("年度实事清单"),
        trail=[{"label": identity.appointment.org_unit_name, "url": None}],
        trail_note=None,
        import_url=None,
        programmes=[_row(programme) for programme in found],
    )


def _row(programme: ListedProgramme) -> dict[str, object]:
    word, tone = STATES[programme.state]
    return {
        "title": programme.title,
        "url": url_for("dashboards.overview", key=programme.key),
        "publisher": programme.publisher,
        "year": programme.year,
        "state_text": str(word),
        "state_tone": tone,
        "pledges_text": _(
            "%(pledges)s 件，%(indicators)s 项指标",
            pledges=programme.pledges,
            indicators=programme.indicators,
        ),
    }
