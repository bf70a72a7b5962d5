"""How long a report lay at each desk: worked out from the steps of its thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from tracker.domain.workflow import Action


class Desk(StrEnum):
    """Whose turn it is."""

    REPORTER = "reporter"
    APPROVER = "approver"
    REVIEWER = "reviewer"


class Moved(NamedTuple):
    """One step of a report."""

    action: Action
    at: datetime


LIES_AT: Final[Mapping[Action, Desk]] = MappingProxyType(
    {
        Action.SUBMIT: Desk.APPROVER,
        Action.SIGN: Desk.REVIEWER,
        Action.UNDO: Desk.REVIEWER,
        Action.RETURN: Desk.REPORTER,
        Action.WITHDRAW: Desk.REPORTER,
        Action.REVOKE: Desk.REPORTER,
        Action.CORRECT: Desk.REPORTER,
    }
)
"""At whose desk a report lies after each step; after the others at nobody's."""


def time_at_desks(steps: Iterable[Moved], until: datetime, *, is_signed: bool) -> dict[Desk, timedelta]:
    """How long it lay at each desk altogether, desks it never lay at left out.

    ``until``: now. ``is_signed``: it waits for its reviewer now, also where the unit needs no signature,
    so that its last step is the submission.
    """
    moves = [step for step in sorted(steps, key=lambda step: step.at) if step.action is not Action.COMMENT]
    if not moves:
        return {}
    spent: dict[Desk, timedelta] = {}
    end = Moved(Action.SIGN if is_signed else moves[-1].action, max(until, moves[-1].at))
    for step, following in pairwise([*moves, end]):
        is_unsigned = step.action is Action.SUBMIT and (
            following.action is Action.ACCEPT or (following is end and is_signed)
        )
        desk = Desk.REVIEWER if is_unsigned else LIES_AT.get(step.action)
        if desk is not None:
            spent[desk] = spent.get(desk, timedelta(0)) + (following.at - step.at)
    return spent
