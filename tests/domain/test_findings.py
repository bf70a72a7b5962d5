"""A finding moves by its table alone; whatever is tried, it stays in a state somebody can move on."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.findings import (
    STEPS,
    WAITING,
    FindingAction,
    FindingState,
    NotInThisState,
    allowed_actions,
    finding_step,
)
from tracker.domain.identity import Role

TRIES = st.lists(st.tuples(st.sampled_from(FindingAction), st.sampled_from(Role)), max_size=30)


@given(TRIES)
def test_any_walk_keeps_to_the_table(tries: list[tuple[FindingAction, Role]]) -> None:
    state, walked = FindingState.OPEN, [FindingState.OPEN]
    for action, role in tries:
        try:
            step = finding_step(action, role, state)
        except NotInThisState:
            assert action not in allowed_actions(role, state)
            continue
        assert action in allowed_actions(role, state)
        assert (step.source, state != step.target) == (state, True)
        state = step.target
        walked.append(state)
    for before, after in pairwise(walked):
        assert (after is FindingState.ANSWERED) == (before in WAITING)
        assert after is not FindingState.CLOSED or before is FindingState.ANSWERED


@pytest.mark.parametrize("state", FindingState)
def test_somebody_can_move_every_state_and_nobody_both_sides(state: FindingState) -> None:
    movers = {role for role in Role if allowed_actions(role, state)}
    assert movers
    assert movers <= {Role.REPORTER, Role.APPROVER} or movers == {Role.AUDITOR}


def test_every_state_is_reached_and_each_row_is_there_once() -> None:
    assert {step.target for step in STEPS} | {FindingState.OPEN} == set(FindingState)
    assert len({(step.action, step.source) for step in STEPS}) == len(STEPS)
