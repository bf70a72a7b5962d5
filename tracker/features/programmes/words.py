"""The words of a list as a clerk reads them: kinds, comparators, fields, and where a change stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask_babel import lazy_gettext as _l

from tracker.domain.kinds import Comparator, Elapsed, EvidenceRule, Kind
from tracker.domain.periods import Rhythm
from tracker.services.programme_documents.document import Document
from tracker.web.i18n import gettext as _

NOTHING: Final = "—"


class KindWords(NamedTuple):
    """A kind in plain words: its name, what one reports, an example, and how it is judged."""

    name: Any
    reported: Any
    example: Any
    judged: Any


# fmt: off
KINDS: Final = {
    Kind.FLOW: KindWords(
        _l("累计数"), _l("每期报新增，全年相加"), _l("参保 150万人次、培训 5000 人次、救助 48万元"), _l("累计与目标比，按时间进度评判")),
    Kind.STOCK: KindWords(
        _l("存量数"), _l("每期报期末达到多少"), _l("年底会员 60万人、站点 1200 个"), _l("期末数与目标比，按时间进度评判")),
    Kind.KEPT: KindWords(
        _l("动态保持"), _l("每期报期末还有多少"), _l("困难职工建档动态保持 400 户以上"), _l("每期看是否保持，不按时间进度评判")),
    Kind.RATIO: KindWords(
        _l("比率"), _l("每期报分子和分母"), _l("集体协商覆盖率 85%"), _l("与目标差几个百分点，不按时间进度评判")),
    Kind.GROWTH: KindWords(
        _l("增幅"), _l("每期报本年数和上年同期数"), _l("增幅超 10.5%"), _l("与目标差几个百分点，不按时间进度评判")),
    Kind.MILESTONE: KindWords(
        _l("节点事项"), _l("办成时报日期"), _l("工会驿站挂牌、补助办法出台"), _l("办成即完成；12月仍未办成为滞后")),
    Kind.CHECKLIST: KindWords(
        _l("逐个完成"), _l("报办成的名称或个数"), _l("10 个镇街文化宫全覆盖"), _l("办成个数与总数比，按时间进度评判")),
    Kind.NARRATIVE: KindWords(
        _l("文字判断"), _l("每期写一段话并自评"), _l("热线 7×24 小时、应援尽援"), _l("按各单位自评，不按时间进度评判")),
}

COMPARATORS: Final = {
    Comparator.AT_LEAST: _l("不少于（以上）"),
    Comparator.OVER:     _l("超过（突破）"),
    Comparator.EQUAL:    _l("等于（正好是）"),
    Comparator.ABOUT:    _l("左右"),
    Comparator.AT_MOST:  _l("不超过（以内）"),
    Comparator.UNDER:    _l("低于"),
}

SHORT_COMPARATORS: Final = {
    Comparator.AT_LEAST: "≥", Comparator.OVER: ">", Comparator.EQUAL: "", Comparator.ABOUT: "≈",
    Comparator.AT_MOST: "≤", Comparator.UNDER: "<",
}

EVIDENCES: Final = {
    EvidenceRule.NONE:     _l("不需要佐证"),
    EvidenceRule.OPTIONAL: _l("可以附佐证"),
    EvidenceRule.REQUIRED: _l("必须附佐证"),
}

RHYTHMS: Final = {
    Rhythm.MONTH:   _l("按月报"),
    Rhythm.QUARTER: _l("按季报"),
    Rhythm.HALF:    _l("按半年报"),
    Rhythm.YEAR:    _l("按年报"),
}

ELAPSED: Final = {
    Elapsed.MONTHS: _l("按月（6月末为 50.0%）"),
    Elapsed.DAYS:   _l("按天（6月30日为 49.6%）"),
}

FIELDS: Final = {
    "publisher": _l("发布单位"), "year": _l("年度"), "slug": _l("短名"), "title": _l("名称"), "reporting": _l("报告周期"),
    "due_day": _l("截止日"), "close_day": _l("关闭日"), "elapsed": _l("时间进度"), "own_level_counts": _l("本级计入合计"),
    "lights": _l("亮灯界限"), "number": _l("序号"), "lead": _l("牵头部门"), "supporting": _l("配合部门"), "place": _l("位置"),
    "code": _l("代码"), "name": _l("指标名称"), "counting_rule": _l("统计口径"), "kind": _l("类型"), "measure": _l("计量单位"),
    "decimals": _l("小数位"), "comparator": _l("怎么算达到"), "aspiration": _l("力争"), "tolerance_percent": _l("左右的容差"),
    "target": _l("目标"), "base": _l("基数"), "plan": _l("计划进度"), "stages": _l("分年阶段"), "items": _l("名单"),
    "part_of": _l("其中（属于哪一项）"), "parts_complete": _l("各部分合起来等于整体"), "aligned": _l("同时计入上级清单"),
    "evidence": _l("佐证"), "last_year": _l("上年实绩"), "allocations": _l("目标分解"), "indicators": _l("指标"), "pledges": _l("实事"),
}
# fmt: on

_CHOICES: Final[Mapping[str, Mapping[Any, Any]]] = {
    "kind": {kind: words.name for kind, words in KINDS.items()},
    "comparator": COMPARATORS,
    "evidence": EVIDENCES,
    "reporting": RHYTHMS,
    "elapsed": ELAPSED,
}
_FLAGS: Final = {"True": _l("是"), "False": _l("否")}
_GROUPED: Final = frozenset({"target", "base", "last_year", "allocations", "stages"})
_NAMED: Final = frozenset({"lights", "stages", "allocations"})
_DIGITS = re.compile(r"(?<![\d.\-])\d{4,}(?=(?:\.\d+)?(?:$|，|；))")


class Names(NamedTuple):
    """How pledges, indicators and units are called: title by number, name by code, name by code."""

    pledges: Mapping[str, str]
    indicators: Mapping[str, str]
    units: Mapping[str, str]


def names_of(*documents: Document | None, units: Mapping[str, str]) -> Names:
    """The names in these documents; in a later one they win."""
    known = [document for document in documents if document is not None]
    return Names(
        {str(pledge.number): pledge.title for document in known for pledge in document.pledges},
        {one.code: one.name for document in known for one in document.indicators},
        units,
    )


def place_words(place: str, names: Names) -> str:
    """Where something stands: 第 1 件“优化职工互助保障”· 牵头部门."""
    kind, _slash, rest = place.partition("/")
    if not rest:
        return field_word(kind)
    key, _slash, field = rest.partition("/")
    said = [_owner(kind, key, names), *([_field_path(field, names)] if field else [])]
    return " · ".join(said)


def field_word(name: str) -> str:
    """A field in words; an unknown one as it is called."""
    return str(FIELDS.get(name, name))


def value_words(place: str, text: str | None) -> str:
    """A value of ``document.differences`` as a clerk reads it."""
    if text is None:
        return _("（没有）")
    field = _field_of(place)
    if text == "null" and field == "allocations":
        return _("不定数")
    if text in {"", "null"}:
        return _("（空）")
    if text in _FLAGS:
        return str(_FLAGS[text])
    if field in _CHOICES:
        return str(_CHOICES[field].get(text, text))
    if field == "place":
        pledge, _dot, position = text.partition(".")
        return _("第 %(pledge)s 件第 %(position)s 项", pledge=pledge, position=position)
    words = _in_words(field, text)
    return _grouped(words) if field in _GROUPED else words


def _owner(kind: str, key: str, names: Names) -> str:
    if kind == "pledges":
        title = names.pledges.get(key, "")
        return (
            _("第 %(number)s 件“%(title)s”", number=key, title=title)
            if title
            else _("第 %(number)s 件", number=key)
        )
    return names.indicators.get(key, key)


def _field_path(field: str, names: Names) -> str:
    name, _slash, unit = field.partition("/")
    return f"{field_word(name)} · {names.units.get(unit, unit)}" if unit else field_word(name)


def _field_of(place: str) -> str:
    parts = place.split("/")
    return parts[2] if len(parts) > 2 else parts[-1]


def _in_words(field: str, text: str) -> str:
    if field not in _NAMED:
        return text
    said = {
        "on_track ": _("达序时 "),
        "lagging ": _("预警 "),
        "until ": _("到 "),
        "target ": "",
        "base ": _("基数 "),
    }
    for name, word in said.items():
        text = text.replace(name, word)
    return text.replace("null", _("不定数"))


def _grouped(text: str) -> str:
    return _DIGITS.sub(lambda found: f"{int(found[0]):,}", text)
