"""Where one printed figure comes from, read from the frozen document: the panel beside the paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from flask_babel import lazy_gettext as _l

from tracker.domain.kinds import Kind, Light
from tracker.domain.periods import Month
from tracker.features.bulletins.paper import (
    DASH,
    Chosen,
    Context,
    amount_text,
    indicators_of,
    percent_text,
)
from tracker.features.bulletins.sheets import Document
from tracker.web.figure_words import light_word
from tracker.web.i18n import gettext as _
from tracker.web.punctuation import bracketed, clauses, listed

FIELDS: Final = {
    "actual": _l("累计完成"),
    "target": _l("年度目标"),
    "completion_percent": _l("完成率"),
    "gap_points": _l("与序时进度的差距"),
    "assigned": _l("承担单位"),
}
CLASSES: Final = "classes"


def chosen_figure(document: Document, *, indicator: str | None, field: str | None) -> Chosen | None:
    """What the address asks for; None unless the bulletin prints such a figure."""
    if field is None:
        return None
    if indicator is not None:
        return Chosen(indicator, field) if indicator in indicators_of(document) and field in FIELDS else None
    counted = {CLASSES, *(f"{CLASSES}.{light}" for light in document["classes"])}
    return Chosen(None, field) if field in counted else None


def figure_at(document: Document, address: str) -> Chosen | None:
    """The figure of a short address (``Chosen.address``); None unless the bulletin prints it."""
    count = chosen_figure(document, indicator=None, field=address)
    whole = chosen_figure(document, indicator=address, field="actual")
    indicator, _dot, field = address.rpartition(".")
    return count or whole or chosen_figure(document, indicator=indicator, field=field)


def figure_source(document: Document, chosen: Chosen) -> Context:
    """The panel of one figure: how it came about, who accepted it, on what, and whether it changed."""
    if chosen.indicator is None:
        return _count_source(document, chosen.field)
    one = indicators_of(document)[chosen.indicator]
    sources = [source for source in _all_sources(document) if source["indicator"] == chosen.indicator]
    return {
        "label": f"{_('来源追溯')} · {FIELDS[chosen.field]}",
        "figure_text": _figure_text(one, chosen.field),
        "name": f"{one['name']} · {_up_to(document)}",
        "steps": [
            _origin(document, one, chosen.field),
            _step(_("谁审定"), _accepted_by(sources)),
            _step(_("依据什么"), _grounds(sources)),
            _step(_("是否改过"), _corrections(sources)),
        ],
    }


def _up_to(document: Document) -> str:
    month = Month.parse(document["cutoff"])
    return _("截至%(year)s年%(month)s月底", year=month.year, month=month.month)


def _all_sources(document: Document) -> list[Document]:
    return [*document["sources"], *document["imported"]]


def _figure_text(one: Document, field: str) -> str:
    if field in ("actual", "target"):
        return amount_text(one[field], kind=one["kind"], measure=one["measure"])
    if field == "assigned":
        return _("%(count)s 个单位", count=one["assigned"])
    text = percent_text(one[field])
    return (
        text if field == "completion_percent" or text == DASH else _("%(points)s 个百分点", points=text[:-1])
    )


def _step(heading: str, text: str) -> Context:
    return {"heading": heading, "text": text, "tag": None, "tag_tone": None, "files": [], "parts": []}


def _origin(document: Document, one: Document, field: str) -> Context:
    if field == "target":
        return _step(_("怎么得出"), _("%(publisher)s随清单公布的目标。", publisher=document["publisher"]))
    explanation = document["explanations"][one["code"]]
    step = _step(_("怎么得出"), explanation)
    if one["actual"] is None or Kind(one["kind"]).facts.is_rate:
        return step
    parts = _parts(document, one)
    if not parts:
        return step
    total = sum((part["amount"] for part in parts), Decimal(0))
    return step | {
        "parts": parts,
        "total_text": amount_text(one["actual"], kind=one["kind"], measure=one["measure"]),
        "agrees": total == Decimal(one["actual"]),
    }


def _parts(document: Document, one: Document) -> list[Context]:
    """The units' own figures, each as wide as its share of the largest."""
    found = [
        (branch, figure["actual"])
        for branch in document["branches"]
        for figure in branch["indicators"]
        if figure["code"] == one["code"] and figure["actual"] is not None
        if not branch["own_level"] or document["rules"]["own_level_counts"]
    ]
    largest = max((abs(Decimal(actual)) for _branch, actual in found), default=Decimal(0))
    return [
        {
            "name": _("本级") if branch["own_level"] else branch["short_name"],
            "amount": Decimal(actual),
            "share_tenths": int(abs(Decimal(actual)) * 1000 / largest) if largest else 0,
            "value_text": amount_text(actual, kind=one["kind"], measure=one["measure"]),
            "url": None,
        }
        for branch, actual in found
    ]


def _accepted_by(sources: list[Document]) -> str:
    if not sources:
        return _("还没有已通过的数据。")
    return clauses(_acceptors(sources)) + _("。")


def _acceptors(sources: list[Document]) -> Iterator[str]:
    counted = Counter(source["accepted_by"] for source in sources if source["accepted_by"])
    for name, count in sorted(counted.items()):
        yield _("%(name)s通过 %(count)s 条", name=name, count=count)
    imported = [source for source in sources if source["origin"] == "import"]
    if imported:
        named = listed(sorted({one["answered_by"] for one in imported if one["answered_by"]}))
        who = named or _("操作人")
        yield _("导入的历史数据 %(count)s 条，由%(who)s负责", count=len(imported), who=who)


def _grounds(sources: list[Document]) -> str:
    if not sources:
        return _("无。")
    periods = sorted({source["period"] for source in sources})
    units = len({source["at"] for source in sources})
    span = periods[0] if len(periods) == 1 else f"{periods[0]} – {periods[-1]}"
    return _(
        "%(units)s 家单位 %(span)s 的 %(count)s 条数据；逐条的版次、人员、时间和提交校验码见工作簿“来源”表。",
        units=units,
        span=span,
        count=len(sources),
    )


def _corrections(sources: list[Document]) -> str:
    corrected = [source for source in sources if source["revision_number"] > 1]
    if not corrected:
        return _("都是第 1 版，没有更正过。")
    named = listed(
        f"{one['unit']} {one['period']}" + bracketed(_("第 %(number)s 版", number=one["revision_number"]))
        for one in corrected[:20]
    )
    return _("%(count)s 条是更正后的版次：%(named)s。", count=len(corrected), named=named)


def _count_source(document: Document, field: str) -> Context:
    light = field.removeprefix(f"{CLASSES}.")
    pledges = [one for one in document["pledges"] if field == CLASSES or one["light"] == light]
    named = clauses(f"{one['number']}. {one['title']}" for one in pledges)
    word = _("实事总数") if field == CLASSES else light_word(Light(light))
    return {
        "label": _("来源追溯 · 件数"),
        "figure_text": _("%(count)s 件", count=len(pledges)),
        "name": f"{word} · {_up_to(document)}",
        "steps": [
            _step(
                _("怎么得出"),
                _("每件实事取其各项指标中最差的灯。%(named)s。", named=named) if named else _("没有。"),
            ),
        ],
    }
