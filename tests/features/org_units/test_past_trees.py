"""Units that are moved to another depth in the middle of a day: any past moment is what the entries up to it add up to."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

import pytest
from sqlalchemy.orm import Session

from tests.factories.rows import NOW
from tests.features.org_units.trees import Province
from tracker.domain.messages import Refusal
from tracker.domain.rollup import Part
from tracker.services.ledger.carrying import tally_sums_between
from tracker.services.ledger.days import rewrite_days
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_heads import Head, find_head
from tracker.services.progress_table import load
from tracker.services.sealed_figures import EVERYWHERE, Slots, read_figures
from tracker.services.trail import sources_of
from tracker.services.tree import Unit, get_unit

MOVABLE = {
    "330203001": ("330200", "330203", "330205", "330500", "330502"),
    "330203": ("330000", "330200", "330500"),
    "330205": ("330000", "330200", "330500"),
}
"""Towns stand at depth 3, 2 or 1 below the province; districts at 2 or 1, their towns with them."""
REPORTING = ("330203001", "330203002", "330205", "330502")
NODES = ("330000", "330200", "330500", "330203", "330205", "330203001")

Rows = dict[tuple[int, int, int, str, Part], list[int]]


class Past:
    """Chance acceptances and moves, each sealed by itself, a few hours apart."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.chance = session, random.Random(seed)
        self.province = Province(session)
        self.flow, self.level = self.province.plant_list("330000", "enrolments", "members")
        self.level.kind = "stock"
        session.flush()
        for indicator in (self.flow, self.level):
            self.province.assign(indicator, **{f"u{code}": 100 for code in REPORTING})
        self.at, self.month = NOW, 1
        self.seals = [try_fold(session, self.at) or 0]

    def live(self, acts: int) -> None:
        for _ in range(acts):
            self._act()
            self.at += timedelta(hours=self.chance.choice([0, 1, 3, 9]))
            self.seals.append(try_fold(self.session, self.at) or self.seals[-1])

    def _act(self) -> None:
        if self.chance.random() < 0.4 and self.month < 12:
            code = self.chance.choice(list(MOVABLE))
            self.month += self.chance.choice([0, 1, 1])  # also twice with effect from one month
            self.move(code, self.chance.choice(MOVABLE[code]))
            return
        indicator, code = self.chance.choice([self.flow, self.level]), self.chance.choice(REPORTING)
        self.province.accept(indicator, code, self.chance.randint(1, 12), self.chance.randint(1, 50))

    def move(self, code: str, above: str) -> None:
        try:
            with self.session.begin_nested():
                self.province.move(code, above, f"2018-{self.month:02d}")
        except Refusal:
            self.session.expire_all()

    @property
    def head(self) -> Head:
        head = find_head(self.session, "330000-2018")
        assert head is not None
        return head

    def node(self, code: str) -> Unit:
        return get_unit(self.session, self.province.ids[code])

    def by_days(self, node: Unit, seal: int) -> Rows:
        found = read_figures(self.session, self.head, node, units=[], seal=seal, is_past=True)
        return rows_of(node, found.months)

    def by_entries(self, node: Unit, seal: int) -> Rows:
        """Node, parts, and moved parts as wholes, added up from nothing but entries."""
        sums = tally_sums_between(self.session, self.head.id, self.head.publisher_id, seals=(0, seal))
        found: defaultdict[tuple[int, int, int, str, Part], list[int]] = defaultdict(lambda: [0] * 12)
        nonzero = [(shelf, months) for shelf, months in sums.items() if any(months)]
        parts = {shelf.org_unit_id for shelf, _months in nonzero if shelf.parent_id == node.id} - {node.id}
        for shelf, months in nonzero:
            unit, parent = shelf.org_unit_id, shelf.parent_id
            seats = [parent] if parent == node.id else []
            seats += [node.place.parent_id] if unit == node.id != parent else []
            seats += [EVERYWHERE] if unit in parts and parent != unit else []
            for seat in seats:
                key = (seat, unit, shelf.indicator_id, shelf.basis, Part(shelf.part))
                found[key] = [one + other for one, other in zip(found[key], months, strict=True)]
        return told({key: months for key, months in found.items() if any(months)}, node)


def told(rows: Rows, node: Unit) -> Rows:
    """Without wholes of what holds nothing here, and wholes that say nothing but what the part holds here."""
    here = {key[1:]: months for key, months in rows.items() if key[0] == node.id}
    parts = {key[0] for key in here}
    return {
        key: months
        for key, months in rows.items()
        if key[0] != EVERYWHERE or (key[1] in parts and here.get(key[1:]) != months)
    }


def rows_of(node: Unit, slots: Slots) -> Rows:
    found = {
        (*slot, basis, part): list(months)
        for slot, bases in slots.items()
        if slot[0] in (node.id, EVERYWHERE) or slot[:2] == (node.place.parent_id, node.id)
        for basis, parts in bases.items()
        for part, months in parts.items()
        if any(months)
    }
    return told(found, node)


@pytest.mark.parametrize("seed", range(3))
def test_a_past_moment_is_right_whatever_moved_to_whichever_depth_that_day(
    session: Session, seed: int
) -> None:
    past = Past(session, seed)
    past.live(22)
    assert verify_totals(session) == []
    for seal in [past.seals[-1], *past.chance.sample(past.seals, 4)]:
        for code in NODES:
            node = past.node(code)
            assert past.by_days(node, seal) == past.by_entries(node, seal), (code, seal)
    rewrite_days(session, past.head.id)
    assert verify_totals(session) == []


def test_a_unit_moved_deeper_the_day_it_reports_counts_on_that_day_where_it_then_stood(
    session: Session,
) -> None:
    """Depth 2 to depth 3 between two acceptances of one day."""
    past = Past(session, 0)
    province = past.province
    province.move("330203001", "330200", "2018-01")
    province.accept(past.flow, "330203001", 2, 5)
    seals = [try_fold(session, past.at) or 0]
    province.move("330203001", "330205", "2018-04")
    seals.append(try_fold(session, past.at + timedelta(hours=1)) or 0)
    province.accept(past.flow, "330203001", 4, 7)
    seals.append(try_fold(session, past.at + timedelta(hours=2)) or 0)
    province.accept(past.flow, "330203001", 5, 1)
    seals.append(try_fold(session, past.at + timedelta(days=1)) or 0)
    assert verify_totals(session) == []
    for seal in seals:
        for code in NODES:
            node = past.node(code)
            assert past.by_days(node, seal) == past.by_entries(node, seal), (code, seal)


@pytest.mark.parametrize("onward", ["330000", "330200"])
def test_between_two_moves_with_one_month_all_is_as_it_was_printed_then(
    session: Session, onward: str
) -> None:
    """A district goes from one city to the other and straight on (or back), both with effect from May."""
    past = Past(session, 0)
    for number, (month, value) in enumerate(((3, 5), (5, 9), (6, 2))):
        past.province.accept(past.flow, "330205", month, value)
        past.province.accept(past.level, "330205", month, 10 * value)
        try_fold(session, past.at + timedelta(days=number))
    past.province.move("330205", "330500", "2018-05")
    between = try_fold(session, past.at + timedelta(days=4)) or 0
    nodes = ("330000", "330200", "330500", "330205")
    printed = {code: shown(past, code, as_of=None) for code in nodes}
    assert "330205" in str(printed["330500"].branches)
    past.province.move("330205", onward, "2018-05")
    try_fold(session, past.at + timedelta(days=5))
    assert {code: shown(past, code, as_of=between) for code in nodes} == printed


def listed(past: Past, code: str, seal: int) -> list[tuple[str, int]]:
    """The lines a trail names at a node under a seal: unit and month."""
    found = sources_of(past.session, past.head, past.node(code), month=12, seal=seal)
    return sorted((one.unit_code, one.month) for one in found)


def test_a_trail_names_the_lines_that_counted_where_the_unit_stood_then(session: Session) -> None:
    """A district goes to the other city with effect from May, and comes back with effect from June."""
    past = Past(session, 0)
    seals = []

    def seal(days: int) -> None:
        past.province.now = past.at + timedelta(days=days)
        seals.append(try_fold(session, past.province.now + timedelta(hours=1)) or 0)

    for month in (3, 5, 6):
        past.province.accept(past.flow, "330205", month, month)
    seal(1)
    past.province.now += timedelta(hours=2)
    past.province.move("330205", "330500", "2018-05")
    seal(2)
    past.province.now += timedelta(hours=2)
    past.province.move("330205", "330200", "2018-06")
    seal(3)
    march, may, june = (("330205", month) for month in (3, 5, 6))
    told = [[listed(past, code, one) for code in ("330200", "330500")] for one in seals]
    assert told == [[[march, may, june], []], [[march], [may, june]], [[march, june], [may]]]
    assert [listed(past, "330205", one) for one in seals] == [[march, may, june]] * 3


def test_a_seal_made_while_a_move_was_under_way_does_not_know_it(session: Session) -> None:
    """The move began before the seal by the clock, and was stored after it."""
    past = Past(session, 0)
    past.province.accept(past.flow, "330205", 5, 9)
    before = try_fold(session, past.at + timedelta(hours=2)) or 0
    past.province.now = past.at + timedelta(hours=1)
    past.province.move("330205", "330500", "2018-05")
    after = try_fold(session, past.at + timedelta(hours=3)) or 0
    assert [listed(past, code, before) for code in ("330200", "330500")] == [[("330205", 5)], []]
    assert [listed(past, code, after) for code in ("330200", "330500")] == [[], [("330205", 5)]]


def test_a_trail_names_the_levels_of_a_unit_that_ended_after_the_seal(session: Session) -> None:
    """One district is closed and another merged, both with effect from June; December is asked for."""
    past = Past(session, 0)
    for code, value in (("330205", 9), ("330502", 4)):
        past.province.accept(past.level, code, 5, value)
    before = try_fold(session, past.at + timedelta(hours=1)) or 0
    nodes = ("330000", "330200", "330500")
    printed = {code: shown(past, code, as_of=None) for code in nodes}
    past.province.now = past.at + timedelta(hours=2)
    past.province.close("330205", "2018-06")
    closed = try_fold(session, past.at + timedelta(hours=3)) or 0
    past.province.now = past.at + timedelta(hours=4)
    past.province.merge("330502", into="330503", effective="2018-06")
    merged = try_fold(session, past.at + timedelta(hours=5)) or 0
    told = [[listed(past, code, seal) for code in nodes] for seal in (before, closed, merged)]
    first, second = ("330205", 5), ("330502", 5)
    assert told == [[[first, second], [first], [second]], [[second], [], [second]], [[], [], []]]
    assert {code: shown(past, code, as_of=before) for code in nodes} == printed


def test_a_unit_left_without_parts_still_names_what_they_reported_to_it(session: Session) -> None:
    past = Past(session, 0)
    past.province.move("330502", "330200", "2018-05")
    past.province.move("330503", "330200", "2018-05")
    past.province.accept(past.flow, "330502", 3, 7)
    past.province.accept(past.flow, "330502", 6, 8)
    seal = try_fold(session, past.at) or 0
    assert listed(past, "330500", seal) == [("330502", 3)]
    assert listed(past, "330200", seal) == [("330502", 6)]


class Shown(NamedTuple):
    """What a table says, without where the tree stands now: who came and went is judged as a whole."""

    pledges: object
    branches: object
    former: object


def shown(past: Past, code: str, *, as_of: int | None) -> Shown:
    table = load(past.session, past.head, past.node(code), as_of=as_of, with_branches=True)
    parts = [
        [(one.unit.code, one.is_own_level, one.pledges, one.here, one.since, one.until) for one in found]
        for found in (table.branches, table.former)
    ]
    branches, former = (sorted(found, key=lambda one: str(one[:2])) for found in parts)
    return Shown(table.pledges, branches, former)
