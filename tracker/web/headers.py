"""Headers of every answer: what a page may load, who may frame or keep it."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, current_app, request

from tracker.web.current import request_id

CONTENT_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

REVALIDATED: Final = "private, no-cache"
"""For pages with a tag: this browser may keep them, and asks here each time before it shows them (ADR 6)."""

FIRST_FAULT: Final = 400
"""The lowest status of an answer that tells of a fault."""

FORGET: Final = ("Clear-Site-Data", '"cache"')
"""Has the browser throw away what it kept of us."""


def init_headers(app: Flask) -> None:
    """Put them on every answer, error pages and files too."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request_id()
    seconds = current_app.config["HSTS_SECONDS"]
    if seconds:
        response.headers["Strict-Transport-Security"] = f"max-age={seconds}; includeSubDomains"
    is_file = request.endpoint == "static" and response.status_code < FIRST_FAULT
    if not is_file and response.headers.get("Cache-Control") != REVALIDATED:
        response.headers["Cache-Control"] = "no-store"
    return response
