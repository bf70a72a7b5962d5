"""A city with districts, its list with one indicator of each kind, and the people who report and judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.people import MadePerson, appoint, identity_of, make_person
from tests.factories.rows import NOW, Nested, Planted, find_planted, plant_list, plant_tree, put_targets
from tests.support.replanting import replanted
from tracker.domain.identity import Identity, Role
from tracker.domain.periods import SHANGHAI, Period
from tracker.features.reports.commands.handing_in import submit_sheet
from tracker.features.reports.commands.saving import SheetEntry, save_sheet, version_of
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.account import Account, Person
from tracker.models.programme import Indicator, Pledge, Programme
from tracker.services.programme_heads import find_head
from tracker.services.sessions import list_appointments
from tracker.services.sheets import Sheet, load_sheet
from tracker.services.snapshots import Texts
from tracker.services.transitions import Doer, Seen, accept, sign
from tracker.services.tree import Unit, find_unit

TREE: Nested = {"330000": {"330200": {"330203": {}, "330205": {}}, "330500": {}}}
JUNE = Period.parse("2018-06")
MAY = Period.parse("2018-05")
TODAY = datetime(2018, 7, 3, 10, 0, tzinfo=SHANGHAI)
KEY = "330200-2018"


class Made(NamedTuple):
    """What one indicator of the list is."""

    code: str
    columns: Mapping[str, object]
    target: int | None
    base: int | None = None


KINDS = (
    Made("enrolments", {"name": "参保人次"}, 180_000),
    Made("members", {"kind": "stock", "measure": "人", "name": "会员总数"}, 500, 100),
    Made("households", {"kind": "kept", "measure": "户", "name": "动态保持户数"}, 400),
    Made("coverage", {"kind": "ratio", "measure": "%", "name": "覆盖率"}, 850),
    Made("growth", {"kind": "growth", "measure": "%", "name": "增幅"}, 105, 1_000),
    Made("opened", {"kind": "milestone", "measure": "项", "name": "挂牌运作"}, 1),
    Made(
        "sites",
        {"kind": "checklist", "measure": "家", "name": "站点名单", "items": ["甲站", "乙站", "丙站"]},
        3,
    ),
    Made("hotline", {"kind": "narrative", "measure": "项", "name": "热线全年受理"}, None),
)


class World:
    """Province 330000, city 330200 with districts 330203 and 330205, and the city's list of eight kinds."""

    def __init__(
        self,
        session: Session,
        *,
        made: tuple[Made, ...] = KINDS,
        close_day: int | None = None,
        own_level: bool = False,
    ) -> None:
        self.session = session
        self.people: dict[str, Identity] = {}
        self.units, self.programme, self.indicators = replanted(
            session,
            ("world", repr(made), close_day, own_level),
            lambda: _plant_list(session, made, close_day=close_day, own_level=own_level),
            lambda: find_planted(session),
        )

    @classmethod
    def again(cls, session: Session) -> World:
        """A world that already stands in this database."""
        world = cls.__new__(cls)
        world.session = session
        world.units, world.programme, world.indicators = find_planted(session)
        known = session.execute(select(Person.id, Person.name, Account.id, Account.login).join(Account))
        made = [MadePerson(row[0], row[2], 0, row[3], row[1]) for row in known]
        world.people = {one.login: identity_of(session, one) for one in made}
        return world

    def person(self, role: Role, code: str, *, name: str = "", department: str | None = None) -> Identity:
        """Somebody with this role at this unit; the same name is the same person."""
        known = name or f"{role}-{code}"
        if known not in self.people:
            made = make_person(self.session, role, code, name=known, login=known, department=department)
            self.people[known] = identity_of(self.session, made)
        return self.people[known]

    def also(self, known: Identity, role: Role, code: str) -> Identity:
        """The same person acting under a further appointment."""
        appointed = appoint(self.session, known.person_id, role, code)
        held = list_appointments(self.session, known.person_id, datetime.now(UTC))
        return replace(known, appointment=next(one for one in held if one.id == appointed))

    def unit(self, code: str) -> Unit:
        """A unit of the tree."""
        found = find_unit(self.session, code)
        assert found is not None
        return found

    def sheet(self, code: str = "330203", period: Period = JUNE) -> Sheet:
        """The sheet as the unit's own staff sees it."""
        head = find_head(self.session, KEY)
        assert head is not None
        self.session.flush()
        return load_sheet(self.session, head, self.unit(code), period, sees_drafts=True)

    def entry(
        self, sheet: Sheet, typed: Mapping[str, TypedLine], texts: Mapping[int, Texts] | None = None
    ) -> SheetEntry:
        """What the page sends when these rows are typed and the rest stays as it was."""
        ids = {row.listed.rule.code: row.listed.id for row in sheet.rows}
        versions = {report.promise.id: version_of(report) for report in sheet.reports}
        return SheetEntry({ids[code]: line for code, line in typed.items()}, texts or {}, versions)

    def save(
        self, *, code: str = "330203", period: Period = JUNE, by: Identity | None = None, **typed: TypedLine
    ) -> int:
        """The reporter saves these rows."""
        return self.save_lines(typed, code=code, period=period, by=by)

    def save_lines(
        self,
        typed: Mapping[str, TypedLine],
        *,
        code: str = "330203",
        period: Period = JUNE,
        by: Identity | None = None,
    ) -> int:
        """The same with the rows as one mapping."""
        sheet = self.sheet(code, period)
        by = by or self.person(Role.REPORTER, code)
        return save_sheet(self.session, sheet, self.entry(sheet, typed), Doer(by, NOW), today=TODAY)

    def submit(self, *, code: str = "330203", period: Period = JUNE, by: Identity | None = None) -> None:
        """The reporter submits the sheet as it is."""
        sheet = self.sheet(code, period)
        by = by or self.person(Role.REPORTER, code)
        submit_sheet(self.session, sheet, self.entry(sheet, {}).versions, Doer(by, NOW), today=TODAY)

    def hand_in(self, *, code: str = "330203", period: Period = JUNE, **typed: TypedLine) -> None:
        """Save these rows, fill the rest with plain answers, and submit."""
        asked = {name: line for name, line in (PLAIN | typed).items() if name in self.indicators}
        self.save_lines(asked, code=code, period=period)
        self.submit(code=code, period=period)

    def seen(self, code: str = "330203", period: Period = JUNE) -> list[Seen]:
        """What a person who judges the sheet has seen."""
        filings = [report.filing for report in self.sheet(code, period).reports]
        return [
            Seen(filing.revision_id, filing.version_id, filing.digest or "") for filing in filings if filing
        ]

    def sign(self, *, code: str = "330203", period: Period = JUNE) -> None:
        """The head of the unit signs the whole sheet."""
        self.sign_seen(self.seen(code, period), Doer(self.person(Role.APPROVER, code), NOW))

    def sign_seen(self, seen: list[Seen], by: Doer) -> None:
        """Somebody signs exactly these."""
        sign(self.session, seen, by)

    def accept(self, *, code: str = "330203", period: Period = JUNE) -> None:
        """The city's reviewer accepts the whole sheet."""
        accept(self.session, self.seen(code, period), Doer(self.person(Role.REVIEWER, "330200"), NOW))


PLAIN: dict[str, TypedLine] = {
    "enrolments": TypedLine(value="17600"),
    "members": TypedLine(value="300"),
    "households": TypedLine(value="410"),
    "coverage": TypedLine(numerator="86", denominator="100"),
    "growth": TypedLine(numerator="1120"),
    "opened": TypedLine(done_on="2018-05-20"),
    "sites": TypedLine(items=("甲站", "乙站")),
    "hotline": TypedLine(judgement="on_track", note="全年不间断受理。"),
}
"""An answer to each kind that raises no note."""


def only(*codes: str) -> tuple[Made, ...]:
    """The list cut down to these indicators."""
    return tuple(one for one in KINDS if one.code in codes)


def _plant_list(
    session: Session, made: tuple[Made, ...], *, close_day: int | None, own_level: bool
) -> Planted:
    units = plant_tree(session, TREE)
    programme = plant_list(session, units["330200"])
    programme.close_day = close_day
    indicators = {one.code: _plant(session, programme, at, one) for at, one in enumerate(made, 1)}
    for one in made:
        districts: dict[int, int | None] = {units[code]: one.target for code in ("330203", "330205")}
        put_targets(session, indicators[one.code], districts, base=one.base)
        if own_level:
            city = {units["330200"]: one.target}
            put_targets(session, indicators[one.code], city, base=one.base, is_own_level=True)
    session.flush()
    return units, programme, indicators


def _plant(session: Session, programme: Programme, number: int, made: Made) -> Indicator:
    pledge = Pledge(programme_id=programme.id, number=number, title=f"第{number}件实事", lead="职工保障部")
    session.add(pledge)
    session.flush()
    filled = {"kind": "flow", "measure": "人次", "decimals": 0, "comparator": ">=", "position": 1} | dict(
        made.columns
    )
    indicator = Indicator(programme_id=programme.id, pledge_id=pledge.id, code=made.code, **filled)
    session.add(indicator)
    session.flush()
    return indicator
