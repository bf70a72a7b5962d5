"""What goes wrong, told in words: every exception a request can meet has its status and its page here."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g, jsonify, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from tracker.domain.messages import Conflict, Faults, Forbidden, Message, NotFound, Refusal
from tracker.web.constraints import is_conflict, message_of
from tracker.web.current import discard_session, find_how_it_ended, request_id
from tracker.web.ending_words import ending_word
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.kept_typing import KeptForm, kept_form
from tracker.web.logs import log_fault
from tracker.web.punctuation import clauses, fault_text
from tracker.web.requests import wants_json
from tracker.web.transaction import UnknownOutcome

RETRY_AFTER_S: Final = 5
UNAUTHORIZED: Final = 401
CARRIED: Final = frozenset({409, 422, 429, 500, 503})
"""Pages that keep what was typed: to be sent once more under its key, or to be copied."""

UNNUMBERED: Final = frozenset({UNAUTHORIZED, 404})
"""Pages that look the same whatever lies behind the address."""

PAGES: Final = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})
STATUSES: Final[tuple[tuple[type[Refusal], int], ...]] = ((NotFound, 404), (Forbidden, 403), (Conflict, 409))
"""Refusals by their family; all others are 422: something in what was sent is to be mended."""


def init_errors(app: Flask) -> None:
    """Register a handler for every family of exceptions."""
    app.register_error_handler(Refusal, _answer_refusal)
    app.register_error_handler(Faults, _answer_faults)
    app.register_error_handler(CSRFError, _answer_stale_form)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(SecurityError, _answer_foreign_host)
    app.register_error_handler(StaleDataError, _answer_stale)
    app.register_error_handler(IntegrityError, _answer_integrity)
    for unreadable in (DataError, OverflowError, UnicodeError):
        app.register_error_handler(unreadable, _answer_unreadable)
    app.register_error_handler(UnknownOutcome, _answer_unknown_outcome)
    for busy in (OperationalError, NoConnectionLeft):
        app.register_error_handler(busy, _answer_busy)
    app.register_error_handler(Exception, _answer_fault_of_ours)


def status_of(refusal: Refusal) -> int:
    """The HTTP status a refusal is answered with."""
    return next((status for family, status in STATUSES if isinstance(refusal, family)), 422)


def error_page(
    status: int, message: str | None = None, *, kept: KeptForm | None = None, ended: str | None = None
) -> Response:
    """The page for a status, with what was typed if ``kept`` and why the session ``ended``; what was not committed is rolled back first."""
    discard_session()
    g.is_error_page = True
    if wants_json():
        return make_response(jsonify(message=message, sign_in_url=url_for("accounts.sign_in")), status)
    if kept is None and status in CARRIED:
        kept = kept_form()
    name = status if status in PAGES else 400
    reference = None if status in UNNUMBERED else request_id()
    page = render_template(
        f"errors/{name}.html", message=message, reference=reference, kept=kept, ended=ended
    )
    return make_response(page, status)


def _answer_refusal(refusal: Refusal) -> Response:
    return error_page(status_of(refusal), translate(refusal.message))


def _answer_faults(faults: Faults) -> Response:
    words = clauses(fault_text(fault) for fault in faults.faults)
    return error_page(422, words)


def _answer_stale_form(_error: CSRFError) -> Response:
    """A script gets a fresh token, so that what was typed before signing in anew can still be sent."""
    if wants_json():
        return make_response(jsonify(csrf_token=generate_csrf()), 400)
    return error_page(400, kept=kept_form())


def _answer_http(error: HTTPException) -> Response:
    """Redirects pass; statuses get our page but keep what belongs to them (Allow, Retry-After)."""
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    response = _sign_in_first() if status == UNAUTHORIZED else error_page(status)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _sign_in_first() -> Response:
    """With what was typed, and why the session is over."""
    ending = find_how_it_ended()
    ended = None if ending is None else ending_word(ending)
    return error_page(UNAUTHORIZED, kept=kept_form(), ended=ended)


def _answer_foreign_host(_error: SecurityError) -> Response:
    """No page: under a name that is not ours there are no addresses either."""
    return Response("unknown host\n", status=400, mimetype="text/plain")


def _answer_stale(_error: StaleDataError) -> Response:
    return error_page(409)


def _answer_integrity(error: IntegrityError) -> Response:
    log_fault("refused by the database", error)
    message = message_of(error)
    status = 409 if is_conflict(error) else 422
    return error_page(status, None if message is None else translate(message))


def _answer_unreadable(error: Exception) -> Response:
    log_fault("a value no column takes", error)
    return error_page(422, translate(Message("有一项内容过大或无法识别，请核对后再提交。")))


def _answer_unknown_outcome(error: UnknownOutcome) -> Response:
    log_fault("connection lost while committing", error)
    return _try_again(_("结果未知，请用原页面重试。不会重复办理。"))


def _answer_busy(error: Exception) -> Response:
    log_fault("database busy or away", error)
    return _try_again(_("现在办理的人较多，您的这一步没有生效，请稍后再试。"))


def _try_again(message: str) -> Response:
    response = error_page(503, message)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _answer_fault_of_ours(error: Exception) -> Response:
    log_fault("unexpected", error)
    return error_page(500)
