"""Counting the SQL statements of one block, so that a page's budget can be stated and held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tracker.db import Database

TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """The statements sent to either engine while the block runs; those that only frame a transaction do not count."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        statement: str = arguments[2]
        if not statement.startswith(TRANSACTION_WORDS):
            sent.append(statement)

    listener: Callable[..., None] = note
    for engine in (database.read, database.write):
        event.listen(engine, "before_cursor_execute", listener)
    try:
        yield sent
    finally:
        for engine in (database.read, database.write):
            event.remove(engine, "before_cursor_execute", listener)
