"""The label of an actor in the trail."""

from __future__ import annotations

import pytest

from tracker.domain.identity import login_in


@pytest.mark.parametrize(
    "label", ["周晓燕（zhouxy）", "周晓燕（zhouxy，代理王芳）", "周晓燕（样例）（zhouxy）"]
)
def test_reads_the_login_also_of_a_stand_in(label: str) -> None:
    assert login_in(label) == "zhouxy"
