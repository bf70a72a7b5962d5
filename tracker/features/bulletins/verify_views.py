"""Where anybody can have a file held against what was issued."""

from __future__ import annotations

from flask import (
    Response,
    current_app,
    make_response,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue

from tracker.domain.periods import Month
from tracker.domain.permissions import Permission
from tracker.features.bulletins.blueprint import blueprint
from tracker.features.bulletins.forms import VerifyForm
from tracker.features.bulletins.pages import (
    Context,
    issued_text,
)
from tracker.features.bulletins.queries import Issue
from tracker.features.bulletins.signing import Signer, pem_of
from tracker.features.bulletins.verification import LARGEST_FILE, Finding, Verdict, verify_file
from tracker.services.table_exports import Known
from tracker.web.current import current_database
from tracker.web.filters import moment, month_end
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _


@blueprint.get("/verify")
@requires(Permission.VERIFY_FILE)
def verify() -> ResponseReturnValue:
    """Where anybody can have a file checked."""
    return _verify_page(VerifyForm())


@blueprint.get("/verify/public-key.pem")
@requires(Permission.VERIFY_FILE)
def public_key() -> ResponseReturnValue:
    """The key manifests are signed with, for checking files without this program."""
    key = Signer.from_secret(current_app.config["SIGNING_KEY"]).public_key
    return Response(pem_of(key), mimetype="application/x-pem-file")


@blueprint.post("/verify")
@requires(Permission.VERIFY_FILE)
def verify_upload() -> ResponseReturnValue:
    """Hold an uploaded file against what was issued; nothing of it is kept."""
    form = VerifyForm()
    if not form.validate():
        return _verify_page(form, status=422)
    content = form.file.data.stream.read(LARGEST_FILE + 1)
    with current_database().read_session() as reader:
        finding = verify_file(reader, content)
    return _verify_page(VerifyForm(formdata=None), finding=finding, name=form.file.data.filename or "")


def _verify_page(
    form: VerifyForm, *, finding: Finding | None = None, name: str = "", status: int = 200
) -> Response:
    page = render_template(
        "bulletins/verify.html",
        heading=_("核验通报文件"),
        form=form,
        verify_url=url_for("bulletins.verify_upload"),
        public_key=Signer.from_secret(current_app.config["SIGNING_KEY"]).public_key,
        public_key_url=url_for("bulletins.public_key"),
        finding=None if finding is None else _told(finding, name),
    )
    return make_response(page, status)


def _told(finding: Finding, name: str) -> Context:
    found = finding.issue
    return {
        "verdict": str(finding.verdict),
        "name": name[:120],
        "digest": finding.digest,
        "serial": None if found is None else found.serial,
        "is_altered": finding.verdict is Verdict.ALTERED,
        "facts": _facts(finding),
    }


def _facts(finding: Finding) -> list[Context]:
    if finding.table is not None:
        return _table_facts(finding.table)
    return [] if finding.issue is None else _issue_facts(finding.issue)


def _table_facts(known: Known) -> list[Context]:
    """What is printed in the file itself; whoever holds it may compare."""
    said = {
        _("表格"): known.title,
        _("导出编号"): str(known.id),
        _("行数"): str(known.rows),
        _("导出"): f"{known.unit} · {moment(known.made_at, with_year=True)}",
    }
    return [{"label": label, "value": value} for label, value in said.items()]


def _issue_facts(found: Issue) -> list[Context]:
    said = {
        _("通报"): found.document["title"],
        _("编号"): found.serial,
        _("截至"): month_end(Month.parse(found.cutoff)),
        _("封存号"): str(found.seal),
        _("印发"): issued_text(found),
        _("校验码"): found.digest,
    }
    return [{"label": label, "value": value} for label, value in said.items()]
