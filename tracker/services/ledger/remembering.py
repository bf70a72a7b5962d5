"""What a posting was made of, kept for the fold that follows in the same process: read once, used twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.db import Database, Memory
from tracker.services.ledger.reading import Cell, Counted
from tracker.services.tree import Step

MOST_CELLS = 2_000
"""A posting with more entries than this is read again instead of being kept in memory."""

_POSTED = "postings_of_this_session"
_OF_PROCESS = "postings_of_this_process"


class Posted(NamedTuple):
    """A posting's digest, its tree edition and its entries, with what it takes to carry them up.

    ``is_fixed``: nothing it depends on can change any more, as for every act on reports, whose list is published.
    """

    row_digest: str
    edition: int
    changes: Sequence[tuple[Cell, int]]
    indicators: Mapping[int, Counted]
    paths: Mapping[int, Sequence[Step]]
    is_fixed: bool


def remember(session: Session, posting_id: int, posted: Posted) -> None:
    """Keep a posting for the fold: of this very transaction (SQLite), or of the next (see ``hand_over``)."""
    if len(posted.changes) <= MOST_CELLS:
        session.info.setdefault(_POSTED, {})[posting_id] = posted


def forget(session: Session) -> None:
    """Keep nothing: something the remembered postings depend on has changed."""
    session.info.pop(_POSTED, None)


def hand_over(session: Session, database: Database) -> None:
    """What this session has committed may be folded by any other of this process."""
    for posting_id, posted in session.info.pop(_POSTED, {}).items():
        if posted.is_fixed:
            database.postings.keep(posting_id, posted)


def take_over(session: Session, database: Database) -> None:
    """Let a session that folds know what this process has posted."""
    session.info[_OF_PROCESS] = database.postings


def recall(session: Session, digests: Mapping[int, str]) -> dict[int, Posted]:
    """Those of these postings (id → row digest) that need not be read.

    The digest covers every entry, so what a rolled-back savepoint left here is never taken for a row.
    """
    own: Mapping[int, Posted] = session.info.get(_POSTED, {})
    shared: Memory | None = session.info.get(_OF_PROCESS)
    found: dict[int, Posted] = {}
    for posting_id, row_digest in digests.items():
        posted = own.get(posting_id) or (shared and shared.take(posting_id))
        if posted and posted.row_digest == row_digest:
            found[posting_id] = posted
    return found
