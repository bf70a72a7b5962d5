"""Two editors of one matrix: nothing typed is lost, and nothing of the other's is overwritten unseen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracker.features.targets.content import Cell, Content, Place
from tracker.features.targets.merging import merge

PLACES = [Place(indicator, column) for indicator in (1, 2) for column in ("own", "330203", "330204")]
CELLS = st.builds(Cell, st.booleans(), st.one_of(st.none(), st.integers(0, 3)), st.none(), st.booleans())
CONTENTS = st.builds(
    Content,
    st.fixed_dictionaries(dict.fromkeys(PLACES, CELLS)),
    st.fixed_dictionaries(dict.fromkeys(("own", "330203"), st.one_of(st.none(), st.integers(0, 3)))),
)


@given(CONTENTS, CONTENTS, CONTENTS)
def test_what_i_changed_stays_and_what_only_they_changed_is_taken(
    mine: Content, theirs: Content, base: Content
) -> None:
    merged = merge(mine, theirs, base)
    for place in PLACES:
        my, their, was = (one.at(*place) for one in (mine, theirs, base))
        found = merged.content.at(*place)
        assert found.stated == (their if my == was else my).stated
        both_changed = was not in {my, their} and my.stated != their.stated
        assert (place in merged.clashes) == both_changed
    for key in ("own", "330203"):
        is_untouched = mine.weights[key] == base.weights[key]
        assert merged.content.weights[key] == (theirs if is_untouched else mine).weights[key]


@given(CONTENTS, CONTENTS)
def test_alone_nobody_is_met(mine: Content, base: Content) -> None:
    merged = merge(mine, base, base)
    assert merged.is_clean
    assert all(merged.content.at(*place).stated == mine.at(*place).stated for place in PLACES)


@given(CONTENTS, CONTENTS)
def test_without_the_common_state_every_difference_is_shown(mine: Content, theirs: Content) -> None:
    merged = merge(mine, theirs, None)
    differing = {place for place in PLACES if mine.at(*place).stated != theirs.at(*place).stated}
    assert set(merged.clashes) == differing
    assert merged.is_clean == (not differing and mine.weights == theirs.weights)
