"""Forms for a list and its parts; every change goes the way of a file."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault
from tracker.features.programmes.blueprint import Context, blueprint
from tracker.features.programmes.editing import parts, typed
from tracker.features.programmes.editing.indicator_forms import kind_of
from tracker.features.programmes.editing.pages import (
    EDIT,
    Opened,
    Page,
    asked_kind,
    drop_part,
    fit,
    form_page,
    kinds_page,
    open_list,
    page_of,
    save,
    terms_of,
)
from tracker.features.programmes.forms import (
    HeadForm,
    IndicatorFields,
    IndicatorForm,
    NewListForm,
    NewPledgeForm,
    PledgeForm,
)
from tracker.features.programmes.plan_curves import NoLastYear, last_years_curve
from tracker.services.programme_documents.document import FORMAT, Document, IndicatorText
from tracker.web.current import calendar_now, current_identity, current_session
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _


@blueprint.get("/programmes/new")
@requires(EDIT)
def new_list() -> ResponseReturnValue:
    """A new list: first the kind of its first indicator, then everything on one page."""
    kind = asked_kind()
    if kind is None:
        return kinds_page(_("新建清单：先选第一项指标的类型"), "programmes.new_list")
    form = NewListForm(
        data={
            "head": typed.filled_new_head(calendar_now().year),
            "pledge": {"number": "1"},
            "indicator": typed.filled_new_indicator(kind),
        }
    )
    fit(form.indicator.form, kind, None, None)
    return form_page(form, _new_list_page(kind))


@blueprint.post("/programmes/new")
@requires(EDIT)
def create_list() -> ResponseReturnValue:
    """Write a new draft of the own unit."""
    form = NewListForm()
    kind = kind_of(form.indicator.form)
    fit(form.indicator.form, kind, None, None)
    head = typed.typed_head(form.head.form, is_new=True)
    code = form.indicator.form.code.data or typed.next_code(None, 1)
    indicator = typed.typed_indicator(form.indicator.form, code=code, curve=None)
    publisher = current_identity().appointment.org_unit_code
    fields = {"format": FORMAT, "publisher": publisher} | parts.new_list(
        head, typed.typed_pledge(form.pledge.form), indicator
    )
    return save(form, fields, None, page=_new_list_page(kind))


def _new_list_page(kind: Kind) -> Page:
    trail: list[Context] = [
        {"label": _("实事清单"), "url": url_for("programmes.list_all")},
        {"label": _("新建清单"), "url": None},
    ]
    return Page(
        heading=_("新建清单"),
        trail=trail,
        action=url_for("programmes.create_list"),
        cancel_url=url_for("programmes.list_all"),
        kind=kind,
        kind_url=url_for("programmes.new_list"),
    )


@blueprint.get("/programmes/<key:key>/list/head")
@requires(EDIT)
def edit_head(key: str) -> ResponseReturnValue:
    """The list's own settings."""
    opened = open_list(key)
    form = HeadForm(data={"head": typed.filled_head(opened.document), **terms_of(opened)})
    return form_page(_fit_head(form), _head_page(opened), opened=opened)


@blueprint.post("/programmes/<key:key>/list/head")
@requires(EDIT)
def save_head(key: str) -> ResponseReturnValue:
    """Change them; other limits of the lights become the next rule set."""
    opened = open_list(key)
    form = _fit_head(HeadForm())
    fields = parts.with_head(opened.document, typed.typed_head(form.head.form, is_new=False))
    return save(form, fields, opened, page=_head_page(opened))


def _fit_head(form: HeadForm) -> HeadForm:
    for name in ("year", "slug"):
        del form.head.form[name]
    return form


def _head_page(opened: Opened) -> Page:
    return page_of(opened, _("清单设置"), url_for("programmes.save_head", key=opened.head.key))


@blueprint.get("/programmes/<key:key>/list/pledges/new")
@requires(EDIT)
def add_pledge(key: str) -> ResponseReturnValue:
    """One pledge more, with its first indicator."""
    opened, kind = open_list(key), asked_kind()
    if kind is None:
        return kinds_page(_("增加实事：先选第一项指标的类型"), "programmes.add_pledge", opened=opened)
    number = max((pledge.number for pledge in opened.document.pledges), default=0) + 1
    filled = {"pledge": {"number": str(number)}, "indicator": typed.filled_new_indicator(kind)}
    form = NewPledgeForm(data={**filled, **terms_of(opened)})
    fit(form.indicator.form, kind, opened, None)
    return form_page(form, _new_pledge_page(opened, kind), opened=opened)


@blueprint.post("/programmes/<key:key>/list/pledges/new")
@requires(EDIT)
def create_pledge(key: str) -> ResponseReturnValue:
    """Write it."""
    opened, form = open_list(key), NewPledgeForm()
    kind = kind_of(form.indicator.form)
    fit(form.indicator.form, kind, opened, None)
    number = form.pledge.form.number.data or ""
    code = form.indicator.form.code.data or typed.next_code(
        opened.document, int(number) if number.isdecimal() else 0
    )
    indicator = typed.typed_indicator(form.indicator.form, code=code, curve=None)
    fields = parts.with_new_pledge(opened.document, typed.typed_pledge(form.pledge.form), indicator)
    return save(form, fields, opened, page=_new_pledge_page(opened, kind))


def _new_pledge_page(opened: Opened, kind: Kind) -> Page:
    key = opened.head.key
    page = page_of(opened, _("增加实事"), url_for("programmes.create_pledge", key=key))
    return page._replace(kind=kind, kind_url=url_for("programmes.add_pledge", key=key))


@blueprint.get("/programmes/<key:key>/list/pledges/<int:number>")
@requires(EDIT)
def edit_pledge(key: str, number: int) -> ResponseReturnValue:
    """A pledge's own fields."""
    opened = open_list(key)
    form = PledgeForm(data={"pledge": typed.filled_pledge(opened.pledge(number)), **terms_of(opened)})
    return form_page(form, _pledge_page(opened, number), opened=opened)


@blueprint.post("/programmes/<key:key>/list/pledges/<int:number>")
@requires(EDIT)
def save_pledge(key: str, number: int) -> ResponseReturnValue:
    """Change them."""
    opened, form = open_list(key), PledgeForm()
    opened.pledge(number)
    fields = parts.with_pledge(opened.document, number, typed.typed_pledge(form.pledge.form))
    return save(form, fields, opened, page=_pledge_page(opened, number))


def _pledge_page(opened: Opened, number: int) -> Page:
    key = opened.head.key
    page = page_of(
        opened,
        _("第 %(number)s 件实事", number=number),
        url_for("programmes.save_pledge", key=key, number=number),
    )
    if opened.is_public:
        return page._replace(kept_text=_("清单已公布，实事项目不能删去。"))
    drop_url = url_for("programmes.drop_pledge", key=key, number=number)
    return page._replace(drop_url=drop_url, drop_text=_("删去这件实事和它的指标"))


@blueprint.post("/programmes/<key:key>/list/pledges/<int:number>/drop")
@requires(EDIT)
def drop_pledge(key: str, number: int) -> ResponseReturnValue:
    """Take a pledge out of a draft."""
    opened = open_list(key)
    filled = {"pledge": typed.filled_pledge(opened.pledge(number)), **terms_of(opened)}
    empty = PledgeForm(formdata=None, data=filled)
    fields = parts.without_pledge(opened.document, number)
    return drop_part(opened, fields, page=_pledge_page(opened, number), empty=empty)


@blueprint.get("/programmes/<key:key>/list/pledges/<int:number>/indicators/new")
@requires(EDIT)
def add_indicator(key: str, number: int) -> ResponseReturnValue:
    """One indicator more in a pledge."""
    opened, kind = open_list(key), asked_kind()
    opened.pledge(number)
    if kind is None:
        return kinds_page(_("增加指标：先选类型"), "programmes.add_indicator", opened=opened, number=number)
    form = IndicatorForm(data={"indicator": typed.filled_new_indicator(kind), **terms_of(opened)})
    fit(form.indicator.form, kind, opened, None)
    return form_page(form, _new_indicator_page(opened, number, kind), opened=opened)


@blueprint.post("/programmes/<key:key>/list/pledges/<int:number>/indicators/new")
@requires(EDIT)
def create_indicator(key: str, number: int) -> ResponseReturnValue:
    """Write it."""
    opened, form = open_list(key), IndicatorForm()
    opened.pledge(number)
    kind = kind_of(form.indicator.form)
    fit(form.indicator.form, kind, opened, None)
    code = form.indicator.form.code.data or typed.next_code(opened.document, number)
    indicator = typed.typed_indicator(form.indicator.form, code=code, curve=None)
    fields = parts.with_new_indicator(opened.document, number, indicator)
    return save(form, fields, opened, page=_new_indicator_page(opened, number, kind))


def _new_indicator_page(opened: Opened, number: int, kind: Kind) -> Page:
    key = opened.head.key
    action = url_for("programmes.create_indicator", key=key, number=number)
    page = page_of(opened, _("第 %(number)s 件实事：增加指标", number=number), action)
    return page._replace(kind=kind, kind_url=url_for("programmes.add_indicator", key=key, number=number))


@blueprint.get("/programmes/<key:key>/list/indicators/<code>")
@requires(EDIT)
def edit_indicator(key: str, code: str) -> ResponseReturnValue:
    """An indicator's fields, as its kind needs them; ``?kind=`` tries another kind."""
    opened = open_list(key)
    text = opened.indicator(code)
    kind = text.kind if opened.is_public else (asked_kind() or text.kind)
    form = IndicatorForm(data={"indicator": typed.filled_indicator(text, kind), **terms_of(opened)})
    fit(form.indicator.form, kind, opened, text)
    return form_page(form, _indicator_page(opened, text, kind), opened=opened)


@blueprint.post("/programmes/<key:key>/list/indicators/<code>")
@requires(EDIT)
def save_indicator(key: str, code: str) -> ResponseReturnValue:
    """Change them."""
    opened, form = open_list(key), IndicatorForm()
    text = opened.indicator(code)
    kind = kind_of(form.indicator.form)
    fit(form.indicator.form, kind, opened, text)
    curve, faults = _curve(opened.document, form.indicator.form, code)
    indicator = typed.typed_indicator(form.indicator.form, code=None, curve=curve)
    fields = parts.with_indicator(opened.document, code, indicator)
    return save(form, fields, opened, page=_indicator_page(opened, text, kind), further=faults, code=code)


def _curve(
    document: Document, form: IndicatorFields, code: str
) -> tuple[tuple[int, ...] | None, list[Fault]]:
    """Last year's curve where it is asked for, or the fault that there is none."""
    if "plan_shape" not in form or form.plan_shape.data != "last_year":
        return None, []
    try:
        return last_years_curve(current_session(), document, code), []
    except NoLastYear as refused:
        return None, [Fault(form.plan_shape.id, refused.message)]


def _indicator_page(opened: Opened, text: IndicatorText, kind: Kind) -> Page:
    key, code = opened.head.key, text.code
    page = page_of(opened, text.name, url_for("programmes.save_indicator", key=key, code=code))._replace(
        kind=kind
    )
    if opened.is_public:
        return page._replace(kept_text=_("清单已公布，指标不能删去，类型和小数位不能再改；需要时另立一项。"))
    return page._replace(
        kind_url=url_for("programmes.choose_kind", key=key, code=code),
        drop_url=url_for("programmes.drop_indicator", key=key, code=code),
        drop_text=_("删去这项指标"),
    )


@blueprint.get("/programmes/<key:key>/list/indicators/<code>/kind")
@requires(EDIT)
def choose_kind(key: str, code: str) -> ResponseReturnValue:
    """Another kind for an indicator of a draft."""
    opened = open_list(key)
    text = opened.indicator(code)
    heading = _("“%(name)s”换一种类型", name=text.name)
    return kinds_page(heading, "programmes.edit_indicator", opened=opened, code=code)


@blueprint.post("/programmes/<key:key>/list/indicators/<code>/drop")
@requires(EDIT)
def drop_indicator(key: str, code: str) -> ResponseReturnValue:
    """Take an indicator out of a draft."""
    opened = open_list(key)
    text = opened.indicator(code)
    filled = {"indicator": typed.filled_indicator(text, text.kind), **terms_of(opened)}
    empty = IndicatorForm(formdata=None, data=filled)
    fit(empty.indicator.form, text.kind, opened, text)
    page, fields = _indicator_page(opened, text, text.kind), parts.without_indicator(opened.document, code)
    return drop_part(opened, fields, page=page, empty=empty)
