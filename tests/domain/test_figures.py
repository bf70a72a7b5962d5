"""Figures are read exactly or refused, and shown exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.figures import (
    LIMIT,
    EmptyFigure,
    FigureOutOfRange,
    RoughFigure,
    TooManyDecimals,
    UnreadableFigure,
    is_unknown,
    parse_figure,
    round_half_away,
    show_compact,
    show_exact,
    show_grouped,
    show_percent,
)

figures = st.integers(-LIMIT + 1, LIMIT - 1)
places = st.integers(0, 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("007", 7),
        ("+5", 5),
        ("2219", 2219),
        ("1520000.0", 1_520_000),
        ("1,520,000", 1_520_000),
        ("1，520，000", 1_520_000),
        ("1 520 000", 1_520_000),
        ("1\u00a0520\u202f000", 1_520_000),
        ("１５２００００", 1_520_000),
        ("１．２５万", 12_500),
        ("150万", 1_500_000),
        ("1.25万", 12_500),
        ("39.5万", 395_000),
        ("39亿", 3_900_000_000),
        ("1.5万亿", 1_500_000_000_000),
        (" 48 万 ", 480_000),
        ("\u3000152万", 1_520_000),
        ("1,234.5万", 12_345_000),
    ],
)
def test_reads_what_people_type(text: str, value: int) -> None:
    assert parse_figure(text, decimals=0) == value


@pytest.mark.parametrize(
    ("text", "measure", "value"),
    [
        ("39亿元", "元", 3_900_000_000),
        ("39亿 元", "元", 3_900_000_000),
        ("152万人次", "人次", 1_520_000),
        ("152万人次", "万人次", 152),
        ("152", "万人次", 152),
        ("85％", "%", 85),
        ("85%", "％", 85),
        ("2219", "人", 2219),
        ("12约谈", "约谈", 12),
    ],
)
def test_drops_the_measure_of_the_indicator(text: str, measure: str, value: int) -> None:
    assert parse_figure(text, decimals=0, measure=measure) == value


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("152万人", "人次"),
        ("152人次", "人"),
        ("5万元", "人"),
        ("元", "元"),
        ("152人次", "万人次"),
        ("152人次", None),
    ],
)
def test_refuses_another_measure(text: str, measure: str | None) -> None:
    with pytest.raises(UnreadableFigure):
        parse_figure(text, decimals=0, measure=measure)


@pytest.mark.parametrize("text", ["152万", "1亿", "39亿万人次"])
def test_refuses_ten_thousands_of_ten_thousands(text: str) -> None:
    with pytest.raises(UnreadableFigure, match="重复"):
        parse_figure(text, decimals=0, measure="万人次")


@pytest.mark.parametrize(
    "text",
    [
        "150余",
        "150多",
        "超150万",
        "近150万",
        "约150",
        "150万余人",
        "100+",
        "≥100",
        "150左右",
        "150以上",
        "逾9万",
    ],
)
def test_refuses_a_rough_number_and_asks_for_the_exact_one(text: str) -> None:
    with pytest.raises(RoughFigure, match="准确数"):
        parse_figure(text, decimals=0)


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u00a0"])
def test_refuses_blank_because_blank_is_not_zero(text: str) -> None:
    with pytest.raises(EmptyFigure):
        parse_figure(text, decimals=0)


@pytest.mark.parametrize(
    ("text", "decimals"), [("0.5", 0), ("1.25", 1), ("1.00001", 4), ("1.23456万", 0), ("0.00001万", 0)]
)
def test_refuses_more_decimals_and_never_rounds(text: str, decimals: int) -> None:
    with pytest.raises(TooManyDecimals):
        parse_figure(text, decimals=decimals)


def test_takes_decimals_that_fit() -> None:
    assert parse_figure("1.2345", decimals=4) == 12345
    assert parse_figure("1.50", decimals=1) == 15
    assert parse_figure("1.23456万", decimals=1) == 123_456


@pytest.mark.parametrize(
    "text",
    [
        "1,52",
        "1,5200",
        "1520,000",
        ",520",
        "520,",
        "1,520 000",
        "1,,520",
        "1.2.3",
        ".5",
        "5.",
        "1,520000",
        "1 52",
    ],
)
def test_refuses_digits_grouped_wrongly(text: str) -> None:
    with pytest.raises(UnreadableFigure, match="千分位"):
        parse_figure(text, decimals=2)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1e5",
        "0x10",
        "1_000",
        "一百",
        "3千",
        "1亿2000万",
        "万",
        "--5",
        "1万万",
        "٣",
        "½",
        "NaN",
        "=1+1",
    ],
)
def test_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(UnreadableFigure):
        parse_figure(text, decimals=4, signed=True)


@pytest.mark.parametrize("text", ["-5", "−5", "－５", "- 5"])
def test_reads_a_negative_figure_only_where_it_is_expected(text: str) -> None:
    assert parse_figure(text, decimals=0, signed=True) == -5
    with pytest.raises(FigureOutOfRange):
        parse_figure(text, decimals=0)


@pytest.mark.parametrize("sign", ["", "-"])
def test_keeps_below_the_limit(sign: str) -> None:
    assert abs(parse_figure(f"{sign}{LIMIT - 1}", decimals=0, signed=True)) == LIMIT - 1
    for text, decimals in (
        (f"{sign}{LIMIT}", 0),
        (f"{sign}{LIMIT // 10}", 1),
        (f"{sign}1000万亿", 0),
        ("9" * 999, 0),
    ):
        with pytest.raises(FigureOutOfRange):
            parse_figure(text, decimals=decimals, signed=True)


def test_reads_no_more_than_a_line_of_text() -> None:
    assert parse_figure("5".zfill(64), decimals=0) == 5
    with pytest.raises(FigureOutOfRange, match="太长"):
        parse_figure("5".zfill(65), decimals=0)


@pytest.mark.parametrize(("text", "answer"), [("不详", True), (" Unknown ", True), ("", False), ("0", False)])
def test_tells_unknown_from_blank_and_zero(text: str, answer: bool) -> None:
    assert is_unknown(text) is answer


@given(figures, places)
def test_reads_back_every_figure_it_shows(value: int, decimals: int) -> None:
    for show in (show_exact, show_grouped, show_compact):
        assert parse_figure(show(value, decimals), decimals=decimals, signed=True) == value


@given(st.text(max_size=12), places)
def test_answers_any_text_with_a_figure_or_a_refusal(text: str, decimals: int) -> None:
    assert abs(read_or_zero(text, decimals)) < LIMIT


def read_or_zero(text: str, decimals: int) -> int:
    """The figure, or 0 for a refusal, which is the only exception that may come."""
    try:
        return parse_figure(text, decimals=decimals, signed=True)
    except UnreadableFigure:
        return 0


@pytest.mark.parametrize(
    ("value", "decimals", "exact", "grouped", "compact"),
    [
        (0, 0, "0", "0", "0"),
        (1_520_000, 0, "1520000", "1,520,000", "152万"),
        (395_000, 0, "395000", "395,000", "39.5万"),
        (12_500, 0, "12500", "12,500", "1.25万"),
        (3_900_000_000, 0, "3900000000", "3,900,000,000", "39亿"),
        (2219, 0, "2219", "2,219", "2,219"),
        (9_999, 0, "9999", "9,999", "9,999"),
        (10_000, 0, "10000", "10,000", "1万"),
        (100_000_000, 0, "100000000", "100,000,000", "1亿"),
        (123_456_789, 0, "123456789", "123,456,789", "12345.6789万"),
        (-1_520_000, 0, "-1520000", "−1,520,000", "−152万"),
        (-5, 2, "-0.05", "−0.05", "−0.05"),
        (1_234_567, 2, "12345.67", "12,345.67", "12,345.67"),
        (1_250_000, 2, "12500.00", "12,500.00", "1.25万"),
        (820, 1, "82.0", "82.0", "82.0"),
    ],
)
def test_shows_a_figure_in_three_exact_ways(
    value: int, decimals: int, exact: str, grouped: str, compact: str
) -> None:
    shown = show_exact(value, decimals), show_grouped(value, decimals), show_compact(value, decimals)
    assert shown == (exact, grouped, compact)


def test_shows_percents_with_one_place() -> None:
    assert [show_percent(tenths) for tenths in (1013, 0, -3, -32, 9617)] == [
        "101.3",
        "0.0",
        "-0.3",
        "-3.2",
        "961.7",
    ]


@given(st.integers(), st.integers().filter(bool))
def test_rounds_to_the_nearest_with_halves_away_from_zero(numerator: int, denominator: int) -> None:
    exact, rounded = Fraction(numerator, denominator), round_half_away(numerator, denominator)
    assert abs(exact - rounded) <= Fraction(1, 2)
    if abs(exact - rounded) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)
