"""Whatever the weights and however many parts: rows and columns of complete parts both add up exactly."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.builders import rule
from tracker.domain.allocation import Method
from tracker.domain.identity import Place as TreePlace
from tracker.domain.kinds import Elapsed
from tracker.domain.periods import Rhythm
from tracker.domain.rules import DEFAULT_LIGHTS
from tracker.features.targets.complete_parts import differing_parts
from tracker.features.targets.content import OWN, WHOLE, Cell, Content, Place
from tracker.features.targets.queries import Board
from tracker.features.targets.sharing import divide
from tracker.services.programme_heads import Head, ListedIndicator, Promise
from tracker.services.tree import Unit

HEAD = Head(
    1, "330200-2018", "清单", "running", 2018, 1, "u0", "市", Rhythm.MONTH, 5, None, Elapsed.MONTHS,
    own_level_counts=True, is_ranked=True, rule_set=1, lights=DEFAULT_LIGHTS,
)  # fmt: skip
WHOLE_ID = 100


def unit(number: int, weight: int | None = None) -> Unit:
    return Unit(
        number + 1, f"u{number}", "单位", "单位", "county", "federation", weight, TreePlace(1, number + 1, 1, 1, number, number)
    )  # fmt: skip


def indicator(key: int, code: str, part_of: str | None) -> ListedIndicator:
    is_complete = True if part_of is None else None
    return ListedIndicator(key, 1, rule(code=code), "", (), part_of, "none", None, is_complete)


def board(parts: Sequence[int], weights: Sequence[int]) -> Board:
    """A whole of these parts, over children of these weights; nothing is issued but the publisher's targets."""
    listed = [indicator(at, f"part-{at}", "whole") for at in range(len(parts))]
    targets = {Place(at, WHOLE): Cell(True, value) for at, value in enumerate(parts)}
    return Board(
        head=HEAD,
        at=unit(0),
        children=tuple(unit(at, weight) for at, weight in enumerate(weights, 1)),
        promises=(Promise(1, 1, "实事", "部", (), (*listed, indicator(WHOLE_ID, "whole", None))),),
        in_force={**targets, Place(WHOLE_ID, WHOLE): Cell(True, sum(parts))},
        newest_target=1,
        draft=None,
        last_years={},
    )


def sums(made: Board, content: Content, row: int) -> int:
    return sum(content.at(row, column.key).value or 0 for column in made.columns)


PARTS = st.lists(st.integers(0, 10**12), min_size=2, max_size=5).filter(any)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@given(parts=PARTS, weights=WEIGHTS, by=st.sampled_from([Method.WEIGHT, Method.EQUAL]))
def test_rows_and_columns_add_up(parts: list[int], weights: list[int], by: Method) -> None:
    made = board(parts, weights)
    outcome = divide(made, made.content, by, {*range(len(parts)), WHOLE_ID})
    assert outcome.refused == ()
    assert list(differing_parts(made, outcome.content)) == []
    assert [sums(made, outcome.content, row) for row in range(len(parts))] == parts
    assert sums(made, outcome.content, WHOLE_ID) == sum(parts)


@given(parts=PARTS, weights=WEIGHTS, kept=st.integers(0, 10**12))
def test_what_the_own_level_keeps_is_shared_by_the_parts(
    parts: list[int], weights: list[int], kept: int
) -> None:
    made = board(parts, weights)
    own = Cell(True, kept % (sum(parts) + 1), None, True)
    content = made.content.changed({Place(WHOLE_ID, OWN): own})
    outcome = divide(made, content, Method.WEIGHT, {*range(len(parts)), WHOLE_ID})
    assert list(differing_parts(made, outcome.content)) == []
    assert [sums(made, outcome.content, row) for row in range(len(parts))] == parts


@given(parts=PARTS, weights=WEIGHTS)
def test_parts_divided_one_by_one_fit_as_well(parts: list[int], weights: list[int]) -> None:
    made = board(parts, weights)
    content = divide(made, made.content, Method.WEIGHT, {WHOLE_ID}).content
    for row in range(len(parts)):
        content = divide(made, content, Method.WEIGHT, {row}).content
    assert list(differing_parts(made, content)) == []
