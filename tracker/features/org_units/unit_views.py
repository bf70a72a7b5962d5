"""Adding, renaming and changing one unit by page."""

from __future__ import annotations

from flask import Response, flash, redirect
from flask.typing import ResponseReturnValue

from tracker.domain.messages import Conflict, Forbidden, Refusal
from tracker.domain.permissions import Permission
from tracker.features.org_units.blueprint import (
    FormPage,
    blueprint,
    current_doer,
    form_page,
    may_edit,
    unit_url,
    visible_unit,
)
from tracker.features.org_units.browsing import OrgFacts
from tracker.features.org_units.checks import RANKS
from tracker.features.org_units.forms import AddForm, ChangeForm, RenameForm, read_day
from tracker.features.org_units.moves import OutOfReach
from tracker.features.org_units.units import (
    Changed,
    CodeTaken,
    NewName,
    NewUnit,
    NotADay,
    add_unit,
    change_unit,
    rename_unit,
)
from tracker.models.org_unit import LEVELS
from tracker.web.current import calendar_now, current_session
from tracker.web.forms import BaseForm
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

EDIT = Permission.EDIT_ORG_UNIT


def own_unit(code: str) -> OrgFacts:
    """The unit with this code where this person changes it."""
    facts = visible_unit(code)
    if not may_edit(facts):
        raise OutOfReach("这个单位不在您管理的范围内")
    return facts


def tell_in_place(form: BaseForm, field: str, refusal: Refusal) -> None:
    """Show a refusal beside the field it is about; what others did, or nobody may, has a page of its own."""
    if isinstance(refusal, (Conflict, Forbidden)):
        raise refusal
    form[field].errors = [*form[field].errors, translate(refusal.message)]


def _add_page(above: OrgFacts, form: AddForm, *, status: int = 200) -> Response:
    heading = _("在%(unit)s下新增单位", unit=above.unit.short_name)
    page = FormPage("org_units/add.html", "org_units.create", heading, _("新增下级"))
    return form_page(page, above, form, status=status)


def _rename_page(facts: OrgFacts, form: RenameForm, *, status: int = 200) -> Response:
    heading = _("更名：%(unit)s", unit=facts.unit.name)
    page = FormPage("org_units/rename.html", "org_units.save_name", heading, _("更名"))
    return form_page(page, facts, form, status=status)


def _change_page(facts: OrgFacts, form: ChangeForm, *, status: int = 200) -> Response:
    heading = _("修改：%(unit)s", unit=facts.unit.name)
    page = FormPage("org_units/change.html", "org_units.save_change", heading, _("修改"))
    return form_page(page, facts, form, status=status)


@blueprint.get("/org-units/<code:code>/add")
@requires(EDIT)
def add(code: str) -> ResponseReturnValue:
    """The form for a unit below this one."""
    above = own_unit(code)
    levels = [level for level in LEVELS if RANKS[level] > RANKS[above.unit.level]]
    return _add_page(above, AddForm(formdata=None, data={"level": levels[0] if levels else ""}))


@blueprint.post("/org-units/<code:code>/add")
@requires(EDIT)
def create(code: str) -> ResponseReturnValue:
    """Add a unit below this one."""
    above, form = own_unit(code), AddForm()
    if not form.validate():
        return _add_page(above, form, status=422)
    name = form.name.data or ""
    new = NewUnit(
        code=form.code.data or "", name=name, short_name=form.short_name.data or name[:40],
        level=form.level.data, kind=form.kind.data, weight=form.weight.data, position=form.position.data,
        valid_from=read_day(form.valid_from.data),
    )  # fmt: skip
    try:
        added = add_unit(current_session(), above, new, reason=form.reason.data or "", doer=current_doer())
    except Refusal as refused:
        tell_in_place(form, "code" if isinstance(refused, CodeTaken) else "level", refused)
        return _add_page(above, form, status=422)
    flash(_("已新增%(unit)s。", unit=added.name), "success")
    return redirect(unit_url(added.code), 303)


@blueprint.get("/org-units/<code:code>/rename")
@requires(EDIT)
def rename(code: str) -> ResponseReturnValue:
    """The form for another name."""
    facts = own_unit(code)
    unit = facts.unit
    typed = {
        "version": facts.version,
        "name": unit.name,
        "short_name": unit.short_name,
        "since": calendar_now().date().isoformat(),
    }
    return _rename_page(facts, RenameForm(formdata=None, data=typed))


@blueprint.post("/org-units/<code:code>/rename")
@requires(EDIT)
def save_name(code: str) -> ResponseReturnValue:
    """Give the unit another name from a day on."""
    facts, form = own_unit(code), RenameForm()
    since = read_day(form.since.data) if form.validate() else None
    if since is None:
        return _rename_page(facts, form, status=422)
    new = NewName(
        name=form.name.data or "", short_name=form.short_name.data or "", since=since,
        reason=form.reason.data or "", version=form.version.data or 0,
    )  # fmt: skip
    try:
        rename_unit(current_session(), facts, new, today=calendar_now().date(), doer=current_doer())
    except Refusal as refused:
        tell_in_place(form, "since" if isinstance(refused, NotADay) else "name", refused)
        return _rename_page(facts, form, status=422)
    flash(_("已更名为%(name)s；更名以前的报告仍用旧名。", name=new.name), "success")
    return redirect(unit_url(code), 303)


@blueprint.get("/org-units/<code:code>/change")
@requires(EDIT)
def change(code: str) -> ResponseReturnValue:
    """The form for level, kind, turn and weight."""
    facts = own_unit(code)
    typed = {
        "version": facts.version, "level": facts.unit.level, "kind": facts.unit.kind,
        "position": facts.position, "weight": facts.unit.weight,
    }  # fmt: skip
    return _change_page(facts, ChangeForm(formdata=None, data=typed))


@blueprint.post("/org-units/<code:code>/change")
@requires(EDIT)
def save_change(code: str) -> ResponseReturnValue:
    """Change level, kind, turn or weight."""
    facts, form = own_unit(code), ChangeForm()
    if not form.validate():
        return _change_page(facts, form, status=422)
    new = Changed(form.level.data, form.kind.data, form.weight.data, form.position.data or 0)
    try:
        change_unit(
            current_session(), facts, new, version=form.version.data or 0, reason=form.reason.data or "",
            doer=current_doer(),
        )  # fmt: skip
    except Refusal as refused:
        tell_in_place(form, "level", refused)
        return _change_page(facts, form, status=422)
    flash(_("已修改。"), "success")
    return redirect(unit_url(code), 303)
