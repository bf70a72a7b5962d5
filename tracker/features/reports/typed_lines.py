"""From what stands in a row's fields to the figure of a line, by the indicator's kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from tracker.domain.figures import LIMIT, UnreadableFigure, is_unknown, parse_figure, show_grouped
from tracker.domain.kinds import Judgement, Kind
from tracker.domain.messages import Fault, Message
from tracker.services.sheets import Row
from tracker.services.snapshots import LineContent

LONGEST_NOTE: Final = 2000
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class TypedLine(NamedTuple):
    """A row's fields as typed; what the kind has no field for stays blank."""

    value: str = ""
    cumulative: str = ""
    numerator: str = ""
    denominator: str = ""
    rate: str = ""
    done_on: str = ""
    is_not_done: bool = False
    items: tuple[str, ...] = ()
    item_count: str = ""
    judgement: str = ""
    is_unknown: bool = False
    note: str = ""


NUMBER_COLUMNS: Final = ("value", "cumulative", "numerator", "denominator", "rate", "item_count")
FIGURE_COLUMNS: Final = (*NUMBER_COLUMNS, "done_on", "is_not_done", "items", "judgement")


def field_name(code: str, column: str) -> str:
    """The name of a row's field on the sheet, which is also the place of its faults."""
    return f"line-{code}-{column}"


@dataclass(frozen=True, slots=True)
class LineReader:
    """One row being read; what is wrong with it goes to ``faults``."""

    row: Row
    typed: TypedLine
    faults: list[Fault]

    def refuse(self, column: str, message: Message) -> None:
        """Note down that a field is wrong."""
        self.faults.append(Fault(field_name(self.row.listed.rule.code, column), message))

    def figure(
        self, column: str, *, decimals: int | None = None, measure: str | None = None, signed: bool = False
    ) -> int | None:
        """A field as a scaled figure; None when blank, and when wrong, which is noted down."""
        text: str = getattr(self.typed, column)
        rule = self.row.listed.rule
        if not text:
            return None
        try:
            return parse_figure(
                text,
                decimals=rule.decimals if decimals is None else decimals,
                measure=measure or rule.measure,
                signed=signed,
            )
        except UnreadableFigure as refused:
            self.refuse(column, refused.message)
            return None


def read_typed(row: Row, typed: TypedLine, faults: list[Fault]) -> LineContent:
    """The line a row's fields state; everything wrong is added to ``faults``."""
    reader = LineReader(row, typed, faults)
    if len(typed.note) > LONGEST_NOTE:
        reader.refuse("note", Message("说明请不要超过 {length} 个字", {"length": LONGEST_NOTE}))
    if _says_unknown(typed):
        _refuse_figures_beside_unknown(reader)
        return LineContent(is_unknown=True, note=typed.note)
    return _READERS[row.kind](reader)._replace(note=typed.note)


def _says_unknown(typed: TypedLine) -> bool:
    return typed.is_unknown or any(is_unknown(getattr(typed, column)) for column in NUMBER_COLUMNS)


def _refuse_figures_beside_unknown(reader: LineReader) -> None:
    """Told once, at the first such field: of a flow the page fills the second by itself."""
    for column in FIGURE_COLUMNS:
        typed = getattr(reader.typed, column)
        if typed and not (isinstance(typed, str) and is_unknown(typed)):
            reader.refuse(column, Message("已标明“不详”，这里请留空；知道数字就取消“不详”"))
            return


def _read_flow(reader: LineReader) -> LineContent:
    value = reader.figure("value", signed=True)
    total = reader.figure("cumulative", signed=True)
    increment = value if total is None else _increment(reader, value, total)
    if increment is not None and abs(increment) >= LIMIT:
        reader.refuse("cumulative", Message("这个数太大了，请核对单位"))
        increment = None
    return LineContent(value=increment)


def _increment(reader: LineReader, value: int | None, total: int) -> int | None:
    """Of the two fields the one that was changed counts; both changed must agree."""
    row = reader.row
    before, stored = row.last_total, row.line.value
    is_total_kept = stored is not None and total == before + stored
    if is_total_kept or (value is not None and before + value == total):
        return value
    if value is None and not reader.typed.value:
        return total - before
    if value is not None and value != stored:
        decimals = row.listed.rule.decimals
        shown = {"sum": show_grouped(before + value, decimals), "total": show_grouped(total, decimals)}
        reader.refuse("cumulative", Message("上期累计加本期新增是 {sum}，与填的累计 {total} 对不上", shown))
    return total - before


def _read_level(reader: LineReader) -> LineContent:
    return LineContent(value=reader.figure("value"))


def _read_rate(reader: LineReader) -> LineContent:
    """Parts or a bare rate. Only growth may leave last year's part to the base."""
    row, typed = reader.row, reader.typed
    kind, rule = row.kind, row.listed.rule
    parts_measure = None if rule.measure in ("%", "％") else rule.measure
    numerator = reader.figure("numerator", measure=parts_measure)
    denominator = reader.figure("denominator", measure=parts_measure)
    rate = reader.figure("rate", decimals=rule.target_decimals, measure="%", signed=kind is Kind.GROWTH)
    if typed.rate and (typed.numerator or typed.denominator):
        reader.refuse("rate", Message("两个数和比率只填一种：有数就不用填比率"))
    if typed.denominator and not typed.numerator:
        reader.refuse("numerator", Message("这里也要填"))
    has_base = kind is Kind.GROWTH and row.target.base is not None
    if typed.numerator and not typed.denominator and not has_base:
        reader.refuse("denominator", Message("这里也要填"))
    return LineContent(numerator=numerator, denominator=denominator, rate=rate)


def _read_milestone(reader: LineReader) -> LineContent:
    typed = reader.typed
    if typed.is_not_done:
        if typed.done_on:
            reader.refuse("done_on", Message("填了完成日期，就不要勾选“尚未完成”"))
        return LineContent(value=0)
    return LineContent(done_on=_read_day(reader) if typed.done_on else None)


def _read_day(reader: LineReader) -> date | None:
    text, period = reader.typed.done_on, reader.row.period
    day = _day(text)
    if day is None:
        reader.refuse("done_on", Message("“{text}”不是日期，请写成 2018-06-20 这样", {"text": text[:20]}))
    elif day.year != period.year:
        reader.refuse("done_on", Message("完成日期应在 {year} 年内", {"year": period.year}))
    elif day > period.end.day(31):
        reader.refuse("done_on", Message("完成日期晚于本期最后一天"))
    return day


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _read_checklist(reader: LineReader) -> LineContent:
    """Names ticked, or how many; both must agree."""
    listed, ticked = reader.row.listed.items, reader.typed.items
    count = reader.figure("item_count", decimals=0)
    if any(name not in listed for name in ticked):
        reader.refuse("items", Message("清单里没有这一项，请刷新后再选"))
    if count is not None and listed and count > len(listed):
        reader.refuse("item_count", Message("清单只有 {number} 项", {"number": len(listed)}))
    if not ticked:
        return LineContent(value=count)
    if count is not None and count != len(ticked):
        reader.refuse("item_count", Message("勾选了 {number} 项，与填的项数不一致", {"number": len(ticked)}))
    done = tuple(name for name in listed if name in ticked)
    return LineContent(value=len(done), items_done=done)


def _read_narrative(reader: LineReader) -> LineContent:
    word = reader.typed.judgement
    if word and word not in set(Judgement):
        reader.refuse("judgement", Message("请从列表中选一个判断"))
        return LineContent()
    return LineContent(judgement=word or None)


_READERS: Final[Mapping[Kind, Callable[[LineReader], LineContent]]] = {
    Kind.FLOW: _read_flow,
    Kind.STOCK: _read_level,
    Kind.KEPT: _read_level,
    Kind.RATIO: _read_rate,
    Kind.GROWTH: _read_rate,
    Kind.MILESTONE: _read_milestone,
    Kind.CHECKLIST: _read_checklist,
    Kind.NARRATIVE: _read_narrative,
}
