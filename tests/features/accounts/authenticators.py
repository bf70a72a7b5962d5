"""A telephone with an authenticator, and people who use one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.people import PASSWORD
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.password_policy import PROFILES
from tracker.features.accounts.codes import STEP_S
from tracker.features.accounts.passwords import Passwords


def go_by(app: Flask, policy: str) -> None:
    """Have the application keep to this profile."""
    app.config["POLICY"] = policy
    passwords: Passwords = app.extensions["passwords"]
    app.extensions["passwords"] = Passwords(
        passwords.hasher, passwords.decoy, PROFILES[policy], passwords.known
    )


def code_of(secret: str, *, steps: int = 1) -> str:
    """What the telephone shows next, or in so many steps: taken ahead, it stays right however long a test dawdles."""
    return pyotp.TOTP(secret).generate_otp(int(datetime.now(UTC).timestamp()) // STEP_S + steps)


def locked_in(page: str) -> tuple[str, str]:
    """The secret that a page of setting up shows, and the encrypted one in its form."""
    shown = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    locked = re.search(r'name="locked" [^>]*value="([^"]+)"', page)
    assert shown is not None
    assert locked is not None
    return shown[1].replace(" ", ""), unescape(locked[1])


def codes_in(page: str) -> list[str]:
    """The recovery codes a page shows."""
    return re.findall(r"<code>([a-z0-9-]{14})</code>", page)


def enrol(browser: StrictClient, *, page: str = "/account/second-factor") -> tuple[str, list[str]]:
    """Set the second factor up in a browser; its secret, and the recovery codes."""
    secret, locked = locked_in(browser.get(page).text)
    answer = browser.submit(page, {"locked": locked, "code": code_of(secret, steps=0), **password(page)})
    assert answer.status_code == 200, answer.text
    return secret, codes_in(answer.text)


def password(page: str) -> dict[str, str]:
    """What one's own account asks besides; at sign-in it has just been typed."""
    return {"current": PASSWORD} if page.startswith("/account") else {}


def with_password(app: Flask, login: str) -> StrictClient:
    """A browser in which the right password was typed."""
    client = StrictClient(app, use_cookies=True)
    assert client.submit("/login", {"login": login, "password": PASSWORD}).status_code == 303
    return client


def bare_copy(app: Flask, browser: StrictClient) -> FlaskClient:
    """The same browser for a thread of its own: the strict one watches the whole database, others' work too."""
    copy = FlaskClient(app, use_cookies=True)
    for name in ("session", "known-browser"):
        cookie = browser.get_cookie(name)
        if cookie is not None:
            copy.set_cookie(name, cookie.value)
    return copy


def database_of(app: Flask) -> Database:
    """The application's database."""
    database: Database = app.extensions["database"]
    return database
