"""Cutting long lists so that a statement's parameters stay within what both engines take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

CHUNK = 900
"""Values in one IN list: below SQLite's oldest limit of 999 parameters with room for the rest."""


def chunked(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The values in order, at most ``size`` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
