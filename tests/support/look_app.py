"""A small app that shows every template with samples, under the product's Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, flash, render_template
from flask_wtf import CSRFProtect

from tests.support import look_auditing, look_bulletins, look_entry, look_overview, look_reports
from tracker.features.gallery.samples import gallery_context
from tracker.web.assets import init_assets
from tracker.web.filters import init_filters
from tracker.web.i18n import init_i18n

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "accounts/sign_in": look_overview.sign_in,
    "accounts/desk": look_overview.desk,
    "accounts/help": look_overview.helping,
    "dashboards/overview": look_overview.overview,
    "reports/sheet": look_reports.sheet,
    "reports/check": look_reports.check,
    "reports/sheet-clash": look_entry.two_editors,
    "reports/sheet-returned": look_entry.returned,
    "reports/receipt": look_reports.receipt,
    "reports/print": look_entry.printed,
    "reports/print-draft": look_entry.printed_draft,
    "evidence/folder": look_entry.folder,
    "corrections/correct": look_entry.correct,
    "corrections/revoke": look_entry.revoke,
    "reviews/queue": look_reports.queue,
    "reviews/review": look_reports.review,
    "reviews/review-returning": look_reports.returning,
    "bulletins/list": look_bulletins.bulletins,
    "bulletins/draft": look_bulletins.draft,
    "bulletins/issue": look_bulletins.issue,
    "bulletins/verify": look_bulletins.verify,
    "bulletins/prose": look_bulletins.prose,
    "bulletins/in_press": look_bulletins.in_press,
    "bulletins/in_press-failed": look_bulletins.press_failed,
    "programmes/list": look_overview.programmes,
    "gallery/gallery": lambda: look_overview.shell("样张") | gallery_context(),
    "auditing/history": look_auditing.history,
    "auditing/anchors": look_auditing.anchors,
    "auditing/entries": look_auditing.entries,
    "exports/show": look_auditing.export_waiting,
    "exports/show-ready": look_auditing.export_ready,
    "auditing/entry": look_auditing.entry,
    "auditing/entry-closed": look_auditing.closed_entry,
    "auditing/desk": look_auditing.desk,
    "auditing/samples": look_auditing.samples,
    "auditing/sample": look_auditing.sample,
    "auditing/findings": look_auditing.findings,
    "auditing/finding": look_auditing.finding,
    "auditing/finding-judged": look_auditing.judged_finding,
    "auditing/finding_new": look_auditing.new_finding,
    **{
        f"errors/{code}": lambda: {"reference": "a1b2-c3d4", "message": None}
        for code in (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)
    },
}


def create_look_app() -> Flask:
    """Pages at /look/<template> and /look/<template>-<state>; /look/planted breaks every promise the look test makes."""
    app = Flask("look", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(SECRET_KEY="for-samples-only", BABEL_DEFAULT_LOCALE="zh_Hans_CN")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    init_assets(app)
    init_i18n(app)
    init_filters(app)
    CSRFProtect(app)
    app.jinja_env.globals["page_address"] = lambda: "/"
    app.add_url_rule("/exports", "exports.ask", lambda: "", methods=["POST"])

    app.add_url_rule("/login", "accounts.sign_in", lambda: "")
    app.add_url_rule("/account/guide", "accounts.keep_guide", lambda: "", methods=["POST"])

    @app.get("/look/<path:name>")
    def look(name: str) -> str:
        if name == "planted":
            return PLANTED
        if name not in PAGES:
            abort(404)
        if name == "accounts/desk":
            flash("已保存草稿。", "success")
        return render_template(f"{name.partition('-')[0]}.html", **PAGES[name]())

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


PLANTED = (
    "<!doctype html><html><head><title></title></head><body><p style='width:3000px;background:#eee'>宽</p>"
    "<script>document.title='x'</script><img src='/static/img/mark.svg' width='3000'><input></body></html>"
)
