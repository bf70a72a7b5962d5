"""The one blueprint of auditing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for

from tracker.web.i18n import gettext as _

blueprint = Blueprint("auditing", __name__)

Context = dict[str, Any]


def trail_of(*steps: tuple[str, str | None]) -> list[Context]:
    """Breadcrumbs below the desk."""
    first: Context = {"label": _("审计"), "url": url_for("auditing.index")}
    return [first, *({"label": label, "url": url} for label, url in steps)]
