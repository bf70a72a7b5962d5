"""How often one address may ask for what costs work and needs no sign-in; sign-in counts its own attempts."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

LIMITS: Final = {
    "bulletins.verify_upload": "30 per minute",
    "links.show_link": "30 per minute",
    "links.use_link": "30 per minute",
}
"""Endpoint → what one address may do; counted where ``RATE_LIMIT_URL`` says, in memory by default."""


def init_limits(app: Flask) -> None:
    """Put the limits around the views named, once all are registered; over the limit is a 429 with its page."""
    limiter = Limiter(
        get_remote_address, app=app, storage_uri=app.config["RATE_LIMIT_URL"], retry_after="delta-seconds",
        headers_enabled=True,
    )  # fmt: skip
    for endpoint, most in LIMITS.items():
        view: Any = limiter.limit(most)(app.view_functions[endpoint])
        app.view_functions[endpoint] = view
