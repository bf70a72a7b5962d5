"""G3 for acts: what a report costs from its first figure to its acceptance, in a small province and in a large one."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Final

from sqlalchemy.orm import Session

from tests.bench.conftest import prove
from tests.bench.peer import Peer
from tests.support.measuring import Results, measured
from tracker.cli.sample_province import PROVINCE, YEAR, reporting
from tracker.db import Database
from tracker.domain.periods import Period
from tracker.services.tree import Unit, find_unit, list_children, list_subtree

ROUNDS: Final = 15
FIRST: Final = 2
"""Rounds before the first that counts: statements are put together, plans made."""

MARCH: Final = Period.parse(f"{YEAR}-03")
ACTS: Final = ("saving", "submitting", "signing", "accepting")


def test_g3_an_act_in_a_large_province_costs_no_more(
    small: Database, large: Database, large_units: int, engine_name: str, results: Results
) -> None:
    worlds = [Peer(one, _units(one), period=MARCH) for one in (small, large)]
    rounds = [[_acts(world, world.districts[at]) for world in worlds] for at in range(ROUNDS + FIRST)][FIRST:]
    results.ratios += [
        measured(
            f"G3 {act} a sheet with its fold, {large_units:,} units ÷ 1,400", engine_name, goal=1.3,
            pairs=[(little[at], much[at]) for little, much in rounds], note="all of its time",
        )
        for at, act in enumerate(ACTS)
    ]  # fmt: skip
    prove(small)
    prove(large)


def _units(database: Database) -> list[Unit]:
    """So many reporting units, from all cities."""
    with database.read_session() as session:
        province = find_unit(session, PROVINCE)
        assert province is not None
        cities = list_children(session, province.id)
        each = (ROUNDS + FIRST) // len(cities) + 1
        return [
            unit for city in cities for unit in islice(reporting(list_subtree(session, city.place)), each)
        ]


def _acts(world: Peer, unit: Unit) -> list[float]:
    """Seconds of each act on the unit's sheet."""
    with world.database.session() as session:
        spent = [
            _timed(world, session, lambda act=act: act(session, unit))  # type: ignore[misc]
            for act in (world.fill, world.submit, world.sign)
        ]
    with world.database.session() as session:
        seen = world.seen(session, unit)
    with world.database.session() as session:
        return [*spent, _timed(world, session, lambda: world.accept(session, unit, seen))]


def _timed(world: Peer, session: Session, act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    world.settle(session)
    return time.perf_counter() - began
