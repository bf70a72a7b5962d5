"""A province with two cities and their districts, its lists, and the admin who answers for all of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.people import MadePerson, identity_of, make_person
from tests.factories.rows import NOW, Nested, accept_line, plant_indicator, plant_tree, put_targets
from tests.factories.rows import plant_list as plant_bare_list
from tracker.domain.identity import actor_of
from tracker.domain.periods import Month
from tracker.features.org_units.browsing import OrgFacts, find_facts
from tracker.features.org_units.moves import (
    Doer,
    Terms,
    carry_out_close,
    carry_out_merge,
    carry_out_move,
    close_shape,
    merge_shape,
    move_shape,
)
from tracker.features.org_units.restructures import Done
from tracker.models.audit import AuditEntry
from tracker.models.ledger import MONTHS, Tally
from tracker.models.org_unit import OrgPlace, OrgUnit, TreeEdition
from tracker.models.programme import Indicator
from tracker.models.report import Revision
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.tree import current_edition

TREE: Nested = {
    "330000": {
        "330200": {"330203": {"330203001": {}, "330203002": {}}, "330205": {}, "330206": {}},
        "330500": {"330502": {}, "330503": {}},
    }
}
LEVELS = ("province", "city", "county", "township")
TODAY = date(2018, 7, 3)


class Province:
    """The planted tree, with what tests do to it. Units are named by code."""

    def __init__(
        self, session: Session, admin_at: str = "330000", *, standing: Province | None = None
    ) -> None:
        self.session, self.now = session, NOW
        self.ids: dict[str, int]
        self.person: MadePerson
        if standing is not None:
            self.ids, self.person = standing.ids, standing.person
            return
        self.ids = plant_tree(session, TREE)
        depths = {row[0]: row[1] for row in session.execute(select(OrgPlace.org_unit_id, OrgPlace.depth))}
        for unit in session.scalars(select(OrgUnit)):
            unit.level = LEVELS[depths[unit.id]]
        session.flush()
        person = make_person(session, "admin", self.ids[admin_at])
        self.person = person

    @property
    def doer(self) -> Doer:
        identity = identity_of(self.session, self.person)
        return Doer(identity, actor_of(identity), self.now)

    def facts(self, code: str) -> OrgFacts:
        return find_facts(self.session, code, seen_by=self.doer.identity)

    def terms(self, effective: str, code: str) -> Terms:
        return Terms(
            effective=Month.parse(effective), reason="区划调整", edition=current_edition(self.session),
            version=self.facts(code).version,
        )  # fmt: skip

    def move(self, code: str, above: str, effective: str = "2018-07") -> Done:
        shape = move_shape(self.facts(code), self.facts(above), self.terms(effective, code), doer=self.doer)
        return carry_out_move(self.session, shape, doer=self.doer)

    def close(self, code: str, effective: str = "2018-07", successor: str | None = None) -> Done:
        taken = None if successor is None else self.facts(successor)
        terms = self.terms(effective, code)
        shape = close_shape(self.session, self.facts(code), taken, terms, doer=self.doer)
        return carry_out_close(self.session, shape, doer=self.doer)

    def merge(
        self, *codes: str, into: str, effective: str = "2018-07", summed: tuple[Indicator, ...] = ()
    ) -> Done:
        successor, units = self.facts(into), [self.facts(code) for code in codes]
        shape = merge_shape(
            self.session, units, successor, self.terms(effective, into), doer=self.doer,
            summed=frozenset(one.id for one in summed),
        )  # fmt: skip
        return carry_out_merge(self.session, shape, successor.unit, doer=self.doer)

    def plant_list(self, publisher: str, *codes: str, **facts: Any) -> list[Indicator]:
        programme = plant_bare_list(self.session, self.ids[publisher], key=f"{publisher}-2018")
        return [plant_indicator(self.session, programme, code, **facts) for code in codes]

    def assign(self, indicator: Indicator, **targets: int | None) -> None:
        put_targets(
            self.session, indicator, {self.ids[code.lstrip("u")]: value for code, value in targets.items()}
        )

    def accept(self, indicator: Indicator, code: str, month: int, value: int) -> Revision:
        return accept_line(self.session, indicator, self.ids[code], month, value=value)

    def fold(self) -> None:
        """Seal what is open, and prove tally and days against the entries."""
        try_fold(self.session, NOW)
        assert verify_totals(self.session) == []

    def total(
        self, indicator: Indicator, code: str, until: int = 12, part: str = "amount", at: str | None = None
    ) -> int:
        """What a unit holds as a whole below all its superiors, or below the one named, up to a month."""
        months = sum((getattr(Tally, name) for name in MONTHS[:until]), start=0)
        wanted = select(func.coalesce(func.sum(months), 0)).where(
            Tally.indicator_id == indicator.id, Tally.org_unit_id == self.ids[code],
            Tally.parent_id != self.ids[code], Tally.basis == "accepted", Tally.part == part,
        )  # fmt: skip
        if at is not None:
            wanted = wanted.where(Tally.parent_id == self.ids[at])
        return int(self.session.scalar(wanted) or 0)

    def actions(self) -> list[str]:
        """What the audit trail says people did, oldest first."""
        wanted = select(AuditEntry.action).where(AuditEntry.actor_id.is_not(None)).order_by(AuditEntry.id)
        return list(self.session.scalars(wanted))

    def parents(self, edition: int | None = None) -> dict[str, str]:
        """Unit → its superior, "" for a root; checks that intervals nest as the tree does."""
        number = current_edition(self.session) if edition is None else edition
        codes = {row.id: row.code for row in self.session.execute(select(OrgUnit.code, OrgUnit.id))}
        rows = self.session.execute(
            select(
                OrgPlace.org_unit_id, OrgPlace.parent_id, OrgPlace.depth, OrgPlace.pre, OrgPlace.last
            ).where(OrgPlace.edition == number)
        ).all()
        found = {codes[row.org_unit_id]: codes.get(row.parent_id, "") for row in rows}
        places = {codes[row.org_unit_id]: row for row in rows}
        for code, place in places.items():
            assert place.depth == len(_ways_up(found, code)) - 1
            for other, outer in places.items():
                assert (outer.pre <= place.pre <= outer.last) == (other in _ways_up(found, code)), (
                    code,
                    other,
                )
        return found

    def editions(self) -> list[int]:
        return list(self.session.scalars(select(TreeEdition.number).order_by(TreeEdition.number)))


def _ways_up(parents: dict[str, str], code: str) -> list[str]:
    found = []
    while code:
        found.append(code)
        code = parents[code]
    return found
