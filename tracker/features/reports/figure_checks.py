"""Holding the rows of a figures file against the book: keys, kinds, duplicates and cumulatives, all faults at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tracker.domain.figures import LIMIT, show_exact
from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault, Message
from tracker.domain.periods import Period, UnreadablePeriod, closed_from
from tracker.features.reports.figure_book import FigureBook, UnitFacts
from tracker.features.reports.figure_files import FigureRow, place_of
from tracker.features.reports.figure_lines import (
    FALL_NEEDS_NOTE,
    IndicatorFacts,
    LineReading,
    RowReader,
    read_line,
)
from tracker.services.snapshots import LineContent


class Stream(NamedTuple):
    """One unit's account of one indicator."""

    org_unit_id: int
    indicator_id: int


class Stated(NamedTuple):
    """A row that was understood: whose figure of what and when, and what it says."""

    line: int
    unit: UnitFacts
    indicator: IndicatorFacts
    period: Period
    reading: LineReading

    @property
    def stream(self) -> Stream:
        return Stream(self.unit.id, self.indicator.id)

    @property
    def content(self) -> LineContent:
        return self.reading.content


Advance = Callable[[int], None]
"""Told how many more rows are done, for whoever shows progress."""

STEP = 1000


def check_rows(
    rows: Sequence[FigureRow], book: FigureBook, advance: Advance
) -> tuple[list[Stated], list[Fault]]:
    """Every row that can be understood, and everything wrong with the others."""
    faults: list[Fault] = []
    stated: list[Stated] = []
    first_lines: dict[tuple[str, str, str], int] = {}
    for number, row in enumerate(rows, 1):
        found = _check_row(row, book, faults)
        if found is not None:
            stated.append(found)
        _check_twice(row, first_lines, faults)
        if number % STEP == 0:
            advance(STEP)
    return stated, faults


def _check_twice(row: FigureRow, first_lines: dict[tuple[str, str, str], int], faults: list[Fault]) -> None:
    key = row[1:4]
    first = first_lines.setdefault(key, row.line)
    if first != row.line and all(key):
        message = Message("与第 {first} 行是同一单位、指标和报告期", {"first": first})
        faults.append(Fault(place_of(row.line, ""), message))


def _check_row(row: FigureRow, book: FigureBook, faults: list[Fault]) -> Stated | None:
    unit = book.units.get(row.org_unit)
    indicator = book.indicators.get(row.indicator)
    period = book.periods.get(row.period)
    if unit is None or indicator is None or period is None:
        faults += _key_faults(row, book)
        return None
    source = book.fed_by(unit, indicator.id)
    if source is not None:
        message = Message("这个单位的数由 {source} 报送，这里不再重复填报", {"source": source})
        faults.append(Fault(place_of(row.line, "indicator"), message))
        return None
    has_base = indicator.kind is Kind.GROWTH and book.has_base(unit.id, indicator.id)
    reading = read_line(RowReader(row, indicator, period, has_base, faults))
    return None if reading is None else Stated(row.line, unit, indicator, period, reading)


def _key_faults(row: FigureRow, book: FigureBook) -> Iterable[Fault]:
    """Which of a row's three keys are wrong, and how."""
    if row.org_unit not in book.units:
        yield Fault(place_of(row.line, "org_unit"), _unit_message(row.org_unit, book))
    if row.indicator not in book.indicators:
        yield Fault(place_of(row.line, "indicator"), _indicator_message(row.indicator, book))
    if row.period not in book.periods:
        yield Fault(place_of(row.line, "period"), _period_message(row.period, book))


def _unit_message(code: str, book: FigureBook) -> Message:
    if not code:
        return Message("没有填单位编码")
    if code in book.strangers:
        return Message(
            "单位 {code} 不在发布单位 {name} 之下", {"code": code, "name": book.head.publisher_name}
        )
    return Message("没有编码为 {code} 的单位", {"code": code})


def _indicator_message(code: str, book: FigureBook) -> Message:
    if not code:
        return Message("没有填指标编码")
    if code in book.dropped:
        return Message("指标 {code} 已从清单中撤下", {"code": code})
    return Message("清单 {key} 没有指标 {code}", {"key": book.head.key, "code": code})


def _period_message(text: str, book: FigureBook) -> Message:
    first, *_, last = [*book.periods, *book.periods]
    try:
        Period.parse(text)
    except UnreadablePeriod as refused:
        return refused.message
    return Message(
        "“{text}”不是这份清单的报告期，应为 {first} 至 {last}", {"text": text, "first": first, "last": last}
    )


def check_closed(stated: Sequence[Stated], close_day: int | None, calendar_now: datetime) -> list[Fault]:
    """One fault for each period that is still open, at its first row."""
    first_lines: dict[Period, int] = {}
    for one in stated:
        first_lines.setdefault(one.period, one.line)
    faults: list[Fault] = []
    for period, line in first_lines.items():
        closed = closed_from(period, close_day)
        if closed is None or calendar_now < closed:
            message = Message(
                "报告期 {period} 还没有关闭，应由各单位填报；确是补录历史数据，请加 --history",
                {"period": period.key},
            )
            faults.append(Fault(place_of(line, "period"), message))
    return faults


def has_cumulative(stated: Iterable[Stated]) -> bool:
    """Whether some row states what was reached to date, so that earlier months matter."""
    return any(one.reading.cumulative is not None for one in stated)


def agree_cumulatives(
    stated: Sequence[Stated], accepted: Mapping[Stream, Mapping[int, int | None]]
) -> tuple[list[Stated], list[Fault]]:
    """The rows with every cumulative turned into the increment of its period, and what does not agree.

    ``accepted`` gives month → increment as accepted so far; rows of the file take their months' places.
    A period whose number is unknown adds nothing.
    """
    with_totals = {one.stream for one in stated if one.reading.cumulative is not None}
    streams: dict[Stream, list[Stated]] = defaultdict(list)
    settled: list[Stated] = []
    for one in stated:
        (streams[one.stream] if one.stream in with_totals else settled).append(one)
    faults: list[Fault] = []
    for stream, rows in streams.items():
        settled += _agree_stream(rows, accepted.get(stream, {}), faults)
    return sorted(settled, key=_line_of), faults


def _line_of(one: Stated) -> int:
    return one.line


def _agree_stream(
    rows: Sequence[Stated], accepted: Mapping[int, int | None], faults: list[Fault]
) -> list[Stated]:
    increments = dict(accepted)
    settled: list[Stated] = []
    for one in sorted(rows, key=lambda row: row.period.last_month):
        month = one.period.last_month
        before = sum(amount or 0 for earlier, amount in increments.items() if earlier < month)
        settled.append(_agree_row(one, before, faults))
        increments[month] = settled[-1].content.value
    return settled


def _agree_row(one: Stated, before: int, faults: list[Fault]) -> Stated:
    content, cumulative = one.reading
    if cumulative is None:
        return one
    increment, decimals = cumulative - before, one.indicator.decimals
    if abs(increment) >= LIMIT:
        faults.append(Fault(place_of(one.line, "cumulative"), Message("折算的本期数太大，请核对单位")))
    elif content.value is not None and content.value != increment:
        message = Message(
            "累计 {cumulative} 减去此前 {before} 是 {increment}，与本期 {value} 不一致",
            {
                "cumulative": show_exact(cumulative, decimals),
                "before": show_exact(before, decimals),
                "increment": show_exact(increment, decimals),
                "value": show_exact(content.value, decimals),
            },
        )
        faults.append(Fault(place_of(one.line, "cumulative"), message))
    elif increment < 0 and content.value is None and not content.note:
        faults.append(Fault(place_of(one.line, "note"), FALL_NEEDS_NOTE))
    return one._replace(reading=LineReading(content._replace(value=increment)))
