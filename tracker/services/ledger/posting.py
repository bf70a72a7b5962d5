"""Posting an act: lock the streams, compare what is with what ought to be, append the difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest_of
from tracker.domain.identity import Actor
from tracker.models.base import table_of
from tracker.models.ledger import Entry, Posting, ReportStream
from tracker.models.org_unit import SettledCell
from tracker.models.programme import Programme
from tracker.services.bulk import insert_returning, insert_rows
from tracker.services.ledger.desired import Books, desired_cells
from tracker.services.ledger.heirs import hand_over, read_heirs
from tracker.services.ledger.held import Held, read_held
from tracker.services.ledger.reading import (
    Cell,
    Counted,
    Scope,
    Version,
    note_far_assignments,
    read_scope_and_targets,
)
from tracker.services.ledger.remembering import Posted, remember
from tracker.services.ledger.tenures import end_levels, split_by_edition
from tracker.services.tree import Step, current_edition, paths_up

NO_CONTENT = digest_of(None)

ON_REPORTS = frozenset({"submit", "withdraw", "return", "accept", "undo", "revoke"})
"""Acts on reports: their list is published, so how it counts is fixed."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is being posted: the kind of act, its programme, who does it and when.

    ``content_digest`` covers what was judged: the submissions' digests for verdicts, NO_CONTENT for
    acts without lines.
    """

    programme_id: int
    action: str
    actor: Actor
    at: datetime
    content_digest: str = NO_CONTENT


@dataclass(frozen=True, slots=True)
class Ground:
    """What a caller that already holds the streams has read: the tree's edition and the units' ways up in it."""

    edition: int
    paths: Mapping[int, Sequence[Step]]


def lock_streams(session: Session, programme_id: int, units: Collection[int]) -> None:
    """Hold the rows on which these units' figures are serialised until the transaction ends.

    Whoever reads lines in order to post must hold them first: two acceptances that race would
    otherwise both compute from the old level. Always in id order, so that nobody deadlocks. SQLite
    needs none of it: a writing transaction (BEGIN IMMEDIATE) is the only one from its start.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    if units:
        values = {"programme_id": programme_id, "units": sorted(units)}
        session.connection().execute(_LOCK_STREAMS, values)


def _lock_streams() -> postgresql.Insert:
    """One turn more for each stream of an array, in its order; put together once, however many there are."""
    unit = func.unnest(bindparam("units", type_=postgresql.ARRAY(BigInteger))).column_valued("unit")
    rows = select(bindparam("programme_id", type_=BigInteger), unit, literal(1))
    table = table_of(ReportStream)
    return (
        postgresql.insert(table)
        .from_select(["programme_id", "org_unit_id", "turns"], rows)
        .on_conflict_do_update(
            index_elements=["programme_id", "org_unit_id"], set_={"turns": table.c.turns + 1}
        )
    )


_LOCK_STREAMS = _lock_streams()


def post(
    session: Session,
    act: Act,
    units: Collection[int],
    coming: Sequence[Version] = (),
    *,
    ground: Ground | None = None,
) -> int:
    """Bring the ledger of these units up to what their lines and targets say; the new posting's id.

    ``coming`` are target versions of these units that count already but can be stored only after the
    posting they stand on (``services.targets.post_targets``). With ``ground`` the streams are held
    already and nothing of it is read again.

    Everything the act changed must be flushed before. Units are posted for the act's programme and
    for every higher indicator their figures feed. An act that changes no cell still leaves its posting.
    """
    ordered = sorted(units)
    if ground is None:
        lock_streams(session, act.programme_id, ordered)
        edition = current_edition(session)
        ground = Ground(edition, paths_up(session, edition, ordered))
    scope, targets = read_scope_and_targets(session, act.programme_id, ordered, ground.edition)
    for version in coming:
        targets.put(version, ground.paths[version.org_unit_id][0].parent_id)
    targets.finish()
    note_far_assignments(session, targets, scope.indicators.values(), units=units, coming=coming)
    held = read_held(session, scope.read_ids(), scope.indicators, ordered)
    wanted = desired_cells(Books(scope, held.lines, targets, ground.paths), ordered)
    changes = differences(wanted, held.present())
    if not held.tenures:
        return append(session, act, ground, changes, scope.indicators)
    ended = end_levels(changes, scope.indicators, held.tenures)
    handed, ground = _hand_over(session, ground, changes, scope=scope, held=held)
    settled = _summed([*ended.items(), *handed.items()])
    changes = nonzero(_summed([*changes, *settled.items()]))
    changes = _post_former(session, act, ground, changes, scope=scope, held=held)
    posting_id = append(session, act, ground, changes, scope.indicators)
    write_settled(session, posting_id, settled)
    return posting_id


def _hand_over(
    session: Session, ground: Ground, changes: Sequence[tuple[Cell, int]], *, scope: Scope, held: Held
) -> tuple[dict[Cell, int], Ground]:
    """What goes on from merged units to their heirs, and the ground with the heirs' ways up."""
    ended = {unit for unit, tenures in held.tenures.items() if any(one.is_end for one in tenures)}
    late = [change for change in changes if change[0].org_unit_id in ended]
    handed = hand_over(late, read_heirs(session, scope.indicators)) if late else {}
    heirs = {cell.org_unit_id for cell in handed} - ground.paths.keys()
    if heirs:
        ways = {**ground.paths, **paths_up(session, ground.edition, heirs)}
        ground = Ground(ground.edition, ways)
    return handed, ground


def differences(wanted: Mapping[Cell, int], present: Mapping[Cell, int]) -> list[tuple[Cell, int]]:
    """What has to be posted to get from what is to what ought to be, in order of cells."""
    return [
        (cell, amount)
        for cell in sorted(wanted.keys() | present.keys())
        if (amount := wanted.get(cell, 0) - present.get(cell, 0))
    ]


def _post_former(
    session: Session,
    act: Act,
    ground: Ground,
    changes: Sequence[tuple[Cell, int]],
    *,
    scope: Scope,
    held: Held,
) -> list[tuple[Cell, int]]:
    """Post by the trees of their time what changes before units were moved; what is left for today's."""
    by_edition = split_by_edition(
        changes, scope.indicators, held.tenures, edition=ground.edition, paths=ground.paths
    )
    today = by_edition.pop(ground.edition, {})
    append_former(session, act, by_edition, scope.indicators)
    return nonzero(today)


def _summed(changes: Sequence[tuple[Cell, int]]) -> dict[Cell, int]:
    found: dict[Cell, int] = defaultdict(int)
    for cell, amount in changes:
        found[cell] += amount
    return found


def nonzero(cells: Mapping[Cell, int]) -> list[tuple[Cell, int]]:
    """Cells that change, in order."""
    return sorted((cell, amount) for cell, amount in cells.items() if amount)


def write_settled(
    session: Session, posting_id: int, settled: Mapping[Cell, int], marks: Collection[Cell] = ()
) -> None:
    """Store what stays whatever lines say, with the posting that settled it; ``marks`` are stored even at 0."""
    kept = {**dict.fromkeys(marks, 0), **dict(nonzero(settled))}
    columns = ("posting_id", "org_unit_id", "indicator_id", "part", "month", "amount")
    rows = [
        (posting_id, cell.org_unit_id, cell.indicator_id, cell.part, cell.month, amount)
        for cell, amount in sorted(kept.items())
    ]
    insert_rows(session, SettledCell, columns, rows)


def append_former(
    session: Session,
    act: Act,
    by_edition: Mapping[int, Mapping[Cell, int]],
    indicators: Mapping[int, Counted],
) -> list[int]:
    """Append a posting for each earlier edition of the tree in which something changes; their ids."""
    made: list[int] = []
    for edition, cells in sorted(by_edition.items()):
        changes = nonzero(cells)
        if changes:
            paths = paths_up(session, edition, {cell.org_unit_id for cell, _amount in changes})
            made.append(append(session, act, Ground(edition, paths), changes, indicators))
    return made


def append(
    session: Session,
    act: Act,
    ground: Ground,
    changes: Sequence[tuple[Cell, int]],
    indicators: Mapping[int, Counted],
) -> int:
    """Append a posting with these changes, which go up by the tree of ``ground``; its id."""
    entries = [
        cell._asdict()
        | {
            "amount": amount,
            "year": indicators[cell.indicator_id].year,
            "branch_id": branch_of(
                ground.paths[cell.org_unit_id], indicators[cell.indicator_id].publisher_id
            ),
        }
        for cell, amount in changes
    ]
    columns: dict[str, object] = {
        "programme_id": act.programme_id,
        "year": _year(session, act, indicators),
        "edition": ground.edition,
        "actor_id": act.actor.person_id,
        "action": act.action,
        "at": act.at,
        "content_digest": act.content_digest,
    }
    row_digest = posting_digest(columns, entries)
    row = [*columns.values(), row_digest]
    [(posting_id,)] = insert_returning(session, Posting, (*columns, "row_digest"), [row])
    rows = ((posting_id, *[entry[column] for column in ENTRY_COLUMNS]) for entry in entries)
    insert_rows(session, Entry, ("posting_id", *ENTRY_COLUMNS), rows)
    is_fixed = act.action in ON_REPORTS
    posted = Posted(row_digest, ground.edition, changes, indicators, ground.paths, is_fixed)
    remember(session, posting_id, posted)
    return int(posting_id)


def _year(session: Session, act: Act, indicators: Mapping[int, Counted]) -> int:
    """The programme's year; a list without indicators is asked for it."""
    for indicator in indicators.values():
        if indicator.programme_id == act.programme_id:
            return indicator.year
    return session.scalars(select(Programme.year).where(Programme.id == act.programme_id)).one()


def branch_of(path: Sequence[Step], publisher_id: int) -> int:
    """The publisher's child on the way up from a unit; the publisher itself for its own level."""
    for step in path:
        if publisher_id in (step.parent_id, step.org_unit_id):
            return step.org_unit_id
    return publisher_id


def posting_digest(columns: Mapping[str, object], entries: Sequence[Mapping[str, object]]) -> str:
    """SHA-256 over the posting's columns and its entries in key order."""
    head = [columns[column] for column in POSTING_COLUMNS]
    return digest_of([head, [[entry[column] for column in ENTRY_COLUMNS] for entry in entries]])


POSTING_COLUMNS = ("programme_id", "year", "edition", "actor_id", "action", "at", "content_digest")
"""What a digest covers of the posting itself; its id is covered by the seal."""

ENTRY_COLUMNS = (
    "org_unit_id",
    "indicator_id",
    "basis",
    "part",
    "month",
    "amount",
    "year",
    "branch_id",
)
"""What a digest covers of each entry; the first five are its key within the posting, in sorting order."""
