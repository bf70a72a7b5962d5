"""Side by side with the nearest open peer: the same data, the same acts; statements and times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from tests.bench.calls import Caller
from tests.bench.conftest import prove
from tests.bench.peer import Peer
from tests.support.measuring import Results, Timed
from tests.support.statements import counted_statements
from tracker.cli.sample_province import KEY, PROVINCE
from tracker.domain.identity import OPERATOR, Role
from tracker.features.org_units.commands import import_org_units, plan_org_import
from tracker.features.org_units.files import OrgFile, OrgRow
from tracker.services.standings import Seen
from tracker.services.tree import Unit


def test_pages_and_acts_beside_the_peer(peer: Peer, engine_name: str, results: Results) -> None:
    told = Teller(peer, engine_name, results)
    caller = Caller(peer.database, Role.VIEWER, PROVINCE)
    city = peer.districts[0].code[:4] + "00"
    told.page("district page", caller, f"/programmes/{KEY}?at={peer.districts[0].code}")
    told.page("province overview", caller, f"/programmes/{KEY}")
    told.page("drill-down to a city", caller, f"/programmes/{KEY}?at={city}")
    told.page("trail of a number", caller, f"/programmes/{KEY}/trail?indicator=i00")
    told.page("pledge page", caller, f"/programmes/{KEY}/pledges/1")
    told.page("units side by side", caller, f"/programmes/{KEY}/compare")
    first, second, other, *others = peer.districts
    with peer.database.session() as session:
        peer.fill(session, first)
        peer.settle(session)
    told.act("submit a sheet of 30 lines", lambda session: peer.submit(session, first))
    ready = peer.hand_over([second, other])
    peer_accepts(peer, other, ready)
    told.act(
        "accept a sheet of 30 lines, totals right everywhere",
        lambda session: peer.accept(session, second, ready[second.id]),
        note="goal 15 statements; peer 42, then a job of 384",
    )
    half = len(others) // 2
    one_by_one, together = others[:half], others[half:]
    waiting = peer.hand_over(others)
    with told.total(f"{len(one_by_one)} sheets accepted one by one", "goal for 100: 5 s; peer 59.5 s"):
        for unit in one_by_one:
            peer_accepts(peer, unit, waiting)
    counted = f"{len(together)} sheets ({10 * len(together)} reports) accepted together"
    with told.total(counted, "goal for 100: 1 s"), peer.database.session() as session:
        peer.accept_together(session, together, waiting)
        peer.settle(session)
    told.act("add a unit", _add_unit, note="goal 200 ms")
    prove(peer.database)


def peer_accepts(peer: Peer, unit: Unit, waiting: Mapping[int, list[Seen]]) -> None:
    """One acceptance with its commit and fold."""
    with peer.database.session() as session:
        peer.accept(session, unit, waiting[unit.id])
        peer.settle(session)


def _add_unit(session: Session) -> None:
    row = OrgRow(2, "330199", "新区总工会", "新区", "county", "federation", "330100", None, 99, None, None)
    plan = plan_org_import(session, OrgFile({row.code: row}, ()))
    import_org_units(session, plan, actor=OPERATOR, now=datetime.now(UTC))


class Teller:
    """Times what it is told to do and writes it down."""

    def __init__(self, peer: Peer, engine: str, results: Results) -> None:
        self._peer, self._engine, self._results = peer, engine, results

    def page(self, name: str, caller: Caller, path: str) -> None:
        """A page in a warm process: its statements, and the median of seven."""
        caller.get(path)
        with counted_statements(self._peer.database) as sent:
            caller.get(path)
        times = []
        for _ in range(7):
            began = time.perf_counter()
            caller.get(path)
            times.append(time.perf_counter() - began)
        self._tell(name, len(sent), statistics.median(times), "")

    def act(self, name: str, work: Callable[[Session], None], *, note: str = "") -> None:
        """One act with its commit and fold."""
        database = self._peer.database
        began = time.perf_counter()
        with counted_statements(database) as sent, database.session() as session:
            work(session)
            self._peer.settle(session)
        self._tell(name, len(sent), time.perf_counter() - began, note)

    @contextmanager
    def total(self, name: str, note: str) -> Iterator[None]:
        """Something that is timed as a whole; beside it the CPU of this process, which other work cannot stretch."""
        began, cpu = time.perf_counter(), time.process_time()
        with counted_statements(self._peer.database) as sent:
            yield
        cpu_ms = (time.process_time() - cpu) * 1000
        self._tell(name, len(sent), time.perf_counter() - began, f"{note}; Python {cpu_ms:.0f} ms")

    def _tell(self, name: str, statements: int, seconds: float, note: str) -> None:
        self._results.actions.append(Timed(name, self._engine, statements, seconds * 1000, note))
