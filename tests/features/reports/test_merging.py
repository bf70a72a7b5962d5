"""Merging by rule, for a row of every kind: a value only one person changed counts, two different ones wait for a choice."""

from __future__ import annotations

import itertools
from typing import Final

import pytest
from sqlalchemy.orm import Session

from tests.factories.districts import KINDS, World
from tests.support.databases import on_sqlite
from tracker.features.reports.commands.merging import Merge, Pick, Typed, merge, seen_of
from tracker.features.reports.stored_lines import stored_line
from tracker.features.reports.typed_lines import TypedLine

THREE: Final = {
    "enrolments": ("17600", "17700", "17800"),
    "members": ("300", "310", "320"),
    "households": ("410", "420", "430"),
}
VALUES: Final[dict[str, tuple[TypedLine, ...]]] = {
    **{code: tuple(TypedLine(value=text) for text in texts) for code, texts in THREE.items()},
    "coverage": tuple(TypedLine(numerator=text, denominator="100") for text in ("86", "87", "88")),
    "growth": tuple(TypedLine(numerator=text) for text in ("1120", "1130", "1140")),
    "opened": (TypedLine(is_not_done=True), TypedLine(done_on="2018-06-01"), TypedLine(done_on="2018-06-02")),
    "sites": (TypedLine(items=("甲站",)), TypedLine(items=("甲站", "乙站")), TypedLine(item_count="3")),
    "hotline": tuple(
        TypedLine(judgement="on_track", note=text) for text in ("正常", "接听 9 件", "接听 10 件")
    ),
}
A, B, C = range(3)
CASES: Final = {
    # shown, typed, on file → what comes out
    (A, A, A): "mine",
    (A, B, A): "mine",
    (A, A, B): "theirs",
    (A, B, B): "same",
    (A, B, C): "clash",
}


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def met(world: World, code: str, shown: int, typed: int, filed: int, pick: Pick | None = None) -> Merge:
    """What comes out when the page showed one value, another is typed, and a third lies on file."""
    values = VALUES[code]
    world.save_lines({code: values[shown]})
    drawn = world.sheet()
    entry = world.entry(drawn, {code: _as_drawn(world, code) if typed == shown else values[typed]})
    world.save_lines({code: values[filed]})
    return merge(world.sheet(), Typed(entry, seen_of(drawn), {code: pick} if pick else {}))


def _as_drawn(world: World, code: str) -> TypedLine:
    return stored_line(next(row for row in world.sheet().rows if row.listed.rule.code == code))


@on_sqlite
@pytest.mark.parametrize("code", VALUES)
@pytest.mark.parametrize(("values", "outcome"), CASES.items(), ids=str)
def test_decides_by_what_was_shown_typed_and_filed(
    world: World, code: str, values: tuple[int, int, int], outcome: str
) -> None:
    merged = met(world, code, *values)
    indicator_id = world.indicators[code].id
    found = {
        "mine": indicator_id in merged.lines,
        "theirs": code in merged.taken,
        "clash": [one.place for one in merged.clashes] == [code],
    }
    assert [name for name, is_so in found.items() if is_so] == ([] if outcome == "same" else [outcome])


def test_rows_of_every_kind_are_tried() -> None:
    assert set(VALUES) == {one.code for one in KINDS}


def test_every_outcome_of_three_values_is_in_the_table() -> None:
    shapes = {
        (0, int(typed != shown), 0 if filed == shown else 1 if filed == typed else 2 if typed != shown else 1)
        for shown, typed, filed in itertools.product((A, B, C), repeat=3)
    }
    assert shapes == set(CASES)


@pytest.mark.parametrize("code", VALUES)
def test_a_choice_counts_only_against_the_value_it_names(world: World, code: str) -> None:
    [clash] = met(world, code, A, B, C).clashes
    for pick, is_kept in ((Pick(True, clash.digest), True), (Pick(True, "0" * 12), False)):
        merged = met(world, code, A, B, C, pick)
        assert (world.indicators[code].id in merged.lines) == is_kept
        assert bool(merged.clashes) != is_kept
    assert code in met(world, code, A, B, C, Pick(False, clash.digest)).taken


def test_a_page_from_before_the_tokens_clashes_instead_of_overwriting(world: World) -> None:
    drawn = world.sheet()
    entry = world.entry(drawn, {"enrolments": TypedLine(value="17000")})
    assert not merge(world.sheet(), Typed(entry, {}, {})).clashes
    world.save(enrolments=TypedLine(value="17600"))
    assert merge(world.sheet(), Typed(entry, {}, {})).clashes
