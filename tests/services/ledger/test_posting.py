"""Postings bring the ledger up to what lines and targets say, whatever came first."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.rows import (
    DONE_ON,
    NOW,
    Nested,
    accept_line,
    act,
    align,
    move,
    plant_indicator,
    plant_list,
    plant_tree,
    put_line,
    put_targets,
)
from tracker.domain.rollup import Part, totals_at
from tracker.domain.workflow import State
from tracker.models.ledger import MONTHS, Entry, Posting, Seal, Tally
from tracker.models.programme import Indicator, Programme
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.posting import post
from tracker.services.ledger.verifying import verify_totals

TREE: Nested = {"330000": {"330200": {"330203": {"330203001": {}, "330203002": {}}, "330205": {}}}}


class World:
    """A province, its city Ningbo and two districts, one with two townships; one list of the city."""

    def __init__(self, session: Session, *, own_level_counts: bool = True) -> None:
        self.session = session
        self.units = plant_tree(session, TREE)
        self.programme: Programme = plant_list(
            session, self.units["330200"], own_level_counts=own_level_counts
        )

    def __getitem__(self, code: str) -> int:
        return self.units[code]

    def months(
        self, indicator: Indicator, parent: str | None, unit: str, basis: str = "accepted"
    ) -> Mapping[Part, list[int]]:
        """The folded months of one shelf, after folding what is open and proving all totals."""
        try_fold(self.session, NOW)
        assert verify_totals(self.session) == []
        wanted = select(Tally.part, *(getattr(Tally, month) for month in MONTHS)).where(
            Tally.indicator_id == indicator.id,
            Tally.parent_id == (self.units[parent] if parent else 0),
            Tally.org_unit_id == self.units[unit],
            Tally.basis == basis,
        )
        return {Part(row[0]): list(row[1:]) for row in self.session.execute(wanted)}

    def amount(
        self, indicator: Indicator, parent: str | None, unit: str, month: int, part: Part = Part.AMOUNT
    ) -> int:
        """The sum up to a month of one part of one shelf."""
        return sum(self.months(indicator, parent, unit).get(part, [])[:month])


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def test_carries_a_figure_up_to_the_publisher_and_no_further(session: Session, world: World) -> None:
    flow = plant_indicator(session, world.programme, "flow")
    accept_line(session, flow, world["330203001"], 6, value=100)
    rows = session.scalar(select(func.count()).select_from(Tally))
    assert rows == 0
    assert world.amount(flow, "330203001", "330203001", 6) == 100
    assert world.amount(flow, "330203", "330203001", 6) == 100
    assert world.amount(flow, "330200", "330203", 6) == 100
    assert world.amount(flow, "330000", "330200", 6) == 100
    assert session.scalars(select(Tally.parent_id).where(Tally.org_unit_id == world["330000"])).all() == []


def test_adds_up_flows_and_follows_corrections(session: Session, world: World) -> None:
    flow = plant_indicator(session, world.programme, "flow")
    accept_line(session, flow, world["330203"], 5, value=100)
    accept_line(session, flow, world["330205"], 6, value=7)
    accept_line(session, flow, world["330203"], 5, value=60)
    assert world.amount(flow, "330000", "330200", 5) == 60
    assert world.amount(flow, "330000", "330200", 6) == 67


@pytest.mark.parametrize("order", [(1, 3, 6), (6, 3, 1), (3, 6, 1), (6, 1, 3)])
def test_carries_levels_forward_in_any_order_of_acceptance(
    session: Session, world: World, order: tuple[int, ...]
) -> None:
    stock = plant_indicator(session, world.programme, "stock", kind="stock")
    levels = {1: 400, 3: 380, 6: 420}
    for month in order:
        accept_line(session, stock, world["330203"], month, value=levels[month])
    found = [world.amount(stock, "330000", "330200", month) for month in (1, 2, 3, 5, 6, 12)]
    assert found == [400, 400, 380, 380, 420, 420]


def test_takes_a_level_away_with_its_revision(session: Session, world: World) -> None:
    stock = plant_indicator(session, world.programme, "stock", kind="stock")
    accept_line(session, stock, world["330203"], 1, value=400)
    middle = accept_line(session, stock, world["330203"], 3, value=380)
    move(session, middle, State.REVOKED)
    post(session, act("revoke", world.programme.id), {world["330203"]})
    assert world.amount(stock, "330000", "330200", 4) == 400


def test_keeps_provisional_apart_and_moves_it_over_on_acceptance(session: Session, world: World) -> None:
    flow = plant_indicator(session, world.programme, "flow")
    accept_line(session, flow, world["330203"], 5, value=100)
    correction = put_line(session, flow, world["330203"], 5, value=130)
    move(session, correction, State.SUBMITTED)
    post(session, act("submit", world.programme.id), {world["330203"]})
    assert world.months(flow, "330000", "330200", "provisional")[Part.AMOUNT][4] == 30
    assert world.amount(flow, "330000", "330200", 5) == 100
    accepted = session.scalars(
        select(Entry.amount).where(Entry.basis == "accepted", Entry.part == "amount")
    ).all()
    assert accepted == [100]


def test_counts_reporting_units_with_and_without_townships(session: Session, world: World) -> None:
    flow = plant_indicator(session, world.programme, "flow")
    put_targets(session, flow, {world["330200"]: 100, world["330203"]: 60, world["330205"]: 40})
    assert world.amount(flow, "330000", "330200", 1, Part.ASSIGNED) == 2
    put_targets(session, flow, {world["330203001"]: 30, world["330203002"]: 30})
    assert world.amount(flow, "330000", "330200", 1, Part.ASSIGNED) == 3
    assert world.amount(flow, "330203", "330203", 1, Part.ASSIGNED) == 0
    accept_line(session, flow, world["330203"], 6, value=5)
    assert world.amount(flow, "330000", "330200", 1, Part.ASSIGNED) == 4


def test_assigns_the_publisher_alone_where_nothing_is_allocated(session: Session, world: World) -> None:
    flow = plant_indicator(session, world.programme, "flow")
    put_targets(session, flow, {world["330200"]: 100})
    assert world.amount(flow, "330200", "330200", 1, Part.ASSIGNED) == 1
    put_targets(session, flow, {world["330205"]: None})
    assert world.amount(flow, "330200", "330200", 1, Part.ASSIGNED) == 0


def test_leaves_the_publishers_own_level_out_where_it_does_not_count(session: Session) -> None:
    world = World(session, own_level_counts=False)
    flow = plant_indicator(session, world.programme, "flow")
    accept_line(session, flow, world["330200"], 6, value=50)
    accept_line(session, flow, world["330203"], 6, value=7)
    assert world.amount(flow, "330200", "330200", 6) == 50
    assert world.amount(flow, "330000", "330200", 6) == 7


LINES_BY_KIND = {
    "kept": ({"value": 405}, {Part.AMOUNT: 405}),
    "milestone": ({"done_on": DONE_ON}, {Part.DONE: 1}),
    "checklist": ({"value": 3}, {Part.AMOUNT: 3}),
    "narrative": ({"judgement": "lagging"}, {Part.JUDGED_LAGGING: 1}),
    "ratio": (
        {"numerator": 82, "denominator": 100},
        {Part.NUMERATOR: 82, Part.DENOMINATOR: 100, Part.PAIRED: 1},
    ),
}


@pytest.mark.parametrize(("kind", "case"), LINES_BY_KIND.items(), ids=LINES_BY_KIND.keys())
def test_posts_what_each_kind_states(
    session: Session, world: World, kind: str, case: tuple[dict[str, object], dict[Part, int]]
) -> None:
    columns, expected = case
    indicator = plant_indicator(session, world.programme, kind, kind=kind)
    accept_line(session, indicator, world["330203"], 6, **columns)
    found = {part: sum(months) for part, months in world.months(indicator, "330000", "330200").items()}
    assert found == expected | {Part.REPORTED: 1}


def test_lets_an_unknown_number_count_as_reported_and_carry_the_last_level(
    session: Session, world: World
) -> None:
    kept = plant_indicator(session, world.programme, "kept", kind="kept")
    accept_line(session, kept, world["330203"], 5, value=405)
    accept_line(session, kept, world["330203"], 6, is_unknown=True)
    totals = totals_at(world.months(kept, "330000", "330200"), cutoff=6, due_month=6)
    assert (totals.amount, totals.reported, totals.unknown) == (405, 1, 1)


def test_feeds_a_provincial_indicator_from_the_same_posting(session: Session, world: World) -> None:
    province = plant_list(session, world["330000"], key="330000-2018")
    fed = plant_indicator(session, province, "all")
    put_targets(session, fed, {world["330000"]: 500, world["330200"]: 150})
    flow = plant_indicator(session, world.programme, "flow")
    align(session, flow, fed)
    put_targets(session, flow, {world["330200"]: 150, world["330203"]: 90, world["330205"]: 60})
    accept_line(session, flow, world["330203"], 6, value=88)
    postings = session.scalar(select(func.count()).select_from(Posting).where(Posting.action == "accept"))
    assert postings == 1
    assert world.amount(flow, "330000", "330200", 6) == 88
    assert world.amount(fed, "330000", "330200", 6) == 88
    assert world.amount(fed, None, "330000", 6) == 88
    assert world.amount(fed, None, "330000", 6, Part.ASSIGNED) == 2


def test_seals_each_fold_once(session: Session, world: World) -> None:
    flow = plant_indicator(session, world.programme, "flow")
    accept_line(session, flow, world["330203"], 6, value=1)
    first = try_fold(session, NOW)
    assert (first, try_fold(session, NOW)) == (1, None)
    accept_line(session, flow, world["330203"], 5, value=1)
    assert try_fold(session, NOW) == 2
    assert session.scalars(select(Seal.number).order_by(Seal.number)).all() == [1, 2]


def test_names_a_tally_cell_that_was_changed(session: Session, world: World) -> None:
    flow = plant_indicator(session, world.programme, "flow")
    accept_line(session, flow, world["330203"], 6, value=1)
    try_fold(session, NOW)
    cell = session.scalars(
        select(Tally).where(Tally.part == "amount", Tally.parent_id == world["330200"])
    ).one()
    cell.m6 = 1000
    session.flush()
    (found,) = verify_totals(session)
    assert f"org_unit_id={world['330203']}" in found.place
    assert (found.place.rsplit(" ", 1)[1], found.expected, found.found) == ("m6", "1", "1000")
