"""Counting the SQL statements of a block, on both of a database's engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tracker.db import Database


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """Every statement run during the block, in order; BEGIN and the like are left out."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    for engine in (database.read, database.write):
        event.listen(engine, "after_cursor_execute", note)
    try:
        yield statements
    finally:
        for engine in (database.read, database.write):
            event.remove(engine, "after_cursor_execute", note)
