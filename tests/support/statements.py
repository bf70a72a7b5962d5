"""Counting the SQL statements of one block, so that a page's budget can be stated and held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from tracker.db import Database
from tracker.services import bulk

TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """The statements sent to either engine while the block runs; those that only frame a transaction do not count.

    What goes in by the driver's own means (``services.bulk``) counts one for each call, however many rows it takes.
    """
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        statement: str = arguments[2]
        if not statement.startswith(TRANSACTION_WORDS):
            sent.append(statement)

    listener: Callable[..., None] = note
    for engine in (database.read, database.write):
        event.listen(engine, "before_cursor_execute", listener)
    opened = bulk.open_cursor
    try:
        with patch.object(bulk, "open_cursor", lambda connection: _Counted(opened(connection), sent)):
            yield sent
    finally:
        for engine in (database.read, database.write):
            event.remove(engine, "before_cursor_execute", listener)


class _Counted:
    """A driver's cursor that notes what it is told to send."""

    def __init__(self, cursor: Any, sent: list[str]) -> None:
        self._cursor, self._sent = cursor, sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, statement: str, *values: Any) -> Any:
        self._sent.append(statement)
        return self._cursor.execute(statement, *values)

    def executemany(self, statement: str, rows: Any) -> Any:
        self._sent.append(statement)
        return self._cursor.executemany(statement, rows)

    def copy(self, statement: str) -> Any:
        self._sent.append(statement)
        return self._cursor.copy(statement)
