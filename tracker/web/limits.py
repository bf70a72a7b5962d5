"""How often one address may ask for what costs work and needs no sign-in; sign-in counts its own attempts."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

SERVER_WAIT_S: Final = 1
"""How long a request waits for the server that counts for all hosts."""
LIMITS: Final = {
    "bulletins.verify_upload": "30 per minute",
    "links.show_link": "30 per minute",
    "links.use_link": "30 per minute",
}
"""Endpoint → what one address may do; counted where ``RATE_LIMIT_URL`` says, in memory by default."""


def init_limits(app: Flask) -> None:
    """Put the limits around the views named, once all are registered; over the limit is a 429 with its page.

    While the server that counts for all hosts cannot be reached each process counts by itself, so that the limits
    neither fall away nor shut the pages; it is asked again after a while.
    """
    storage = app.config["RATE_LIMIT_URL"]
    limiter = Limiter(
        get_remote_address, app=app, storage_uri=storage, storage_options=_waiting_for(storage),
        in_memory_fallback_enabled=True, retry_after="delta-seconds", headers_enabled=True,
    )  # fmt: skip
    for endpoint, most in LIMITS.items():
        view: Any = limiter.limit(most)(app.view_functions[endpoint])
        app.view_functions[endpoint] = view


def _waiting_for(storage: str) -> dict[str, str | int]:
    if storage.startswith("memory:"):
        return {}
    return {"socket_connect_timeout": SERVER_WAIT_S, "socket_timeout": SERVER_WAIT_S}
