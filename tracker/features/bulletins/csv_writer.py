"""A bulletin as CSV: one line a figure, each carrying what it rests on, so that lines can be taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from tracker.domain.kinds import Light
from tracker.features.bulletins.paper import amount_text
from tracker.features.bulletins.sheets import (
    LIGHT_WORDS,
    Document,
    Frame,
    each_indicator,
    former_amounts,
    unit_name,
)
from tracker.services.tables.csv_writing import Cell, csv_pieces

HEADINGS: Final = (
    "单位代码", "单位", "序号", "实事", "指标代码", "指标", "类型", "计量单位", "目标", "累计完成", "分子", "分母",
    "完成率（%）", "序时进度（%）", "差距（百分点）", "亮灯", "承担单位", "已报单位", "数量不详", "目标（文字）", "累计完成（文字）",
    "编号", "截至", "封存号", "封存校验码", "拟稿", "会签", "校验码", "核验地址",
)  # fmt: skip
_NUMBERS: Final = (
    "target", "actual", "numerator", "denominator", "completion_percent", "expected_percent", "gap_points",
)  # fmt: skip
_COUNTS: Final = ("assigned", "reported", "unknown")


def write_csv(document: Document, frame: Frame) -> bytes:
    """The publisher's figures first, then each unit's it is assigned, indicator by indicator."""
    return b"".join(csv_pieces(HEADINGS, _rows(document, frame)))


def _rows(document: Document, frame: Frame) -> Iterator[Sequence[Cell]]:
    identity = (
        document["serial"], document["cutoff"], document["seal"], document["seal_digest"], document["drafted_by"],
        frame.countersigned_by, frame.digest, frame.verify_at or None,
    )  # fmt: skip
    for pledge, whole in each_indicator(document):
        promise = (
            pledge["number"],
            pledge["title"],
            whole["code"],
            whole["name"],
            whole["kind"],
            whole["measure"],
        )
        for code, name, one in _places(document, whole):
            yield (
                code, name, *promise, *(_number(one.get(field)) for field in _NUMBERS),
                LIGHT_WORDS[Light(one["light"])], *(one[field] for field in _COUNTS),
                *(_printed(one[field], whole) for field in ("target", "actual")), *identity,
            )  # fmt: skip


def _places(document: Document, whole: Document) -> Iterator[tuple[str, str, Document]]:
    yield document["at"], document["publisher"], whole
    for branch in document["branches"]:
        for one in branch["indicators"]:
            if one["code"] == whole["code"] and one["light"] != Light.NOT_ASSIGNED:
                yield branch["at"], unit_name(branch), one
    for at, unit, actual in former_amounts(document, whole["code"]):
        yield (
            at,
            unit,
            {"target": None, "actual": actual, "light": Light.NOT_ASSIGNED, **dict.fromkeys(_COUNTS, 0)},
        )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _printed(text: str | None, whole: Document) -> str | None:
    """An amount as the papers print it, with its measure."""
    return None if text is None else amount_text(text, kind=whole["kind"], measure=whole["measure"])
