"""What the current request goes by: its number, its moment, its session, and who is asking."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app, g, has_request_context, request, session
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session

from tracker.db import Database
from tracker.domain.identity import NO_DUTY, Actor, Identity, actor_of
from tracker.domain.password_policy import PROFILES, Policy
from tracker.services.clock import Calendar, read_calendar
from tracker.services.sessions import Ending, SignedIn, find_ending, find_signed_in

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NobodySignedIn(Exception):
    """A view that needs somebody was reached without: its guard and its code disagree."""


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """What Flask-Login holds of a signed-in browser; its id is the session's token, never stored by us."""

    def __init__(self, token: str, found: SignedIn | None = None) -> None:
        is_whole = found is not None and found.pending is None
        self.token = token
        self.signed_in = found if is_whole else None
        self.half = None if is_whole else found

    @property
    def is_authenticated(self) -> bool:
        """Half a sign-in is none."""
        return self.signed_in is not None

    def get_id(self) -> str:
        """The token that goes into the signed cookie."""
        return self.token


def init_current(app: Flask) -> None:
    """Have Flask-Login find the visitor by the server-side session, and close what a request opened."""
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)  # an error page must not look for anybody
    manager.session_protection = None  # sessions are kept, ended and revoked on the server
    manager.user_loader(_find_visitor)
    app.teardown_request(lambda _error: discard_session())


def current_database() -> Database:
    """The running application's database."""
    database: Database = current_app.extensions["database"]
    return database


def request_id() -> str:
    """This request's own number, in its answer, in the log and in the audit trail."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    number: str = g.request_id
    return number


def real_now() -> datetime:
    """This very moment, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The moment this request began, in UTC; the same for everything it does."""
    if "now" not in g:
        g.now = real_now()
    moment: datetime = g.now
    return moment


def current_calendar() -> Calendar:
    """The calendar that desks, deadlines and periods go by, read once for a request."""
    if "calendar" not in g:
        g.calendar = read_calendar(current_session(), now())
    calendar: Calendar = g.calendar
    return calendar


def keep_calendar(calendar: Calendar) -> None:
    """Take the calendar from a statement that read it along with other things."""
    g.calendar = calendar


def calendar_now() -> datetime:
    """Its moment (Asia/Shanghai; moved by the demonstration's offset)."""
    return current_calendar().now


def calendar_shift() -> timedelta:
    """How far the calendar runs from real time: nothing, but in a demonstration, where alone it is read."""
    if not has_request_context() or current_app.config["DEMO_TODAY"] is None:
        return timedelta(0)
    return calendar_now() - now()


def is_safe() -> bool:
    """Whether this request only reads."""
    return request.method in SAFE_METHODS


def current_session() -> Session:
    """This request's one session: read-only for GET and HEAD, else the one committed at the edge."""
    if "database_session" not in g:
        database = current_database()
        g.database_session = database.read_session() if is_safe() else database.session()
    opened: Session = g.database_session
    return opened


def has_session() -> bool:
    """Whether this request has asked for its session yet."""
    return "database_session" in g


def discard_session() -> None:
    """Roll back what is not committed and give the connection back; the next use opens a new session."""
    opened: Session | None = g.pop("database_session", None)
    if opened is not None:
        opened.close()


def current_sign_in() -> SignedIn | None:
    """The signed-in browser behind this request; None for visitors."""
    found: SignedIn | None = getattr(current_user, "signed_in", None)
    return found


def known_sign_in() -> SignedIn | None:
    """The same where this request has already looked, without asking a database that may be away."""
    found: SignedIn | None = getattr(g.get("_login_user"), "signed_in", None)
    return found


def half_signed_in() -> SignedIn | None:
    """The browser behind this request that gave the right password and has a step left, which has no rights at all."""
    found: SignedIn | None = getattr(current_user, "half", None)
    return found


def find_how_it_ended() -> Ending | None:
    """Why the session whose token this browser still holds is over; None for visitors and sessions that are not."""
    token = session.get("_user_id")
    if not isinstance(token, str) or current_sign_in() or half_signed_in():
        return None
    with current_database().read_session() as reader:
        return find_ending(reader, token, now=now(), idle=current_policy().idle)


def current_policy() -> Policy:
    """The profile that passwords, second factors and sessions keep to here."""
    return PROFILES[current_app.config["POLICY"]]


def find_identity() -> Identity | None:
    """Who is asking; None for visitors."""
    found = current_sign_in()
    return None if found is None else found.identity


def current_identity() -> Identity:
    """Who is asking, on pages whose permission needs somebody; NobodySignedIn elsewhere."""
    found = find_identity()
    if found is None:
        raise NobodySignedIn(request.endpoint)
    return found


def current_actor() -> Actor:
    """Who is asking, as the audit trail names them."""
    return actor_of(current_identity(), request_id())


def remote_address() -> str:
    """Where the request came from (behind our own proxies: what they say)."""
    return request.remote_addr or ""


def start_clean_cookie() -> None:
    """Forget everything the browser's cookie held but its language, so that nothing outlives a sign-in."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def _find_visitor(token: str) -> Visitor | None:
    """Read on the read side always: a refused request never waits for the write lock."""
    policy = current_policy()
    if is_safe():
        found = find_signed_in(current_session(), token=token, now=now(), policy=policy)
    else:
        with current_database().read_session() as reader:
            found = find_signed_in(reader, token=token, now=now(), policy=policy)
    return None if found is None else Visitor(token, _split(found))


def _split(found: SignedIn) -> SignedIn:
    """Under policy ``mlps`` an admin's work is split: an appointment that covers all of it covers none."""
    identity = found.identity
    if not is_split() or len(identity.duties) <= 1:
        return found
    appointment = replace(identity.appointment, duties=NO_DUTY)
    return found._replace(identity=replace(identity, appointment=appointment))


def is_split() -> bool:
    """Whether this installation's policy splits the admins' work (document 5.1, rule 6)."""
    return bool(current_app.config["POLICY"] == "mlps")
