"""What is done to every request on its way in: unreadable text is refused before anything looks at it."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import BadRequest

from tracker.web.current import is_safe

NUL = "\x00"
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def init_requests(app: Flask) -> None:
    """Check the text of each request."""
    app.before_request(refuse_nul)


def refuse_nul() -> None:
    """No text of ours holds the NUL character, and PostgreSQL cannot store it: 400."""
    texts = [request.path, *request.args, *request.args.values()]
    if not is_safe():
        texts += [*request.form, *(value for values in request.form.listvalues() for value in values)]
    if any(NUL in text for text in texts):
        raise BadRequest


def method_word() -> str:
    """The request's method for logs and counts; one nobody serves may be any text and is not repeated."""
    return request.method if request.method in METHODS else "other"


def wants_json() -> bool:
    """Whether a script of ours asks, rather than a browser that shows a page."""
    return request.accept_mimetypes.best == "application/json"
