"""Review by exception: all clean reports of several units accepted with one button, each sheet for itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.messages import Message, Refusal
from tracker.features.reviews.commands import NothingToJudge
from tracker.features.reviews.queries import Waiting
from tracker.services.sheets import Filing
from tracker.services.snapshots import content_digest
from tracker.services.standings import Doer, Seen, Standing
from tracker.services.transitions import accept_sheets


class Chosen(NamedTuple):
    """One ticked sheet: its clean reports as they were shown, in one digest over versions and contents."""

    code: str
    period: str
    digest: str


class Left(NamedTuple):
    """A sheet that could not be accepted, and why."""

    unit: str
    message: Message


class Outcome(NamedTuple):
    """What accepting together came to."""

    accepted: tuple[tuple[Standing, ...], ...]
    left: tuple[Left, ...]


def seen_digest(clean: Iterable[Filing]) -> str:
    """One digest over which versions with which content were shown."""
    return content_digest(f"{one.revision_id} {one.version_id} {one.digest}" for one in clean)


def accept_together(
    session: Session, waiting: Sequence[Waiting], chosen: Collection[Chosen], doer: Doer
) -> Outcome:
    """Accept the clean reports of the chosen sheets; a sheet that moved on is left and told of.

    It is one act: every report gets its own verdict and audit entry, the totals one posting. Units are locked in
    id order, so that two reviewers who do this at once wait for each other and never in a circle.
    Raises NothingToJudge when nothing was chosen.
    """
    if not chosen:
        raise NothingToJudge("请先勾选要一并办理的单位。")
    shown = {(one.unit.code, one.period.key): one for one in waiting}
    places = {(one.code, one.period): one for one in chosen}
    left = [Left(code, _MOVED) for code, period in sorted(places.keys() - shown.keys())]
    sheets: list[Waiting] = []
    for key in sorted(places.keys() & shown.keys(), key=lambda key: (shown[key].unit.id, key[1])):
        sheet = shown[key]
        if sheet.clean and seen_digest(sheet.clean) == places[key].digest:
            sheets.append(sheet)
        else:
            left.append(Left(sheet.unit.short_name, _MOVED))
    outcomes = accept_sheets(session, [_seen(sheet.clean) for sheet in sheets], doer) if sheets else []
    accepted: list[tuple[Standing, ...]] = []
    for sheet, outcome in zip(sheets, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            left.append(Left(sheet.unit.short_name, outcome.message))
        else:
            accepted.append(tuple(outcome))
    return Outcome(tuple(accepted), tuple(left))


_MOVED = Message("打开之后有变动，请单独看过再办")


def _seen(clean: Iterable[Filing]) -> list[Seen]:
    return [Seen(one.revision_id, one.version_id, one.digest or "") for one in clean]
