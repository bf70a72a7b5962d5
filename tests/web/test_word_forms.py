"""English words are chosen by the values their sentence is filled with."""

from __future__ import annotations

import pytest

from tracker.web.word_forms import fit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[count:unit|units]", "unit"),
        ("[other:is|are] [month:abbr]", "are Jun"),
        ("up to [month:month], [word:lower]", "up to June, not reported"),
        ("[missing:one|many] pledges[0] [a: b]", "[missing:one|many] pledges[0] [a: b]"),
    ],
)
def test_chooses_the_form_of_a_word(text: str, shown: str) -> None:
    assert fit(text, {"count": 1, "other": "1,000", "month": 6, "word": "Not reported"}) == shown
