"""Anchors: seals written down outside, by which a chain's own missing end is found.

A chain proves every seal by the one after it, so nothing in it tells that its newest were deleted. Whoever holds
a number and a digest that once were printed can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.models import anchor as rows
from tracker.models.ledger import Seal
from tracker.services.chunks import chunked
from tracker.services.ledger.verifying import Discrepancy

WRITTEN: Final = re.compile(r"(?<![0-9])([0-9]{1,18}):([0-9a-f]{64})(?![0-9a-f])")


class Place(StrEnum):
    """In what a seal left the house."""

    BULLETIN = "bulletin"
    AUDIT_EXPORT = "audit_export"
    TABLE_EXPORT = "table_export"
    MAIL = "mail"


class NewestSeal(NamedTuple):
    """The end of the chain: its number, its digest, and when it was put on."""

    number: int
    digest: str
    at: datetime

    @property
    def written(self) -> str:
        """As exports and mails print it, and ``flask audit verify --anchor`` takes it."""
        return f"{self.number}:{self.digest}"


class Noted(NamedTuple):
    """A seal somebody wrote down, and where."""

    seal: int
    digest: str
    where: str


class AnchorRow(NamedTuple):
    """One anchor as the auditors' desk lists it; ``is_kept``: the chain still has this very seal."""

    id: int
    at: datetime
    seal: int
    digest: str
    place: str
    reference: str
    is_kept: bool


def find_newest_seal(session: Session) -> NewestSeal | None:
    """The last seal of the chain; None before the first."""
    wanted = select(Seal.number, Seal.digest, Seal.at).order_by(Seal.number.desc()).limit(1)
    row = session.execute(wanted).one_or_none()
    return None if row is None else NewestSeal(*row)


def find_seal(session: Session, number: int) -> NewestSeal | None:
    """One seal by its number; None when there is none."""
    wanted = select(Seal.number, Seal.digest, Seal.at).where(Seal.number == number)
    row = session.execute(wanted).one_or_none()
    return None if row is None else NewestSeal(*row)


def record_anchor(
    session: Session, seal: NewestSeal | None, *, place: Place, reference: str, now: datetime
) -> None:
    """Note that this seal is printed in something that leaves the house; nothing to note before the first seal."""
    if seal is not None:
        session.add(
            rows.Anchor(at=now, seal=seal.number, digest=seal.digest, place=place, reference=reference[:200])
        )
        session.flush()


class LastAnchor(NamedTuple):
    """The last seal that left the house in one way, and when."""

    seal: int
    at: datetime


def find_last_anchor(session: Session, place: Place) -> LastAnchor | None:
    """The last seal that left the house this way; None before the first."""
    table = rows.Anchor
    wanted = select(table.seal, table.at).where(table.place == place).order_by(table.id.desc()).limit(1)
    row = session.execute(wanted).one_or_none()
    return None if row is None else LastAnchor(*row)


def list_anchors(session: Session, *, limit: int) -> list[AnchorRow]:
    """The newest anchors first, each with whether the chain still holds its seal."""
    table = rows.Anchor
    wanted = (
        select(
            table.id, table.at, table.seal, table.digest, table.place, table.reference,
            Seal.digest.label("stored"),
        )
        .join(Seal, Seal.number == table.seal, isouter=True)
        .order_by(table.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [AnchorRow(*row[:6], is_kept=row.stored == row.digest) for row in session.execute(wanted)]


def read_anchors(text: str, where: str) -> list[Noted]:
    """Every ``SEAL:DIGEST`` in a text, such as kept mails or exported files; ``where`` names the text."""
    return [Noted(int(number), digest, where) for number, digest in WRITTEN.findall(text)]


def verify_anchors(session: Session, noted: Sequence[Noted]) -> Iterator[Discrepancy]:
    """What was written down outside against the chain: a seal that is gone, or that says something else now."""
    stored = _digests(session, {one.seal for one in noted})
    for one in noted:
        found = stored.get(one.seal, "missing")
        if found != one.digest:
            yield Discrepancy(f"anchor {one.where}: seal {one.seal}", one.digest, found)


def verify_own_anchors(session: Session) -> Iterator[Discrepancy]:
    """The same for the anchors this installation has kept a list of."""
    table = rows.Anchor
    wanted = select(table.seal, table.digest, table.place, table.reference).order_by(table.id)
    noted = [Noted(row.seal, row.digest, f"{row.place} {row.reference}") for row in session.execute(wanted)]
    yield from verify_anchors(session, noted)


def _digests(session: Session, numbers: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in chunked(sorted(numbers)):
        wanted = select(Seal.number, Seal.digest).where(Seal.number.in_(part))
        found |= {row.number: row.digest for row in session.execute(wanted)}
    return found
