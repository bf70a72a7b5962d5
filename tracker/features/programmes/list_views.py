"""Lists to be read: all in sight, one with its pledges, its versions, its files."""

from __future__ import annotations

import io
from typing import Final

from flask import make_response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from tracker.domain.permissions import Permission, holds
from tracker.features.programmes.blueprint import (
    Context,
    blueprint,
    does_reach,
    own_list,
    publisher_of,
    trail_of,
    visible_list,
)
from tracker.features.programmes.changes import DRAFT
from tracker.features.programmes.commands import CLOSED, version_of
from tracker.features.programmes.exporting import export_list
from tracker.features.programmes.files.formats import write_file
from tracker.features.programmes.forms import ExportForm, RankingForm
from tracker.features.programmes.history_page import difference_rows, rule_set_rows, version_rows
from tracker.features.programmes.list_page import ListPage, head_facts
from tracker.features.programmes.lists import ListedProgramme, list_programmes
from tracker.features.programmes.queries import get_announced, get_document
from tracker.features.programmes.states import switch_ranking
from tracker.features.programmes.versions import (
    ExportNotFound,
    Version,
    get_export,
    get_version,
    list_rule_sets,
    list_versions,
    unit_names,
)
from tracker.features.programmes.words import names_of
from tracker.services.counting_rules import list_counting_rules
from tracker.services.programme_heads import Head
from tracker.services.tree import Unit
from tracker.web.current import current_actor, current_identity, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _

STATES: Final = {
    "draft": (_l("草稿"), "yellow"),
    "published": (_l("已公布"), "blue"),
    "running": (_l("进行中"), "blue"),
    "closed": (_l("已结束"), None),
}
"""A list's state: its word, and the tone of its tag."""

STEPS: Final = {"draft": "publish", "published": "run", "running": "close"}
"""The step that leads out of each state."""

STEP_WORDS: Final = {"publish": _l("公布"), "run": _l("开始执行"), "close": _l("结束")}
MIMETYPES: Final = {
    "yaml": "application/yaml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("/programmes")
@requires(Permission.SEE_PROGRAMME)
def list_all() -> ResponseReturnValue:
    """Every list in sight, newest first."""
    identity = current_identity()
    found = list_programmes(current_session(), seen_by=identity)
    may_edit = holds(identity, Permission.EDIT_PROGRAMME)
    return render_template(
        "programmes/list.html",
        heading=_("年度实事清单"),
        trail=[{"label": identity.appointment.org_unit_name, "url": None}],
        trail_note=None,
        import_url=url_for("programmes.choose_file") if may_edit else None,
        new_url=url_for("programmes.new_list") if may_edit else None,
        programmes=[_row(programme) for programme in found],
    )


def _row(programme: ListedProgramme) -> Context:
    word, tone = STATES[programme.state]
    endpoint = "programmes.show" if programme.state == DRAFT else "dashboards.overview"
    return {
        "title": programme.title,
        "url": url_for(endpoint, key=programme.key),
        "list_url": url_for("programmes.show", key=programme.key),
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


@blueprint.get("/programmes/<key:key>/list")
@requires(Permission.SEE_PROGRAMME)
def show(key: str) -> ResponseReturnValue:
    """The list itself: what is promised, how it is counted, and what may be done with it."""
    session, head = current_session(), visible_list(key)
    publisher = publisher_of(head)
    can_edit = does_reach(Permission.EDIT_PROGRAMME, publisher) and head.state != CLOSED
    announced = get_announced(session, key)
    versions = list_versions(session, head.id)
    rules = list_counting_rules(session, head.id) if len(versions) > 1 else {}
    page = ListPage(announced.document, divided=announced.divided, rules=rules, can_edit=can_edit)
    return render_template(
        "programmes/show.html",
        heading=head.title,
        trail=trail_of(head),
        state=_state(head),
        facts=head_facts(announced.document, head.publisher_name),
        pledges=page.pledges(),
        below_count=page.below_count(),
        is_draft=head.state == DRAFT,
        is_undivided=can_edit and head.state != DRAFT and page.is_undivided(),
        versions=[_version_line(version) for version in versions[:1]],
        history_url=url_for("programmes.history", key=key),
        **_actions(head, can_edit=can_edit),
        **_ranking(head, announced.version_id, can_edit=can_edit),
        **_targets_link(head.key, publisher),
        exports_url=_if(does_reach(Permission.EXPORT_PROGRAMME, publisher), "programmes.export", key),
    )


def _state(head: Head) -> Context:
    word, tone = STATES[head.state]
    return {"text": str(word), "tone": tone}


def _version_line(version: Version) -> str:
    return _("现为第 %(number)s 版", number=version.number)


def _actions(head: Head, *, can_edit: bool) -> Context:
    """Where the list is changed, by whoever may; every link none for everybody else."""
    is_own = does_reach(Permission.PUBLISH_PROGRAMME, publisher_of(head))
    step = STEPS.get(head.state) if is_own else None
    return {
        "head_url": _if(can_edit, "programmes.edit_head", head.key),
        "add_url": _if(can_edit, "programmes.add_pledge", head.key),
        "order_url": _if(can_edit, "programmes.edit_order", head.key),
        "import_url": url_for("programmes.choose_file") if can_edit else None,
        "copy_url": _if(is_own, "programmes.choose_copy", head.key),
        "step_url": None if step is None else url_for("programmes.confirm_step", key=head.key, step=step),
        "step_text": "" if step is None else str(STEP_WORDS[step]),
    }


def _targets_link(key: str, publisher: Unit) -> Context:
    """The publisher's matrix for whoever may see it, else what the own unit took on."""
    if does_reach(Permission.SEE_TARGETS, publisher):
        return {"targets_url": url_for("targets.matrix", key=key), "targets_text": _("目标分解")}
    own = current_identity()
    if not holds(own, Permission.SEE_TARGETS):
        return {"targets_url": None, "targets_text": ""}
    url = url_for("targets.unit", key=key, code=own.appointment.org_unit_code)
    return {"targets_url": url, "targets_text": _("本单位的目标")}


def _if(is_allowed: bool, endpoint: str, key: str) -> str | None:
    return url_for(endpoint, key=key) if is_allowed else None


def _ranking(head: Head, version: int, *, can_edit: bool) -> Context:
    chosen = "true" if head.is_ranked else "false"
    form = RankingForm(formdata=None, data={"is_ranked": chosen, "version": version})
    return {
        "is_ranked": head.is_ranked,
        "ranking_form": form if can_edit else None,
        "ranking_url": _if(can_edit, "programmes.change_ranking", head.key),
    }


@blueprint.post("/programmes/<key:key>/list/ranking")
@requires(Permission.EDIT_PROGRAMME)
def change_ranking(key: str) -> ResponseReturnValue:
    """Rank the units of the list by progress, or do not."""
    own_list(key, Permission.EDIT_PROGRAMME)
    form = RankingForm()
    if not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    is_ranked = form.is_ranked.data == "true"
    switch_ranking(
        current_session(), key, is_ranked=is_ranked, actor=current_actor(), now=now(), seen=form.version.data or 0
    )  # fmt: skip
    return redirect(url_for("programmes.show", key=key), 303)


@blueprint.get("/programmes/<key:key>/list/history")
@requires(Permission.SEE_PROGRAMME)
def history(key: str) -> ResponseReturnValue:
    """The versions of the list; ``?from=&to=`` shows what differs between any two."""
    session, head = current_session(), visible_list(key)
    versions = list_versions(session, head.id)
    numbers = [version.number for version in versions]
    chosen = chosen_versions(numbers)
    return render_template(
        "programmes/history.html",
        heading=_("清单的版本"),
        trail=trail_of(head, _("版本")),
        versions=version_rows(versions, key=key, chosen=chosen),
        numbers=sorted(numbers),
        chosen=chosen,
        rows=None if chosen is None else difference_of(head, chosen),
        rule_sets=rule_set_rows(list_rule_sets(session, head.id)),
    )


def chosen_versions(numbers: list[int]) -> tuple[int, int] | None:
    """The two versions asked for; without being asked the newest two, none while there is only one."""
    if len(numbers) < 2:
        return None
    first = request.args.get("from", default=numbers[1], type=int)
    second = request.args.get("to", default=numbers[0], type=int)
    return first, second


def difference_of(head: Head, chosen: tuple[int, int]) -> list[Context]:
    """What differs between two versions of a list, in words."""
    session = current_session()
    before, after = (get_version(session, head.id, number) for number in chosen)
    units = {
        entry.unit for document in (before, after) for one in document.indicators for entry in one.allocations
    }
    names = names_of(before, after, units=unit_names(session, units))
    return difference_rows(before, after, names)


@blueprint.post("/programmes/<key:key>/list/exports")
@requires(Permission.EXPORT_PROGRAMME)
def export(key: str) -> ResponseReturnValue:
    """Record an export and go to its file."""
    head = own_list(key, Permission.EXPORT_PROGRAMME)
    form = ExportForm()
    if not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    entry = export_list(current_session(), head, form.format.data, actor=current_actor(), now=now())
    return redirect(url_for("programmes.exported", key=key, entry=entry), 303)


@blueprint.get("/programmes/<key:key>/list/exports/<int:entry>")
@requires(Permission.EXPORT_PROGRAMME)
def exported(key: str, entry: int) -> ResponseReturnValue:
    """The file of an export this person has had recorded, as long as the list is still the same."""
    head, session = visible_list(key), current_session()
    recorded = get_export(session, head, entry, seen_by=current_identity())
    document = get_document(session, key)
    if version_of(document) != recorded.digest:
        raise ExportNotFound("清单在导出之后改过，请重新导出")
    return send_file(
        io.BytesIO(write_file(document, f".{recorded.ending}", seal=recorded.seal)),
        mimetype=MIMETYPES[recorded.ending],
        as_attachment=True,
        download_name=f"{key}.{recorded.ending}",
        etag=False,
    )
