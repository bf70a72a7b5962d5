"""THE transition table of a revision (document 1.4): who may move it from which state to which."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tracker.domain.identity import Role
from tracker.domain.messages import Conflict


class State(StrEnum):
    """Where a revision stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    DROPPED = "dropped"


class Action(StrEnum):
    """What a person does to a revision."""

    SAVE = "save"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    SIGN = "sign"
    RETURN = "return"
    ACCEPT = "accept"
    UNDO = "undo"
    REVOKE = "revoke"
    CORRECT = "correct"
    DROP = "drop"
    COMMENT = "comment"  # a remark in the thread: moves nothing, so the table has no row for it


class Transition(NamedTuple):
    """A row of the table. ``target`` None keeps the state; ``needs_digest``: the submission the person saw."""

    action: Action
    role: Role
    source: State
    target: State | None
    needs_reason: bool
    needs_digest: bool


# fmt: off
TRANSITIONS: tuple[Transition, ...] = (
    #          action           role           from             to               reason digest
    Transition(Action.SAVE,     Role.REPORTER, State.DRAFT,     None,            False, False),
    Transition(Action.SAVE,     Role.REPORTER, State.RETURNED,  None,            False, False),
    Transition(Action.SUBMIT,   Role.REPORTER, State.DRAFT,     State.SUBMITTED, False, False),
    Transition(Action.SUBMIT,   Role.REPORTER, State.RETURNED,  State.SUBMITTED, False, False),
    Transition(Action.WITHDRAW, Role.REPORTER, State.SUBMITTED, State.DRAFT,     False, False),
    Transition(Action.WITHDRAW, Role.REPORTER, State.SIGNED,    State.DRAFT,     False, False),
    Transition(Action.SIGN,     Role.APPROVER, State.SUBMITTED, State.SIGNED,    False, True),
    Transition(Action.RETURN,   Role.APPROVER, State.SUBMITTED, State.RETURNED,  True,  True),
    Transition(Action.ACCEPT,   Role.REVIEWER, State.SIGNED,    State.ACCEPTED,  False, True),
    Transition(Action.RETURN,   Role.REVIEWER, State.SIGNED,    State.RETURNED,  True,  True),
    Transition(Action.UNDO,     Role.REVIEWER, State.ACCEPTED,  State.SIGNED,    False, True),
    Transition(Action.REVOKE,   Role.REVIEWER, State.ACCEPTED,  State.REVOKED,   True,  False),
    Transition(Action.CORRECT,  Role.REPORTER, State.ACCEPTED,  None,            True,  False),
    Transition(Action.DROP,     Role.REPORTER, State.DRAFT,     State.DROPPED,   False, False),
    Transition(Action.DROP,     Role.REPORTER, State.RETURNED,  State.DROPPED,   False, False),
)
# fmt: on

EDITABLE = frozenset({State.DRAFT, State.RETURNED})
"""Lines change only here (also by trigger)."""

OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.SIGNED, State.RETURNED})
"""At most one revision of a report is open at a time."""

UNDO_SECONDS = 10
"""How long an acceptance can be undone by whoever gave it."""

PROVISIONAL = frozenset({State.SUBMITTED, State.SIGNED})
"""What stands in provisional totals."""


class NotInThisState(Conflict):
    """The table has no such row: the revision has moved on, or the role may not do this."""


def transition(action: Action, role: Role, source: State) -> Transition:
    """The row for this action by this role from this state, or ``NotInThisState``."""
    for row in TRANSITIONS:
        if row.action is action and row.role is role and row.source is source:
            return row
    raise NotInThisState("这份报告现在的状态不能这样办理，请刷新后再看。")


def target_of(row: Transition, *, is_waived: bool) -> State:
    """Where a row leads; where the unit needs no signature, what is submitted is ready to be accepted at once."""
    if row.action is Action.SUBMIT and is_waived:
        return State.SIGNED
    return row.target or row.source


def allowed_actions(role: Role, source: State) -> tuple[Action, ...]:
    """What a role may do from a state, in the table's order."""
    return tuple(
        dict.fromkeys(row.action for row in TRANSITIONS if row.role is role and row.source is source)
    )
