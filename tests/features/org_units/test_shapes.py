"""Whatever is moved, added, closed and merged in whatever order: intervals nest, and totals are those of a plain model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.features.org_units.trees import Province
from tests.services.test_random_walks import scratch
from tracker.db import Database
from tracker.domain.messages import Refusal
from tracker.domain.periods import Month
from tracker.features.org_units.units import NewUnit, add_unit
from tracker.models.programme import Indicator
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load

CITIES = ("330200", "330500")
DISTRICTS = ("330203", "330205", "330206", "330502", "330503")
DECEMBER = 12

steps = st.tuples(
    st.sampled_from(
        ["accept", "accept", "accept", "move", "move", "close", "merge", "add", "member", "member"]
    ),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(1, DECEMBER),
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
@given(walk=st.lists(steps, min_size=6, max_size=14))
def test_totals_are_those_of_a_plain_model_after_each_step(
    database: Database, walk: list[tuple[str, int, int, int]]
) -> None:
    with scratch(database) as session:
        walker = Walker(session)
        for step in walk:
            walker.take(*step)
            walker.prove()


def test_the_walk_itself_reaches_every_act(session: Session) -> None:
    walker = Walker(session)
    way: list[tuple[str, int, int, int]] = [
        ("accept", 0, 3, 5), ("member", 0, 3, 5), ("accept", 1, 2, 4), ("move", 0, 1, 6), ("accept", 0, 4, 5),
        ("member", 0, 4, 5), ("member", 0, 1, 8), ("add", 0, 0, 1), ("merge", 3, 0, 7), ("close", 1, 0, 9),
        ("move", 2, 1, 6), ("member", 4, 3, 3),
    ]  # fmt: skip
    for step in way:
        assert walker.take(*step), step
        walker.prove()


class Walker:
    """Tries acts, and keeps the model: who stood where from which month, what was reported, who ended when."""

    def __init__(self, session: Session) -> None:
        self.session, self.province = session, Province(session)
        self.flow, self.level = self.province.plant_list("330000", "enrolments", "members")
        self.level.kind = "stock"
        session.flush()
        for indicator in (self.flow, self.level):
            self.province.assign(indicator, **{f"u{code}": 100 for code in DISTRICTS})
        self.homes: dict[str, list[tuple[int, str]]] = {
            code: [(1, "330200" if code.startswith("3302") else "330500")] for code in DISTRICTS
        }
        self.said: dict[tuple[int, str], dict[int, int]] = {}
        self.ended: dict[str, int] = {}
        self.heirs: dict[str, str] = {}
        self.added = 0

    def take(self, act: str, one: int, other: int, month: int) -> bool:
        """Try it; whether the rules let it through. What is refused leaves nothing behind."""
        acts: dict[str, Callable[[int, int, int], Any]] = {
            "accept": lambda one, value, month: self._accept(self.flow, one, value, month),
            "member": lambda one, value, month: self._accept(self.level, one, value, month),
            "move": self._move, "close": self._close, "merge": self._merge, "add": self._add,
        }  # fmt: skip
        try:
            with self.session.begin_nested():
                acts[act](one, other, month)
        except Refusal:
            return False
        finally:
            self.session.expire_all()
        return True

    def _accept(self, indicator: Indicator, one: int, value: int, month: int) -> None:
        code = DISTRICTS[one]
        if month >= self.ended.get(code, 13):
            raise Refusal("a closed unit takes no new figures")
        if code in self.heirs and indicator is self.flow:
            raise Refusal("what was summed is not accepted again here")
        self.province.accept(indicator, code, month, 10 + value)
        self.said.setdefault((indicator.id, code), {})[month] = 10 + value

    def _move(self, one: int, other: int, month: int) -> None:
        code, city = DISTRICTS[one], CITIES[other % 2]
        self.province.move(code, city, f"2018-{month:02d}")
        self.homes[code].append((month, city))

    def _close(self, one: int, _other: int, month: int) -> None:
        code = DISTRICTS[one]
        self._open_children_away(code)
        self.province.close(code, f"2018-{month:02d}")
        self.ended[code] = month

    def _open_children_away(self, code: str) -> None:
        for child, parent in self.province.parents().items():
            if parent == code and self.province.facts(child).valid_to is None:
                self.province.close(child, "2018-01")

    def _merge(self, one: int, other: int, month: int) -> None:
        code, into = DISTRICTS[one], DISTRICTS[other]
        self.province.merge(code, into=into, effective=f"2018-{month:02d}", summed=(self.flow,))
        self.ended[code], self.heirs[code] = month, into

    def _add(self, one: int, _other: int, _month: int) -> None:
        self.added += 1
        new = NewUnit(
            code=f"{one}new{self.added}", name="新单位", short_name="新", level="township", kind="federation"
        )
        add_unit(
            self.session, self.province.facts(DISTRICTS[one]), new, reason="新建", doer=self.province.doer
        )

    def prove(self) -> None:
        self.province.fold()
        self.province.parents()
        for city in (*CITIES, "330000"):
            for month in range(1, DECEMBER + 1):
                found = self.province.total(self.flow, city, until=month)
                assert found == self._flow_at(city, month), (city, month)
                found = self.province.total(self.level, city, until=month)
                assert found == self._level_at(city, month), (city, month, "level")
            self._prove_parts(city)

    def _prove_parts(self, city: str) -> None:
        """The rows below a unit, those of who came and went among them, add up to its total, early and late."""
        head = find_head(self.session, "330000-2018")
        assert head is not None
        for month in (5, DECEMBER):
            node = self.province.facts(city).unit
            table = load(self.session, head, node, cutoff=Month(2018, month), with_branches=True)
            for whole in (one for pledge in table.pledges for one in pledge.indicators):
                rows = [branch.counted(whole.listed.id).totals for branch in (*table.branches, *table.former)]
                assert sum(row.amount for row in rows) == whole.totals.amount, (city, month)
                assert sum(row.assigned for row in rows) == whole.totals.assigned, (city, month)

    def _home(self, code: str, month: int) -> str:
        return [city for since, city in self.homes[code] if since <= month][-1]

    def _flow_at(self, city: str, month: int) -> int:
        return sum(
            value
            for code in DISTRICTS
            for at, value in self.said.get((self.flow.id, code), {}).items()
            if at <= month and city in ("330000", self._home(code, at))
        )

    def _level_at(self, city: str, month: int) -> int:
        found = 0
        for code in DISTRICTS:
            known = [at for at in self.said.get((self.level.id, code), {}) if at <= month]
            stands = city in ("330000", self._home(code, month)) and month < self.ended.get(code, 13)
            if known and stands:
                found += self.said[self.level.id, code][max(known)]
        return found
