"""The one blueprint of people, and what every page of it starts from."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, current_app, url_for

from tracker.domain.messages import Fault
from tracker.features.people.doing import Doer
from tracker.features.people.queries import Someone, get_person
from tracker.web.current import current_identity, current_session, is_split, now, request_id
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

blueprint = Blueprint("people", __name__)

Context = dict[str, Any]
LARGEST_KEY: Final = 2**63 - 1


def current_doer() -> Doer:
    """Who keeps people here, and what this installation allows."""
    return Doer(
        current_identity(),
        now(),
        request_id(),
        is_split=is_split(),
        can_mail=bool(current_app.config["MAIL_URL"]),
        blank_hash=current_app.extensions["passwords"].decoy,
    )


def someone_of(account_id: int) -> Someone:
    """The person an address names. Raises PersonNotFound."""
    return get_person(current_session(), min(account_id, LARGEST_KEY), seen_by=current_identity(), now=now())


def trail_of(*steps: tuple[str, str | None]) -> list[Context]:
    """Breadcrumbs below the list of people."""
    first: Context = {"label": _("人员‖栏目"), "url": url_for("people.index")}
    return [first, *({"label": label, "url": url} for label, url in steps)]


def put_faults(form: Any, faults: tuple[Fault, ...]) -> None:
    """Say each fault at its field, or above the form where it has none."""
    for fault in faults:
        field = getattr(form, fault.place, None) if fault.place else None
        if field is None:
            form.form_errors.append(translate(fault.message))
        else:
            field.errors = [*field.errors, translate(fault.message)]
