"""Lines of merged units: at which node they count, after their figures went to an heir."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.identity import Place
from tracker.models.org_unit import OrgPlace, OrgTenure
from tracker.services.ledger.heirs import Legacy, read_heirs
from tracker.services.programme_heads import ListedIndicator
from tracker.services.tree import Unit


class Inherited(NamedTuple):
    """Whose figures stand in whose numbers, and where those heirs and the node stood.

    ``tenures``: heir → until which month (year × 12 + month) which edition counts, in order. ``seats``: edition and
    unit → its interval (pre, last).
    """

    heirs: Mapping[Legacy, int]
    node: Place
    tenures: Mapping[int, Sequence[tuple[int, int]]]
    seats: Mapping[tuple[int, int], tuple[int, int]]

    @property
    def units(self) -> set[int]:
        """Units of which something was handed over."""
        return {legacy.org_unit_id for legacy in self.heirs}

    def is_here(self, indicator_id: int, unit_id: int, month: int, *, otherwise: bool) -> bool:
        """Whether a merged unit's line of a month (year × 12 + month) counts at the node; of others ``otherwise``."""
        heir = self.heirs.get(Legacy(unit_id, indicator_id))
        if heir is None:
            return otherwise
        if self.node.pre == self.node.last:
            return heir == self.node.org_unit_id
        known = self.tenures.get(heir, ())
        edition = next((edition for until, edition in known if until > month), self.node.edition)
        inner, outer = self.seats.get((edition, heir)), self.seats.get((edition, self.node.org_unit_id))
        return inner is not None and outer is not None and outer[0] <= inner[0] <= outer[1]


NOTHING_INHERITED = Inherited({}, Place(0, 0, 0, 0, 0, 0), {}, {})


def read_inherited(
    session: Session, indicators: Iterable[ListedIndicator], node: Unit, *, seal: int
) -> Inherited:
    """What was handed over in these indicators as of a seal."""
    heirs = read_heirs(session, [one.id for one in indicators], seal=seal)
    if not heirs:
        return NOTHING_INHERITED
    units = sorted(set(heirs.values()))
    tenures: dict[int, list[tuple[int, int]]] = {}
    wanted = (
        select(OrgTenure.org_unit_id, OrgTenure.until, OrgTenure.edition)
        .where(OrgTenure.org_unit_id.in_(units), OrgTenure.is_end.is_(False))
        .order_by(OrgTenure.until)
    )
    for row in session.execute(wanted):
        tenures.setdefault(row.org_unit_id, []).append((row.until, row.edition))
    editions = {node.place.edition, *(edition for known in tenures.values() for _until, edition in known)}
    places = select(OrgPlace.edition, OrgPlace.org_unit_id, OrgPlace.pre, OrgPlace.last).where(
        OrgPlace.edition.in_(sorted(editions)), OrgPlace.org_unit_id.in_([*units, node.id])
    )
    seats = {(row[0], row[1]): (row[2], row[3]) for row in session.execute(places)}
    return Inherited(heirs, node.place, tenures, seats)
