"""The fold: one transaction that seals what is open and adds it to the tally (document 4.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Insert,
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from tracker.models.audit import AuditEntry
from tracker.models.base import Key, table_of
from tracker.models.ledger import MONTHS, Posting, Seal, Tally, TallyDay
from tracker.models.programme import Programme, Target
from tracker.services.bulk import add_rows, add_rows_and_copy
from tracker.services.chunks import chunked
from tracker.services.ledger.carrying import (
    SHELF_AND_MONTHS,
    SHELF_KEY,
    Months,
    Shelf,
    Sums,
    carry_remembered,
    tally_sums,
)
from tracker.services.ledger.days import day_of, rewrite_days
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
    _add_to_totals(session, _sums_of(session, postings), day_of(at))
    number = last.number + 1
    _seal(session, rows, (number, at, len(rows), seal_digest(last.digest, at, rows)))
    forget(session)
    return number


def _sums_of(session: Session, postings: Mapping[int, str]) -> Sums:
    """What these postings (id → row digest) add up to; only those nobody remembers are read."""
    remembered = recall(session, postings)
    carried = carry_remembered(list(remembered.values())).by_first_depths(session)
    unknown = [key for key in postings if key not in remembered]
    return carried.joined(tally_sums(session, unknown)) if unknown else carried


def _add_to_totals(session: Session, sums: Sums, day: date) -> None:
    """Add sums to the tally, and keep its rows near the top as those of the day; always in key order."""
    if not sums.months:  # a seal over audit rows alone
        return
    add_rows_and_copy(
        session,
        Tally,
        TallyDay,
        columns=(SHELF_KEY, SHELF_AND_MONTHS),
        rows=_tally_rows(sums.months),
        among=("org_unit_id", sums.units_near_the_top()),
        more={"day": day},
    )


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
    add_rows(session, Tally, SHELF_KEY, SHELF_AND_MONTHS, _tally_rows(sums))
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


def _open() -> CompoundSelect[*tuple[Any, ...]]:
    """The last seal and all rows without one; made once, because putting it together costs more than sending it."""
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
    return union_all(*parts).order_by("kind", "id")


_LAST = "seal"
_OPEN = _open()


def _read_open(session: Session) -> tuple[LastSeal, list[OpenRow]]:
    """The last seal, and all rows without one in sealing order. They are chosen by NULL, never by time or number."""
    last, rows = LastSeal(0, FIRST_DIGEST, None), []
    for row in session.execute(_OPEN):
        if row.kind == _LAST:
            last = LastSeal(row.id, row.row_digest, row.at)
        else:
            rows.append(OpenRow(row.kind, row.id, row.row_digest))
    return last, rows


def seal_digest(previous: str, at: datetime, rows: Iterable[OpenRow]) -> str:
    """SHA-256 over the previous seal's digest, the moment, and the ordered rows with their ids and digests.

    The moment is covered because "as of an instant" rests on it.
    """
    chain = hashlib.sha256(f"{previous}\n{at.astimezone(UTC).isoformat(timespec='microseconds')}".encode())
    for row in rows:
        chain.update(f"\n{row.kind} {row.id} {row.row_digest}".encode())
    return chain.hexdigest()


def _seal(session: Session, rows: Sequence[OpenRow], seal: tuple[int, datetime, int, str]) -> None:
    """Mark the rows and write their seal (its columns in order); on PostgreSQL in one statement."""
    ids: dict[str, list[int]] = {kind: [] for kind, _model in SEALED_TABLES}
    for row in rows:
        ids[row.kind].append(row.id)
    values = dict(zip(("number", "at", "rows", "digest"), seal, strict=True))
    if session.get_bind().dialect.name != "sqlite":
        session.connection().execute(_SEAL, {f"new_{name}": value for name, value in (values | ids).items()})
        return
    for kind, model in SEALED_TABLES:
        for part in chunked(ids[kind]):
            statement = update(model).where(model.id.in_(part), model.seal.is_(None))
            session.execute(statement.values(seal=seal[0]), execution_options={"synchronize_session": False})
    session.connection().execute(insert(table_of(Seal)), values)


def _sealing() -> Insert:
    """The seal's row, with the rows of each table marked beside it."""
    statement = insert(table_of(Seal)).values(
        {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in table_of(Seal).columns}
    )
    for kind, model in SEALED_TABLES:
        table = table_of(model)
        ids = any_(bindparam(f"new_{kind}", type_=postgresql.ARRAY(Key)))
        marked = update(table).where(table.c.id == ids, table.c.seal.is_(None))
        statement = statement.add_cte(
            marked.values(seal=bindparam("new_number", type_=Key)).returning(table.c.id).cte(f"marked_{kind}")
        )
    return statement


_SEAL = _sealing()


def _tally_rows(sums: Months) -> list[tuple[object, ...]]:
    return [(*shelf, *months) for shelf, months in sorted(sums.items()) if any(months)]
