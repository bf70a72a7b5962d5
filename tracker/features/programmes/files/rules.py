"""The rules a list must keep beyond the form of its fields; each fault stands at the field to be mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from tracker.domain.figures import show_exact
from tracker.domain.kinds import KIND_COMPARATORS, Comparator, Kind
from tracker.domain.messages import Message
from tracker.features.programmes.files.announced import PER_MILLE_MEASURES
from tracker.features.programmes.files.schema import IndicatorRead, Reading
from tracker.services.programme_documents.document import IndicatorText, show_tenths

MONTHS = 12
FULL = 1000  # tenths of a percent


def check_rules(reading: Reading) -> None:
    """Note every rule the list breaks. Fields that could not be read are compared with nothing."""
    _check_head(reading)
    for indicator in reading.indicators:
        for rule in INDICATOR_RULES:
            rule(indicator)
    _check_pledge_numbers(reading)
    _check_codes(reading)
    _check_parts(reading)
    _check_sources(reading)


def _check_head(reading: Reading) -> None:
    document, head = reading.document, reading.head
    if head.are_sound("due_day", "close_day") and (document.close_day or 31) < document.due_day:
        head.fault("close_day", Message("关闭日不能早于截止日 due_day"))


def _comparator(read: IndicatorRead) -> None:
    text = read.text
    if read.values.are_sound("kind", "comparator") and text.comparator not in KIND_COMPARATORS[text.kind]:
        said = {"kind": text.kind, "known": " ".join(sorted(KIND_COMPARATORS[text.kind]))}
        read.values.fault("comparator", Message("{kind} 的比较符只能是 {known}", said))


def _tolerance(read: IndicatorRead) -> None:
    if (
        read.values.has("tolerance_percent")
        and read.values.are_sound("comparator")
        and read.text.comparator is not Comparator.ABOUT
    ):
        read.values.fault("tolerance_percent", Message("只有比较符是“~”（左右）时才写容差"))


def _base(read: IndicatorRead) -> None:
    text, values = read.text, read.values
    if not values.are_sound("kind", "base"):
        return
    if text.base is not None and not text.kind.facts.has_base:
        values.fault("base", Message("只有存量（stock）和增幅（growth）有基数"))
    if text.kind is not Kind.STOCK:
        return
    if values.are_sound("target") and text.base is not None and text.base == text.target:
        values.fault("base", Message("目标不能等于基数"))
    for allocation in text.allocations:
        is_equal = allocation.base is not None and allocation.base == allocation.target
        if is_equal and values.are_sound("allocations"):
            values.fault_at("allocations", read.units[allocation.unit], Message("目标不能等于基数"))


def _milestone(read: IndicatorRead) -> None:
    text, values = read.text, read.values
    if text.kind not in (Kind.MILESTONE, Kind.NARRATIVE) or not values.are_sound("kind"):
        return
    allowed = (1, None) if text.kind is Kind.MILESTONE else (None,)
    message = (
        Message("里程碑的目标只能是 1 或 null")
        if 1 in allowed
        else Message("定性指标没有数字目标，请写 null")
    )
    if values.are_sound("target") and text.target not in allowed:
        values.fault("target", message)
    for allocation in text.allocations:
        if values.are_sound("allocations") and allocation.target not in allowed:
            values.fault_at("allocations", read.units[allocation.unit], message)


def _items(read: IndicatorRead) -> None:
    text, values = read.text, read.values
    if not values.are_sound("kind", "items"):
        return
    if text.items and text.kind is not Kind.CHECKLIST:
        values.fault("items", Message("只有清单类（checklist）指标才列名称"))
    if len(set(text.items)) < len(text.items):
        values.fault("items", Message("名称有重复"))


def _plan(read: IndicatorRead) -> None:
    plan, values = read.text.plan, read.values
    if plan is None or not values.are_sound("plan"):
        return
    if len(plan) != MONTHS:
        values.fault("plan", Message("要写 12 个月的累计百分数，现在有 {count} 个", {"count": len(plan)}))
    if any(earlier > later for earlier, later in pairwise(plan)):
        values.fault("plan", Message("累计百分数只能不变或增加"))
    if plan and plan[-1] != FULL:
        values.fault("plan", Message("最后一个月要到 100，现在是 {last}", {"last": show_tenths(plan[-1])}))


def _stages(read: IndicatorRead) -> None:
    stages, values = read.text.stages, read.values
    if not values.are_sound("stages"):
        return
    if any(earlier.until >= later.until for earlier, later in pairwise(stages)):
        values.fault("stages", Message("阶段要按时间先后排列，不能重复"))
    is_flow = values.are_sound("kind") and read.text.kind is Kind.FLOW
    if is_flow and any(earlier.target > later.target for earlier, later in pairwise(stages)):
        values.fault("stages", Message("阶段目标是从头累计的，只能不变或增加"))


def _measure(read: IndicatorRead) -> None:
    """Rates are worked out and shown in percent: another measure beside them would be wrong by its factor."""
    is_rate = read.values.are_sound("kind", "measure") and read.text.kind.facts.is_rate
    if is_rate and read.text.measure.strip() in PER_MILLE_MEASURES:
        read.values.fault("measure", Message("比率按百分数计：计量单位写 %，4.82‰ 写成 0.482"))


INDICATOR_RULES: Sequence[Callable[[IndicatorRead], None]] = (
    _comparator, _tolerance, _base, _milestone, _items, _plan, _stages, _measure,
)  # fmt: skip


def _check_pledge_numbers(reading: Reading) -> None:
    seen: set[int] = set()
    for pledge in reading.pledges:
        number = pledge.text.number
        if pledge.values.are_sound("number") and number in seen:
            pledge.values.fault("number", Message("实事项目 {number} 重复", {"number": number}))
        seen.add(number)


def _check_codes(reading: Reading) -> None:
    seen: set[str] = set()
    for read in reading.indicators:
        if read.values.are_sound("code") and read.text.code in seen:
            read.values.fault("code", Message("指标代码 {code} 重复", {"code": read.text.code}))
        seen.add(read.text.code)


def _check_sources(reading: Reading) -> None:
    """One list gets a figure from an indicator at most once."""
    for read in reading.indicators:
        lists = [key.partition("/")[0] for key in read.text.aligned]
        for key in sorted({key for key in lists if lists.count(key) > 1}):
            message = Message("同一份清单 {key} 只能对应一个指标", {"key": key})
            read.values.fault("aligned", message)


def _check_parts(reading: Reading) -> None:
    by_code = {read.text.code: read for read in reading.indicators}
    parts: dict[str, list[IndicatorRead]] = defaultdict(list)
    for read in reading.indicators:
        whole = read.text.part_of
        if whole is None or not read.values.are_sound("part_of"):
            continue
        if whole not in by_code:
            read.values.fault("part_of", Message("没有代码为 {code} 的指标", {"code": whole}))
        elif _is_inside_itself(read.text.code, by_code):
            read.values.fault("part_of", Message("“其中”关系绕回了自己"))
        else:
            parts[whole].append(read)
            _check_counted_once(read, by_code)
    for code, read in by_code.items():
        _check_whole(read, parts.get(code, []))


def _check_counted_once(part: IndicatorRead, by_code: Mapping[str, IndicatorRead]) -> None:
    """What a part counts is within its whole: both feeding one indicator would count it twice."""
    inside = part
    while (whole := by_code.get(inside.text.part_of or "")) is not None:
        for key in sorted({*part.text.aligned} & {*whole.text.aligned}):
            said = {"code": whole.text.code, "key": key}
            part.values.fault("aligned", Message("整体 {code} 已经对应 {key}，再对应会重复计算", said))
        inside = whole


def _is_inside_itself(code: str, by_code: Mapping[str, IndicatorRead]) -> bool:
    seen: set[str] = set()
    while code in by_code and code not in seen:
        seen.add(code)
        code = by_code[code].text.part_of or ""
    return code in seen


def _check_whole(whole: IndicatorRead, parts: Sequence[IndicatorRead]) -> None:
    values = whole.values
    if whole.text.parts_complete is None:
        return
    if not parts:
        values.fault("parts_complete", Message("没有指标以它为整体（part_of）"))
    elif whole.text.parts_complete and _are_alike(whole, parts):
        _check_sum(whole, "target", [part.text.target for part in parts], whole.text.target)
        _check_unit_sums(whole, parts)


def _are_alike(whole: IndicatorRead, parts: Sequence[IndicatorRead]) -> bool:
    """Parts that add up are counted like the whole."""
    is_alike = True
    for part in parts:
        fields = ("kind", "measure", "decimals")
        if not part.values.are_sound(*fields, "target") or not whole.values.are_sound(*fields, "target"):
            is_alike = False
        elif _counting(part.text) != _counting(whole.text):
            part.values.fault(
                "part_of", Message("类型、计量单位、小数位要与整体 {code} 相同", {"code": whole.text.code})
            )
            is_alike = False
    return is_alike and not (whole.text.kind.facts.is_rate or whole.text.kind is Kind.NARRATIVE)


def _counting(text: IndicatorText) -> tuple[Kind, str, int]:
    return text.kind, text.measure, text.decimals


def _check_sum(whole: IndicatorRead, name: str, parts: Sequence[int | None], total: int | None) -> None:
    known = [part for part in parts if part is not None]
    if total is None or len(known) < len(parts) or sum(known) == total:
        return
    places = whole.text.target_decimals
    said = {"parts": show_exact(sum(known), places), "total": show_exact(total, places)}
    whole.values.fault(name, Message("各部分目标之和 {parts} 不等于整体 {total}", said))


def _check_unit_sums(whole: IndicatorRead, parts: Sequence[IndicatorRead]) -> None:
    """The same holds for each unit that the whole and every part are allocated to."""
    if not all(read.values.are_sound("allocations") for read in (whole, *parts)):
        return
    shares = [{entry.unit: entry.target for entry in part.text.allocations} for part in parts]
    for entry in whole.text.allocations:
        targets = [share.get(entry.unit) for share in shares]
        if entry.target is None or None in targets:
            continue
        known = [target for target in targets if target is not None]
        if sum(known) != entry.target:
            places = whole.text.target_decimals
            said = {"parts": show_exact(sum(known), places), "total": show_exact(entry.target, places)}
            message = Message("各部分目标之和 {parts} 不等于整体 {total}", said)
            whole.values.fault_at("allocations", whole.units[entry.unit], message)
