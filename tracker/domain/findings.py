"""THE table of a finding's states: who may move it from which to which, and what it needs."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tracker.domain.identity import Role
from tracker.domain.messages import Conflict


class FindingState(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


class FindingAction(StrEnum):
    """What a person does to a finding; ``raise`` begins its thread."""

    RAISE = "raise"
    ANSWER = "answer"
    CLOSE = "close"
    REOPEN = "reopen"


class FindingStep(NamedTuple):
    """A row of the table. ``needs_deadline``: the unit is asked anew and must know until when."""

    action: FindingAction
    roles: frozenset[Role]
    source: FindingState
    target: FindingState
    needs_deadline: bool = False


UNIT_STAFF = frozenset({Role.REPORTER, Role.APPROVER})
AUDITORS = frozenset({Role.AUDITOR})
WAITING = frozenset({FindingState.OPEN, FindingState.REOPENED})
"""Where the unit has to answer; past the deadline it is overdue."""

# fmt: off
STEPS: tuple[FindingStep, ...] = (
    #           action                roles       from                   to                     deadline
    FindingStep(FindingAction.ANSWER, UNIT_STAFF, FindingState.OPEN,     FindingState.ANSWERED),
    FindingStep(FindingAction.ANSWER, UNIT_STAFF, FindingState.REOPENED, FindingState.ANSWERED),
    FindingStep(FindingAction.CLOSE,  AUDITORS,   FindingState.ANSWERED, FindingState.CLOSED),
    FindingStep(FindingAction.REOPEN, AUDITORS,   FindingState.ANSWERED, FindingState.REOPENED, True),
    FindingStep(FindingAction.REOPEN, AUDITORS,   FindingState.CLOSED,   FindingState.REOPENED, True),
)
# fmt: on


class NotInThisState(Conflict):
    """The table has no such row: the finding has moved on, or the role may not do this."""


def finding_step(action: FindingAction, role: Role, source: FindingState) -> FindingStep:
    """The row for this action by this role from this state, or NotInThisState."""
    for row in STEPS:
        if row.action is action and role in row.roles and row.source is source:
            return row
    raise NotInThisState("这条审计发现现在的状态不能这样办理，请刷新后再看。")


def allowed_actions(role: Role, source: FindingState) -> tuple[FindingAction, ...]:
    """What a role may do from a state, in the table's order."""
    return tuple(row.action for row in STEPS if role in row.roles and row.source is source)
