"""The world of the side-by-side set: people for every unit, and sheets brought as far as a measurement needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from tests.factories.people import MadePerson, identity_of, make_person
from tracker.cli.sample_province import KEY, PROVINCE, YEAR, Shape
from tracker.db import Database
from tracker.domain.identity import Identity, Role
from tracker.domain.messages import Refusal
from tracker.domain.periods import SHANGHAI, Period, Rhythm
from tracker.features.reports.commands.handing_in import submit_sheet
from tracker.features.reports.commands.saving import SheetEntry, save_sheet, version_of
from tracker.features.reports.typed_lines import TypedLine
from tracker.services.ledger.settling import settle
from tracker.services.programme_heads import find_head
from tracker.services.sheets import Sheet, load_sheet
from tracker.services.standings import Doer, Seen
from tracker.services.transitions import accept, accept_sheets, sign
from tracker.services.tree import Unit, list_children

PEER: Final = Shape(units=100, indicators=30, periods=3, each=30, rhythm=Rhythm.QUARTER)
"""A province, 10 cities, 100 districts; each district reports ten pledges for three of the four quarters."""

LAST: Final = Period.parse(f"{YEAR}-Q4")
TODAY: Final = datetime(YEAR + 1, 1, 3, 9, 0, tzinfo=SHANGHAI)
NOTE: Final = "测速。"


class Peer:
    """Such a world, or another list's units at a period of theirs; what it makes is committed."""

    def __init__(
        self, database: Database, units: Sequence[Unit] | None = None, *, period: Period = LAST
    ) -> None:
        self.database, self.period = database, period
        with database.session() as session:
            self.head = find_head(session, KEY)
            assert self.head is not None
            self.viewer = make_person(session, Role.VIEWER, PROVINCE)
            cities = list_children(session, self.head.publisher_id)
            self.districts: list[Unit] = [
                *(units or [unit for city in cities for unit in list_children(session, city.id)])
            ]
            above = {unit.place.parent_id for unit in self.districts}
            reviewers = {one: self._person(session, Role.REVIEWER, one) for one in sorted(above)}
            self.judges = {unit.id: reviewers[unit.place.parent_id] for unit in self.districts}
            self.reporters = {
                unit.id: self._person(session, Role.REPORTER, unit.id) for unit in self.districts
            }
            self.signers = {unit.id: self._person(session, Role.APPROVER, unit.id) for unit in self.districts}
            self.made: dict[int, MadePerson] = {}
            session.commit()

    @staticmethod
    def _person(session: Session, role: Role, unit_id: int) -> Identity:
        return identity_of(session, make_person(session, role, unit_id))

    def sheet(self, session: Session, unit: Unit) -> Sheet:
        """The unit's sheet of the period."""
        assert self.head is not None
        return load_sheet(session, self.head, unit, self.period, sees_drafts=True)

    def fill(self, session: Session, unit: Unit) -> None:
        """The reporter types every line."""
        sheet = self.sheet(session, unit)
        lines = {row.listed.id: _typed(row.kind) for row in sheet.rows}
        entry = SheetEntry(lines, {}, _versions(sheet))
        save_sheet(session, sheet, entry, self.doer(self.reporters[unit.id]), today=TODAY)

    def submit(self, session: Session, unit: Unit) -> None:
        """The reporter hands the sheet in."""
        sheet = self.sheet(session, unit)
        submit_sheet(session, sheet, _versions(sheet), self.doer(self.reporters[unit.id]), today=TODAY)

    def sign(self, session: Session, unit: Unit) -> None:
        """The unit's head signs it."""
        sign(session, self.seen(session, unit), self.doer(self.signers[unit.id]))

    def hand_over(self, units: Sequence[Unit]) -> dict[int, list[Seen]]:
        """Fill, submit and sign these units' sheets; what their reviewers have before them."""
        found: dict[int, list[Seen]] = {}
        for unit in units:
            with self.database.session() as session:
                self.fill(session, unit)
                self.submit(session, unit)
                self.sign(session, unit)
                self.settle(session)
            with self.database.session() as session:
                found[unit.id] = self.seen(session, unit)
        return found

    def seen(self, session: Session, unit: Unit) -> list[Seen]:
        """The versions and digests a person who judges the sheet has seen."""
        filings = [report.filing for report in self.sheet(session, unit).reports]
        return [Seen(one.revision_id, one.version_id, one.digest or "") for one in filings if one]

    def accept(self, session: Session, unit: Unit, seen: list[Seen]) -> None:
        """The city's reviewer accepts the whole sheet."""
        accept(session, seen, self.doer(self.judges[unit.id]))

    def accept_together(
        self, session: Session, units: Sequence[Unit], waiting: Mapping[int, list[Seen]]
    ) -> None:
        """Each city's reviewer accepts the sheets of these units below it in one act."""
        judges = {self.judges[unit.id].person_id: self.judges[unit.id] for unit in units}
        for _person, judge in sorted(judges.items()):
            sheets = [waiting[unit.id] for unit in units if self.judges[unit.id] == judge]
            outcomes = accept_sheets(session, sheets, self.doer(judge))
            assert not any(isinstance(one, Refusal) for one in outcomes)

    def settle(self, session: Session) -> bool:
        """Commit and fold as the edge does."""
        return settle(self.database, session, _now)

    @staticmethod
    def doer(identity: Identity) -> Doer:
        """This person, now."""
        return Doer(identity, _now())


def _now() -> datetime:
    return datetime.now(UTC)


def _versions(sheet: Sheet) -> dict[int, str]:
    return {report.promise.id: version_of(report) for report in sheet.reports}


def _typed(kind: str) -> TypedLine:
    if kind == "ratio":
        return TypedLine(numerator="150", denominator="200", note=NOTE)
    return TypedLine(value="120", note=NOTE)
