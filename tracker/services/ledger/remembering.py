"""What a posting was made of, kept for the fold that ends the same SQLite transaction: read once, used twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.services.ledger.reading import Cell, Counted
from tracker.services.tree import Step

MOST_CELLS = 2_000
"""A posting with more entries than this is read again instead of being kept in memory."""

_POSTED = "postings_of_this_session"


class Posted(NamedTuple):
    """A posting's digest, its tree edition and its entries, with what it takes to carry them up."""

    row_digest: str
    edition: int
    changes: Sequence[tuple[Cell, int]]
    indicators: Mapping[int, Counted]
    paths: Mapping[int, Sequence[Step]]


def remember(session: Session, posting_id: int, posted: Posted) -> None:
    """Keep a posting for the fold; on PostgreSQL another session folds, so nothing is kept."""
    if session.get_bind().dialect.name == "sqlite" and len(posted.changes) <= MOST_CELLS:
        session.info.setdefault(_POSTED, {})[posting_id] = posted


def forget(session: Session) -> None:
    """Keep nothing: something the remembered postings depend on has changed."""
    session.info.pop(_POSTED, None)


def recall(session: Session, digests: Mapping[int, str]) -> list[Posted] | None:
    """These postings (id → row digest), or None when one of them has to be read.

    The digest covers every entry, so what a rolled-back savepoint left here is never taken for a row.
    """
    known: Mapping[int, Posted] = session.info.get(_POSTED, {})
    found = [known.get(posting_id) for posting_id in digests]
    if any(one is None or one.row_digest != digests[key] for key, one in zip(digests, found, strict=True)):
        return None
    return [one for one in found if one is not None]
