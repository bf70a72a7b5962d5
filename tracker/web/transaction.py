"""The edge: an unsafe request that succeeds is one commit and one stored answer; all else rolls back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from tracker.services.ledger.settling import settle
from tracker.web.current import (
    current_database,
    current_session,
    discard_session,
    has_session,
    is_safe,
    real_now,
)
from tracker.web.i18n import gettext as _
from tracker.web.idempotency import Claim, claim_key


class UnknownOutcome(Exception):
    """The connection or a replica was lost while committing: nobody can say yet whether it was kept."""


@contextmanager
def heeding_warnings(session: Session) -> Iterator[list[str]]:
    """What PostgreSQL warns of meanwhile: a commit that did not wait for its replica is not yet safe."""
    heard: list[str] = []
    connection: Any = session.connection().connection.dbapi_connection
    if not hasattr(connection, "add_notice_handler"):
        yield heard
        return

    def hear(notice: Any) -> None:
        if notice.severity_nonlocalized == "WARNING":
            heard.append(str(notice.sqlstate))

    connection.add_notice_handler(hear)
    try:
        yield heard
    finally:
        connection.remove_notice_handler(hear)


class TransactionalFlask(Flask):
    """Flask whose views work in one transaction each, committed before the answer leaves."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer, and for unsafe methods commit what succeeded."""
        if is_safe() or request.routing_exception is not None:
            return super().dispatch_request()
        claim = claim_key()
        if claim is not None and claim.answer is not None:
            discard_session()
            return claim.answer
        response = self.make_response(super().dispatch_request())
        if response.status_code >= 400:
            discard_session()
            return response
        return _commit(response, claim)


def _commit(response: Response, claim: Claim | None) -> Response:
    if claim is not None:
        claim.keep(response)
    if not has_session():
        return response
    session = current_session()
    session.flush()  # constraint and stale-version errors are still the view's
    try:
        with heeding_warnings(session) as warnings:
            is_settled = settle(current_database(), session, real_now)
    except DBAPIError as lost:
        if not _is_lost(lost):
            raise
        raise UnknownOutcome from lost
    if warnings:
        raise UnknownOutcome(warnings[0])
    discard_session()
    if not is_settled:
        flash(_("已保存；合计正在汇总，稍后刷新即可看到。"), "info")
    return response


def _is_lost(error: DBAPIError) -> bool:
    return error.connection_invalidated or isinstance(error, OperationalError)
