"""From the cells of one row to the figure of a line, by the indicator's kind (document 3.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from tracker.domain.figures import UnreadableFigure, is_unknown, parse_figure
from tracker.domain.kinds import Judgement, Kind, target_decimals
from tracker.domain.messages import Fault, Message
from tracker.domain.periods import Period
from tracker.features.reports.figure_files import FIGURE_COLUMNS, FigureRow, place_of
from tracker.services.snapshots import LineContent

LONGEST_NOTE: Final = 2000
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SEPARATORS: Final = re.compile(r"[；;]")


class IndicatorFacts(NamedTuple):
    """An indicator as the rows of a file need it."""

    id: int
    pledge_id: int
    code: str
    kind: Kind
    decimals: int
    measure: str
    items: tuple[str, ...]


class LineReading(NamedTuple):
    """What a row states; ``cumulative`` (flows) still has to be held against what came before."""

    content: LineContent
    cumulative: int | None = None


@dataclass(frozen=True, slots=True)
class RowReader:
    """One row being read; what is wrong with it goes to ``faults``."""

    row: FigureRow
    indicator: IndicatorFacts
    period: Period
    has_base: bool
    faults: list[Fault]

    def refuse(self, column: str, message: Message) -> None:
        """Note down that a cell is wrong."""
        self.faults.append(Fault(place_of(self.row.line, column), message))

    def text(self, column: str) -> str:
        """The cell, "" when blank."""
        found: str = getattr(self.row, column)
        return found

    def figure(
        self, column: str, *, decimals: int, measure: str | None = None, signed: bool = False
    ) -> int | None:
        """The cell as a scaled figure; None when blank, and when wrong, which is noted down."""
        text = self.text(column)
        if not text:
            return None
        try:
            return parse_figure(text, decimals=decimals, measure=measure, signed=signed)
        except UnreadableFigure as refused:
            self.refuse(column, refused.message)
            return None


def read_line(reader: RowReader) -> LineReading | None:
    """The figure of a row with at least one figure cell; None when something in it is wrong."""
    known = len(reader.faults)
    _check_cells(reader)
    if len(reader.faults) > known:
        return None
    if is_unknown(reader.row.value):
        reading = LineReading(LineContent(is_unknown=True))
    else:
        reading = _READERS[reader.indicator.kind](reader)
    if len(reader.faults) > known:
        return None
    return _with_note(reading, reader.row.note)


def _with_note(reading: LineReading, note: str) -> LineReading:
    return reading._replace(content=reading.content._replace(note=note)) if note else reading


def _check_cells(reader: RowReader) -> None:
    """Only the columns of the kind may be filled; 不详 stands alone, and in ``value``."""
    row, wanted = reader.row, KIND_COLUMNS[reader.indicator.kind]
    says_unknown = is_unknown(row.value)
    for column in FIGURE_COLUMNS:
        text = reader.text(column)
        if not text or (column == "value" and says_unknown):
            continue
        if says_unknown:
            reader.refuse(column, Message("value 已填“不详”，这一列应为空"))
        elif is_unknown(text):
            reader.refuse(column, Message("数字不详时，请把“不详”填在 value 列，其他列留空"))
        elif column not in wanted:
            reader.refuse(column, _wrong_column(reader.indicator, wanted))
    if len(row.note) > LONGEST_NOTE:
        reader.refuse("note", Message("说明超过 {length} 个字", {"length": LONGEST_NOTE}))


def _wrong_column(indicator: IndicatorFacts, wanted: tuple[str, ...]) -> Message:
    return Message(
        "指标“{code}”不填这一列，应填 {columns}", {"code": indicator.code, "columns": "、".join(wanted)}
    )


def _read_flow(reader: RowReader) -> LineReading:
    indicator = reader.indicator
    value = reader.figure("value", decimals=indicator.decimals, measure=indicator.measure, signed=True)
    total = reader.figure("cumulative", decimals=indicator.decimals, measure=indicator.measure, signed=True)
    if value is not None and value < 0 and not reader.row.note:
        reader.refuse("note", FALL_NEEDS_NOTE)
    return LineReading(LineContent(value=value), cumulative=total)


FALL_NEEDS_NOTE: Final = Message("本期为负（核减），请在 note 列写明原因")


def _read_level(reader: RowReader) -> LineReading:
    indicator = reader.indicator
    value = reader.figure("value", decimals=indicator.decimals, measure=indicator.measure)
    return LineReading(LineContent(value=value))


def _read_rate(reader: RowReader) -> LineReading:
    """Parts or a bare rate. Only growth may leave last year's part to the base."""
    row, kind, decimals = reader.row, reader.indicator.kind, reader.indicator.decimals
    if row.value:
        if row.numerator or row.denominator:
            reader.refuse("value", Message("分子、分母与比率只填一种：填了分子分母，value 应为空"))
        places = target_decimals(kind, decimals)
        rate = reader.figure("value", decimals=places, measure="%", signed=kind is Kind.GROWTH)
        return LineReading(LineContent(rate=rate))
    if not row.numerator:
        reader.refuse("numerator", Message("填了 denominator，还要填 numerator"))
    if not row.denominator and not (kind is Kind.GROWTH and reader.has_base):
        reader.refuse("denominator", _missing_part(kind))
    numerator = reader.figure("numerator", decimals=decimals, measure=_part_measure(reader.indicator))
    denominator = reader.figure("denominator", decimals=decimals, measure=_part_measure(reader.indicator))
    return LineReading(LineContent(numerator=numerator, denominator=denominator))


def _missing_part(kind: Kind) -> Message:
    if kind is Kind.GROWTH:
        return Message("没有上年基数，请在 denominator 列填上年同期数")
    return Message("填了 numerator，还要填 denominator")


def _part_measure(indicator: IndicatorFacts) -> str | None:
    """A rate's parts are counts: only the rate itself may end in a percent sign."""
    return None if indicator.measure in ("%", "％") else indicator.measure


def _read_milestone(reader: RowReader) -> LineReading:
    row = reader.row
    value = reader.figure("value", decimals=0, measure=reader.indicator.measure)
    if value not in (None, 0):
        reader.refuse("value", Message("完成的，请在 done_on 列填完成日期；还没有完成的，value 填 0"))
    if row.value and row.done_on:
        reader.refuse("value", Message("填了完成日期，value 应为空"))
    return LineReading(LineContent(value=value, done_on=_read_day(reader) if row.done_on else None))


def _read_day(reader: RowReader) -> date | None:
    text, period = reader.row.done_on, reader.period
    day = _day(text)
    if day is None:
        reader.refuse("done_on", Message("“{text}”不是日期，请写成 2018-06-20 这样", {"text": text}))
    elif day.year != period.year:
        reader.refuse("done_on", Message("完成日期应在 {year} 年内", {"year": period.year}))
    elif day > period.end.day(31):
        reader.refuse("done_on", Message("完成日期晚于报告期 {period} 的最后一天", {"period": period.key}))
    return day


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _read_checklist(reader: RowReader) -> LineReading:
    """Names of items, or how many: a single cell that names no item is read as a count."""
    text, items = reader.row.items_done, reader.indicator.items
    names = [name.strip() for name in _SEPARATORS.split(text) if name.strip()]
    if len(names) != 1 or names[0] in items or not _begins_like_number(names[0]):
        return _read_names(reader, names)
    count = reader.figure("items_done", decimals=0, measure=reader.indicator.measure)
    if count is not None and items and count > len(items):
        reader.refuse("items_done", Message("清单只有 {number} 项", {"number": len(items)}))
    return LineReading(LineContent(value=count))


def _begins_like_number(text: str) -> bool:
    return text[0].isdecimal() or text[0] in "+-－−"


def _read_names(reader: RowReader, names: list[str]) -> LineReading:
    items = reader.indicator.items
    if not items:
        reader.refuse("items_done", Message("这项指标没有列出清单，请填完成的项数"))
    for name in dict.fromkeys(names):
        if items and name not in items:
            reader.refuse("items_done", Message("清单里没有“{name}”", {"name": name}))
        if names.count(name) > 1:
            reader.refuse("items_done", Message("“{name}”写了两次", {"name": name}))
    if not names:
        reader.refuse("items_done", Message("请填完成的项目名称，用分号隔开；一项都没有完成就填 0"))
    done = tuple(item for item in items if item in names)
    return LineReading(LineContent(value=len(done), items_done=done))


def _read_narrative(reader: RowReader) -> LineReading:
    word = reader.row.value
    if word not in _JUDGEMENTS:
        known = "、".join(_JUDGEMENTS)
        reader.refuse("value", Message("“{word}”不是评价，请填 {known} 之一", {"word": word, "known": known}))
    return LineReading(LineContent(judgement=word))


_JUDGEMENTS: Final = tuple(str(word) for word in Judgement)

KIND_COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.FLOW:      ("value", "cumulative"),
    Kind.STOCK:     ("value",),
    Kind.KEPT:      ("value",),
    Kind.RATIO:     ("value", "numerator", "denominator"),
    Kind.GROWTH:    ("value", "numerator", "denominator"),
    Kind.MILESTONE: ("value", "done_on"),
    Kind.CHECKLIST: ("items_done",),
    Kind.NARRATIVE: ("value",),
}  # fmt: skip
"""Which figure columns a row of each kind may fill; ``value`` takes 不详 for every kind."""

_READERS: Final[Mapping[Kind, Callable[[RowReader], LineReading]]] = {
    Kind.FLOW: _read_flow,
    Kind.STOCK: _read_level,
    Kind.KEPT: _read_level,
    Kind.RATIO: _read_rate,
    Kind.GROWTH: _read_rate,
    Kind.MILESTONE: _read_milestone,
    Kind.CHECKLIST: _read_checklist,
    Kind.NARRATIVE: _read_narrative,
}
