"""What a unit answers to its issued targets: the literal table of steps."""

from __future__ import annotations

from enum import StrEnum


class NoticeState(StrEnum):
    """Where a notice of issued targets stands."""

    ISSUED = "issued"
    CONFIRMED = "confirmed"
    ASKED = "asked"  # the unit asks for an adjustment
    DECLINED = "declined"  # the targets stand
    CHANGED = "changed"  # they were issued anew because the unit asked
    SUPERSEDED = "superseded"  # they were issued anew before the unit had answered


class Answer(StrEnum):
    """A step that moves a notice."""

    CONFIRM = "confirm"
    ASK = "ask"
    DECLINE = "decline"


# fmt: off
STEPS: dict[Answer, tuple[frozenset[NoticeState], NoticeState]] = {
    Answer.CONFIRM: (frozenset({NoticeState.ISSUED, NoticeState.DECLINED}), NoticeState.CONFIRMED),
    Answer.ASK:     (frozenset({NoticeState.ISSUED}),                       NoticeState.ASKED),
    Answer.DECLINE: (frozenset({NoticeState.ASKED}),                        NoticeState.DECLINED),
}
"""Answer → the states it may come from, and the state it leads to."""
# fmt: on

OVERTAKEN: dict[NoticeState, NoticeState] = {
    NoticeState.ASKED: NoticeState.CHANGED,
    NoticeState.ISSUED: NoticeState.SUPERSEDED,
    NoticeState.DECLINED: NoticeState.SUPERSEDED,
}
"""What becomes of an open notice when its unit's targets are issued anew."""


def can_answer(state: NoticeState, answer: Answer) -> bool:
    """Whether the step is open from here."""
    return state in STEPS[answer][0]
