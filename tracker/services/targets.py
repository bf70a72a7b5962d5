"""Writing target versions: each stands on a posting, and its digest lets the verifier prove it unchanged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.canonical import digest_of
from tracker.models.ledger import Posting
from tracker.models.programme import Target
from tracker.services.bulk import insert_rows
from tracker.services.chunks import chunked
from tracker.services.ledger.posting import Act, post
from tracker.services.ledger.reading import Version

DIGESTED = (
    "posting_id", "programme_id", "indicator_id", "org_unit_id", "is_own_level", "is_assigned", "value", "base",
    "effective_month", "reason", "approved_by_id", "at",
)  # fmt: skip
"""The columns a target's digest covers: all but its id and seal, which the seal itself covers."""


class NewTarget(NamedTuple):
    """A version to be written. ``value`` None: assigned without a number; ``is_assigned`` False: taken back."""

    indicator_id: int
    org_unit_id: int
    is_own_level: bool
    is_assigned: bool
    value: int | None
    base: int | None
    effective_month: int = 1


class TargetPlace(NamedTuple):
    """What a version speaks of: an indicator at a unit, as a whole or at its own level."""

    indicator_id: int
    org_unit_id: int
    is_own_level: bool


class TargetInForce(NamedTuple):
    """The newest version at a place. ``is_implied``: an import of figures assigned the unit, no list did."""

    is_assigned: bool
    value: int | None
    base: int | None
    is_implied: bool


def post_targets(
    session: Session,
    act: Act,
    units: Collection[int],
    *,
    targets: Sequence[NewTarget],
    reason: str,
) -> int:
    """Post the act with these versions counted in and write them; the posting's id.

    ``units``: all whose counts the act may change, the targets' own units among them. ``approved_by``
    is the act's actor. Everything else the act changed must be flushed before.
    """
    posting_id = post(session, act, units, versions_of(targets))
    write_targets(session, act, posting_id, targets=targets, reason=reason)
    return posting_id


def versions_of(targets: Sequence[NewTarget]) -> list[Version]:
    """The versions as the ledger counts them in before they are written."""
    return [
        Version(target.org_unit_id, target.indicator_id, target.is_own_level, target.is_assigned, target.base)
        for target in targets
    ]


def write_targets(
    session: Session, act: Act, posting_id: int, *, targets: Sequence[NewTarget], reason: str
) -> None:
    """Write the versions on the posting they were counted in by."""
    rows = (_row(act, posting_id, target, reason) for target in targets)
    columns = (*DIGESTED, "row_digest", "seal")
    insert_rows(session, Target, columns, ([row[column] for column in columns] for row in rows))


def _row(act: Act, posting_id: int, target: NewTarget, reason: str) -> dict[str, object]:
    row: dict[str, object] = target._asdict() | {
        "posting_id": posting_id,
        "programme_id": act.programme_id,
        "reason": reason,
        "approved_by_id": act.actor.person_id,
        "at": act.at,
        "seal": None,
    }
    return row | {"row_digest": target_digest(row)}


def target_digest(values: Mapping[str, object]) -> str:
    """The digest of a target version, from a mapping that holds at least ``DIGESTED``."""
    return digest_of({column: values[column] for column in DIGESTED})


def is_overtaken(target: type[Target]) -> ColumnElement[bool]:
    """Whether the place of a version (the table or an alias of it) has a newer one, whatever month that begins in."""
    newer = aliased(Target)
    return exists().where(
        newer.programme_id == target.programme_id,
        newer.indicator_id == target.indicator_id,
        newer.org_unit_id == target.org_unit_id,
        newer.is_own_level == target.is_own_level,
        newer.id > target.id,
    )


def targets_in_force(
    session: Session, programme_id: int, units: Collection[int] | None = None
) -> dict[TargetPlace, TargetInForce]:
    """The newest version at every place of a programme, those taken back included, whatever month they begin in.

    ``units``: read of these units alone.
    """
    if units is None:
        return _read_in_force(session, Target.programme_id == programme_id)
    found: dict[TargetPlace, TargetInForce] = {}
    for part in chunked(sorted(units)):
        here = (Target.programme_id == programme_id) & Target.org_unit_id.in_(part)
        found |= _read_in_force(session, here)
    return found


def _read_in_force(session: Session, here: ColumnElement[bool]) -> dict[TargetPlace, TargetInForce]:
    wanted = (
        select(
            Target.indicator_id, Target.org_unit_id, Target.is_own_level,
            Target.is_assigned, Target.value, Target.base, Posting.action,
        )
        .join(Posting, Posting.id == Target.posting_id)
        .where(here)
        .order_by(Target.id)
    )  # fmt: skip
    return {
        TargetPlace(*row[:3]): TargetInForce(*row[3:6], is_implied=row.action == "import")
        for row in session.execute(wanted)
    }
