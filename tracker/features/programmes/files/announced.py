"""How lists announce a target and how a file carries it: what to write where the words were typed into the number."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tracker.domain.figures import UnreadableFigure, parse_figure, show_exact
from tracker.domain.kinds import Comparator
from tracker.features.programmes.files.scalars import UnreadableValue

RANGE: Final = re.compile(r"\d\D{0,8}?(?:-|－|—|–|~|～|至|到) ?\d")
ROUND: Final = re.compile(r"(?P<digit>[十百千])?(?P<scale>万?亿?)(?P<rest>\D{0,20})")
ROUND_DIGITS: Final = {None: "1", "十": "10", "百": "100", "千": "1000"}
PERMILLE: Final = re.compile(r"(?P<number>\D{0,8}[0-9.]+) ?‰\D{0,8}")
PER_MILLE_MEASURES: Final = frozenset({"‰", "千分比", "千分率", "个千分点"})
EACH: Final = re.compile("每|人均|户均|平均")
ALL_OF_THEM: Final = re.compile("全覆盖|全部|全面|所有")
LEADING: Final = re.compile("^(?:力争|确保|完成|新增|新建|组织|达到|达|保持在|保持)+")
NO_NUMBER: Final = re.compile(r"前列|领先|一流|先进|明显|显著|大幅|应.尽.|愿.尽.")
WORDINGS: Final = (
    # the first that is there counts: 不超过 is no 超过
    (re.compile("不超过|不高于|不多于|不大于|控制在|以内|以下|≤"), Comparator.AT_MOST),
    (re.compile("不少于|不低于|不小于|以上|至少|≥"), Comparator.AT_LEAST),
    (re.compile("低于|少于|小于|不足|不到|<|＜"), Comparator.UNDER),
    (re.compile(r"突破|超过|超|大于|逾|余|多|>|＞|\+"), Comparator.OVER),
    (re.compile("左右|上下|大约|约|接近|近|≈|~|～"), Comparator.ABOUT),
)
"""Words beside a number → the comparator that says the same."""


def announced(decimals: int, *, measure: str, signed: bool) -> Callable[[str], int]:
    """A parser for the target of a pledge; words around the number are refused with what to write instead of them."""

    def number(text: str) -> int:
        return parse_figure(text, decimals=decimals, measure=measure or None, signed=signed)

    def parse(text: str) -> int:
        try:
            return number(text)
        except UnreadableFigure as refused:
            raise _advice(text.strip()[:60], number) or refused from refused

    return parse


def _advice(text: str, number: Callable[[str], int]) -> UnreadableValue | None:
    """What to do about the words in a text that is no number; None where the number itself is at fault."""
    if "‰" in text:
        return _permille(text)
    if EACH.search(text):
        return UnreadableValue("目标是全年的总数：“{text}”先算成总数再写，原话写进统计口径", text=text)
    if RANGE.search(text):
        return UnreadableValue("“{text}”是一个范围：目标只写下限，比较符写“>=”，原话写进统计口径", text=text)
    if NO_NUMBER.search(text):
        return UnreadableValue(
            "“{text}”没有数：类型写 narrative（定性），目标写 null，原话写进统计口径", text=text
        )
    return _everything(text) or _wording(text, number) or _round_number(text, number)


def _permille(text: str) -> UnreadableValue | None:
    found = PERMILLE.fullmatch(text)
    if found is None:
        return None
    digits = re.sub("[^0-9.]", "", found["number"])
    try:
        percent = show_exact(parse_figure(digits, decimals=3), 4).rstrip("0")
    except UnreadableFigure:
        return None
    return UnreadableValue(
        "比率按百分数写：“{text}”写成 {percent}，小数位（decimals）要够", text=text, percent=percent
    )


def _everything(text: str) -> UnreadableValue | None:
    if not ALL_OF_THEM.search(text):
        return None
    return UnreadableValue(
        "“{text}”：类型写 checklist，在 items 列出名称，目标写 null；说不出名称就写 ratio，目标 100%",
        text=text,
    )


def _wording(text: str, number: Callable[[str], int]) -> UnreadableValue | None:
    """A number with 以上, 左右 or the like, or with 力争: the number alone, and where the word goes."""
    bare = LEADING.sub("", text).strip()
    for words, comparator in WORDINGS:
        if words.search(bare) is None:
            continue
        rest = words.sub("", bare).strip()
        if _reads(rest, number):
            said = {"text": text, "number": rest, "comparator": comparator.value}
            return UnreadableValue("“{text}”是约数：目标只写 {number}，比较符写“{comparator}”", **said)
    if bare == text or not _reads(bare, number):
        return None
    said = {"text": text, "number": bare}
    if "力争" in text:
        return UnreadableValue("“{text}”的目标只写 {number}，“力争”写成 aspiration: true", **said)
    return UnreadableValue("“{text}”请用数字写：{number}", **said)


def _round_number(text: str, number: Callable[[str], int]) -> UnreadableValue | None:
    """千万人次 or 百场: a number written in words."""
    found = ROUND.fullmatch(text)
    if found is None or not (found["digit"] or found["scale"]):
        return None
    digits = ROUND_DIGITS[found["digit"]] + found["scale"] + found["rest"]
    if not _reads(digits, number):
        return None
    return UnreadableValue("“{text}”请用数字写：{number}", text=text, number=digits)


def _reads(text: str, number: Callable[[str], int]) -> bool:
    try:
        number(text)
    except UnreadableFigure:
        return False
    return True
