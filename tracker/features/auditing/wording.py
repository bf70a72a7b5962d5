"""Two long texts side by side, word by word: what stayed, what went, what came."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final, NamedTuple

WORDS: Final = re.compile(r"[0-9A-Za-z.,%]+|\s+|.", re.DOTALL)
"""A Chinese character is a word, a number or a Latin word is one as a whole."""

LONG_ENOUGH: Final = 12
"""Shorter texts are read at a glance and stand as they are."""

TOO_LONG: Final = 4_000
"""Comparing longer ones costs more than it tells."""

SHORTEST_ANCHOR: Final = 2
"""A single character that happens to be in both keeps nothing together."""


class Mark(StrEnum):
    """What became of a piece."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


class Piece(NamedTuple):
    """A run of text with one fate."""

    mark: Mark
    text: str


def word_difference(before: str, after: str) -> list[Piece] | None:
    """The pieces in reading order; None where the two are short, too long, or have hardly anything in common.

    Kept and gone pieces together are ``before``, kept and new ones ``after``.
    """
    if min(len(before), len(after)) < LONG_ENOUGH or max(len(before), len(after)) > TOO_LONG:
        return None
    pieces = list(_joined(_pieces(WORDS.findall(before), WORDS.findall(after))))
    kept = sum(len(piece.text) for piece in pieces if piece.mark is Mark.KEPT)
    return pieces if kept * 3 >= min(len(before), len(after)) else None


def _pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        old, new = "".join(before[old_from:old_to]), "".join(after[new_from:new_to])
        if kind == "equal" and len(old) >= SHORTEST_ANCHOR:
            yield Piece(Mark.KEPT, old)
        else:
            yield Piece(Mark.GONE, old)
            yield Piece(Mark.NEW, new)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours between two kept runs become one that went and one that came."""
    gone = new = ""
    for piece in pieces:
        if piece.mark is Mark.KEPT:
            yield from _told(gone, new)
            gone = new = ""
            yield piece
        elif piece.mark is Mark.GONE:
            gone += piece.text
        else:
            new += piece.text
    yield from _told(gone, new)


def _told(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Mark.GONE, gone)
    if new:
        yield Piece(Mark.NEW, new)
