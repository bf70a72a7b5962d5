"""Intervals nest exactly as the tree does, at first and after any number of additions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from tracker.features.org_units.numbering import ROOT, Interval, number_added, number_forest

Parents = Mapping[str, str]


@st.composite
def grown_forests(draw: st.DrawFn) -> list[dict[str, str]]:
    """A forest as unit → parent, and the same forest after each of some additions."""
    states: list[dict[str, str]] = []
    parents: dict[str, str] = {}
    for _ in range(draw(st.integers(1, 5))):
        for _ in range(draw(st.integers(1, 8))):
            code = f"{draw(st.integers(0, 9))}x{len(parents)}"
            parents[code] = draw(st.sampled_from([ROOT, *parents]))
        states.append(dict(parents))
    return states


def children_of(parents: Parents) -> dict[str, list[str]]:
    children: dict[str, list[str]] = defaultdict(list)
    for code in sorted(parents):
        children[parents[code]].append(code)
    return children


def is_below(code: str, other: str, parents: Parents) -> bool:
    while code != ROOT:
        if code == other:
            return True
        code = parents[code]
    return False


def depth_of(code: str, parents: Parents) -> int:
    return -1 if code == ROOT else 1 + depth_of(parents[code], parents)


def in_order(children: Mapping[str, Sequence[str]], parent: str = ROOT) -> list[str]:
    return [code for child in children.get(parent, ()) for code in (child, *in_order(children, child))]


def assert_nested(intervals: Mapping[str, Interval], parents: Parents) -> None:
    assert intervals.keys() == parents.keys()
    for code, inner in intervals.items():
        assert inner.depth == depth_of(code, parents)
        for other, outer in intervals.items():
            stands_inside = outer.pre <= inner.pre <= outer.last
            assert stands_inside == is_below(code, other, parents), (code, other)
            if stands_inside:
                assert inner.last <= outer.last
    assert sorted(intervals, key=lambda code: intervals[code].pre) == in_order(children_of(parents))


@given(grown_forests())
def test_intervals_nest_as_the_tree_does_after_every_addition(states: list[dict[str, str]]) -> None:
    placed: dict[str, Interval] = {}
    for parents in states:
        children = children_of(parents)
        added = number_added(children, placed)
        if added is None:
            placed = number_forest(children)
        else:
            assert not added.keys() & placed.keys(), "nothing placed moves"
            placed |= added
        assert_nested(placed, parents)


def test_takes_many_late_comers_without_moving_anybody() -> None:
    parents = {"a": ROOT, "b": "a", "c": "a"}
    placed = number_forest(children_of(parents))
    for number in range(1000):
        parents[f"d{number:04d}"] = "a"
        added = number_added(children_of(parents), placed)
        assert added is not None
        placed |= added
    assert_nested({code: placed[code] for code in [*list(placed)[:40], *list(placed)[-2:]]},
                  {code: parents[code] for code in [*list(placed)[:40], *list(placed)[-2:]]})  # fmt: skip


def test_says_when_there_is_no_room() -> None:
    placed = {"a": Interval(0, 1, 4), "b": Interval(1, 2, 3)}
    assert number_added({ROOT: ["a"], "a": ["b", "c"]}, placed) is None


def test_says_when_official_order_was_changed() -> None:
    placed = number_forest({ROOT: ["a", "b"]})
    assert number_added({ROOT: ["b", "a"]}, placed) is None
