"""What all forms of a list share: opening it, the page around the form, saving and dropping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault, NotFound
from tracker.domain.permissions import Permission
from tracker.features.programmes.blueprint import Context, list_url, own_list, trail_of
from tracker.features.programmes.changes import DRAFT
from tracker.features.programmes.commands import CLOSED, ListClosed, version_of
from tracker.features.programmes.editing.indicator_forms import fit_indicator, kind_choices, kind_words
from tracker.features.programmes.editing.saving import Attempt, month_choices, save_list
from tracker.features.programmes.forms import IndicatorFields, TermsForm
from tracker.features.programmes.queries import get_document
from tracker.features.programmes.states import lock_list
from tracker.features.programmes.versions import Upper, list_uppers
from tracker.services.programme_documents.document import Document, Fields, IndicatorText, PledgeText
from tracker.services.programme_heads import Head
from tracker.services.tree import get_unit, paths_up
from tracker.web.current import current_identity, current_session, is_safe
from tracker.web.i18n import gettext as _

EDIT = Permission.EDIT_PROGRAMME


class PartNotFound(NotFound):
    """The list has no such pledge or indicator."""


class Opened(NamedTuple):
    """A list being changed: its head, and what it says."""

    head: Head
    document: Document

    @property
    def is_public(self) -> bool:
        """Whether a change needs a reason."""
        return self.head.state != DRAFT

    def pledge(self, number: int) -> PledgeText:
        """The pledge of this number. Raises PartNotFound."""
        found = [pledge for pledge in self.document.pledges if pledge.number == number]
        if not found:
            raise PartNotFound("清单里没有这一件实事")
        return found[0]

    def indicator(self, code: str) -> IndicatorText:
        """The indicator of this code. Raises PartNotFound."""
        found = [one for one in self.document.indicators if one.code == code]
        if not found:
            raise PartNotFound("清单里没有这项指标")
        return found[0]


def open_list(key: str) -> Opened:
    """The own list, kept from others where it is about to be changed. Raises NotOwnList and ListClosed."""
    head = own_list(key, EDIT)
    if head.state == CLOSED:
        raise ListClosed("{key} 已经结束，不能再改", key=key)
    session = current_session()
    return Opened(head, get_document(session, key) if is_safe() else lock_list(session, key).document)


class Page(NamedTuple):
    """What stands around a form."""

    heading: str
    trail: list[Context]
    action: str
    cancel_url: str
    kind: Kind | None = None
    kind_url: str | None = None
    drop_url: str | None = None
    drop_text: str = ""
    kept_text: str = ""


def page_of(opened: Opened, heading: str, action: str) -> Page:
    """The page around a form of a list there is."""
    return Page(heading, trail_of(opened.head, heading), action, list_url(opened.head.key))


def terms_of(opened: Opened) -> Context:
    """What every form of a list carries: the state it was drawn from."""
    return {"version": version_of(opened.document)}


def asked_kind() -> Kind | None:
    """The kind in the address; none where it is missing or unknown."""
    asked = request.args.get("kind")
    return Kind(asked) if asked in list(Kind) else None


def fit(form: IndicatorFields, kind: Kind, opened: Opened | None, text: IndicatorText | None) -> None:
    """Make the form of an indicator one of its kind."""
    document = None if opened is None else opened.document
    fit_indicator(form, kind, document=document, indicator=text, uppers=_uppers(opened, kind))


def _uppers(opened: Opened | None, kind: Kind) -> list[Upper]:
    """What the indicator could feed: indicators of this kind in lists further up."""
    if opened is None:
        return []
    session, head = current_session(), opened.head
    publisher = get_unit(session, head.publisher_id)
    steps = paths_up(session, publisher.place.edition, [publisher.id])[publisher.id]
    above = [step.org_unit_id for step in steps if step.org_unit_id != publisher.id]
    return list_uppers(session, year=head.year, above=above, kind=str(kind), seen_by=current_identity())


def form_page(
    form: TermsForm, page: Page, *, opened: Opened | None = None, attempt: Attempt | None = None
) -> Response:
    """The form on its page; 422 with everything to mend, 409 with both sides of a conflict."""
    fill_months(form, opened)
    attempt = attempt or Attempt()
    status = 200 if attempt.is_done else 422 if attempt.conflict is None else 409
    if attempt.conflict is not None and opened is not None:
        form.version.data = version_of(opened.document)
    drawn = render_template(
        "programmes/edit.html",
        **page._asdict() | {"kind": None if page.kind is None else kind_words(page.kind)},
        form=form,
        faults=attempt.told,
        conflict=attempt.conflict,
        is_public=opened is not None and opened.is_public,
        is_new=opened is None,
    )
    return make_response(drawn, status)


def fill_months(form: TermsForm, opened: Opened | None) -> None:
    """Offer the months of the list's year to a change of targets."""
    form.effective.choices = month_choices(0 if opened is None else opened.head.year)


def kinds_page(
    heading: str, endpoint: str, *, opened: Opened | None = None, **values: object
) -> ResponseReturnValue:
    """Every kind in plain words, each leading to its form."""
    if opened is None:
        trail: list[Context] = [
            {"label": _("实事清单"), "url": url_for("programmes.list_all")},
            {"label": heading, "url": None},
        ]
    else:
        values = {"key": opened.head.key, **values}
        trail = trail_of(opened.head, heading)
    return render_template(
        "programmes/kinds.html",
        heading=heading,
        trail=trail,
        is_first=opened is None,
        kinds=kind_choices(endpoint, **values),
    )


def save(
    form: TermsForm,
    fields: Fields,
    opened: Opened | None,
    *,
    page: Page,
    further: Sequence[Fault] = (),
    code: str | None = None,
) -> ResponseReturnValue:
    """Write the changed list and go to its page, or show the form again with all that was typed."""
    fill_months(form, opened)
    attempt = save_list(
        form,
        fields,
        stored=None if opened is None else opened.document,
        is_valid=form.validate(),
        needs_terms=opened is not None and opened.is_public,
        further=further,
        code=code,
    )
    if not attempt.is_done:
        return form_page(form, page, opened=opened, attempt=attempt)
    flash(_("已保存。") if attempt.has_changed else _("没有变化。"), "success")
    return redirect(list_url(attempt.key), 303)


def drop_part(opened: Opened, fields: Fields, *, page: Page, empty: TermsForm) -> ResponseReturnValue:
    """Take a part out, or show its form again with what stands against that; ``empty`` is filled as it stands."""
    sent = TermsForm()
    fill_months(sent, opened)
    attempt = save_list(
        sent, fields, stored=opened.document, is_valid=sent.validate(), needs_terms=opened.is_public
    )
    if not attempt.is_done:
        return form_page(empty, page, opened=opened, attempt=attempt)
    flash(_("已删去。"), "success")
    return redirect(list_url(attempt.key), 303)
