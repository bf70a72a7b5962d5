"""Browsers an account has signed in from: a signed cookie by which a flood of guesses cannot lock its owner out."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

LIFETIME: Final = timedelta(days=180)
MOST_ACCOUNTS: Final = 8
SALT: Final = "known-browser"


def source_of_attempt(login: str, address: str) -> tuple[str, bool]:
    """Where a try comes from, as it is counted, and whether the account knows this browser.

    A known browser is counted by its own number instead of its address, so it is limited by its own
    wrong guesses only.
    """
    number = _read().get(login)
    return (address, False) if number is None else (f"browser:{number}", True)


def remember_browser(response: Response, login: str) -> Response:
    """Have this browser known to the account from now on."""
    known = _read()
    number = known.pop(login, None) or secrets.token_hex(16)
    kept = dict(list(known.items())[-(MOST_ACCOUNTS - 1) :]) | {login: number}
    response.set_cookie(
        current_app.config["KNOWN_BROWSER_COOKIE"],
        _serializer().dumps(kept),
        max_age=LIFETIME,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=SALT)


def _read() -> dict[str, str]:
    cookie = request.cookies.get(current_app.config["KNOWN_BROWSER_COOKIE"], "")
    try:
        known: Any = _serializer().loads(cookie, max_age=int(LIFETIME.total_seconds()))
    except BadSignature:
        return {}
    return dict(known)
