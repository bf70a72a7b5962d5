"""The gallery's page; in production there is none."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from tracker.domain.permissions import Permission
from tracker.features.gallery.samples import gallery_context
from tracker.web.guard import requires

blueprint = Blueprint("gallery", __name__)


@blueprint.get("/gallery")
@requires(Permission.SEE_GALLERY)
def show() -> ResponseReturnValue:
    """Every component with samples (样例)."""
    if not current_app.config["HAS_GALLERY"]:
        abort(404)
    return render_template("gallery/gallery.html", **gallery_context())
