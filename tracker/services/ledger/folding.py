"""The fold: one transaction that seals what is open and adds it to the tally (document 4.1)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    cast,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from tracker.models.audit import AuditEntry
from tracker.models.ledger import MONTHS, Entry, Posting, Seal, Tally
from tracker.models.programme import Indicator, Programme, Target
from tracker.services.bulk import add_rows
from tracker.services.chunks import chunked
from tracker.services.ledger.posting import branch_of
from tracker.services.ledger.remembering import Posted, forget, recall
from tracker.services.tree import Step, current_edition, paths_up

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


class Shelf(NamedTuple):
    """The key of one row of the tally."""

    programme_id: int
    parent_id: int
    org_unit_id: int
    indicator_id: int
    basis: str
    part: str
    year: int
    branch_id: int


SHELF_KEY = Shelf._fields[:6]
"""The tally's key; year and branch follow from it."""


class Home(NamedTuple):
    """Where an indicator's figures are summed to."""

    programme_id: int
    publisher_id: int
    year: int
    own_level_counts: bool


Sums = dict[Shelf, list[int]]


def try_fold(session: Session, now: datetime) -> int | None:
    """Seal everything open and fold it; the new seal's number, or None when another fold runs or nothing is open.

    On SQLite this is the last step of the writing transaction; on PostgreSQL a transaction of its own
    right after the commit.
    """
    if not _holds_fold_lock(session):
        return None
    last, rows = _read_open(session)
    if not rows:
        return None
    postings = {row.id: row.row_digest for row in rows if row.kind == "posting"}
    remembered = recall(session, postings)
    if remembered is None:
        add_to_tally(session, tally_sums(session, list(postings)))
    else:
        add_to_tally(session, _carry_remembered(remembered))
    number = last.number + 1
    _mark(session, rows, number)
    digest = seal_digest(last.digest, now, rows)
    session.execute(insert(Seal).values(number=number, at=now, rows=len(rows), digest=digest))
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
    sums: Sums = {}
    for row in rows:
        shelf = Shelf(*(getattr(row, column) for column in Shelf._fields))
        sums[shelf._replace(parent_id=path[0].parent_id)] = [sign * getattr(row, month) for month in MONTHS]
    add_to_tally(session, sums)


def _holds_fold_lock(session: Session) -> bool:
    """Whether this transaction may fold: always on SQLite, where it is the only writer."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(FOLD_LOCK))))


def has_open(session: Session) -> bool:
    """Whether anything waits for a seal."""
    return bool(_read_open(session)[1])


class LastSeal(NamedTuple):
    """Where the chain stands."""

    number: int
    digest: str


def _read_open(session: Session) -> tuple[LastSeal, list[OpenRow]]:
    """The last seal, and all rows without one in sealing order. They are chosen by NULL, never by time or number."""
    parts = [
        select(
            literal(kind).label("kind"),
            model.id.label("id"),
            model.row_digest.label("row_digest"),
        ).where(model.seal.is_(None))
        for kind, model in SEALED_TABLES
    ]
    newest = select(func.max(Seal.number)).scalar_subquery()
    parts.append(select(literal(_LAST).label("kind"), Seal.number, Seal.digest).where(Seal.number == newest))
    last, rows = LastSeal(0, FIRST_DIGEST), []
    for row in session.execute(union_all(*parts).order_by("kind", "id")):
        if row.kind == _LAST:
            last = LastSeal(row.id, row.row_digest)
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


def tally_sums(session: Session, posting_ids: Sequence[int]) -> Sums:
    """What these postings add to the tally."""
    groups: list[Group] = []
    for part in chunked(posting_ids):
        groups += _read_groups(session, Entry.posting_id.in_(part))
    return _carry_up(session, groups)


def _carry_remembered(remembered: Sequence[Posted]) -> Sums:
    """What postings of this very transaction add to the tally, from what they were made of."""
    groups = [Group(one.edition, *cell, amount) for one in remembered for cell, amount in one.changes]
    homes = {
        key: Home(counted.programme_id, counted.publisher_id, counted.year, counted.own_level_counts)
        for one in remembered
        for key, counted in one.indicators.items()
    }
    paths = {(one.edition, unit): path for one in remembered for unit, path in one.paths.items()}
    return _sum_up(groups, homes, paths)


def sealed_tally_sums(session: Session) -> Sums:
    """The whole tally worked out anew from every sealed entry."""
    return _carry_up(session, _read_groups(session, Posting.seal.is_not(None)))


def tally_sums_as_of(session: Session, programme_id: int, seal: int) -> Sums:
    """One programme's tally as it stood when the seal was written."""
    indicators = select(Indicator.id).where(Indicator.programme_id == programme_id)
    return _carry_up(
        session, _read_groups(session, Entry.indicator_id.in_(indicators) & (Posting.seal <= seal))
    )


class Group(NamedTuple):
    """Entries of one cell that were posted under the same edition of the tree, added up."""

    edition: int
    org_unit_id: int
    indicator_id: int
    basis: str
    part: str
    month: int
    amount: int


def _read_groups(session: Session, condition: ColumnElement[bool]) -> list[Group]:
    key = (
        Posting.edition,
        Entry.org_unit_id,
        Entry.indicator_id,
        Entry.basis,
        Entry.part,
        Entry.month,
    )
    total = cast(func.sum(Entry.amount), BigInteger).label("amount")
    wanted = select(*key, total).join(Posting, Posting.id == Entry.posting_id).where(condition).group_by(*key)
    return [Group(*row) for row in session.execute(wanted)]


def _carry_up(session: Session, groups: Sequence[Group]) -> Sums:
    homes = _read_homes(session, {group.indicator_id for group in groups})
    return _sum_up(groups, homes, _read_paths(session, groups))


def _sum_up(
    groups: Sequence[Group],
    homes: Mapping[int, Home],
    paths: Mapping[tuple[int, int], Sequence[Step]],
) -> Sums:
    sums: Sums = defaultdict(lambda: [0] * 12)
    for group in groups:
        home = homes[group.indicator_id]
        path = paths[group.edition, group.org_unit_id]
        for parent_id, unit_id, branch_id in shelves(path, home):
            shelf = Shelf(
                home.programme_id,
                parent_id,
                unit_id,
                group.indicator_id,
                group.basis,
                group.part,
                home.year,
                branch_id,
            )
            sums[shelf][group.month - 1] += group.amount
    return sums


def _read_homes(session: Session, indicator_ids: set[int]) -> dict[int, Home]:
    homes: dict[int, Home] = {}
    for part in chunked(sorted(indicator_ids)):
        wanted = (
            select(
                Indicator.id,
                Indicator.programme_id,
                Programme.publisher_id,
                Programme.year,
                Programme.own_level_counts,
            )
            .join(Programme, Programme.id == Indicator.programme_id)
            .where(Indicator.id.in_(part))
        )
        homes |= {row.id: Home(*row[1:]) for row in session.execute(wanted)}
    return homes


def _read_paths(session: Session, groups: Sequence[Group]) -> Mapping[tuple[int, int], list[Step]]:
    units: dict[int, set[int]] = defaultdict(set)
    for group in groups:
        units[group.edition].add(group.org_unit_id)
    return {
        (edition, unit): path
        for edition, some in units.items()
        for unit, path in paths_up(session, edition, some).items()
    }


def shelves(path: Sequence[Step], home: Home) -> list[tuple[int, int, int]]:
    """The (parent, unit, branch) rows a unit's figure is summed into, from its own level up to the publisher."""
    unit = path[0].org_unit_id
    branch = branch_of(path, home.publisher_id)
    rows = [(unit, unit, branch)]
    if unit == home.publisher_id and not home.own_level_counts:
        return rows
    for step in path:
        if step.org_unit_id == home.publisher_id:
            return [*rows, (step.parent_id, step.org_unit_id, home.publisher_id)]
        rows.append((step.parent_id, step.org_unit_id, branch))
    return rows


def add_to_tally(session: Session, sums: Sums) -> None:
    """Add monthly sums to their rows, making those that are missing; always in key order."""
    rows = [(*shelf, *months) for shelf, months in sorted(sums.items()) if any(months)]
    add_rows(session, Tally, SHELF_KEY, (*Shelf._fields, *MONTHS), rows)
