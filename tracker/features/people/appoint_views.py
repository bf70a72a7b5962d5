"""Opening an account, appointing and moving: first the unit is chosen, then the rest is typed."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.messages import Faults
from tracker.domain.permissions import Permission
from tracker.features.people.blueprint import (
    Context,
    blueprint,
    current_doer,
    put_faults,
    someone_of,
    trail_of,
)
from tracker.features.people.commands import Granted, NewPerson, appoint, open_account
from tracker.features.people.forms import AppointForm, NewForm, SearchForm, WishForm
from tracker.features.people.list_views import held_text
from tracker.features.people.person_views import held_in_reach
from tracker.features.people.queries import MOST_UNITS, Someone, list_departments, list_holders, list_units
from tracker.features.people.wishes import Wish
from tracker.services.tree import Unit
from tracker.services.visibility import find_visible_unit
from tracker.web.current import current_identity, current_session, now
from tracker.web.forms import read_day
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _


@blueprint.get("/accounts/new")
@requires(Permission.ADD_ACCOUNT)
def new() -> ResponseReturnValue:
    """Choose a unit, then type the newcomer."""
    unit = _chosen_unit()
    if unit is None:
        return _unit_page(_("开设账号：选单位"), "people.new", {}, trail=_new_trail())
    return _new_page(NewForm(formdata=None), unit)


@blueprint.post("/accounts/new")
@requires(Permission.ADD_ACCOUNT)
def create() -> ResponseReturnValue:
    """Open the account; nothing typed is lost when something is wrong."""
    unit, form = _named_unit(), NewForm()
    _offer(form, unit)
    if not form.validate():
        return _new_page(form, unit, status=422)
    newcomer = NewPerson(
        login=form.login.data or "", name=form.name.data or "", email=form.email.data or None
    )
    try:
        granted = open_account(current_session(), newcomer, _wish(form, unit), current_doer())
    except Faults as refused:
        put_faults(form, refused.faults)
        return _new_page(form, unit, status=422)
    flash(_opened_text(newcomer, granted), "success")
    return redirect(url_for("people.show", account_id=granted.account_id), 303)


@blueprint.get("/accounts/<int:account_id>/appoint")
@requires(Permission.APPOINT)
def choose_office(account_id: int) -> ResponseReturnValue:
    """Choose a unit, then the office; ``leaves`` in the address: a move."""
    someone, leaves = someone_of(account_id), _leaves()
    unit = _chosen_unit()
    if unit is None:
        title = (
            _("任命%(name)s：选单位", name=someone.name)
            if not leaves
            else _("调任%(name)s：选单位", name=someone.name)
        )
        values: Context = {"account_id": account_id, **leaves}
        return _unit_page(title, "people.choose_office", values, trail=_person_trail(someone))
    return _appoint_page(AppointForm(formdata=None, data=_filled(someone, leaves)), someone, unit)


@blueprint.post("/accounts/<int:account_id>/appoint")
@requires(Permission.APPOINT)
def grant_office(account_id: int) -> ResponseReturnValue:
    """Appoint, or move."""
    someone, form = someone_of(account_id), AppointForm()
    unit = _named_unit()
    _offer(form, unit)
    if not form.validate():
        return _appoint_page(form, someone, unit, status=422)
    leaving = held_in_reach(someone, form.leaves.data) if form.leaves.data else None
    try:
        granted = appoint(current_session(), someone, _wish(form, unit), current_doer(), leaving=leaving)
    except Faults as refused:
        put_faults(form, refused.faults)
        return _appoint_page(form, someone, unit, status=422)
    flash(_appointed_text(someone, unit, granted, has_left=leaving is not None), "success")
    return redirect(url_for("people.show", account_id=account_id), 303)


def _chosen_unit() -> Unit | None:
    """The unit in the address; None: still to be chosen. Raises UnitNotFound."""
    return _named_unit() if request.args.get("unit") else None


def _named_unit() -> Unit:
    code = request.args.get("unit", "")
    return find_visible_unit(current_session(), code, seen_by=current_identity())


def _leaves() -> Context:
    text = request.args.get("leaves", "")
    return {"leaves": int(text)} if text.isdecimal() and len(text) < 19 else {}  # 64 bits hold any 18 digits


def _filled(someone: Someone, leaves: Context) -> Context:
    """A move begins with the role that is left."""
    if not leaves:
        return {}
    held = held_in_reach(someone, leaves["leaves"])
    return {"leaves": held.id, "role": held.role.value, "duty": held.duty or ""}


def _wish(form: WishForm, unit: Unit) -> Wish:
    return Wish(
        role=form.role.data,
        unit=unit,
        department=form.department.data or None,
        duty=form.duty.data or None,
        since=read_day(form.since.data),
        until=read_day(form.until.data),
        stands_in_for=form.stands_in_for.data or None,
    )


def _opened_text(newcomer: NewPerson, granted: Granted) -> str:
    if granted.is_pending:
        return _("账号已开设；任职等另一位管理员或该单位审核人确认后生效。")
    if granted.is_linked:
        return _("账号已开设；设密码的链接已放入发件箱，寄给本人。")
    return _(
        "账号已开设；没有寄链接，请操作员运行 flask accounts reset %(login)s 设定首个密码。",
        login=newcomer.login,
    )


def _appointed_text(someone: Someone, unit: Unit, granted: Granted, *, has_left: bool) -> str:
    if granted.is_pending:
        text = _("任命已提出，等另一位管理员或%(unit)s的审核人确认后生效。", unit=unit.short_name)
        return _("原任职已结束。") + text if has_left else text
    return _("已任命%(name)s，下一次打开页面即生效。", name=someone.name)


def _unit_page(title: str, endpoint: str, values: Context, *, trail: list[Context]) -> Response:
    form = SearchForm(request.args)
    text = (form.q.data or "") if form.validate() else ""
    found = list_units(current_session(), text, seen_by=current_identity())
    page = render_template(
        "people/unit.html",
        heading=title,
        trail=trail,
        form=form,
        search_url=url_for(endpoint, **values),
        kept=[(name, value) for name, value in values.items() if name != "account_id"],
        units=[
            {
                "name": one.name,
                "code": one.code,
                "depth": one.depth,
                "url": url_for(endpoint, **values, unit=one.code),
            }
            for one in found
        ],
        is_cut=len(found) == MOST_UNITS,
        text=text,
    )
    return make_response(page, 200)


def _new_page(form: NewForm, unit: Unit, *, status: int = 200) -> Response:
    return _wish_page(
        form, unit, status,
        heading=_("开设账号"),
        trail=_new_trail(),
        action=url_for("people.create", unit=unit.code),
        other_unit_url=url_for("people.new"),
        is_new=True,
        leaving=None,
    )  # fmt: skip


def _appoint_page(form: AppointForm, someone: Someone, unit: Unit, *, status: int = 200) -> Response:
    left = next((held for held in someone.held if held.id == form.leaves.data), None)
    heading = _("任命%(name)s", name=someone.name) if left is None else _("调任%(name)s", name=someone.name)
    kept: Context = {} if left is None else {"leaves": left.id}
    return _wish_page(
        form, unit, status,
        heading=heading,
        trail=_person_trail(someone),
        action=url_for("people.grant_office", account_id=someone.account_id, unit=unit.code),
        other_unit_url=url_for("people.choose_office", account_id=someone.account_id, **kept),
        is_new=False,
        leaving=None if left is None else f"{left.unit} · {held_text(left)}",
    )  # fmt: skip


def _wish_page(form: WishForm, unit: Unit, status: int, **context: Any) -> Response:
    doer = current_doer()
    departments = _offer(form, unit)
    page = render_template(
        "people/wish.html",
        form=form,
        unit=unit,
        departments=departments,
        is_split=doer.is_split,
        is_security=doer.is_security,
        can_mail=doer.can_mail,
        **context,
    )
    return make_response(page, status)


def _offer(form: WishForm, unit: Unit) -> list[str]:
    """What can be chosen at a unit; its departments."""
    session = current_session()
    departments = list_departments(session, unit.id)
    form.offer(departments, list_holders(session, unit.id, now()))
    return departments


def _new_trail() -> list[Context]:
    return trail_of((_("开设账号"), None))


def _person_trail(someone: Someone) -> list[Context]:
    here = url_for("people.show", account_id=someone.account_id)
    return trail_of((someone.name, here), (_("任命"), None))
