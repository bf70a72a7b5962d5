"""The edge: an unsafe request that succeeds is one commit and one stored answer; all else rolls back."""

from __future__ import annotations

from flask import Flask, Response, flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, OperationalError

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
    """The connection was lost while committing: nobody can say yet whether it was kept."""


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
        is_settled = settle(current_database(), session, real_now)
    except DBAPIError as lost:
        if not _is_lost(lost):
            raise
        raise UnknownOutcome from lost
    discard_session()
    if not is_settled:
        flash(_("已保存；合计正在汇总，稍后刷新即可看到。"), "info")
    return response


def _is_lost(error: DBAPIError) -> bool:
    return error.connection_invalidated or isinstance(error, OperationalError)
