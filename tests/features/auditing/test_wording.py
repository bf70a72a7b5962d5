"""Long texts are compared word by word, and nothing of either is lost or invented."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.features.auditing.queries import COLUMN
from tracker.features.auditing.wording import LONG_ENOUGH, TOO_LONG, Mark, word_difference

TEXTS = st.text(alphabet="办实事 12.5万ab，。\n", min_size=LONG_ENOUGH, max_size=60)


@given(TEXTS, TEXTS)
def test_gives_back_both_texts(before: str, after: str) -> None:
    pieces = word_difference(before, after)
    if pieces is None:
        return
    assert "".join(piece.text for piece in pieces if piece.mark is not Mark.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.mark is not Mark.GONE) == after
    marks = [piece.mark for piece in pieces]
    assert all(pair != (Mark.NEW, Mark.GONE) for pair in pairwise(marks))


def test_keeps_a_number_whole_and_names_what_changed() -> None:
    pieces = word_difference(
        "本月培训 12,500 人，其中女职工占四成。", "本月培训 12,600 人，其中女职工占四成。"
    )
    assert pieces is not None
    assert [tuple(piece) for piece in pieces] == [
        ("kept", "本月培训 "), ("gone", "12,500"), ("new", "12,600"), ("kept", " 人，其中女职工占四成。"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [("草稿", "已通过"), ("一二三四五六七八九十一二", "甲乙丙丁戊己庚辛壬癸子丑"), ("一" * (TOO_LONG + 1), "一" * TOO_LONG)],
)  # fmt: skip
def test_leaves_short_strange_and_endless_texts_as_they_are(before: str, after: str) -> None:
    assert word_difference(before, after) is None


def test_finds_the_units_of_a_change_whatever_their_codes() -> None:
    told = '{"cells":{"enrolments/330100_mz":[1]},"indicators/enrolments/allocations/_1":null,"title":"/x"}'
    assert COLUMN.findall(told) == ["330100_mz", "_1"]
