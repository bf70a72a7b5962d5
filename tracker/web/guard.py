"""The door: every endpoint names one permission, and only who holds it gets in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, Unauthorized

from tracker.domain.password_policy import Pending
from tracker.domain.permissions import RIGHTS, Permission, Reach, holds
from tracker.web.current import find_identity, half_signed_in, is_safe
from tracker.web.headers import FORGET
from tracker.web.side_effects import record_refusal

View = TypeVar("View", bound=Callable[..., Any])

PERMISSION: Final = "required_permission"
STEPS: Final = {
    Pending.CODE:      ("accounts.ask_code", Permission.GIVE_CODE),
    Pending.PASSWORD:  ("accounts.ask_new_password", Permission.RENEW_PASSWORD),
    Pending.ENROLMENT: ("accounts.ask_to_enrol", Permission.ENROL_FACTOR),
}  # fmt: skip
"""What is left to do after the password → its page, and the only permission held meanwhile."""

LONGEST_NEXT: Final = 300


class UnguardedEndpoint(Exception):
    """An endpoint does not say who may use it; the application does not start."""


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view with the one permission its endpoint needs (below ``@blueprint.route``)."""

    def mark(view: View) -> View:
        setattr(view, PERMISSION, permission)
        return view

    return mark


def permission_of(app: Flask, endpoint: str) -> Permission:
    """The permission an endpoint needs; UnguardedEndpoint when it names none."""
    permission = getattr(app.view_functions[endpoint], PERMISSION, None)
    if permission is None:
        raise UnguardedEndpoint(f"{endpoint}: no @requires(Permission.…)")
    return Permission(permission)


def refuse_unguarded(app: Flask) -> None:
    """Raise UnguardedEndpoint naming the first endpoint without a permission."""
    for rule in app.url_map.iter_rules():
        permission_of(app, rule.endpoint)


def is_public(permission: Permission) -> bool:
    """Whether visitors hold it."""
    return RIGHTS[permission].reach is Reach.EVERYONE


def check_door() -> ResponseReturnValue | None:
    """Before each request: sign-in page, 401 or 403 for whoever does not hold the permission.

    Whoever has given the password and has a step left is led to it, and let in nowhere else.
    An address nobody serves, or a method it lacks, is answered further on by 404 or 405.
    """
    if request.endpoint is None:
        return None
    permission = permission_of(current_app, request.endpoint)
    if is_public(permission):
        return None
    half = half_signed_in()
    if half is not None and half.pending is not None:
        return _lead_on(half.pending, permission)
    identity = find_identity()
    if identity is None:
        return _ask_to_sign_in()
    if _is_step(permission):
        return redirect(url_for("accounts.desk"), 303)
    if not holds(identity, permission):
        record_refusal(identity, permission)
        raise Forbidden
    return None


def own_path(target: str) -> str:
    """``target`` when it is a path within this site, else the desk: nobody is sent elsewhere by a link."""
    return target if _is_own_path(target) else url_for("accounts.desk")


def _is_step(permission: Permission) -> bool:
    return RIGHTS[permission].reach is Reach.STEP


def _lead_on(pending: Pending, permission: Permission) -> ResponseReturnValue | None:
    """To the one page that is left to somebody who is half signed in; what they sent elsewhere is kept by the 401."""
    page, allowed = STEPS[pending]
    if permission is allowed:
        return None
    if not is_safe() and not _is_step(permission):
        raise Unauthorized
    here = None if _is_step(permission) else _worth_returning()
    return redirect(url_for(page, next=here), 302 if is_safe() else 303)


def _worth_returning() -> str | None:
    here = request.full_path.rstrip("?")
    return here if here != "/" and len(here) <= LONGEST_NEXT else None


def _ask_to_sign_in() -> ResponseReturnValue:
    if not is_safe():
        raise Unauthorized
    response = redirect(url_for("accounts.sign_in", next=_worth_returning()))
    if "_user_id" in session:
        response.headers.set(*FORGET)  # a session that ended leaves no page behind
    return response


def _is_own_path(target: str) -> bool:
    if not target.startswith("/") or target.startswith("//") or len(target) > LONGEST_NEXT:
        return False
    if "\\" in target or any(ord(character) < 0x21 for character in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc
