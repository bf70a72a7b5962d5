"""A web application on a loopback port of its own, for browsers and other programs."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import make_server


def whole(application: WSGIApplication) -> WSGIApplication:
    """The application with every answer read to its end and closed before it is sent.

    A browser that goes on to the next page drops connections; the file behind a half-sent answer would
    otherwise stay open until the collector finds it, which is a warning, and warnings are errors here.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        parts = application(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if isinstance(parts, Closing):
                parts.close()

    return answer


@runtime_checkable
class Closing(Protocol):
    """An answer that holds something open."""

    def close(self) -> None:
        """Let go of it."""


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    """Serve ``application`` from threads of this process while the block runs; its address without a last slash."""
    server = make_server("127.0.0.1", 0, whole(application), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
