"""The list of people in reach: searched, filtered, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.permissions import Permission, holds
from tracker.features.people.blueprint import Context, blueprint
from tracker.features.people.forms import FilterForm
from tracker.features.people.queries import (
    ROWS_A_PAGE,
    PeoplePage,
    PersonRow,
    Wanted,
    list_people,
)
from tracker.services.appointments import Held
from tracker.services.grant_requests import list_to_decide
from tracker.services.visibility import find_unit_named, find_visible_unit
from tracker.web.current import current_identity, current_session, now
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.people_words import last_day, office_text

FILTERS = ("q", "unit", "role", "state")
FURTHEST_PAGE = 10_000


@blueprint.get("/accounts")
@requires(Permission.SEE_PEOPLE)
def index() -> ResponseReturnValue:
    """Everybody in reach who meets the filters."""
    session, identity = current_session(), current_identity()
    form = FilterForm(request.args)
    wanted = wanted_by(form) if form.validate() else None
    at = _page_number()
    found = (
        PeoplePage([], 0, {})
        if wanted is None
        else list_people(session, wanted, seen_by=identity, now=now(), page=at)
    )
    waiting = list_to_decide(session, identity, now()) if holds(identity, Permission.CONFIRM_GRANT) else []
    page = render_template(
        "people/list.html",
        heading=_("人员‖栏目"),
        lead=_("%(unit)s及以下单位的账号和任职。", unit=identity.appointment.org_unit_name),
        filter_form=form,
        filters_url=url_for("people.index"),
        people=[_row(row, found.held.get(row.person_id, [])) for row in found.rows],
        is_filtered=any(request.args.get(name) for name in FILTERS),
        pager=_pager(at, found),
        requests_count=len(waiting),
        requests_url=url_for("people.requests") if holds(identity, Permission.CONFIRM_GRANT) else None,
        new_url=url_for("people.new") if holds(identity, Permission.ADD_ACCOUNT) else None,
        import_url=url_for("people.choose_file") if holds(identity, Permission.ADD_ACCOUNT) else None,
        can_mail=bool(current_app.config["MAIL_URL"]),
    )
    return make_response(page, 200 if wanted is not None else 422)


def wanted_by(form: FilterForm) -> Wanted | None:
    """What the filters ask for; None where the unit named is not in reach."""
    place = None
    if form.unit.data:
        code = find_unit_named(current_session(), form.unit.data, seen_by=current_identity())
        if code is None:
            form.unit.errors = [_("您的范围内没有这个单位，请核对名称或代码")]
            return None
        place = find_visible_unit(current_session(), code, seen_by=current_identity()).place
    return Wanted(form.q.data or None, place, form.role.data or None, form.state.data or None)


def _page_number() -> int:
    text = request.args.get("page", "1")
    return max(1, min(int(text), FURTHEST_PAGE)) if text.isdecimal() and len(text) < 9 else 1


def _row(row: PersonRow, held: Sequence[Held]) -> Context:
    standing = [one for one in held if one.is_open(now())]
    return {
        "name": row.name,
        "login": row.login,
        "url": url_for("people.show", account_id=row.account_id),
        "offices": [{"unit": one.unit, "text": held_text(one)} for one in standing],
        "last_sign_in": moment(row.last_sign_in, with_year=True) if row.last_sign_in else _("没有登录过"),
        **state_tag(row.closed_at is not None, row.has_password, bool(standing)),
    }


def held_text(one: Held) -> str:
    """An appointment's role in words; one yet to begin says when."""
    text = office_text(one.role, department=one.department, duty=one.duty, stands_in_for=one.stands_in_for)
    if one.since > now():
        return _("%(office)s，%(since)s 起", office=text, since=moment(one.since, with_year=True))
    return (
        text if one.until is None else _("%(office)s，至 %(until)s", office=text, until=last_day(one.until))
    )


def state_tag(is_closed: bool, has_password: bool, has_office: bool) -> Context:
    """How an account stands, as a tag."""
    if is_closed:
        return {"state": _("已停用"), "tone": "red"}
    if not has_password:
        return {"state": _("未启用"), "tone": "yellow"}
    return {"state": _("在用"), "tone": "green"} if has_office else {"state": _("没有任职"), "tone": "yellow"}


def _pager(at: int, found: PeoplePage) -> Context | None:
    if found.total <= ROWS_A_PAGE:
        return None
    first = (at - 1) * ROWS_A_PAGE + 1
    asked: Context = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return {
        "from_row": min(first, found.total),
        "to_row": min(first + ROWS_A_PAGE - 1, found.total),
        "total": found.total,
        "previous_url": url_for("people.index", **asked, page=at - 1) if at > 1 else None,
        "next_url": url_for("people.index", **asked, page=at + 1) if at * ROWS_A_PAGE < found.total else None,
    }
