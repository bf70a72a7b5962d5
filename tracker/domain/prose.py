"""Figures to official sentences: the wording of overviews and half-year reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tracker.domain.figures import Amount, show_compact, show_exact, show_grouped, show_percent
from tracker.domain.kinds import Kind, Light
from tracker.domain.messages import Message
from tracker.domain.outlook import needed_per_month
from tracker.domain.progress import Standing
from tracker.domain.rules import FULL, Rule

_DIGITS = "零一二三四五六七八九"


class Row(NamedTuple):
    """An indicator with how it stands."""

    rule: Rule
    standing: Standing


def chinese_numeral(number: int) -> str:
    """1 to 99 as numbers of headings: 一, 十, 十一, 二十, 三十二. Others raise ValueError."""
    if not 1 <= number <= 99:
        raise ValueError(f"{number} is no heading number")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def show_with_measure(value: int, *, decimals: int, measure: str) -> Amount:
    """An amount in prose: 152万人次, 39.5万元, 2,219人; never 万 before a measure that begins with it."""
    grouped = show_grouped(value, decimals)
    shown = grouped if measure[:1] in ("万", "亿") else show_compact(value, decimals)
    return Amount(shown + measure, f"{grouped} {measure}")


def show_amount(rule: Rule, value: int) -> Amount:
    """An actual or target of an indicator in prose; rates keep all their places: 82.0%."""
    if rule.kind.facts.is_rate:
        rate = show_exact(value, rule.target_decimals).replace("-", "−") + "%"
        return Amount(rate, rate)
    return show_with_measure(value, decimals=rule.target_decimals, measure=rule.measure)


def pledge_sentence(row: Row) -> Message:
    """What has been reached, in one sentence that stands alone in a report."""
    rule, standing = row
    facts = _facts(row)
    if standing.actual is None:
        return _without_number(standing, facts)
    if rule.kind is Kind.MILESTONE:
        return _milestone_sentence(standing, facts)
    if standing.completion_tenths is not None:
        return _completion_sentence(standing, facts)
    if standing.target is None:
        return Message("{name}：{actual}。", facts)
    if standing.is_met:
        return Message("{name}：{actual}，达到 {target} 的目标。", facts)
    return Message("{name}：{actual}，未达到 {target} 的目标。", facts)


def _facts(row: Row) -> dict[str, object]:
    rule, standing = row
    shown = {"actual": standing.actual, "target": standing.target, "whole": standing.whole}
    facts: dict[str, object] = {
        name: show_amount(rule, value) for name, value in shown.items() if value is not None
    }
    if standing.completion_tenths is not None:
        facts["completion"] = show_percent(standing.completion_tenths)
    return facts | {"name": rule.name, "assigned": standing.assigned, "count": standing.actual}


def _without_number(standing: Standing, facts: dict[str, object]) -> Message:
    if standing.light is Light.NOT_ASSIGNED:
        return Message("{name}：不承担。", facts)
    if standing.reported == 0:
        return Message("{name}：本期未报。", facts)
    if standing.unknown:
        return Message("{name}：已报送，数量不详。", facts)
    return Message("{name}：已报送。", facts)


def _milestone_sentence(standing: Standing, facts: dict[str, object]) -> Message:
    if standing.actual == standing.assigned:
        return Message("{name}：已完成。", facts)
    if standing.actual == 0:
        return Message("{name}：正在推进。", facts)
    return Message("{name}：{assigned} 个单位中 {count} 个已完成。", facts)


def _completion_sentence(standing: Standing, facts: dict[str, object]) -> Message:
    completion = standing.completion_tenths or 0
    if standing.base is not None:
        return Message("{name}：{actual}，完成全年增长任务的 {completion}%。", facts)
    if standing.is_met and completion > FULL:
        return Message("{name}：{actual}，完成全年目标 {whole} 的 {completion}%，超额完成。", facts)
    if standing.is_met:
        return Message("{name}：{actual}，完成全年目标 {whole} 的 {completion}%，已完成。", facts)
    return Message("{name}：{actual}，完成全年目标 {whole} 的 {completion}%。", facts)


class Chapters(NamedTuple):
    """The rows of a report in the order it tells them."""

    over_fulfilled: list[Row]
    done: list[Row]
    under_way: list[Row]
    problems: list[Row]
    others: list[Row]


_CHAPTER_LIGHTS: dict[Light, str] = {
    Light.DONE: "done",
    Light.ON_TRACK: "under_way",
    Light.LAGGING: "problems",
    Light.BEHIND: "problems",
    Light.NOT_REPORTED: "problems",
    Light.NOT_JUDGED: "others",
}
_PROBLEMS_WORST_FIRST = (Light.BEHIND, Light.LAGGING, Light.NOT_REPORTED)


def chapters(rows: Iterable[Row]) -> Chapters:
    """Sort rows for a report: more than fulfilled, done, the rest, problems; each best first.

    Rows nobody is assigned to are left out; equal ones keep their order. Problems come worst first,
    those that did not report last.
    """
    told = Chapters([], [], [], [], [])
    for row in sorted(rows, key=_best_first):
        if row.standing.light is Light.NOT_ASSIGNED:
            continue
        is_over = row.standing.light is Light.DONE and (row.standing.completion_tenths or 0) > FULL
        chapter = "over_fulfilled" if is_over else _CHAPTER_LIGHTS[row.standing.light]
        getattr(told, chapter).append(row)
    told.problems.sort(key=_worst_first)
    return told


def _best_first(row: Row) -> tuple[bool, int]:
    completion = row.standing.completion_tenths
    return completion is None, -(completion or 0)


def _worst_first(row: Row) -> tuple[int, int]:
    return _PROBLEMS_WORST_FIRST.index(row.standing.light), row.standing.gap_tenths or 0


_CLASS_CLAUSES: tuple[tuple[Light, str], ...] = (
    (Light.DONE, Message("已完成 {count} 件").text),
    (Light.ON_TRACK, Message("达序时 {count} 件").text),
    (Light.LAGGING, Message("预警 {count} 件").text),
    (Light.BEHIND, Message("滞后 {count} 件").text),
    (Light.NOT_REPORTED, Message("未报 {count} 件").text),
    (Light.NOT_JUDGED, Message("不评判 {count} 件").text),
    (Light.NOT_ASSIGNED, Message("不承担 {count} 件").text),
)


def conclusion_sentence(counts: Mapping[Light, int]) -> tuple[Message, ...]:
    """The clauses of "10 件实事：已完成 2 件，达序时 5 件 …", classes without a pledge left out.

    An edge joins them with commas and a full stop in its language; ``in_chinese`` does so here.
    """
    head = Message("实事共 {count} 件", {"count": sum(counts.values())})
    clauses = [
        Message(text, {"count": counts[light]}) for light, text in _CLASS_CLAUSES if counts.get(light, 0)
    ]
    return (head, *clauses)


def in_chinese(clauses: Sequence[Message]) -> str:
    """Clauses as one Chinese sentence."""
    return "，".join(str(clause) for clause in clauses) + "。"


def problem_sentence(row: Row, *, units: Sequence[str] = ()) -> Message:
    """What is wrong with an indicator, naming the units behind it where they are known."""
    facts = _facts(row) | {"units": "、".join(units)}
    if row.standing.light is Light.NOT_REPORTED:
        if units:
            return Message("{name}：本期未报，未报单位为{units}。", facts)
        return Message("{name}：本期未报。", facts)
    if row.standing.gap_tenths is None or row.standing.gap_tenths >= 0:
        if units:
            return Message("{name}未达到目标要求，涉及{units}。", facts)
        return Message("{name}未达到目标要求。", facts)
    facts["gap"] = show_percent(-row.standing.gap_tenths)
    return _gap_sentence(row.rule, facts, has_units=bool(units))


def _gap_sentence(rule: Rule, facts: dict[str, object], *, has_units: bool) -> Message:
    if rule.kind.facts.is_rate:
        if has_units:
            return Message("{name}为 {actual}，低于目标 {gap} 个百分点，主要是{units}。", facts)
        return Message("{name}为 {actual}，低于目标 {gap} 个百分点。", facts)
    if has_units:
        return Message("{name}慢于序时进度 {gap} 个百分点，主要是{units}。", facts)
    return Message("{name}慢于序时进度 {gap} 个百分点。", facts)


def next_step_sentence(row: Row, cutoff_month: int) -> Message | None:
    """What the months left have to bring; None where no monthly amount leads to the target."""
    needed = needed_per_month(row.rule, row.standing, cutoff_month)
    if not needed or row.rule.kind is Kind.MILESTONE:
        return None
    return Message(
        "{name}：后 {months} 个月平均每月完成 {needed}，确保全年达到目标。",
        {
            "name": row.rule.name,
            "months": 12 - cutoff_month,
            "needed": show_amount(row.rule, needed),
        },
    )
