"""What a unit answers to its issued targets: the literal table of steps."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from tracker.domain.editing import deadline_on
from tracker.domain.periods import SHANGHAI, Holidays, add_working_days

ANSWER_DAYS = 5
"""Working days a unit has for confirming its targets or asking for an adjustment."""


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


def default_answer_by(today: datetime, holidays: Holidays) -> datetime:
    """By when targets issued today are to be confirmed: five working days on, 18:00."""
    return deadline_on(add_working_days(today.astimezone(SHANGHAI).date(), ANSWER_DAYS, holidays))
