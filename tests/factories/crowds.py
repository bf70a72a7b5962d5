"""A province over a city with many units, each with a signed report: something to accept a hundred times."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import World
from tests.factories.rows import NOW, Nested, align, plant_indicator, plant_list, plant_tree, put_targets
from tracker.domain.identity import Identity, Role
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.ledger import MONTHS, Tally
from tracker.models.programme import Programme
from tracker.services.ledger.folding import try_fold
from tracker.services.standings import Seen


class Crowd:
    """A province with an aligned list over a city with many units, each with a signed report of 10."""

    def __init__(self, session: Session, *, units: int) -> None:
        codes = [f"3302{number:05}" for number in range(units)]
        tree: Nested = {"330000": {"330200": {code: {} for code in codes}}}
        ids = plant_tree(session, tree)
        self.world = _Small(session, ids, plant_list(session, ids["330200"]))
        city = plant_indicator(session, self.world.programme, "enrolments")
        province = plant_list(session, ids["330000"], key="330000-2018")
        self.fed = plant_indicator(session, province, "all_enrolments")
        align(session, city, self.fed)
        put_targets(session, city, {ids[code]: 1_000 for code in codes})
        put_targets(session, self.fed, {ids["330200"]: 100_000})
        self.world.indicators = {"enrolments": city}
        self.reviewer: Identity = self.world.person(Role.REVIEWER, "330200")
        self.seen: dict[str, list[Seen]] = {}
        for code in codes:
            self.world.hand_in(code=code, enrolments=TypedLine(value="10"))
            self.world.sign(code=code)
            self.seen[code] = self.world.seen(code)
        while try_fold(session, NOW) is not None:
            session.flush()
        self.city, self.root = ids["330200"], ids["330000"]
        self.ids = (city.id, self.fed.id)
        self.programme_id = self.world.programme.id

    def totals(self, session: Session) -> tuple[int, int]:
        """What the city's list has at the city, and the province's list at the province."""
        return (
            total(session, self.ids[0], self.root, self.city),
            total(session, self.ids[1], 0, self.root),
        )


class _Small(World):
    """The world's own verbs over another tree."""

    def __init__(self, session: Session, units: dict[str, int], programme: Programme) -> None:
        self.session = session
        self.units = units
        self.programme = programme
        self.people = {}
        session.flush()


def total(session: Session, indicator_id: int, parent_id: int, unit_id: int) -> int:
    """An indicator's accepted amount of the year at a unit."""
    wanted = select(*(getattr(Tally, month) for month in MONTHS)).where(
        Tally.indicator_id == indicator_id,
        Tally.parent_id == parent_id,
        Tally.org_unit_id == unit_id,
        Tally.basis == "accepted",
        Tally.part == "amount",
    )
    row = session.execute(wanted).one_or_none()
    return 0 if row is None else sum(row)
