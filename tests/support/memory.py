"""Tests look for garbage as seldom as the program in service."""

from __future__ import annotations

from tracker.memory import collect_seldom


def pytest_collection_finish() -> None:
    """Modules, tests and mapped classes are all there now."""
    collect_seldom()
