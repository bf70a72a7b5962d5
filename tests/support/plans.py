"""How SQLite would find the rows of a statement: whether it looks through a table that grows with the province."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Engine, event

GROWING: Final = "acceptance|audit_entry|entry|evidence|line|org_place|org_unit|posting|report|revision|submission|tally|target|thread_entry"
SCAN: Final = re.compile(
    rf"SCAN ({GROWING})(_\d+)?(?! USING (COVERING )?INDEX (ix_\w+_unsealed|uq_revision_open))\b"
)
"""Every row is looked at; what is unsealed or under way is few."""

WHOLE: Final = re.compile(
    rf"SEARCH ({GROWING})(_\d+)? USING (COVERING )?INDEX \S+ \((programme_id|edition)=\?\)$"
)
"""Every row of a list, or every unit of the tree, is looked at."""


class Plans:
    """The plans of the statements sent while a block runs, each statement once."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def matching(self, *patterns: re.Pattern[str]) -> dict[str, list[str]]:
        """Statement → the steps of its plan that match one of these."""
        return {
            statement: steps
            for statement, plan in self.found.items()
            if (steps := [step for step in plan if any(pattern.match(step) for pattern in patterns)])
        }


@contextmanager
def noted_plans(*engines: Engine) -> Iterator[Plans]:
    """Ask SQLite for the plan of each statement that reads or changes rows, just before it is sent.

    What foreign keys would have it look through on an INSERT is left out: it is looked through only while keys are open.
    """
    plans = Plans()

    def note(
        connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, is_many: bool
    ) -> None:
        if statement in plans.found or not statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            return
        values = parameters[0] if is_many else parameters
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        plans.found[statement] = [row[3] for row in cursor.fetchall()]
        cursor.close()

    for engine in dict.fromkeys(engines):
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield plans
    finally:
        for engine in dict.fromkeys(engines):
            event.remove(engine, "before_cursor_execute", note)
