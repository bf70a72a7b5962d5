"""One line of JSON for each request: what was asked, what was answered, how long; never what was in it."""

from __future__ import annotations

import logging
import time
import traceback
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request

from tracker.web.current import known_sign_in, request_id

LOGGER = "tracker.requests"
DEEPEST = 12


def init_logs(app: Flask) -> None:
    """Measure and log every request but those for styles and scripts."""
    processors: list[Any] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
    ]
    logger = logging.getLogger(LOGGER)
    logger.setLevel(logging.INFO)
    if app.config["LOG_TO_STDERR"] and not logger.handlers:
        logger.addHandler(logging.StreamHandler())
    app.extensions["request_log"] = structlog.wrap_logger(logger, processors=processors)
    app.before_request(_start_watch)
    app.after_request(_log_request)


def log_fault(event: str, error: BaseException) -> None:
    """A line for an exception: its type and where it came from, not its text, which may hold what was typed.

    On one's own machine the whole traceback follows.
    """
    frames = traceback.extract_tb(error.__traceback__)
    current_app.extensions["request_log"].error(
        event,
        error=type(error).__name__,
        cause=type(error.__cause__).__name__ if error.__cause__ else None,
        where=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-DEEPEST:]],
        endpoint=request.endpoint,
        request=request_id(),
    )
    if current_app.config["LOG_EXCEPTION_TEXT"]:
        current_app.logger.error(event, exc_info=error)


def _start_watch() -> None:
    g.began = time.perf_counter()


def _log_request(response: Response) -> Response:
    if request.endpoint == "static":
        return response
    signed_in = known_sign_in()
    current_app.extensions["request_log"].info(
        "request",
        method=request.method,
        endpoint=request.endpoint,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.began) * 1000) if "began" in g else None,
        request=request_id(),
        account=None if signed_in is None else signed_in.identity.account_id,
    )
    return response
