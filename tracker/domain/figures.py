"""Figures as scaled integers: reading what people type and showing it, exactly or not at all."""

from __future__ import annotations

import re
from typing import Self

from tracker.domain.messages import Refusal

LIMIT = 10**15
"""Every stored figure is smaller than this, scaled, in absolute value."""

UNKNOWN_WORDS = frozenset({"不详", "unknown"})
"""What stands for "reported, number unknown"."""

LONGEST_TEXT = 64
MINUS = "−"

_HALF_WIDTH = str.maketrans(
    "０１２３４５６７８９＋－−﹣，．％（）　\u00a0\u2007\u2009\u202f",
    "0123456789+---,.%()     ",
)
_SCALES = {"": 0, "万": 4, "亿": 8, "万亿": 12}
_NUMBER = re.compile(
    r"(?P<sign>[+-]?) *(?P<whole>[0-9]+|[0-9]{1,3}(?P<mark>[, ])[0-9]{3}(?:(?P=mark)[0-9]{3})*)"
    r"(?:\.(?P<fraction>[0-9]+))? *(?P<scale>万亿|[万亿]?)"
)
_ROUGH_WORDS = (
    "余",
    "多",
    "超",
    "近",
    "约",
    "逾",
    "几",
    "左右",
    "以上",
    "以下",
    "以内",
    "不足",
    "不少于",
)
_ROUGH_SIGNS = frozenset("><≥≤~～≈＞＜")


class UnreadableFigure(Refusal):
    """The text is no figure; the message says how to write it."""


class EmptyFigure(UnreadableFigure):
    """There is no text: not reported is not zero."""


class RoughFigure(UnreadableFigure):
    """The text gives an approximate number."""


class TooManyDecimals(UnreadableFigure):
    """The number is finer than the indicator counts; it is never rounded."""


class FigureOutOfRange(UnreadableFigure):
    """The number is too large, or negative where it must not be."""


def is_unknown(text: str) -> bool:
    """Whether the text says that the number is not known (不详), which is not the same as blank or 0."""
    return text.translate(_HALF_WIDTH).strip().casefold() in UNKNOWN_WORDS


class Amount(str):
    """An amount with its measure as Chinese prose writes it; ``plain`` is the same in digits, for other languages."""

    __slots__ = ("plain",)
    plain: str

    def __new__(cls, text: str, plain: str) -> Self:
        """152万人次 with 1,520,000 人次."""
        made = super().__new__(cls, text)
        made.plain = plain
        return made

    def after(self, sign: str) -> Amount:
        """With a sign before it: ≥ 152万人次."""
        return Amount(sign + self, sign + self.plain)


def parse_figure(text: str, *, decimals: int, measure: str | None = None, signed: bool = False) -> int:
    """Read a number typed by a person into an integer scaled by ``decimals``.

    Understands full-width digits and signs, thousands grouped by comma or space, 万, 亿 and 万亿,
    and drops a trailing ``measure``. Never rounds and never guesses.

    Raises:
        EmptyFigure, RoughFigure, TooManyDecimals, FigureOutOfRange: what their names say.
        UnreadableFigure: everything else, and their common parent.
    """
    bare = _without_measure(text, measure)
    found = _NUMBER.fullmatch(bare)
    if found is None:
        raise _refusal_for(text, bare)
    if found["scale"] and measure is not None and measure[:1] in ("万", "亿"):
        raise UnreadableFigure(
            "“{text}”里的“{scale}”与计量单位“{measure}”重复，请只填以“{measure}”计的数",
            text=text,
            scale=found["scale"],
            measure=measure,
        )
    value = _scaled(found, text=text, decimals=decimals)
    if value < 0 and not signed:
        raise FigureOutOfRange("“{text}”是负数，这里只能填零或正数", text=text)
    return value


def _without_measure(text: str, measure: str | None) -> str:
    bare = text.translate(_HALF_WIDTH).strip()
    if not bare:
        raise EmptyFigure("请填一个数；没有就填 0，不知道就填“不详”")
    if len(bare) > LONGEST_TEXT:
        raise FigureOutOfRange("填的内容太长，请只填一个数")
    ending = measure.translate(_HALF_WIDTH).strip() if measure else ""
    return bare.removesuffix(ending).rstrip() if ending else bare


def _refusal_for(text: str, bare: str) -> UnreadableFigure:
    if any(word in bare for word in _ROUGH_WORDS) or _ROUGH_SIGNS & set(bare) or bare.endswith("+"):
        return RoughFigure("“{text}”是约数，请填准确数，例如 1523 或 1.25万", text=text)
    if re.fullmatch(r"[0-9., ]+", bare):
        return UnreadableFigure("“{text}”的分隔符位置不对，千分位每三位一节，例如 1,520,000", text=text)
    return UnreadableFigure("“{text}”不是一个数，请写成 1520000、152万 或 1.25亿 这样", text=text)


def _scaled(found: re.Match[str], *, text: str, decimals: int) -> int:
    fraction = (found["fraction"] or "").rstrip("0")
    digits = re.sub("[, ]", "", found["whole"]) + fraction
    shift = _SCALES[found["scale"]] + decimals - len(fraction)
    if shift < 0:
        if decimals:
            raise TooManyDecimals("“{text}”的小数太多，最多 {decimals} 位", text=text, decimals=decimals)
        raise TooManyDecimals("“{text}”有小数，这里要填整数", text=text)
    value: int = int(digits) * 10**shift
    if value >= LIMIT:
        raise FigureOutOfRange("“{text}”太大了，请核对单位", text=text)
    return -value if found["sign"] == "-" else value


def show_exact(value: int, decimals: int) -> str:
    """The number with a point and exactly ``decimals`` places, for files and programs: ``-1520000.50``."""
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), 10**decimals)
    return f"{sign}{whole}.{fraction:0{decimals}d}" if decimals else f"{sign}{whole}"


def show_grouped(value: int, decimals: int) -> str:
    """The number for tables, with thousands and a true minus sign: ``−1,520,000.50``."""
    whole, _, fraction = show_exact(abs(value), decimals).partition(".")
    return f"{MINUS if value < 0 else ''}{int(whole):,}{'.' if fraction else ''}{fraction}"


def show_compact(value: int, decimals: int) -> str:
    """The number for prose, in 万 or 亿 with at most four places, and only where that is exact.

    39亿, 152万, 1.25万, 12345.6789万; otherwise, and below 10,000, thousands are grouped: 2,219.
    """
    for unit, power in (("亿", 8), ("万", 4)):
        if abs(value) < 10 ** (power + decimals):
            continue
        shown = _shown_in(abs(value), power + decimals)
        if shown is not None:
            return f"{MINUS if value < 0 else ''}{shown}{unit}"
    return show_grouped(value, decimals)


def _shown_in(size: int, places: int) -> str | None:
    whole, rest = divmod(size, 10**places)
    fraction = f"{rest:0{places}d}".rstrip("0")
    if len(fraction) > 4:
        return None
    return f"{whole}.{fraction}" if fraction else str(whole)


def show_percent(tenths: int) -> str:
    """Tenths of a percent (or of a point) with one place: 1013 gives ``101.3``, -32 gives ``-3.2``."""
    return show_exact(tenths, 1)


def round_half_away(numerator: int, denominator: int) -> int:
    """The whole number nearest to numerator ÷ denominator (not 0), halves away from zero."""
    size = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return size if (numerator < 0) == (denominator < 0) else -size
