"""A test browser that watches the database: it fails on work left uncommitted and on a GET that wrote."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection, Engine, event
from werkzeug.test import TestResponse

from tracker.db import Database

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
MAY_BE_WRITTEN_BY_READING: Final = frozenset({"web_session", "audit_entry", "seal"})
"""Last-seen, and the audit of refusals and views with its seal (house document, 2.4)."""
MAY_BE_LEFT_BY_WRITING: Final = frozenset({"idempotent_answer"})
"""A key that somebody else had already used: it is tried, and the stored answer given."""

_WRITE = re.compile(r"\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


class WatchedWrites:
    """Which tables were written by transactions that ended, and how they ended."""

    def __init__(self) -> None:
        self.committed: set[str] = set()
        self.rolled_back: set[str] = set()
        self._open: dict[int, set[str]] = {}

    def note(self, connection: Connection, statement: str) -> None:
        """A statement was run."""
        found = _WRITE.match(statement)
        if found:
            self._open.setdefault(id(connection.connection.dbapi_connection), set()).add(found[1])

    def end(self, connection: Connection, *, is_kept: bool) -> None:
        """A transaction ended."""
        tables = self._open.pop(id(connection.connection.dbapi_connection), set())
        (self.committed if is_kept else self.rolled_back).update(tables)


@contextmanager
def watching(engine: Engine) -> Iterator[WatchedWrites]:
    """Watch what is written through this engine during the block."""
    writes = WatchedWrites()

    def run(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        writes.note(connection, statement)

    def commit(connection: Connection) -> None:
        writes.end(connection, is_kept=True)

    def rollback(connection: Connection) -> None:
        writes.end(connection, is_kept=False)

    listeners: dict[str, Callable[..., None]] = {
        "after_cursor_execute": run,
        "commit": commit,
        "rollback": rollback,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield writes
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


class StrictClient(FlaskClient):
    """Flask's test client with eyes on the database, and with the tokens every form of ours carries."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make the request; AssertionError when it broke the one-transaction rule."""
        database: Database = self.application.extensions["database"]
        with watching(database.write) as writes:
            response = super().open(*args, **kwargs)
        method = response.request.method
        if method in SAFE:
            written = writes.committed - MAY_BE_WRITTEN_BY_READING
            assert not written, f"{method} {response.request.path} wrote {sorted(written)}"
        elif response.status_code < 400:
            lost = writes.rolled_back - MAY_BE_LEFT_BY_WRITING
            assert not lost, f"{method} {response.request.path} left {sorted(lost)} uncommitted"
        return response

    def submit(
        self, path: str, form: Mapping[str, Any] | None = None, *, key: str | None = None, **options: Any
    ) -> TestResponse:
        """POST a form with its two tokens; ``key`` repeats an earlier submission.

        AssertionError when a page that was answered sends the same key again: what is done next on it would be refused.
        """
        key = key or secrets.token_urlsafe(18)
        tokens = {"csrf_token": self.csrf_token(), "idempotency_key": key}
        response = self.post(path, data={**tokens, **(form or {})}, **options)
        is_page = response.status_code < 400 and response.mimetype == "text/html"
        assert not (is_page and key in response.text), f"{path} answers with a key that is used up"
        return response

    def csrf_token(self) -> str:
        """A token that this browser's cookie makes valid."""
        with self.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        return str(
            URLSafeTimedSerializer(self.application.secret_key or "", salt="wtf-csrf-token").dumps(raw)
        )
