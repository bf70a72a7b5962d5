"""JSON logs: one line for each request and each fault: what was asked, what was answered, how long; never what was in it."""

from __future__ import annotations

import json
import logging
import time
import traceback
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from flask import Flask, Response, current_app, g, request

from tracker.web.current import known_sign_in, request_id
from tracker.web.requests import method_word

LOGGER: Final = "tracker.requests"
OURS: Final = "tracker."
DEEPEST: Final = 12


def make_logger(name: str) -> Any:
    """A logger of ours below ``tracker.``: named facts in one line of JSON; of an exception only what ``fault_facts`` gives."""
    processors: list[Any] = [
        _without_exception_text,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
    ]
    return structlog.wrap_logger(logging.getLogger(name), processors=processors)


class OthersAsJson(logging.Formatter):
    """Lines of libraries as JSON too: the words they were written with, without the values put into them.

    What a library puts into its words may be what somebody typed; of an exception only type and place are told.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Lines of ``make_logger`` are JSON already."""
        if record.name.startswith(OURS) and not record.args and str(record.msg).startswith("{"):
            return record.getMessage()
        told: dict[str, Any] = {
            "event": str(record.msg) if record.args else "message",
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "where": [f"{record.pathname}:{record.lineno} {record.funcName}"],
        }
        if record.exc_info and record.exc_info[1] is not None:
            told |= fault_facts(record.exc_info[1])
        return json.dumps(told, ensure_ascii=False, sort_keys=True)


def init_logs(app: Flask) -> None:
    """Measure and log every request but those for styles and scripts."""
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    if app.config["LOG_TO_STDERR"]:
        log_to_stderr()
    app.extensions["request_log"] = make_logger(LOGGER)
    app.before_request(_start_watch)
    app.after_request(_log_request)


def log_to_stderr() -> None:
    """Everything that is logged in this process goes to stderr as JSON; asked for twice, it is done once."""
    root = logging.getLogger()
    if any(isinstance(handler.formatter, OthersAsJson) for handler in root.handlers):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(OthersAsJson())
    root.addHandler(handler)
    logging.captureWarnings(True)


def fault_facts(error: BaseException) -> dict[str, Any]:
    """What may be said of an exception: its type and where it came from, not its text, which may hold what was typed."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "cause": type(error.__cause__).__name__ if error.__cause__ else None,
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-DEEPEST:]],
    }


def log_fault(event: str, error: BaseException) -> None:
    """A line for an exception of this request. On one's own machine the whole traceback follows."""
    facts = fault_facts(error)
    current_app.extensions["request_log"].error(
        event, **facts, endpoint=request.endpoint, request=request_id()
    )
    if current_app.config["LOG_EXCEPTION_TEXT"]:
        current_app.logger.error(event, exc_info=error)


def _without_exception_text(_logger: Any, _name: str, told: dict[str, Any]) -> dict[str, Any]:
    error = told.pop("exc_info", None)
    return told | fault_facts(error) if isinstance(error, BaseException) else told


def _start_watch() -> None:
    g.began = time.perf_counter()


def _log_request(response: Response) -> Response:
    if request.endpoint == "static":
        return response
    signed_in = known_sign_in()
    current_app.extensions["request_log"].info(
        "request",
        method=method_word(),
        endpoint=request.endpoint,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.began) * 1000) if "began" in g else None,
        request=request_id(),
        account=None if signed_in is None else signed_in.identity.account_id,
    )
    return response
