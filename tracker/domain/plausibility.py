"""Figures worth a second look: notes to explain and submit with, never refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.figures import round_half_away, show_grouped
from tracker.domain.kinds import Kind
from tracker.domain.messages import Message
from tracker.domain.rules import FULL

MEAN_PERIODS = 3
JUMP_TIMES = 3
SLIP_TIMES = 1000
SLIP_FACTOR = 10_000
"""One 万: what a figure is off by when it was typed in the other unit."""
TARGET_TIMES = 2


class NoteCode(StrEnum):
    """What looks odd."""

    JUMP = "jump"
    SLIP = "slip"
    FALL = "fall"
    FAR_OVER_TARGET = "far_over_target"
    EXACTLY_FULL = "exactly_full"
    ZERO_AFTER_ACTIVITY = "zero_after_activity"
    LIST_DIFFERS = "list_differs"
    EVIDENCE_REUSED = "evidence_reused"


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a figure; ``other_reading`` is what it may have been meant to be, for a 万 slip."""

    code: NoteCode
    message: Message
    other_reading: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A figure as entered, with what it is compared to; all scaled alike.

    ``value``: this period's increment of a flow, or the level reached. ``earlier``: the same of the
    earlier periods of the year in order, None where nothing or 不详 was reported.
    """

    kind: Kind
    measure: str
    decimals: int
    value: int
    earlier: Sequence[int | None] = ()
    target: int | None = None

    @property
    def known(self) -> list[int]:
        """The earlier figures there are."""
        return [figure for figure in self.earlier if figure is not None]

    @property
    def to_date(self) -> int:
        """What the unit stands at with this figure."""
        return self.value if self.kind.facts.is_level else sum(self.known) + self.value

    @property
    def change(self) -> int:
        """What this figure adds to where the unit stood."""
        return self.value - (self.known[-1] if self.kind.facts.is_level and self.known else 0)

    def shown(self, value: int) -> str:
        """A figure with its measure, for a sentence."""
        return show_grouped(value, self.decimals) + self.measure


AMOUNT_KINDS = (Kind.FLOW, Kind.STOCK, Kind.KEPT)
TARGET_KINDS = (Kind.FLOW, Kind.STOCK)
CUMULATIVE_KINDS = (Kind.FLOW, Kind.CHECKLIST)


def notes(entered: Entered) -> list[Note]:
    """Everything odd about one figure, in a fixed order; empty when it is plain."""
    found = (
        _slip(entered) or _jump(entered),
        _fall(entered),
        _far_over_target(entered),
        _exactly_full(entered),
        _zero_after_activity(entered),
    )
    return [note for note in found if note is not None]


def _recent(entered: Entered) -> tuple[int, int]:
    """Sum and number of the last three reported figures."""
    recent = entered.known[-MEAN_PERIODS:]
    return sum(recent), len(recent)


def _slip(entered: Entered) -> Note | None:
    total, count = _recent(entered)
    if entered.kind not in AMOUNT_KINDS or total <= 0 or entered.value <= 0:
        return None
    if entered.value * count >= SLIP_TIMES * total:
        whole, rest = divmod(entered.value, SLIP_FACTOR)
        return _slip_note(entered, None if rest else whole)
    if entered.value * count * SLIP_TIMES <= total:
        return _slip_note(entered, entered.value * SLIP_FACTOR)
    return None


def _slip_note(entered: Entered, other: int | None) -> Note:
    typed = entered.shown(entered.value)
    if other is None:
        message = Message("{typed}与前几期相差千倍以上，请核对单位，属实请说明原因", {"typed": typed})
    else:
        message = Message(
            "单位是不是看错了？{typed}与前几期相差千倍以上，也可能是 {other}，请选一个，属实请说明原因",
            {"typed": typed, "other": entered.shown(other)},
        )
    return Note(NoteCode.SLIP, message, other)


def _jump(entered: Entered) -> Note | None:
    total, count = _recent(entered)
    if entered.kind is not Kind.FLOW or total <= 0 or entered.value * count <= JUMP_TIMES * total:
        return None
    mean = entered.shown(round_half_away(total, count))
    return Note(
        NoteCode.JUMP,
        Message(
            "本期新增 {typed}，超过近几期平均数 {mean} 的三倍，属实请说明原因",
            {"typed": entered.shown(entered.value), "mean": mean},
        ),
    )


def _fall(entered: Entered) -> Note | None:
    if entered.kind not in CUMULATIVE_KINDS or entered.change >= 0:
        return None
    return Note(
        NoteCode.FALL,
        Message(
            "累计数比上期少了 {less}，核减请说明原因",
            {"less": entered.shown(-entered.change)},
        ),
    )


def _far_over_target(entered: Entered) -> Note | None:
    target = entered.target
    if entered.kind not in TARGET_KINDS or target is None or target <= 0:
        return None
    if entered.to_date <= TARGET_TIMES * target:
        return None
    return Note(
        NoteCode.FAR_OVER_TARGET,
        Message(
            "累计 {to_date}，超过目标 {target} 的两倍，属实请说明原因",
            {"to_date": entered.shown(entered.to_date), "target": entered.shown(target)},
        ),
    )


def _exactly_full(entered: Entered) -> Note | None:
    """Only where this figure brought it about, so that nobody explains it twice."""
    target = entered.target
    if entered.kind not in TARGET_KINDS or target is None or target <= 0 or entered.change == 0:
        return None
    if entered.to_date < target or round_half_away(entered.to_date * FULL, target) != FULL:
        return None
    return Note(
        NoteCode.EXACTLY_FULL,
        Message(
            "累计 {to_date}，正好完成目标的 100.0%，请确认是实际数",
            {"to_date": entered.shown(entered.to_date)},
        ),
    )


def _zero_after_activity(entered: Entered) -> Note | None:
    if entered.kind not in AMOUNT_KINDS or entered.value != 0 or not entered.known or entered.known[-1] == 0:
        return None
    return Note(
        NoteCode.ZERO_AFTER_ACTIVITY,
        Message("上期是 {last}，本期是 0，属实请说明原因", {"last": entered.shown(entered.known[-1])}),
    )


LISTED_MEASURES = frozenset(
    {"人", "人次", "名", "户", "家", "个", "处", "项", "件", "套", "场", "场次", "次", "期", "对", "张", "份"}
)
"""What is counted one by one, so that a list of it has as many rows."""


def list_note(entered: Entered, rows: int) -> Note | None:
    """A note when an attached list has another number of rows than the figure says."""
    if entered.kind not in AMOUNT_KINDS or entered.measure not in LISTED_MEASURES:
        return None
    if entered.value == rows * 10**entered.decimals:
        return None
    return Note(
        NoteCode.LIST_DIFFERS,
        Message(
            "名单有 {rows} 行，填报数是 {typed}，两者不一致，请核对或说明原因",
            {"rows": rows, "typed": entered.shown(entered.value)},
        ),
    )


def reuse_note(file_name: str, used_in: Message) -> Note:
    """A note on an evidence file whose digest was already used elsewhere."""
    return Note(
        NoteCode.EVIDENCE_REUSED,
        Message(
            "“{file_name}”已在 {used_in} 用作佐证，再次使用请说明原因",
            {"file_name": file_name, "used_in": used_in},
        ),
    )
