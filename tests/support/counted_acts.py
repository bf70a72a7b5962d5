"""Acts of people who go on while a backup is taken: counted, and waited for between its tables."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tracker.cli.archive.form import Advance

PATIENCE_S: Final = 60


class CountedActs:
    """``done``: how many acts are committed; ``failures``: why somebody stopped."""

    def __init__(self) -> None:
        self.done = 0
        self.failures: list[str] = []
        self._moved = threading.Condition()

    def count(self) -> None:
        """One more is committed."""
        with self._moved:
            self.done += 1
            self._moved.notify_all()

    def wait_for_more(self) -> None:
        """Come back when two further acts are committed."""
        with self._moved:
            wanted = self.done + 2
            assert self._moved.wait_for(lambda: self.done >= wanted, PATIENCE_S), self.failures

    @contextmanager
    def between_tables(self, label: str, _length: int) -> Iterator[Advance]:
        """A watch that lets them go on after every fifth table."""
        tables = 0

        def advance(_more: int) -> None:
            nonlocal tables
            tables += 1
            if label == "数据表" and tables % 5 == 0:
                self.wait_for_more()

        yield advance
