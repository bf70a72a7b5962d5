"""July 2018 in Ningbo as it stands on 8 August: something in every state of the workflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracker.cli.demonstration import proofs, sheets
from tracker.cli.demonstration.june import Course, courses_of
from tracker.cli.demonstration.sheets import Place
from tracker.cli.demonstration.stage import CITY, NINGBO, Entry, Hour, Stage, entry, on
from tracker.domain.periods import Period
from tracker.features.periods.commands import set_waiver
from tracker.features.reminders.commands import remind_units

JULY: Final = "2018-07"

COURSES: Final = (
    # accepted
    Course("330203", on(8, 1, 9, 20), on(8, 1, 11, 0), on(8, 1, 16, 0), on(8, 2, 9, 30)),
    Course("330205", on(8, 1, 10, 0), on(8, 1, 14, 30), on(8, 2, 9, 0), on(8, 2, 15, 0)),
    Course("330212", on(8, 2, 9, 0), on(8, 2, 11, 20), on(8, 2, 17, 0), on(8, 3, 9, 40)),
    Course("330211", on(8, 2, 10, 30), on(8, 2, 16, 0), on(8, 3, 9, 15), on(8, 3, 15, 20)),
    Course(CITY, on(8, 3, 9, 30), on(8, 3, 14, 0), on(8, 3, 16, 40), on(8, 6, 9, 10)),
    # signed, at the reviewer
    Course("330206", on(8, 3, 10, 0), on(8, 3, 15, 30), on(8, 6, 9, 30)),
    Course("330213", on(8, 3, 10, 20), on(8, 3, 16, 0), on(8, 6, 9, 0)),
    Course("3302Z1", on(8, 6, 10, 0), on(8, 6, 11, 30)),  # needs no signature
    # at the unit's approver
    Course("330281", on(8, 6, 9, 40), on(8, 6, 15, 10)),
    Course("330282", on(8, 3, 14, 0), on(8, 6, 10, 10)),
)
"""Ninghai has begun and is late; Xiangshan has not begun."""

WAIVED: Final = "样例：市直产业工会与市总工会合署办公，由市总工会直接审核。"
BY_REVIEWER: Final = "样例：七月是前三个月平均数的三倍多，请核对是否把八月的批次也算进来了。"
BY_APPROVER: Final = "样例：新业态入会数与系统台账差 40 人，请按实名台账改好再交。"
REVOKED: Final = "样例：两场演出实际在八月举行，请按七月实际场次重报。"
CORRECTED: Final = "样例：一处站点七月底未通过验收，应减 1 家。"


def july() -> Iterator[Entry]:
    """Everything of the month, and what is still open."""
    yield entry(on(7, 30, 10, 0), _waive)
    yield from courses_of(COURSES, JULY)
    yield from _files()
    yield from _sent_back()
    yield entry(on(8, 6, 17, 30), sheets.type_in, Place("330226", JULY),
                ("enrolments", "screenings", "stations", "retreats"))  # fmt: skip
    yield entry(on(8, 7, 9, 0), _remind)
    yield entry(on(8, 7, 10, 0), sheets.take_out, Place("330205", JULY), "shows", REVOKED, on(8, 10, 18, 0))
    yield entry(on(8, 7, 14, 0), sheets.begin_correction, Place("330211", JULY), "stations", CORRECTED)


def _files() -> Iterator[Entry]:
    picture = proofs.picture("奉化区溪口服务站点", "2018年7月改造提升")
    yield entry(
        on(8, 3, 10, 40),
        sheets.attach,
        Place("330213", JULY),
        "stations",
        "溪口站点照片（样例）.png",
        picture,
    )
    paper = proofs.paper("北仑区劳动用工“体检”七月小结", "本月重点走访港口物流企业，签订整改承诺书。")
    yield entry(
        on(8, 3, 10, 30), sheets.attach, Place("330206", JULY), "checkups", "用工体检小结（样例）.pdf", paper
    )


def _sent_back() -> Iterator[Entry]:
    """One by the city's reviewer, one by the district's own approver, with what is said about them."""
    fenghua, cixi = Place("330213", JULY), Place("330282", JULY)
    yield entry(on(8, 6, 14, 30), _return, fenghua, "ningbo-reviewer", "retreats", BY_REVIEWER)
    yield entry(on(8, 6, 15, 40), sheets.remark, fenghua, "fenghua-reporter", "retreats",
                "样例：收到。八月第一批七月底出发，正在与旅行社核对。")  # fmt: skip
    yield entry(on(8, 7, 9, 20), sheets.remark, fenghua, "ningbo-reviewer", "retreats",
                "样例：以返程日期为准，跨月的计入返程当月。")  # fmt: skip
    yield entry(on(8, 6, 16, 20), _return, cixi, "cixi-approver", "gig_members", BY_APPROVER)
    yield entry(on(8, 7, 11, 0), sheets.remark, Place("330206", JULY), "ningbo-reviewer2", "checkups",
                "样例：港口企业的整改承诺书很好，请下月附一份样本。")  # fmt: skip


def _return(stage: Stage, hour: Hour, place: Place, by: str, indicator: str, reason: str) -> None:
    sheets.give_back(stage, hour, place, by=by, indicator=indicator, reason=reason, answer_by=on(8, 9, 18, 0))


def _waive(stage: Stage, hour: Hour) -> None:
    """The units under the city itself need no signature of their own."""
    set_waiver(
        stage.session, stage.head(NINGBO), stage.unit("3302Z1"), stage.doer("ningbo-reviewer", hour),
        is_waived=True, was_waived=False, reason=WAIVED,
    )  # fmt: skip


def _remind(stage: Stage, hour: Hour) -> None:
    """Who has not handed in by the end of 6 August is reminded the morning after."""
    remind_units(
        stage.session, stage.head(NINGBO), stage.unit(CITY), Period.parse(JULY), {"330226", "330225"},
        stage.doer("ningbo-reviewer", hour), today=hour.today, deadline="8月6日 18:00",
    )  # fmt: skip
