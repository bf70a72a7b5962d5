"""What the city's auditor does: draws a sample, marks it, has one thing put right, and waits for another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from tracker.cli.demonstration.papers import REPEATED
from tracker.cli.demonstration.stage import NINGBO, Entry, Hour, Stage, entry, on
from tracker.domain.findings import FindingAction
from tracker.domain.identity import Role
from tracker.domain.periods import Period
from tracker.domain.sampling import Method, Verdict
from tracker.features.auditing.finding_commands import Remark, move_finding, raise_finding
from tracker.features.auditing.finding_queries import get_finding, list_corrections
from tracker.features.auditing.sampling_commands import Order, draw_sample, mark_figure
from tracker.features.auditing.sampling_queries import get_figure, get_sample
from tracker.models.auditing import AuditSample, Finding

AUDITOR: Final = "ningbo-auditor"
REPEATED_TITLE: Final = "慈溪六月“两癌”筛查有重复登记（样例）"
OPEN_TITLE: Final = "海曙六月疗休养缺签到表（样例）"


def auditing() -> Iterator[Entry]:
    """The sample, and both findings."""
    yield entry(on(7, 16, 9, 10), _draw)
    yield entry(on(7, 16, 10, 30), _mark, 1, Verdict.VERIFIED, "样例：与原始台账一致。")
    yield entry(on(7, 16, 10, 50), _mark, 2, Verdict.VERIFIED, "样例：与银行回单一致。")
    yield entry(on(7, 16, 11, 20), _mark, 3, Verdict.DOUBTFUL, "样例：名册与填报数不一致，已要求说明。")
    yield entry(on(7, 16, 14, 0), _raise, "330282", REPEATED_TITLE, Remark(
        f"样例：比对两家医院名册，{REPEATED} 人重复登记。", "样例：核减重复人数，附去重后的名册。", on(7, 25, 18, 0),
    ))  # fmt: skip
    yield entry(on(7, 19, 9, 30), _answer)
    yield entry(on(7, 20, 10, 0), _close)
    yield entry(on(7, 30, 14, 30), _raise, "330203", OPEN_TITLE, Remark(
        "样例：抽查第三、第五批次，没有签到表。", "样例：补齐两个批次的签到表并说明原因。", on(8, 15, 18, 0),
    ))  # fmt: skip


def _draw(stage: Stage, hour: Hour) -> None:
    order = Order(Period.parse("2018-06"), Method.RANDOM, 8, "20180716")
    draw_sample(stage.session, stage.head(NINGBO), order, stage.doer(AUDITOR, hour), moved=stage.moved)


def _mark(stage: Stage, hour: Hour, position: int, verdict: Verdict, note: str) -> None:
    doer = stage.doer(AUDITOR, hour)
    number = stage.session.scalars(select(AuditSample.id)).one()
    sample = get_sample(stage.session, number, seen_by=doer.identity)
    figure = get_figure(stage.session, sample, position)
    mark_figure(stage.session, sample, figure, doer, verdict=verdict, note=note)


def _raise(stage: Stage, hour: Hour, code: str, title: str, remark: Remark) -> None:
    doer, unit = stage.doer(AUDITOR, hour), stage.unit(code)
    raise_finding(stage.session, unit, None, doer, title=title, remark=remark, today=hour.today)


def _answer(stage: Stage, hour: Hour) -> None:
    """Cixi answers with the correction it has made."""
    doer = stage.doer("cixi-reporter", hour, Role.REPORTER)
    finding = get_finding(stage.session, _number(stage), seen_by=doer.identity)
    newest = list_corrections(stage.session, finding)[0]
    remark = Remark("样例：已逐人去重，更正六月数字并附名册。", correction_id=newest.revision_id)
    move_finding(stage.session, finding, FindingAction.ANSWER, doer, remark=remark, today=hour.today)


def _close(stage: Stage, hour: Hour) -> None:
    doer = stage.doer(AUDITOR, hour)
    finding = get_finding(stage.session, _number(stage), seen_by=doer.identity)
    remark = Remark("样例：名册与更正后的数字一致，整改到位。")
    move_finding(stage.session, finding, FindingAction.CLOSE, doer, remark=remark, today=hour.today)


def _number(stage: Stage) -> int:
    return stage.session.scalars(select(Finding.id).where(Finding.title == REPEATED_TITLE)).one()
