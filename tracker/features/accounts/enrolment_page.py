"""Setting up a second factor on a page: the secret travels with the form, encrypted for its account, until it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import Response, make_response, render_template

from tracker.domain.identity import Identity
from tracker.domain.messages import Refusal
from tracker.features.accounts.blueprint import current_box
from tracker.features.accounts.codes import new_secret, setup_address, setup_picture, spaced
from tracker.features.accounts.forms import EnrolmentForm
from tracker.features.accounts.secret_box import Unreadable
from tracker.web.current import now


class StaleEnrolment(Refusal):
    """The form's secret was made for another account or with another key."""


class Enrolment(NamedTuple):
    """What the page shows: a QR code as an image address, the secret in groups of four, and what the QR code says."""

    picture: str
    secret: str
    address: str


def enrolment(form: EnrolmentForm, identity: Identity) -> Enrolment:
    """The secret in the form, or a new one that is put there: what was scanned stays right after a wrong code."""
    try:
        secret = read_secret(form, identity)
    except StaleEnrolment:
        secret = new_secret()
        form.locked.data = current_box().lock(secret, _bound_to(identity))
    login = identity.login
    return Enrolment(setup_picture(secret, login), spaced(secret), setup_address(secret, login))


def read_secret(form: EnrolmentForm, identity: Identity) -> str:
    """The secret that the form carries. Raises StaleEnrolment."""
    try:
        return current_box().open(form.locked.data or "", _bound_to(identity))
    except Unreadable:
        raise StaleEnrolment("这个二维码已失效，请扫描新的二维码。") from None


def codes_page(codes: Sequence[str], identity: Identity, *, onward: str) -> Response:
    """The recovery codes, to be printed or written down; shown this once."""
    page = render_template(
        "accounts/recovery_codes.html", codes=codes, identity=identity, onward=onward, drawn_at=now()
    )
    return make_response(page)


def _bound_to(identity: Identity) -> str:
    return f"enrolment {identity.account_id}"
