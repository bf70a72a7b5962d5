"""The fold: one transaction that seals what is open and adds it to the tally (document 4.1)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import func, insert, literal, select, union_all, update
from sqlalchemy.orm import Session

from tracker.models.audit import AuditEntry
from tracker.models.ledger import MONTHS, Posting, Seal, Tally
from tracker.models.programme import Programme, Target
from tracker.services.bulk import add_rows
from tracker.services.chunks import chunked
from tracker.services.ledger.carrying import SHELF_KEY, Months, Shelf, carry_remembered, tally_sums
from tracker.services.ledger.days import day_of, rewrite_days, write_day
from tracker.services.ledger.remembering import forget, recall
from tracker.services.tree import current_edition, paths_up

FOLD_LOCK = 5_150_152
"""The advisory lock that lets one fold run at a time on PostgreSQL."""

SEALED_TABLES = (("audit", AuditEntry), ("posting", Posting), ("target", Target))
"""Kinds of sealed rows in the order in which a seal digests them."""

FIRST_DIGEST = "0" * 64


class OpenRow(NamedTuple):
    """A row that waits for its seal."""

    kind: str
    id: int
    row_digest: str


def try_fold(session: Session, now: datetime) -> int | None:
    """Seal everything open and fold it; the new seal's number, or None when another fold runs or nothing is open.

    On SQLite this is the last step of the writing transaction; on PostgreSQL a transaction of its own
    right after the commit. A clock that went back never makes a seal earlier than the one before: moments
    rise with numbers, so that an instant and a day name one seal each.
    """
    if not _holds_fold_lock(session):
        return None
    last, rows = _read_open(session)
    if not rows:
        return None
    at = now if last.at is None else max(now, last.at)
    postings = {row.id: row.row_digest for row in rows if row.kind == "posting"}
    remembered = recall(session, postings)
    sums = tally_sums(session, list(postings)) if remembered is None else carry_remembered(remembered)
    add_to_tally(session, sums.months)
    write_day(session, sums.near_the_top(), day_of(at))
    number = last.number + 1
    _mark(session, rows, number)
    digest = seal_digest(last.digest, at, rows)
    session.execute(insert(Seal).values(number=number, at=at, rows=len(rows), digest=digest))
    forget(session)
    return number


def recount_own_level(session: Session, programme_id: int) -> None:
    """Take the publisher's own figures into its total or out of it, after the list's switch was turned and flushed.

    Only for drafts: publishing fixes the switch. Waits for a fold under way; what is not folded yet
    will be folded by the new switch.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(FOLD_LOCK)))
    forget(session)
    programme = session.execute(
        select(Programme.publisher_id, Programme.own_level_counts).where(Programme.id == programme_id)
    ).one()
    publisher_id = programme.publisher_id
    [path] = paths_up(session, current_edition(session), [publisher_id]).values()
    sign = 1 if programme.own_level_counts else -1
    rows = session.execute(
        select(Tally.__table__).where(
            Tally.programme_id == programme_id,
            Tally.parent_id == publisher_id,
            Tally.org_unit_id == publisher_id,
        )
    )
    sums: Months = {}
    for row in rows:
        shelf = Shelf(*(getattr(row, column) for column in Shelf._fields))
        sums[shelf._replace(parent_id=path[0].parent_id)] = [sign * getattr(row, month) for month in MONTHS]
    add_to_tally(session, sums)
    rewrite_days(session, programme_id)


def _holds_fold_lock(session: Session) -> bool:
    """Whether this transaction may fold: always on SQLite, where it is the only writer."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(FOLD_LOCK))))


def has_open(session: Session) -> bool:
    """Whether anything waits for a seal."""
    return bool(_read_open(session)[1])


class LastSeal(NamedTuple):
    """Where the chain stands; before the first seal ``at`` is None."""

    number: int
    digest: str
    at: datetime | None


def _read_open(session: Session) -> tuple[LastSeal, list[OpenRow]]:
    """The last seal, and all rows without one in sealing order. They are chosen by NULL, never by time or number."""
    parts = [
        select(
            literal(kind).label("kind"),
            model.id.label("id"),
            model.row_digest.label("row_digest"),
            model.at.label("at"),
        ).where(model.seal.is_(None))
        for kind, model in SEALED_TABLES
    ]
    newest = select(func.max(Seal.number)).scalar_subquery()
    parts.append(
        select(literal(_LAST).label("kind"), Seal.number, Seal.digest, Seal.at).where(Seal.number == newest)
    )
    last, rows = LastSeal(0, FIRST_DIGEST, None), []
    for row in session.execute(union_all(*parts).order_by("kind", "id")):
        if row.kind == _LAST:
            last = LastSeal(row.id, row.row_digest, row.at)
        else:
            rows.append(OpenRow(row.kind, row.id, row.row_digest))
    return last, rows


_LAST = "seal"


def seal_digest(previous: str, at: datetime, rows: Iterable[OpenRow]) -> str:
    """SHA-256 over the previous seal's digest, the moment, and the ordered rows with their ids and digests.

    The moment is covered because "as of an instant" rests on it.
    """
    chain = hashlib.sha256(f"{previous}\n{at.astimezone(UTC).isoformat(timespec='microseconds')}".encode())
    for row in rows:
        chain.update(f"\n{row.kind} {row.id} {row.row_digest}".encode())
    return chain.hexdigest()


def _mark(session: Session, rows: Sequence[OpenRow], number: int) -> None:
    ids: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        ids[row.kind].append(row.id)
    for kind, model in SEALED_TABLES:
        for part in chunked(ids[kind]):
            statement = update(model).where(model.id.in_(part), model.seal.is_(None)).values(seal=number)
            session.execute(statement, execution_options={"synchronize_session": False})


def add_to_tally(session: Session, sums: Months) -> None:
    """Add monthly sums to their rows, making those that are missing; always in key order."""
    rows = [(*shelf, *months) for shelf, months in sorted(sums.items()) if any(months)]
    add_rows(session, Tally, SHELF_KEY, (*Shelf._fields, *MONTHS), rows)
