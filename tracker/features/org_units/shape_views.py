"""Moving, closing and merging by page: typed, looked at with every effect, confirmed."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from flask import Response, flash, redirect, request
from flask.typing import ResponseReturnValue

from tracker.domain.messages import Refusal
from tracker.domain.periods import Month
from tracker.domain.permissions import Permission
from tracker.features.org_units.affected import MOST_NAMED, list_lists_in_play
from tracker.features.org_units.blueprint import (
    Context,
    FormPage,
    blueprint,
    current_doer,
    form_page,
    may_take_away,
    unit_url,
    visible_unit,
)
from tracker.features.org_units.browsing import OrgFacts, list_beside, list_indicators
from tracker.features.org_units.effects import Effect, preview
from tracker.features.org_units.fates import CLOSE, MERGE, MOVE, open_work
from tracker.features.org_units.forms import MOST_MERGED, CloseForm, MergeForm, MoveForm, ShapeForm
from tracker.features.org_units.moves import (
    OutOfReach,
    Terms,
    carry_out_close,
    carry_out_merge,
    carry_out_move,
    close_shape,
    merge_shape,
    move_shape,
)
from tracker.features.org_units.restructures import Shape, carry_out
from tracker.features.org_units.unit_views import tell_in_place
from tracker.services.tree import paths_up
from tracker.services.visibility import UnitNotFound
from tracker.web.current import calendar_now, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.idempotency import new_key
from tracker.web.punctuation import labelled

EDIT = Permission.EDIT_ORG_UNIT


class _Act(NamedTuple):
    """A page that shapes the tree: which act, its endpoint, template and words, and where a refusal is told."""

    name: str
    endpoint: str
    template: str
    title: str
    field: str


def _movable(code: str) -> OrgFacts:
    facts = visible_unit(code)
    if not may_take_away(facts):
        raise OutOfReach("{own}的去留由上级的管理员办理", own=facts.unit.short_name)
    return facts


def _begun(form: type[ShapeForm], facts: OrgFacts, **typed: Any) -> Any:
    """An empty form about the unit as it stands, the next month proposed."""
    today = calendar_now()
    proposed = Month(today.year, today.month)
    fields = {
        "version": facts.version, "edition": facts.unit.place.edition, "effective": str(proposed), **typed,
    }  # fmt: skip
    return form(formdata=None, data=fields)


def _terms(form: ShapeForm) -> Terms:
    return Terms(
        effective=Month.parse(form.effective.data or ""), reason=form.reason.data or "",
        edition=form.edition.data or 0, version=form.version.data or 0,
    )  # fmt: skip


def _named(form: ShapeForm, field: str, code: str) -> OrgFacts | None:
    """The unit a field names; out of sight it is told beside the field."""
    try:
        return visible_unit(code)
    except UnitNotFound:
        form[field].errors = [_("您的范围内没有代码是“%(code)s”的单位，请核对代码", code=code)]
        return None


def _answer(
    act: _Act,
    facts: OrgFacts,
    form: ShapeForm,
    shape: Callable[[], Shape],
    done: Callable[[Shape], tuple[str, str]],
) -> ResponseReturnValue:
    """Show what the act would do, or do it where exactly that was shown."""
    session, doer = current_session(), current_doer()
    try:
        wanted = shape()
        effect = preview(
            session,
            wanted,
            lambda: carry_out(session, wanted, actor=doer.actor, now=doer.now),
            now=now(),
        )
        if form.seen.data != effect.fingerprint:
            return _page(act, facts, form, effect=effect, is_stale=bool(form.seen.data))
        message, url = done(wanted)
    except Refusal as refused:
        tell_in_place(form, act.field, refused)
        return _page(act, facts, form, status=422)
    flash(message, "success")
    return redirect(url, 303)


def _page(
    act: _Act,
    facts: OrgFacts,
    form: ShapeForm,
    *,
    effect: Effect | None = None,
    is_stale: bool = False,
    status: int = 200,
) -> Response:
    form.seen.data = "" if effect is None else effect.fingerprint
    form.idempotency_key.data = new_key()  # looking used the one that was sent; confirming is another act
    heading = _("%(act)s：%(unit)s", act=act.title, unit=facts.unit.name)
    return form_page(
        FormPage(act.template, act.endpoint, heading, act.title),
        facts,
        form,
        status=409 if is_stale else status,
        effect=None if effect is None else _told(effect),
        open_reports=_open_work(act, facts, form),
        most_reports=MOST_NAMED,
        choices=list_beside(
            current_session(), facts.unit, up=act.name == MOVE, seen_by=current_doer().identity
        ),
        is_stale=is_stale,
    )


def _told(effect: Effect) -> Context:
    changed = {(one.list_title, one.indicator) for one in effect.totals if one.is_changed}
    every = {(one.list_title, one.indicator) for one in effect.totals}
    return {
        "totals": [one._asdict() for one in effect.totals if (one.list_title, one.indicator) in changed],
        "unchanged": len(every - changed),
        "targets": [one._asdict() for one in effect.targets],
        "units": effect.units,
        "people": effect.people,
    }


def _open_work(act: _Act, facts: OrgFacts, form: ShapeForm) -> list[Context]:
    """What is not finished at the units typed so far; what cannot be read yet is left open."""
    try:
        effective = Month.parse(form.effective.data or "")
    except Refusal:
        month = None
    else:
        month = effective.year * 12 + effective.month
    others = _typed(form.also.data) if isinstance(form, MergeForm) else []
    above = next(iter(_typed(form.above.data)), None) if isinstance(form, MoveForm) else None
    return open_work(current_session(), act.name, [facts, *others], above=above, month=month)


def _typed(text: str | None) -> list[OrgFacts]:
    """The units in sight whose codes are typed; at most as many as are merged at once."""
    found = []
    for code in list(dict.fromkeys(_codes(text)))[:MOST_MERGED]:
        with suppress(UnitNotFound):
            found.append(visible_unit(code))
    return found


def _codes(text: str | None) -> list[str]:
    return [code for code in BETWEEN_CODES.split(text or "") if code]


def _move_act() -> _Act:
    return _Act(MOVE, "org_units.take_move", "org_units/move.html", _("划转"), "above")


@blueprint.get("/org-units/<code:code>/move")
@requires(EDIT)
def move(code: str) -> ResponseReturnValue:
    """Where a unit's new superior is named."""
    facts = _movable(code)
    return _page(_move_act(), facts, _begun(MoveForm, facts))


@blueprint.post("/org-units/<code:code>/move")
@requires(EDIT)
def take_move(code: str) -> ResponseReturnValue:
    """Show what the move does, then move."""
    facts, form = _movable(code), MoveForm()
    above = _named(form, "above", form.above.data or "") if form.validate() else None
    if above is None:
        return _page(_move_act(), facts, form, status=422)

    def done(shape: Shape) -> tuple[str, str]:
        carry_out_move(current_session(), shape, doer=current_doer())
        said = _("%(unit)s已划转到%(above)s。", unit=facts.unit.short_name, above=above.unit.short_name)
        return said, unit_url(code)

    return _answer(
        _move_act(), facts, form, lambda: move_shape(facts, above, _terms(form), doer=current_doer()), done
    )


def _close_act() -> _Act:
    return _Act(CLOSE, "org_units.take_close", "org_units/close.html", _("撤销‖单位"), "successor")


@blueprint.get("/org-units/<code:code>/close")
@requires(EDIT)
def close(code: str) -> ResponseReturnValue:
    """From when a unit is no more."""
    facts = _movable(code)
    return _page(_close_act(), facts, _begun(CloseForm, facts))


@blueprint.post("/org-units/<code:code>/close")
@requires(EDIT)
def take_close(code: str) -> ResponseReturnValue:
    """Show what the end does, then end it."""
    facts, form = _movable(code), CloseForm()
    if not form.validate():
        return _page(_close_act(), facts, form, status=422)
    successor = _named(form, "successor", form.successor.data) if form.successor.data else None
    if form.successor.data and successor is None:
        return _page(_close_act(), facts, form, status=422)
    session, doer = current_session(), current_doer()

    def done(shape: Shape) -> tuple[str, str]:
        carry_out_close(session, shape, doer=doer)
        return _("%(unit)s已撤销，历史数据照旧保留。", unit=facts.unit.short_name), unit_url(code)

    return _answer(
        _close_act(), facts, form,
        lambda: close_shape(session, facts, successor, _terms(form), doer=doer), done,
    )  # fmt: skip


def _merge_act() -> _Act:
    return _Act(MERGE, "org_units.take_merge", "org_units/merge.html", _("合并"), "into")


@blueprint.get("/org-units/<code:code>/merge")
@requires(EDIT)
def merge(code: str) -> ResponseReturnValue:
    """Into which unit, and what becomes of each indicator."""
    facts = _movable(code)
    form = _begun(MergeForm, facts, into=request.args.get("into", "")[:32])
    form.summed.choices = _indicator_choices(facts)
    form.summed.data = [value for value, _label in form.summed.choices]
    return _page(_merge_act(), facts, form)


def _indicator_choices(facts: OrgFacts) -> list[tuple[str, str]]:
    """Flows of the lists the unit takes part in: levels are reported anew by the successor in any case."""
    session = current_session()
    [path] = paths_up(session, facts.unit.place.edition, [facts.unit.id]).values()
    lists = list_lists_in_play(session, facts.unit, [step.org_unit_id for step in path])
    return [
        (str(one.id), labelled(one.list_title, one.name))
        for one in list_indicators(session, [listed.id for listed in lists])
    ]


@blueprint.post("/org-units/<code:code>/merge")
@requires(EDIT)
def take_merge(code: str) -> ResponseReturnValue:
    """Show what the merger does, then merge."""
    facts, form = _movable(code), MergeForm()
    form.summed.choices = _indicator_choices(facts)
    successor = _named(form, "into", form.into.data or "") if form.validate() else None
    others = None if successor is None else _others(form)
    if successor is None or others is None:
        return _page(_merge_act(), facts, form, status=422)
    session, doer = current_session(), current_doer()
    summed = frozenset(int(value) for value in form.summed.data or ())

    def shape() -> Shape:
        units = [facts, *others]
        return merge_shape(session, units, successor, _terms(form), summed=summed, doer=doer)

    def done(wanted: Shape) -> tuple[str, str]:
        carry_out_merge(session, wanted, successor.unit, doer=doer)
        said = _("%(unit)s已并入%(into)s。", unit=facts.unit.short_name, into=successor.unit.short_name)
        return said, unit_url(successor.unit.code)

    return _answer(_merge_act(), facts, form, shape, done)


BETWEEN_CODES = re.compile(r"[\s,\u3001\uff0c]+")
"""What people type between codes, Chinese marks too."""


def _others(form: MergeForm) -> list[OrgFacts] | None:
    """Further units that are merged at once; None where one of them is not there."""
    codes = _codes(form.also.data)
    if len(codes) > MOST_MERGED:
        form.also.errors = [_("一次最多并入 %(most)s 个单位", most=MOST_MERGED)]
        return None
    found = [_named(form, "also", code) for code in dict.fromkeys(codes)]
    return None if None in found else [one for one in found if one is not None]
