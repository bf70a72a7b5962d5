"""One subject's whole history in the order of the chain: by seal, within one seal as it was digested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.features.auditing.queries import ROWS_A_PIECE, EntryNotFound, EntryRow, entry_rows, row_of
from tracker.features.auditing.selection import visible_entries
from tracker.features.auditing.subjects import about
from tracker.models.audit import AuditEntry

STEPS_A_PAGE: Final = 30
OPEN: Final = 2**62
"""Stands for the seal of what is not sealed yet: it comes last."""


class At(NamedTuple):
    """A place in a history: the seal (``OPEN`` for none yet) and the entry."""

    seal: int
    entry: int

    @classmethod
    def read(cls, text: str) -> At | None:
        """``12-345`` as addresses write it; None for anything else."""
        seal, _dash, entry = text.partition("-")
        is_plain = all(part.isdecimal() and part.isascii() and len(part) <= 19 for part in (seal, entry))
        return cls(min(int(seal), OPEN), min(int(entry), OPEN)) if is_plain else None

    @property
    def written(self) -> str:
        """As addresses write it."""
        return f"{self.seal}-{self.entry}"


class History(NamedTuple):
    """A page of a history, oldest first; ``total``, ``first_at`` and ``last_at`` are of the whole."""

    steps: Sequence[EntryRow]
    has_earlier: bool
    has_later: bool
    total: int
    first_at: datetime
    last_at: datetime


def place_of(row: EntryRow) -> At:
    """Where an entry stands."""
    return At(OPEN if row.seal is None else row.seal, row.id)


def get_history(
    session: Session,
    kind: str,
    subject_id: str,
    *,
    seen_by: Identity,
    after: At | None = None,
    before: At | None = None,
) -> History:
    """The first page, the one behind ``after`` or the one in front of ``before``. Raises EntryNotFound."""
    chosen = about(kind, subject_id)
    counted = select(func.count(), func.min(AuditEntry.at), func.max(AuditEntry.at))
    total, first_at, last_at = session.execute(counted.where(visible_entries(seen_by), chosen)).one()
    if not total:
        raise EntryNotFound("没有找到这个对象的记录")
    wanted = entry_rows(seen_by).where(chosen).limit(STEPS_A_PAGE + 1)
    seal = func.coalesce(AuditEntry.seal, OPEN)
    if before is not None:
        wanted = wanted.where(_beyond(before, seal < before.seal, AuditEntry.id < before.entry))
        rows = [
            row_of(found) for found in session.execute(wanted.order_by(seal.desc(), AuditEntry.id.desc()))
        ]
        return History(rows[:STEPS_A_PAGE][::-1], len(rows) > STEPS_A_PAGE, True, total, first_at, last_at)
    if after is not None:
        wanted = wanted.where(_beyond(after, seal > after.seal, AuditEntry.id > after.entry))
    rows = [row_of(found) for found in session.execute(wanted.order_by(seal, AuditEntry.id))]
    return History(rows[:STEPS_A_PAGE], after is not None, len(rows) > STEPS_A_PAGE, total, first_at, last_at)


def all_steps(
    session: Session, kind: str, subject_id: str, *, seen_by: Identity, newest: int
) -> Iterator[Sequence[EntryRow]]:
    """The whole history up to entry ``newest`` in the order of the page, piece by piece."""
    seal, at = func.coalesce(AuditEntry.seal, OPEN), At(-1, 0)
    wanted = entry_rows(seen_by).where(about(kind, subject_id), AuditEntry.id <= newest)
    ordered = wanted.order_by(seal, AuditEntry.id).limit(ROWS_A_PIECE)
    while True:
        beyond = _beyond(at, seal > at.seal, AuditEntry.id > at.entry)
        rows = [row_of(found) for found in session.execute(ordered.where(beyond))]
        if rows:
            yield rows
        if len(rows) < ROWS_A_PIECE:
            return
        at = place_of(rows[-1])


def _beyond(at: At, seal: ColumnElement[bool], entry: ColumnElement[bool]) -> ColumnElement[bool]:
    same = func.coalesce(AuditEntry.seal, OPEN) == at.seal
    return or_(seal, and_(same, entry))
