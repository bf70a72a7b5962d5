"""The only three transactions of their own: a sign-in attempt, a session's last-seen, an audited look or refusal.

SQLite has one write lock, so each begins only after the request's own session has let go of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from flask import Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, actor_of
from tracker.domain.permissions import Permission
from tracker.services import audit
from tracker.services.ledger.settling import settle
from tracker.services.sessions import touch_session
from tracker.services.sign_in_attempts import Tally, Try, add_attempt, mark_refused, mark_succeeded
from tracker.web.current import (
    current_database,
    current_identity,
    discard_session,
    is_safe,
    known_sign_in,
    now,
    real_now,
    request_id,
)
from tracker.web.logs import log_fault


class Judgement(Protocol):
    """What is made of an attempt."""

    @property
    def is_refused(self) -> bool: ...


Judged = TypeVar("Judged", bound=Judgement)


def record_attempt(tried: Try, judge: Callable[[Tally], Judged]) -> Judged:
    """Write down a try to sign in, count it and judge it, before anything is checked."""
    discard_session()
    window = current_app.config["SIGN_IN_LIMITS"].window
    with current_database().session() as session:
        tally = add_attempt(session, tried, now=now(), window=window)
        judged = judge(tally)
        if judged.is_refused:
            mark_refused(session, tally.attempt_id)
        session.commit()
    return judged


def note_success(attempt_id: int) -> None:
    """The password was right although the request comes to nothing for another reason: it does not count as a wrong try."""
    _note(mark_succeeded, attempt_id)


def note_unchecked(attempt_id: int) -> None:
    """The form was not whole, so nothing was checked: it counts as no try at all."""
    _note(mark_refused, attempt_id)


def _note(mark: Callable[[Session, int], None], attempt_id: int) -> None:
    discard_session()
    with current_database().session() as session:
        mark(session, attempt_id)
        session.commit()


def note_last_seen(response: Response) -> Response:
    """After the answer is made: note that the browser was seen, at most once in five minutes.

    The answer stands whatever happens here; what could not be noted is noted by the next request.
    """
    signed_in = known_sign_in()
    if response.status_code >= 500 or signed_in is None:
        return response
    if now() - signed_in.last_seen_at >= current_app.config["SESSION_SEEN_EVERY"]:
        try:
            _touch(signed_in.session_id)
        except SQLAlchemyError as busy:
            log_fault("last visit not noted", busy)
    return response


def _touch(session_id: int) -> None:
    if not is_safe():
        discard_session()
    with current_database().session() as session:
        touch_session(session, session_id, now())
        session.commit()


def record_refusal(identity: Identity, permission: Permission) -> None:
    """Audit that somebody tried what their role may not do."""
    discard_session()
    _record(identity, "access.refused", audit.Subject("permission", permission.value))


def record_view(subject: audit.Subject) -> None:
    """Audit that personal data is about to be shown; on pages that only read."""
    if not is_safe():
        raise ValueError("a view is recorded by a page that only reads")
    _record(current_identity(), "personal.viewed", subject)


def _record(identity: Identity, action: str, subject: audit.Subject) -> None:
    database = current_database()
    after = {"endpoint": request.endpoint, "method": request.method}
    with database.session() as session:
        actor = actor_of(identity, request_id())
        audit.record(session, actor=actor, now=now(), action=action, subject=subject, after=after)
        settle(database, session, real_now)
