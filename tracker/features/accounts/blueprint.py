"""The blueprint all pages of accounts hang on, and what they share."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app
from flask_login import login_user

from tracker.features.accounts.forms import PasswordForm
from tracker.features.accounts.known_browsers import source_of_attempt
from tracker.features.accounts.limits import Judge, Verdict
from tracker.features.accounts.passwords import Passwords
from tracker.features.accounts.queries import Credentials, find_credentials
from tracker.features.accounts.secret_box import SecretBox
from tracker.services.sign_in_attempts import Try
from tracker.web.current import Visitor, current_database, current_policy, now, remote_address
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.side_effects import record_attempt

blueprint = Blueprint("accounts", __name__)

PASSWORDS = "passwords"


def current_passwords() -> Passwords:
    """How passwords are hashed and judged here."""
    passwords: Passwords = current_app.extensions[PASSWORDS]
    return passwords


def current_box() -> SecretBox:
    """What second factors are encrypted with here."""
    return SecretBox.of(current_app.config["SECRET_KEY"])


def count_try(login: str, *, is_code: bool = False) -> Verdict:
    """Write down and judge a try with a password, or with a code, of this login from this browser."""
    source, is_known = source_of_attempt(login, remote_address())
    tried = Try("code" if is_code else "password", login, source, remote_address())
    limits = current_app.config["SIGN_IN_LIMITS"]
    return record_attempt(tried, Judge(current_policy(), limits, now(), is_known, is_code))


def credentials_of(login: str) -> Credentials | None:
    """The open account with this login, read on the read side."""
    with current_database().read_session() as reader:
        return find_credentials(reader, login)


def name_password_faults(form: PasswordForm, credentials: Credentials) -> None:
    """Beside what is wrong with the form: everything wrong with the new password, so that all is told at once."""
    typed = form.replacement.data
    if typed:
        found = current_passwords().faults(typed, login=credentials.login, name=credentials.name)
        form.replacement.errors = [*form.replacement.errors, *(translate(fault) for fault in found)]


def keep_token(token: str) -> None:
    """Have this browser go on with another token."""
    login_user(Visitor(token))


def wait_words(wait: timedelta) -> str:
    """When to try again."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    if minutes < 120:
        return _("试的次数太多，请 %(minutes)s 分钟后再试，或联系本单位管理员。", minutes=minutes)
    return _("试的次数太多，请 %(hours)s 小时后再试，或联系本单位管理员。", hours=-(-minutes // 60))


def tries_words(text: str, tries_left: int) -> str:
    """What was wrong, and how many tries are left before the next one has to wait."""
    if tries_left <= 0:
        return text
    return text + _("还可以再试 %(count)s 次。", count=tries_left)
