"""A web application that answers with the path it was asked for, for tests of the server in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def app(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    """Where the application was said to lie, and the path; one that ends in ``broken`` is not answered."""
    if environ["PATH_INFO"].endswith("broken"):
        raise RuntimeError(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()]
