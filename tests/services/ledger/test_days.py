"""A past moment read by days is what the entries up to it add up to, whatever happened and in whatever order."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.rows import Nested, accept_line, plant_indicator, plant_list, plant_tree, put_targets
from tracker.domain.rollup import Part
from tracker.models.ledger import Entry, Posting, Seal, TallyDay
from tracker.models.programme import Indicator, Programme
from tracker.services.ledger.carrying import tally_sums_between
from tracker.services.ledger.days import find_spot, rewrite_days
from tracker.services.ledger.folding import recount_own_level, try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_heads import Head, find_head
from tracker.services.sealed_figures import Slots, read_figures
from tracker.services.tree import Unit, get_unit

TREE: Nested = {
    "330000": {
        "330200": {"330203": {"330203001": {"330203001001": {}}, "330203002": {}}, "330205": {}},
        "330500": {"330502": {}},
    }
}
KEY = "330000-2018"
BEGUN = datetime(2018, 1, 2, 14, 0, tzinfo=UTC)
"""22:00 in Shanghai: a few hours on it is another day there, and still the same in UTC."""


class History:
    """A province's list, and chance acts on it, each sealed by itself a few hours after the one before."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.chance = session, random.Random(seed)
        self.units = plant_tree(session, TREE)
        self.programme: Programme = plant_list(session, self.units["330000"], key=KEY)
        self.indicators: list[Indicator] = [
            plant_indicator(session, self.programme, "flow"),
            plant_indicator(session, self.programme, "stock", kind="stock", measure="人"),
        ]
        for indicator in self.indicators:
            put_targets(session, indicator, dict.fromkeys(self.units.values(), 100))
        self.at = BEGUN
        self.seals = [try_fold(session, self.at) or 0]

    def live(self, acts: int) -> None:
        """So many acts; now and then the clock stands still or goes back."""
        for _ in range(acts):
            unit = self.units[self.chance.choice(list(self.units))]
            month, value = self.chance.randint(1, 12), self.chance.randint(0, 50)
            accept_line(self.session, self.chance.choice(self.indicators), unit, month, value=value)
            self.at += timedelta(hours=self.chance.choice([0, 1, 3, 9, 30, -2]))
            self.seals.append(try_fold(self.session, self.at) or 0)

    @property
    def head(self) -> Head:
        head = find_head(self.session, KEY)
        assert head is not None
        return head

    def by_days(self, node: Unit, seal: int) -> Slots:
        """What the page at a node is judged from."""
        return read_figures(self.session, self.head, node, units=[], seal=seal, is_past=True).months

    def by_entries(self, node: Unit, seal: int) -> dict[tuple[int, int, int, str, Part], list[int]]:
        """The same rows added up from entries alone, zero rows left out."""
        sums = tally_sums_between(self.session, self.programme.id, self.units["330000"], seals=(0, seal))
        found = defaultdict(list)
        for shelf, months in sums.items():
            is_here = node.id in (shelf.parent_id, shelf.org_unit_id)
            if is_here and any(months):
                key = (shelf.parent_id, shelf.org_unit_id, shelf.indicator_id, shelf.basis, Part(shelf.part))
                found[key] = months
        return dict(found)


def rows_at(node: Unit, slots: Slots) -> dict[tuple[int, int, int, str, Part], list[int]]:
    """The node's rows one by one, zero ones left out."""
    return {
        (*slot, basis, part): list(months)
        for slot, bases in slots.items()
        if slot[0] == node.id or slot[1] == node.id
        for basis, parts in bases.items()
        for part, months in parts.items()
        if any(months)
    }


@pytest.mark.parametrize("seed", range(4))
def test_any_past_seal_at_any_node_is_the_sum_of_the_entries_up_to_it(session: Session, seed: int) -> None:
    history = History(session, seed)
    history.live(25)
    assert verify_totals(session) == []
    for seal in history.chance.sample(history.seals, 9):
        for code in ("330000", "330200", "330203", "330203001", "330205"):
            node = get_unit(session, history.units[code])
            assert rows_at(node, history.by_days(node, seal)) == history.by_entries(node, seal), (code, seal)


def test_before_the_first_seal_there_is_nothing(session: Session) -> None:
    history = History(session, 1)
    assert history.by_days(get_unit(session, history.units["330000"]), 0) == {}


def test_moments_of_seals_rise_with_their_numbers_when_the_clock_goes_back(session: Session) -> None:
    history = History(session, 2)
    history.live(20)
    moments = list(session.scalars(select(Seal.at).order_by(Seal.number)))
    assert moments == sorted(moments)


def test_keeps_rows_down_to_districts_only(session: Session) -> None:
    history = History(session, 3)
    history.live(20)
    kept = set(session.scalars(select(TallyDay.org_unit_id)))
    near = {"330000", "330200", "330203", "330205", "330500", "330502"}
    assert kept == {history.units[code] for code in near}


def test_a_day_ends_at_midnight_in_shanghai(session: Session) -> None:
    history = History(session, 4)
    flow = history.indicators[0]
    for hours in (1, 3):  # 23:00 of the same day, 01:00 of the next
        accept_line(session, flow, history.units["330205"], 1, value=hours)
        history.seals.append(try_fold(session, BEGUN + timedelta(hours=hours)) or 0)
    first, late, early = history.seals
    assert find_spot(session, late) == (BEGUN.date(), late)
    assert find_spot(session, first) == (BEGUN.date() - timedelta(days=1), 0)
    assert find_spot(session, early) == (BEGUN.date() + timedelta(days=1), early)


@pytest.mark.parametrize("fault", ["altered", "missing", "too many"])
def test_a_day_that_was_tampered_with_is_named(session: Session, fault: str) -> None:
    history = History(session, 5)
    history.live(10)
    row = session.scalars(select(TallyDay).where(TallyDay.part == "amount").limit(1)).one()
    if fault == "altered":
        session.execute(
            update(TallyDay).where(TallyDay.m1 == row.m1, TallyDay.day == row.day).values(m1=row.m1 + 1)
        )
    elif fault == "missing":
        session.delete(row)
    else:
        kept = {column.name: getattr(row, column.name) for column in TallyDay.__table__.columns}
        session.add(TallyDay(**kept | {"day": BEGUN.date() - timedelta(days=9), "m2": 7}))
    session.flush()
    found = verify_totals(session)
    assert found
    assert all(one.place.startswith("tally_day(") for one in found)


def test_an_entry_that_a_day_missed_is_named(session: Session) -> None:
    """The reading itself is held: an entry slipped in past the fold makes every later day wrong."""
    history = History(session, 6)
    history.live(6)
    posting = session.scalars(select(Posting.id).where(Posting.action == "accept").limit(1)).one()
    slipped = {"part": "done", "basis": "accepted", "month": 12, "amount": 5, "year": 2018}
    unit = history.units["330205"]
    session.add(
        Entry(
            posting_id=posting, org_unit_id=unit, indicator_id=history.indicators[0].id,
            branch_id=history.units["330200"], **slipped,
        )
    )  # fmt: skip
    session.flush()
    assert any(one.place.startswith("tally_day(") for one in verify_totals(session))


def test_days_follow_when_a_draft_takes_its_own_level_out(session: Session) -> None:
    history = History(session, 7)
    history.live(15)
    history.programme.own_level_counts = False
    session.flush()
    recount_own_level(session, history.programme.id)
    assert verify_totals(session) == []


def test_days_made_anew_are_the_days_that_were_kept(session: Session) -> None:
    history = History(session, 8)
    history.live(15)
    rewrite_days(session, history.programme.id)
    assert verify_totals(session) == []
