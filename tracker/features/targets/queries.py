"""Reading a unit's matrix: its rows and columns, targets in force, the working copy, last year's results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import BigInteger, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.allocation import Way, way_of
from tracker.domain.identity import Identity, Role
from tracker.domain.messages import NotFound
from tracker.domain.permissions import Permission, reaches
from tracker.domain.rollup import Part
from tracker.domain.rules import year_target
from tracker.features.targets.content import OWN, WEIGHT_PLACES, WHOLE, Cell, Content, Place, read
from tracker.features.targets.transfers import Transfer, list_transfers
from tracker.models.account import Person
from tracker.models.allocation import AllocationDraft
from tracker.models.ledger import MONTHS, Tally
from tracker.models.programme import Indicator, Programme, Target
from tracker.services.programme_heads import Head, ListedIndicator, Promise, list_promises
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins
from tracker.services.tree import Unit, get_unit, list_children_with_ends
from tracker.services.visibility import UnitNotFound, find_visible_head, find_visible_unit, sees_place


class IndicatorNotFound(NotFound):
    """The list has no such indicator."""


class Column(NamedTuple):
    """A column that takes part of a target: a child, or the unit's own level."""

    key: str
    name: str
    org_unit_id: int
    is_own_level: bool
    weight: int | None


class Row(NamedTuple):
    """A row: the indicator and how its target goes down."""

    promise: Promise
    listed: ListedIndicator
    way: Way

    @property
    def id(self) -> int:
        """The indicator's id."""
        return self.listed.id


class Draft(NamedTuple):
    """The working copy as last saved; ``stand_in``: in whose place."""

    number: int
    content: Content
    targets_seen: int
    posting_id: int | None
    saved_at: datetime
    saved_by_id: int
    saved_by: str
    stand_in: StandIn | None = None


@dataclass(frozen=True)
class Board:
    """A unit's matrix in one programme. ``in_force``: what the newest target versions say, by cell.

    ``ended``: units below with their last day that were closed and hold no target of the list any more; they take
    no part in dividing. ``transfers``: units that came from another superior or left for one. ``newest_target``: the highest version id among them. ``last_years``: what each column reached last year.
    """

    head: Head
    at: Unit
    children: tuple[Unit, ...]
    promises: tuple[Promise, ...]
    in_force: Mapping[Place, Cell]
    newest_target: int
    draft: Draft | None
    last_years: Mapping[Place, int]
    ended: tuple[tuple[Unit, date], ...] = ()
    transfers: tuple[Transfer, ...] = ()

    @property
    def is_publisher(self) -> bool:
        """Whether the unit published the list, so that its own targets can be changed here."""
        return self.at.id == self.head.publisher_id

    @property
    def number(self) -> int:
        """The working copy's number; 0 before the first save."""
        return 0 if self.draft is None else self.draft.number

    @property
    def token(self) -> str:
        """Names exactly what a page was drawn from: the working copy and the targets in force."""
        return f"{self.number}.{self.newest_target}"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The own level, then the children in official order."""
        own = Column(OWN, self.at.short_name, self.at.id, is_own_level=True, weight=None)
        return (own, *(_column(unit) for unit in self.children))

    @cached_property
    def every_row(self) -> tuple[Row, ...]:
        """All indicators of the list."""
        return tuple(
            Row(promise, one, way_of(one.rule.kind, item_count=one.rule.item_count))
            for promise in self.promises
            for one in promise.indicators
        )

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The indicators the unit has something to divide of: all at the publisher, else those assigned to it."""
        assigned = {
            place.indicator_id
            for place, cell in self.in_force.items()
            if place.column == WHOLE and cell.is_assigned
        }
        return (
            self.every_row
            if self.is_publisher
            else tuple(row for row in self.every_row if row.id in assigned)
        )

    @cached_property
    def start(self) -> Content:
        """The matrix as issued so far. Whoever an issued row leaves out is left out on purpose (typed)."""
        cells: dict[Place, Cell] = {}
        for row in self.rows:
            known = {column.key: self.in_force.get(Place(row.id, column.key)) for column in self.columns}
            is_issued = any(cell and cell.is_assigned for key, cell in known.items() if key != OWN)
            for key, cell in known.items():
                blank = Cell(is_typed=is_issued and key != OWN)
                cells[Place(row.id, key)] = cell if cell is not None and cell.is_assigned else blank
            cells[Place(row.id, WHOLE)] = self.in_force.get(Place(row.id, WHOLE), Cell(is_assigned=True))
        return Content(cells, {column.key: column.weight for column in self.columns})

    @cached_property
    def content(self) -> Content:
        """The matrix as it stands: the working copy over what was issued."""
        if self.draft is None:
            return self.start
        return self.overlaid(self.draft.content)

    def overlaid(self, saved: Content) -> Content:
        """A saved state on today's rows and columns; the unit's own targets are its superior's to change."""
        cells = {
            place: saved.cells.get(place, cell) if self.is_publisher or place.column != WHOLE else cell
            for place, cell in self.start.cells.items()
        }
        return Content(cells, {**self.start.weights, **_known(saved.weights, self.start.weights)})

    def target(self, row: Row, content: Content) -> int | None:
        """The number that a row divides (scaled); None where the promise has none."""
        value = content.at(row.id, WHOLE).value
        return year_target(row.listed.rule, value) if self.is_publisher else value

    def last_year(self, row: Row) -> int | None:
        """What the whole unit reached last year: the publisher's result stands in the list itself."""
        return row.listed.last_year if self.is_publisher else self.last_years.get(Place(row.id, WHOLE))

    def has_base(self, row: Row) -> bool:
        """Whether the row's targets are counted from a base."""
        return self.in_force.get(Place(row.id, WHOLE), Cell()).base is not None

    def counts(self, column: Column) -> bool:
        """Whether a column is part of the sum: the publisher's own level only by the list's switch."""
        return not (column.is_own_level and self.is_publisher and not self.head.own_level_counts)


def _column(unit: Unit) -> Column:
    weight = None if unit.weight is None else unit.weight * 10**WEIGHT_PLACES
    return Column(unit.code, unit.short_name, unit.id, is_own_level=False, weight=weight)


def _known(saved: Mapping[str, int | None], columns: Mapping[str, int | None]) -> dict[str, int | None]:
    return {key: weight for key, weight in saved.items() if key in columns}


def find_board(session: Session, key: str, code: str | None, *, seen_by: Identity) -> Board:
    """The matrix of the unit with this code, the publisher's without; what is out of reach is not found."""
    head = find_visible_head(session, key, seen_by=seen_by)
    at = _find_at(session, head, code, seen_by)
    return load_board(session, head, at)


def _find_at(session: Session, head: Head, code: str | None, seen_by: Identity) -> Unit:
    """The unit asked for; without a code the publisher, and who may not see that gets the own unit."""
    publisher = get_unit(session, head.publisher_id)
    if code == publisher.code or (code is None and sees_place(seen_by, publisher.place)):
        if not sees_place(seen_by, publisher.place):
            raise UnitNotFound("没有找到这个单位")
        return publisher
    at = find_visible_unit(session, code or seen_by.appointment.org_unit_code, seen_by=seen_by)
    if not publisher.place.holds(at.place):
        raise UnitNotFound("没有找到这个单位")
    return at


def load_board(session: Session, head: Head, at: Unit) -> Board:
    """The matrix of a unit; five statements, six where units were ever moved."""
    below = list_children_with_ends(session, at.id)
    codes = {unit.id: unit.code for unit, _last_day in below}
    in_force, newest = _read_in_force(session, head, at, codes)
    held = {place.column for place, cell in in_force.items() if cell.is_assigned}
    children = tuple(unit for unit, last_day in below if last_day is None or unit.code in held)
    return Board(
        head=head,
        at=at,
        children=children,
        promises=tuple(list_promises(session, head)),
        in_force=in_force,
        newest_target=newest,
        draft=find_draft(session, head.id, at.id),
        last_years=_read_last_years(session, head, at, codes),
        transfers=list_transfers(session, head, at),
        ended=tuple((unit, day) for unit, day in below if day is not None and unit not in children),
    )


def _read_in_force(
    session: Session, head: Head, at: Unit, codes: Mapping[int, str]
) -> tuple[dict[Place, Cell], int]:
    """The newest version of each cell, whatever month it begins in."""
    newer = aliased(Target)
    taken_over = (
        select(newer.id)
        .where(
            newer.programme_id == Target.programme_id, newer.indicator_id == Target.indicator_id,
            newer.org_unit_id == Target.org_unit_id, newer.is_own_level == Target.is_own_level, newer.id > Target.id,
        )
        .exists()
    )  # fmt: skip
    wanted = select(Target).where(
        Target.programme_id == head.id,
        or_(Target.org_unit_id == at.id, and_(Target.org_unit_id.in_(codes), Target.is_own_level.is_(False))),
        ~taken_over,
    )
    found: dict[Place, Cell] = {}
    newest = 0
    for target in session.scalars(wanted):
        own = OWN if target.is_own_level else WHOLE
        column = codes.get(target.org_unit_id, own)
        found[Place(target.indicator_id, column)] = Cell(target.is_assigned, target.value, target.base)
        newest = max(newest, target.id)
    return found, newest


def find_draft(
    session: Session, programme_id: int, org_unit_id: int, number: int | None = None
) -> Draft | None:
    """The working copy as last saved, or as it was under this number while that is kept."""
    wanted = (
        select(
            AllocationDraft, Person.name, doubtful_id(AllocationDraft.saved_by_id, AllocationDraft.saved_at)
        )
        .join(Person, Person.id == AllocationDraft.saved_by_id)
        .where(AllocationDraft.programme_id == programme_id, AllocationDraft.org_unit_id == org_unit_id)
        .order_by(AllocationDraft.number.desc())
        .limit(1)
    )
    if number is not None:
        wanted = wanted.where(AllocationDraft.number == number)
    row = session.execute(wanted).one_or_none()
    if row is None:
        return None
    saved, name, doubtful = row
    act = (doubtful, saved.saved_at)
    return Draft(
        saved.number, read(saved.content), saved.targets_seen, saved.posting_id, saved.saved_at, saved.saved_by_id,
        name, find_stand_ins(session, [act]).get(act),
    )  # fmt: skip


def _read_last_years(session: Session, head: Head, at: Unit, codes: Mapping[int, str]) -> dict[Place, int]:
    """What each column, and the unit as a whole, had reached at the end of last year's list, by the codes both use."""
    before, after = aliased(Indicator), aliased(Indicator)
    total = cast(func.sum(sum((getattr(Tally, month) for month in MONTHS), start=0)), BigInteger)
    wanted = (
        select(after.id, Tally.org_unit_id, Tally.parent_id, total.label("amount"))
        .join(before, before.id == Tally.indicator_id)
        .join(Programme, Programme.id == before.programme_id)
        .join(
            after,
            and_(
                after.code == before.code, after.programme_id == head.id, after.kind == before.kind,
                after.measure == before.measure, after.decimals == before.decimals,
            ),
        )
        .where(
            Programme.publisher_id == head.publisher_id, Programme.year == head.year - 1,
            Tally.programme_id == Programme.id,
            or_(Tally.parent_id == at.id, and_(Tally.org_unit_id == at.id, Tally.parent_id == at.place.parent_id)),
            Tally.basis == "accepted", Tally.part == Part.AMOUNT,
        )
        .group_by(after.id, Tally.org_unit_id, Tally.parent_id)
    )  # fmt: skip
    columns = {(unit_id, at.id): code for unit_id, code in codes.items()}
    columns |= {(at.id, at.id): OWN, (at.id, at.place.parent_id): WHOLE}
    return {
        Place(row.id, columns[row.org_unit_id, row.parent_id]): row.amount
        for row in session.execute(wanted)
        if (row.org_unit_id, row.parent_id) in columns
    }


def may_decompose(identity: Identity, board: Board) -> bool:
    """Whether this identity divides the unit's targets: the publisher's reviewers; below, also approvers."""
    if board.is_publisher and identity.role is not Role.REVIEWER:
        return False
    return reaches(identity, Permission.DECOMPOSE_TARGETS, board.at.place)
