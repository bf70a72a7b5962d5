"""Notes speak up where a figure looks odd, and are silent otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.kinds import Kind
from tracker.domain.messages import Message
from tracker.domain.plausibility import Entered, Note, NoteCode, list_note, notes, reuse_note


def entered(
    value: int, *earlier: int | None, kind: Kind = Kind.FLOW, target: int | None = None, decimals: int = 0
) -> Entered:
    return Entered(kind=kind, measure="人次", decimals=decimals, value=value, earlier=earlier, target=target)


def codes(given_figure: Entered) -> list[NoteCode]:
    return [note.code for note in notes(given_figure)]


@pytest.mark.parametrize(("value", "found"), [(60, []), (61, [NoteCode.JUMP]), (19_999, [NoteCode.JUMP])])
def test_an_increment_over_three_times_the_recent_mean_is_a_jump(value: int, found: list[NoteCode]) -> None:
    assert codes(entered(value, 500, 10, None, 20, 30)) == found


def test_a_first_figure_has_nothing_to_jump_from() -> None:
    assert codes(entered(10**9)) == codes(entered(10**9, None, None)) == codes(entered(10**9, 0, 0)) == []


@pytest.mark.parametrize(("value", "other"), [(20_000, 2), (152_000_000, 15_200), (20_001, None)])
def test_a_thousand_times_the_mean_offers_both_readings(value: int, other: int | None) -> None:
    [note] = notes(entered(value, 10, 20, 30))
    assert (note.code, note.other_reading) == (NoteCode.SLIP, other)
    assert f"{value:,}人次" in str(note.message)
    assert other is None or f"{other:,}人次" in str(note.message)


@pytest.mark.parametrize(("value", "found"), [(2, [NoteCode.SLIP]), (3, [])])
def test_a_thousandth_of_the_mean_offers_both_readings(value: int, found: list[NoteCode]) -> None:
    assert codes(entered(value, 2000, 2000, 2000)) == found
    assert [note.other_reading for note in notes(entered(2, 2000, 2000, 2000))] == [20_000]


def test_a_level_slips_but_never_jumps() -> None:
    assert codes(entered(681_000, 68, kind=Kind.STOCK)) == [NoteCode.SLIP]
    assert codes(entered(681, 68, kind=Kind.STOCK)) == []


def test_a_falling_total_is_noted() -> None:
    [note] = notes(entered(-5, 10))
    assert (note.code, "5人次" in str(note.message)) == (NoteCode.FALL, True)
    assert codes(entered(3, 4, kind=Kind.CHECKLIST)) == [NoteCode.FALL]
    assert codes(entered(3, 4, kind=Kind.STOCK)) == codes(entered(4, 4, kind=Kind.CHECKLIST)) == []


@pytest.mark.parametrize(("value", "found"), [(11, [NoteCode.FAR_OVER_TARGET]), (10, [])])
def test_more_than_twice_the_target_is_noted(value: int, found: list[NoteCode]) -> None:
    assert codes(entered(value, 10, target=10)) == found
    assert codes(entered(value + 10, 20, kind=Kind.STOCK, target=10)) == found
    assert codes(entered(value + 10, 20, kind=Kind.KEPT, target=10)) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [(40, [NoteCode.EXACTLY_FULL]), (39, []), (41, [])],
)
def test_exactly_a_hundred_percent_is_noted(value: int, found: list[NoteCode]) -> None:
    assert codes(entered(value, 30, 30, target=100)) == found


def test_exactly_a_hundred_percent_is_noted_as_printed_and_only_once() -> None:
    assert codes(entered(1_000_300, 500_000, target=1_500_000)) == [NoteCode.EXACTLY_FULL]
    assert codes(entered(999_400, 500_000, target=1_500_000)) == []
    assert codes(entered(0, 60, 40, 0, target=100)) == []


@pytest.mark.parametrize(
    ("earlier", "found"),
    [
        ((5,), [NoteCode.ZERO_AFTER_ACTIVITY]),
        ((5, None), [NoteCode.ZERO_AFTER_ACTIVITY]),
        ((5, 0), []),
        ((), []),
    ],
)
def test_zero_after_activity_is_noted_once(earlier: tuple[int | None, ...], found: list[NoteCode]) -> None:
    assert codes(entered(0, *earlier)) == found


@pytest.mark.parametrize("kind", [Kind.RATIO, Kind.GROWTH, Kind.MILESTONE, Kind.NARRATIVE])
@given(
    value=st.integers(0, 10**9), earlier=st.lists(st.none() | st.integers(0, 10**9)), target=st.integers(0, 9)
)
def test_kinds_without_amounts_are_left_alone(
    kind: Kind, value: int, earlier: list[int | None], target: int
) -> None:
    assert codes(entered(value, *earlier, kind=kind, target=target)) == []


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.none() | st.integers(-(10**6), 10**6)),
    st.none() | st.integers(0),
)
def test_every_note_reads_as_a_sentence(value: int, earlier: list[int | None], target: int | None) -> None:
    for note in notes(entered(value, *earlier, target=target, decimals=1)):
        assert "{" not in str(note.message)


def test_a_list_of_another_length_is_noted() -> None:
    assert list_note(entered(120, decimals=1), 12) is None
    differs = list_note(entered(121, decimals=1), 12)
    assert isinstance(differs, Note)
    assert "12 行" in str(differs.message)


def test_a_file_used_elsewhere_is_noted() -> None:
    note = reuse_note("名单.xlsx", Message("2018年5月月报"))
    assert (note.code, "名单.xlsx" in str(note.message)) == (NoteCode.EVIDENCE_REUSED, True)
