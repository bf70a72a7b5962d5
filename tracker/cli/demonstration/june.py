"""June 2018 in Ningbo: reported in five days, closed with one unit missing, reopened for it, and complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from tracker.cli.demonstration import proofs, sheets
from tracker.cli.demonstration.sheets import Place
from tracker.cli.demonstration.stage import CITY, NINGBO, Entry, Hour, Stage, entry, on
from tracker.domain.periods import Period
from tracker.features.periods.commands import close_period, reopen_period
from tracker.features.periods.queries import read_period
from tracker.features.reports.typed_lines import TypedLine
from tracker.services.snapshots import Texts

JUNE: Final = "2018-06"
LATECOMER: Final = "330225"


class Course(NamedTuple):
    """When a unit's sheet was typed, handed in, signed and accepted; None: not yet."""

    code: str
    typed: datetime
    handed_in: datetime | None = None
    signed: datetime | None = None
    accepted: datetime | None = None


COURSES: Final = (
    Course("330203", on(7, 2, 9, 10), on(7, 2, 10, 40), on(7, 2, 15, 5), on(7, 3, 9, 30)),
    Course("330206", on(7, 2, 9, 25), on(7, 2, 11, 15), on(7, 2, 16, 20), on(7, 3, 9, 45)),
    Course("330212", on(7, 2, 14, 0), on(7, 2, 16, 30), on(7, 3, 8, 50), on(7, 3, 15, 10)),
    Course("330205", on(7, 3, 9, 5), on(7, 3, 10, 20), on(7, 3, 14, 45), on(7, 4, 10, 0)),
    Course("330282", on(7, 3, 9, 40), on(7, 3, 11, 30), on(7, 3, 17, 10), on(7, 4, 10, 15)),
    Course("330211", on(7, 3, 10, 10), on(7, 3, 15, 0), on(7, 4, 9, 0), on(7, 4, 14, 30)),
    Course("3302Z1", on(7, 3, 14, 20), on(7, 3, 16, 50), on(7, 4, 9, 20), on(7, 4, 14, 45)),
    Course("330281", on(7, 4, 9, 15), on(7, 4, 11, 0), on(7, 4, 16, 0), on(7, 5, 9, 30)),
    Course("330213", on(7, 4, 10, 0), on(7, 4, 15, 30), on(7, 5, 8, 45), on(7, 5, 11, 0)),
    Course("330226", on(7, 4, 14, 30), on(7, 5, 9, 15), on(7, 5, 15, 40), on(7, 6, 9, 10)),
    Course(CITY, on(7, 4, 15, 0), on(7, 5, 10, 30), on(7, 5, 16, 10), on(7, 6, 9, 30)),
    Course(LATECOMER, on(7, 10, 9, 30), on(7, 10, 11, 0), on(7, 10, 16, 30), on(7, 11, 9, 20)),
)

TEXTS: Final = {
    "330203": ("screenings", Texts("样例：六家医院同步开展，流动筛查车进园区十二场。", "", "样例：七月起安排外来务工女职工专场。")),
    LATECOMER: ("stations", Texts("", "样例：海岛站点选址未定，上半年没有建成。", "样例：八月底前完成石浦、鹤浦两处选址。")),
    "330226": ("stations", Texts("", "样例：沿街场地租金上涨，两处站点暂缓。", "样例：改用社区用房，九月前建成三家。")),
}  # fmt: skip
"""Unit → the indicator of a pledge, and what is said about it."""

REOPENED: Final = "样例：海岛片区网络中断，六月报表未能按时提交。"


def courses_of(courses: Iterable[Course], period: str) -> Iterator[Entry]:
    """The acts of sheets that take the plain way."""
    for one in courses:
        place = Place(one.code, period)
        yield entry(one.typed, sheets.type_in, place)
        for when, act in (
            (one.handed_in, sheets.hand_in),
            (one.signed, sheets.sign_off),
            (one.accepted, sheets.let_pass),
        ):
            if when is not None:
                yield entry(when, act, place)


def june() -> Iterator[Entry]:
    """Everything of the month."""
    yield from courses_of(COURSES, JUNE)
    typed = {one.code: one.typed for one in COURSES}
    for code, (indicator, texts) in TEXTS.items():
        yield entry(_minutes_after(typed[code], 10), _say, Place(code, JUNE), indicator, texts)
    picture = proofs.picture("江北区外滩服务站点", "2018年6月挂牌启用")
    yield entry(_minutes_after(typed["330205"], 20), sheets.attach, Place("330205", JUNE), "stations",
                "外滩站点照片（样例）.png", picture)  # fmt: skip
    report = proofs.paper("鄞州区劳动用工“体检”六月小结", "本月走访企业，逐家出具体检报告，问题清单已反馈。")
    yield entry(_minutes_after(typed["330212"], 20), sheets.attach, Place("330212", JUNE), "checkups",
                "用工体检小结（样例）.pdf", report)  # fmt: skip
    yield entry(on(7, 9, 18, 0), _close)
    yield entry(on(7, 10, 9, 0), _reopen)


def _minutes_after(when: datetime, minutes: int) -> datetime:
    return when.replace(minute=when.minute + minutes)


def _say(stage: Stage, hour: Hour, place: Place, indicator: str, texts: Texts) -> None:
    no_lines: dict[str, TypedLine] = {}
    sheets.type_lines(stage, hour, place, no_lines, {indicator: texts})


def _close(stage: Stage, hour: Hour) -> None:
    """Eleven of twelve are in; the missing one is named."""
    doer = stage.doer("ningbo-reviewer", hour)
    state = read_period(stage.session, stage.head(NINGBO), Period.parse(JUNE), seen_by=doer.identity)
    close_period(stage.session, state, doer, today=hour.today)


def _reopen(stage: Stage, hour: Hour) -> None:
    doer = stage.doer("ningbo-reviewer", hour)
    state = read_period(stage.session, stage.head(NINGBO), Period.parse(JUNE), seen_by=doer.identity)
    reopen_period(
        stage.session, state, stage.unit(LATECOMER), doer, until=on(7, 12, 18, 0), reason=REOPENED, today=hour.today
    )  # fmt: skip
