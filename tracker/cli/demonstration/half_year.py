"""The first half of 2018: Zhejiang and Ningbo with May complete and June half reported, the calendar at 3 July."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from tracker.cli.demonstration import lists, sheets
from tracker.cli.demonstration.people import add_people, first_accounts
from tracker.cli.demonstration.sheets import Place
from tracker.cli.demonstration.stage import NINGBO, Hour, Stage, offset_to, on, set_clock
from tracker.domain.workflow import State
from tracker.features.accounts.passwords import Passwords

JUNE: Final = "2018-06"
PUBLISHED: Final = on(1, 15)
"""By the demonstration's calendar: what ended before a list was published is never late."""

STAGES: Final = {
    "330203": State.ACCEPTED, "330205": State.ACCEPTED, "330211": State.ACCEPTED, "330206": State.ACCEPTED,
    "330212": State.ACCEPTED, "330282": State.ACCEPTED, "330213": State.SIGNED, "330281": State.SUBMITTED,
    "330226": State.DRAFT, "330200": State.SIGNED,
}  # fmt: skip
"""How far each unit's June has come; units not named have not begun."""

ORDER: Final = (State.DRAFT, State.SUBMITTED, State.SIGNED, State.ACCEPTED)


def load_first_half(
    session: Session, *, today: date | None, now: datetime, passwords: Mapping[str, str], hasher: Passwords
) -> None:
    """Everything, in one transaction and at one moment."""
    moved = offset_to(today, now)
    set_clock(session, moved, now)
    file = lists.read_figures("ningbo-2018-figures.csv")
    stage = Stage(session, moved, figures=lists.typed_figures(file.rows))
    hour = Hour(now + moved, now)
    lists.plant_tree(stage, hour)
    add_people(stage, hour, first_accounts(), passwords, hasher)
    lists.draft_list(stage, hour, "ningbo-2018.yaml")
    lists.publish_list(stage, stage.hour(PUBLISHED), NINGBO)
    lists.bring_in(stage, hour, NINGBO, [row for row in file.rows if row.period < JUNE], file.digest)
    for code, reached in STAGES.items():
        _bring_to(stage, hour, Place(code, JUNE), ORDER.index(reached))


def _bring_to(stage: Stage, hour: Hour, place: Place, reached: int) -> None:
    """Type, submit, sign and accept a unit's June as far as that place in the order."""
    steps = (sheets.type_in, sheets.hand_in, sheets.sign_off, sheets.let_pass)
    for step in steps[: reached + 1]:
        step(stage, hour, place)
