"""Lights of pledges, how many pledges show which, and the sentence that explains one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from tracker.domain.figures import show_percent
from tracker.domain.kinds import Comparator, Kind, Light
from tracker.domain.messages import Message
from tracker.domain.outlook import needed_per_month
from tracker.domain.periods import due_month
from tracker.domain.progress import Standing
from tracker.domain.prose import show_amount, show_with_measure
from tracker.domain.rules import Rule

WORST_FIRST = (
    Light.BEHIND,
    Light.LAGGING,
    Light.NOT_REPORTED,
    Light.ON_TRACK,
    Light.DONE,
    Light.NOT_JUDGED,
    Light.NOT_ASSIGNED,
)
"""Not judged and not assigned come last: they show only where nothing else remains."""


def pledge_light(lights: Iterable[Light]) -> Light:
    """The light of a pledge: the worst over its indicators; not judged where it has none."""
    shown = set(lights)
    return next((light for light in WORST_FIRST if light in shown), Light.NOT_JUDGED)


def classes(lights: Iterable[Light]) -> dict[Light, int]:
    """How many pledges show each light; every light is a key, so the counts always add up."""
    counted = Counter(lights)
    return {light: counted[light] for light in Light}


class _Pace(StrEnum):
    """How a figure with a plan goes."""

    DONE = "done"
    AHEAD = "ahead"
    EVEN = "even"
    SLOW = "slow"
    MISSED = "missed"


BOUND_SIGNS = {
    Comparator.AT_LEAST: "≥",
    Comparator.OVER: ">",
    Comparator.EQUAL: "≥",
    Comparator.ABOUT: "≈",
    Comparator.AT_MOST: "≤",
    Comparator.UNDER: "<",
}
_HELD = {
    Light.ON_TRACK: Message("现为 {actual}，符合目标（{bound}），须保持到年底。"),
    Light.DONE: Message("年末为 {actual}，符合目标（{bound}），已完成。"),
    Light.BEHIND: Message("现为 {actual}，不符合目标（{bound}）。"),
}
_RATE = {
    True: Message("现为 {actual}，达到目标 {target}，已完成。"),
    False: Message("现为 {actual}，低于目标 {target}，差 {gap} 个百分点。"),
}
_MILESTONE = {
    Light.ON_TRACK: Message("{assigned} 个单位中 {count} 个已完成，还有 {left} 个须在年底前完成。"),
    Light.BEHIND: Message("{assigned} 个单位中 {count} 个已完成，到年底还有 {left} 个没有完成。"),
}
_NARRATIVE = {
    Light.DONE: Message("已报单位的自评都是已完成。"),
    Light.ON_TRACK: Message("已报单位的自评中，最慢的是达序时。"),
    Light.LAGGING: Message("已报单位的自评中，最慢的是预警。"),
    Light.NOT_JUDGED: Message("还没有自评结论，不评判。"),
}
_PROGRESS = {
    _Pace.DONE: Message("已达 {actual}，完成年度目标 {whole} 的 {completion}%，已完成。"),
    _Pace.AHEAD: Message(
        "已达 {actual}，完成年度目标 {whole} 的 {completion}%，比序时进度 {expected}% 快 {gap} 个百分点；"
        "余下 {months} 个月平均每月还需 {needed}。"
    ),
    _Pace.EVEN: Message(
        "已达 {actual}，完成年度目标 {whole} 的 {completion}%，与序时进度持平；"
        "余下 {months} 个月平均每月还需 {needed}。"
    ),
    _Pace.SLOW: Message(
        "已达 {actual}，完成年度目标 {whole} 的 {completion}%，比序时进度 {expected}% 慢 {gap} 个百分点；"
        "余下 {months} 个月平均每月还需 {needed}。"
    ),
    _Pace.MISSED: Message("已达 {actual}，完成年度目标 {whole} 的 {completion}%，没有完成，还差 {short}。"),
}
_GROWN = {
    _Pace.DONE: Message("由年初 {base} 到 {actual}，完成增至 {whole} 的 {completion}%，已完成。"),
    _Pace.AHEAD: Message(
        "由年初 {base} 到 {actual}，完成增至 {whole} 的 {completion}%，比序时进度 {expected}% 快 {gap} 个百分点；"
        "余下 {months} 个月平均每月还需 {needed}。"
    ),
    _Pace.EVEN: Message(
        "由年初 {base} 到 {actual}，完成增至 {whole} 的 {completion}%，与序时进度持平；"
        "余下 {months} 个月平均每月还需 {needed}。"
    ),
    _Pace.SLOW: Message(
        "由年初 {base} 到 {actual}，完成增至 {whole} 的 {completion}%，比序时进度 {expected}% 慢 {gap} 个百分点；"
        "余下 {months} 个月平均每月还需 {needed}。"
    ),
    _Pace.MISSED: Message(
        "由年初 {base} 到 {actual}，完成增至 {whole} 的 {completion}%，没有完成，还差 {short}。"
    ),
}


def explain(rule: Rule, standing: Standing, cutoff_month: int) -> Message:
    """Why a light is what it is, with its numbers and what is still needed each month."""
    return Message(_template(rule, standing, cutoff_month).text, _facts(rule, standing, cutoff_month))


def _template(rule: Rule, standing: Standing, cutoff_month: int) -> Message:
    light = standing.light
    if light is Light.NOT_ASSIGNED:
        return Message("不承担此项指标。")
    due = due_month(rule.rhythm, cutoff_month)
    if due is None:
        return Message("第一个报告期还没有结束，暂不评判。")
    if light is Light.NOT_REPORTED:
        return _silence(standing)
    if rule.kind is Kind.NARRATIVE:
        return _NARRATIVE[light]
    if light is Light.NOT_JUDGED:
        return _abstention(rule, standing, due)
    return _judged(rule, standing, cutoff_month)


def _silence(standing: Standing) -> Message:
    if standing.actual is None:
        return Message("本期还没有报。")
    return Message("本期还没有报，此前为 {actual}。")


def _abstention(rule: Rule, standing: Standing, due: int) -> Message:
    if standing.actual is None:
        return _unknown_number(standing)
    if standing.whole is None:
        return Message("现为 {actual}，没有定数量目标，不评判。")
    if rule.is_staged and not rule.is_stage_due(due):
        return _waiting(rule)
    if standing.whole == 0:
        return Message("现为 {actual}，目标为 0，不评判。")
    return Message("现为 {actual}，没有年初基数，不评判。")


def _unknown_number(standing: Standing) -> Message:
    if standing.unknown:
        return Message("已报，数量不详，不评判。")
    return Message("已报，没有可以汇总的数，不评判。")


def _waiting(rule: Rule) -> Message:
    if rule.stage is None:
        return Message("现为 {actual}，今年没有到期的阶段，不评判。")
    return Message("现为 {actual}，阶段目标到 {stage} 再评判。")


def _judged(rule: Rule, standing: Standing, cutoff_month: int) -> Message:
    if rule.is_held:
        return _HELD[standing.light]
    if rule.kind.facts.is_rate:
        return _RATE[standing.is_met]
    if standing.is_met and standing.completion_tenths is None:
        return Message("现为 {actual}，达到目标 {whole}，已完成。")
    if standing.gap_tenths is None and not standing.is_met:
        return _MILESTONE[standing.light]
    wording = _PROGRESS if standing.base is None or rule.kind is not Kind.STOCK else _GROWN
    return wording[_pace(standing, cutoff_month)]


def _pace(standing: Standing, cutoff_month: int) -> _Pace:
    gap = standing.gap_tenths or 0
    if standing.is_met:
        return _Pace.DONE
    if cutoff_month >= 12:
        return _Pace.MISSED
    if gap == 0:
        return _Pace.EVEN
    return _Pace.AHEAD if gap > 0 else _Pace.SLOW


def _facts(rule: Rule, standing: Standing, cutoff_month: int) -> dict[str, object]:
    amounts = {
        "target": standing.target,
        "whole": standing.whole,
        "actual": standing.actual,
        "needed": needed_per_month(rule, standing, cutoff_month),
    }
    facts: dict[str, object] = {
        name: show_amount(rule, value) for name, value in amounts.items() if value is not None
    }
    facts |= {
        name: show_percent(abs(tenths)) if name == "gap" else show_percent(tenths)
        for name, tenths in {
            "completion": standing.completion_tenths,
            "expected": standing.expected_tenths,
            "gap": standing.gap_tenths,
        }.items()
        if tenths is not None
    }
    return facts | _counts(rule, standing, cutoff_month)


def _counts(rule: Rule, standing: Standing, cutoff_month: int) -> dict[str, object]:
    counts: dict[str, object] = {"months": 12 - cutoff_month, "assigned": standing.assigned}
    if standing.base is not None:
        counts["base"] = show_with_measure(standing.base, decimals=rule.decimals, measure=rule.measure)
    if rule.stage is not None:
        counts["stage"] = str(rule.stage.until)
    if standing.actual is not None:
        counts |= {"count": standing.actual, "left": standing.assigned - standing.actual}
    if standing.whole is not None:
        counts["bound"] = show_amount(rule, standing.whole).after(BOUND_SIGNS[rule.comparator])
        if standing.actual is not None:
            counts["short"] = show_amount(rule, standing.whole - standing.actual)
    return counts
