"""G1, G2, G3, G5: what a dashboard costs beside rendering it, unchanged, in a large province, and in the past."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from tests.bench.calls import READY, Caller, noted_statements, replaying
from tests.bench.conftest import prove
from tests.bench.peer import Peer
from tests.support.measuring import Clock, Results, compare
from tracker.cli.sample_province import KEY, PROVINCE, YEAR
from tracker.db import SQLITE, Database
from tracker.domain.identity import Role
from tracker.services.ledger.days import find_spot
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load, seal_at
from tracker.services.tree import get_unit

PAGE = f"/programmes/{KEY}"
G1 = {"sqlite": 3.0, "postgresql": 2.5}
G2 = {"sqlite": 2.0, "postgresql": 4.0}


def clock_of(engine_name: str) -> Clock:
    """What a database's time is taken by: SQLite works in this process, so its CPU tells; PostgreSQL in another."""
    return time.process_time if engine_name == SQLITE else time.perf_counter


def test_g1_a_dashboard_costs_little_more_than_rendering_it(
    peer: Peer, engine_name: str, results: Results
) -> None:
    caller = Caller(peer.database, Role.VIEWER, PROVINCE)
    render = caller.rendering(PAGE)
    results.ratios.append(
        compare(
            "G1 dashboard CPU ÷ rendering it from a dict", engine_name, goal=G1[engine_name], floor=render,
            subject=lambda: caller.get(PAGE), repeats=(5, 5), rounds=21, clock=time.process_time,
            takes_least=True,
            note="10 pledges × 10 cities, table remembered since the last seal",
        )
    )  # fmt: skip


def test_g2_an_unchanged_dashboard_costs_little(
    peer: Peer, engine_name: str, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.features.dashboards.unchanged.now", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    caller = Caller(peer.database, Role.VIEWER, PROVINCE)
    _status, body, headers = caller.call(PAGE)
    caller.lay_ready(body.decode())
    assert caller.call(PAGE, if_none_match=headers["ETag"])[0] == 304
    results.ratios.append(
        compare(
            "G2 unchanged dashboard ÷ ready HTML string", engine_name, goal=G2[engine_name],
            floor=lambda: caller.get(READY), subject=lambda: caller.call(PAGE, if_none_match=headers["ETag"]),
            repeats=(60, 60), rounds=21, clock=time.process_time, takes_least=True, note="both signed in",
        )
    )  # fmt: skip


def test_g3_a_large_province_asks_no_more_of_the_database(
    small: Database, large: Database, large_units: int, engine_name: str, results: Results
) -> None:
    replays = {}
    for database in (small, large):
        caller = Caller(database, Role.VIEWER, PROVINCE)
        with noted_statements(database.read) as sent:  # a process that remembers nothing yet: every statement
            caller.get(PAGE)
        replays[database] = replaying(database.read, sent)
    results.ratios.append(
        compare(
            f"G3 province dashboard's database time, {large_units:,} units ÷ 1,400", engine_name, goal=1.3,
            floor=replays[small], subject=replays[large], repeats=(10, 10), rounds=21, takes_least=True,
            clock=clock_of(engine_name),
        )
    )  # fmt: skip
    prove(small)


def test_g5_a_past_day_costs_little_more_than_now(
    large: Database, engine_name: str, results: Results
) -> None:
    with large.read_session() as session:
        past = seal_at(session, datetime(YEAR, 2, 4, 16, tzinfo=UTC))
        spot = find_spot(session, past)
        head = find_head(session, KEY)
        assert head is not None
        assert spot is not None
        assert spot.before == past, "not a day's end"
        node = get_unit(session, head.publisher_id)

        def now() -> object:
            return load(session, head, node, with_branches=True)

        def then() -> object:
            return load(session, head, node, as_of=past, with_branches=True)

        results.ratios.append(
            compare(
                "G5 as of a past day's end ÷ now", engine_name, goal=10, floor=now, subject=then, repeats=(5, 5),
                rounds=21, takes_least=True, clock=clock_of(engine_name), note=f"{past} seals then",
            )
        )  # fmt: skip
    prove(large)
