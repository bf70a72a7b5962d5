"""The order of a list: numbers of pledges, and of the indicators within each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.features.programmes.blueprint import Context, blueprint, list_url, trail_of
from tracker.features.programmes.editing import parts
from tracker.features.programmes.editing.pages import EDIT, Opened, fill_months, open_list, terms_of
from tracker.features.programmes.editing.saving import Attempt, save_list
from tracker.features.programmes.files.nodes import Scalar
from tracker.features.programmes.forms import OrderForm
from tracker.services.programme_documents.document import Document, Fields
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _


@blueprint.get("/programmes/<key:key>/list/order")
@requires(EDIT)
def edit_order(key: str) -> ResponseReturnValue:
    """Every pledge and indicator with its number."""
    opened = open_list(key)
    pledges, indicators = [], []
    for pledge in opened.document.pledges:
        pledges.append({"key": str(pledge.number), "number": pledge.number})
        indicators += [{"key": one.code, "number": place} for place, one in enumerate(pledge.indicators, 1)]
    form = OrderForm(data={"pledges": pledges, "indicators": indicators, **terms_of(opened)})
    return _page(form, opened, Attempt())


@blueprint.post("/programmes/<key:key>/list/order")
@requires(EDIT)
def save_order(key: str) -> ResponseReturnValue:
    """Number them anew; what is reported already stays with its pledge."""
    opened, form = open_list(key), OrderForm()
    fill_months(form, opened)
    is_valid = form.validate()
    attempt = save_list(
        form,
        _ordered(opened.document, form),
        stored=opened.document,
        is_valid=is_valid,
        needs_terms=opened.is_public,
    )
    if not attempt.is_done:
        return _page(form, opened, attempt)
    flash(_("已保存。") if attempt.has_changed else _("没有变化。"), "success")
    return redirect(list_url(key), 303)


def _ordered(document: Document, form: OrderForm) -> Fields:
    numbers = {
        int(row.key.data): Scalar(row.number.id, str(row.number.data))
        for row in form.pledges
        if (row.key.data or "").isdecimal() and row.number.data is not None
    }
    places = {row.key.data or "": row.number.data or 0 for row in form.indicators}
    return parts.reordered(document, numbers=numbers, places=places)


def _page(form: OrderForm, opened: Opened, attempt: Attempt) -> ResponseReturnValue:
    fill_months(form, opened)
    status = 200 if attempt.is_done else 422 if attempt.conflict is None else 409
    if attempt.conflict is not None:
        form.version.data = terms_of(opened)["version"]
    page = render_template(
        "programmes/order.html",
        heading=_("调整顺序"),
        trail=trail_of(opened.head, _("调整顺序")),
        action=url_for("programmes.save_order", key=opened.head.key),
        cancel_url=list_url(opened.head.key),
        form=form,
        rows=_rows(opened.document, form),
        faults=attempt.told,
        conflict=attempt.conflict,
        is_public=opened.is_public,
    )
    return make_response(page, status)


def _rows(document: Document, form: OrderForm) -> list[Context]:
    """The pledges with their fields, and under each its indicators with theirs."""
    pledges, indicators = _by_key(form.pledges), _by_key(form.indicators)
    return [
        {
            "title": pledge.title,
            "fields": pledges.get(str(pledge.number)),
            "indicators": [
                {"name": one.name, "fields": indicators.get(one.code)} for one in pledge.indicators
            ],
        }
        for pledge in document.pledges
    ]


def _by_key(rows: Iterable[Any]) -> Context:
    return {row.key.data or "": row for row in rows}
