"""A bulletin on paper: the stored document as what the templates draw, always in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from tracker.domain.kinds import Kind, Light
from tracker.domain.periods import SHANGHAI, Month
from tracker.domain.prose import chinese_numeral, show_with_measure
from tracker.features.bulletins.queries import Issue
from tracker.features.bulletins.sheets import FIELD_WORDS, LIGHT_WORDS, Document, ahead_in

Context = dict[str, Any]
Moved = Callable[[datetime], datetime]
DASH: Final = "—"


class Chosen(NamedTuple):
    """The figure whose source is shown: an indicator's field, or (indicator None) a count of pledges."""

    indicator: str | None
    field: str

    @property
    def address(self) -> str:
        """``?fig=`` of the page: the indicator (its actual), ``indicator.field``, ``classes`` or ``classes.light``."""
        if self.indicator is None:
            return self.field
        return self.indicator if self.field == "actual" else f"{self.indicator}.{self.field}"


def unmoved(moment: datetime) -> datetime:
    """As it was stored."""
    return moment


def day_text(moment: datetime) -> str:
    """2018年7月18日, in Shanghai."""
    day = moment.astimezone(SHANGHAI)
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(moment: datetime) -> str:
    """7月18日 14:08, in Shanghai."""
    there = moment.astimezone(SHANGHAI)
    return f"{there.month}月{there.day}日 {there:%H:%M}"


def cutoff_text(cutoff: str) -> str:
    """2018年6月底"""
    return f"{Month.parse(cutoff).title}底"


def amount_text(text: str | None, *, kind: str, measure: str) -> str:
    """A stored amount with its measure: 152万人次; rates keep all their places; a dash for what is unknown."""
    if text is None:
        return DASH
    if Kind(kind).facts.is_rate:
        return f"{with_minus(text)}%"
    whole, _, fraction = text.partition(".")
    return show_with_measure(int(whole + fraction), decimals=len(fraction), measure=measure)


def percent_text(text: str | None) -> str:
    """A stored percent as printed."""
    return DASH if text is None else f"{with_minus(text)}%"


def with_minus(text: str) -> str:
    """A stored number with a true minus sign."""
    return text.replace("-", "−")


def indicators_of(document: Document) -> dict[str, Document]:
    """Code → the indicator at the publisher."""
    return {one["code"]: one for pledge in document["pledges"] for one in pledge["indicators"]}


def paper_context(issue: Issue, chosen: Chosen | None = None, *, at: Moved = unmoved) -> Context:
    """``bulletin``, ``blocks``, ``annex``, ``differences`` and ``source_index`` of the paper.

    ``at`` moves stored moments to the calendar that pages show.
    """
    document = issue.document
    links = Links(chosen)
    blocks = [_salutation(), *blocks_of(document, links)]
    return {
        "bulletin": _bulletin(issue, document, at),
        "blocks": blocks,
        "annex": annex_of(document, links),
        "differences": differences_of(document),
        "source_index": _source_index(document, links),
    }


class Links:
    """Numbers the linked figures in the order they are read."""

    def __init__(self, chosen: Chosen | None) -> None:
        self._chosen = chosen
        self.numbered: list[tuple[int, str, Chosen]] = []

    def part(self, piece: Document) -> Context:
        figure = piece.get("figure")
        if figure is None:
            return _plain(piece["text"]) | {"is_contradicted": "contradicts" in piece}
        place = Chosen(figure["indicator"], figure["field"])
        number = len(self.numbered) + 1
        self.numbered.append((number, piece["text"], place))
        return _linked(piece["text"], place, self._chosen, number=number)

    def cell(self, text: str, place: Chosen) -> Context:
        return _plain(text) if text == DASH else _linked(text, place, self._chosen, number=None)


def _plain(text: str) -> Context:
    return {"text": text, "url": None, "number": None, "is_current": False, "is_contradicted": False}


def _linked(text: str, place: Chosen, chosen: Chosen | None, *, number: int | None) -> Context:
    address = "?" + urlencode({"fig": place.address}) + "#source"
    return _plain(text) | {"url": address, "number": number, "is_current": place == chosen}


def _salutation() -> Context:
    return {"kind": "salutation", "parts": [_plain("各有关单位：")]}


def blocks_of(document: Document, links: Links) -> Iterator[Context]:
    """Headings and paragraphs in the order they are read, their linked figures numbered by ``links``."""
    for section in document["prose"]:
        if section["heading"]:
            yield {"kind": "heading", "parts": [_plain(section["heading"])]}
        for paragraph in section["paragraphs"]:
            yield {"kind": "paragraph", "parts": [links.part(piece) for piece in paragraph]}


def _bulletin(issue: Issue, document: Document, at: Moved) -> Context:
    issued = issue.issued_at
    return {
        "org_name": document["publisher"],
        "number_text": f"第 {issue.number} 期" if issued else f"第 {issue.number} 期 · 拟稿",
        "date_text": day_text(at(issued or issue.drafted_at)),
        "title": document["title"],
        "remarks": list(remarks_of(document)),
        "facts": _facts(issue, document, at),
    }


def remarks_of(document: Document) -> Iterator[str]:
    """What stands in small print below the tables."""
    yield "注：“—”表示没有数量目标、不计算完成率或数量不详，不是零。"
    if document["imported"]:
        yield f"其中 {len(document['imported'])} 条为导入的历史数据，不经填报、审批和审核，在“来源”表中另列。"


def _facts(issue: Issue, document: Document, at: Moved) -> list[Context]:
    seal_at = datetime.fromisoformat(document["seal_at"])
    said = {
        "截至": cutoff_text(issue.cutoff),
        "封存号": f"第 {issue.seal} 号（{day_text(at(seal_at))}）",
        "统计范围": "仅已通过",
        "亮灯规则": rules_text(document["rules"]),
        "拟稿": f"{issue.drafter(ahead_in(document))}，{moment_text(at(issue.drafted_at))}",
    }
    if issue.issued_at is not None:
        said["会签"] = f"{issue.countersigner(ahead_in(document))}，{moment_text(at(issue.issued_at))}"
    facts = [{"label": label, "value": value, "is_digest": False} for label, value in said.items()]
    facts.append({"label": "封存校验码", "value": document["seal_digest"], "is_digest": True})
    return [*facts, {"label": "校验码", "value": issue.digest, "is_digest": True}]


def rules_text(rules: Document) -> str:
    """第 1 版：差距 ≥ 0.0 达序时，≥ −10.0 预警"""
    on_track, lagging = with_minus(rules["on_track_points"]), with_minus(rules["lagging_points"])
    return f"第 {rules['number']} 版：差距 ≥ {on_track} 达序时，≥ {lagging} 预警"


def annex_of(document: Document, links: Links) -> Context:
    """The table of all indicators at the publisher: caption and rows."""
    rows = [
        {
            "number": pledge["number"],
            "ordinal": _ordinal(pledge["number"]),
            "title": pledge["title"],
            "span": 0 if at else len(pledge["indicators"]),
            "indicator": one["name"],
            "light": one["light"],
            "light_text": LIGHT_WORDS[Light(one["light"])].rpartition(" ")[2],
            **{
                place: links.cell(text, Chosen(one["code"], field))
                for place, field, text in _annex_figures(one)
            },
        }
        for pledge in document["pledges"]
        for at, one in enumerate(pledge["indicators"])
    ]
    return {"caption": f"附表　实事完成情况（截至{cutoff_text(document['cutoff'])}）", "rows": rows}


def _ordinal(number: int) -> str:
    """In Chinese numerals as far as headings go."""
    return chinese_numeral(number) if number < 100 else str(number)


def _annex_figures(one: Document) -> Iterator[tuple[str, str, str]]:
    for place, field in (("target", "target"), ("actual", "actual")):
        yield place, field, amount_text(one[field], kind=one["kind"], measure=one["measure"])
    yield "percent", "completion_percent", percent_text(one["completion_percent"])


def differences_of(document: Document) -> Context | None:
    """The table of what changed since the issue before; None in a first issue."""
    differences = document["differences"]
    if differences is None:
        return None
    before = differences["from"]
    known = indicators_of(document)
    return {
        "caption": f"与第 {before['issue']} 期（截至{cutoff_text(before['cutoff'])}，第 {before['seal']} 号封存）的差异",
        "reason": f"出新版的原因：{differences['reason']}",
        "rows": [
            {
                "unit": f"{one['unit']}（本级）" if one["own_level"] else one["unit"],
                "indicator": one["name"],
                "field": FIELD_WORDS[one["field"]],
                "before": _field_text(one["field"], one["before"], known.get(one["indicator"])),
                "after": _field_text(one["field"], one["after"], known.get(one["indicator"])),
            }
            for one in differences["figures"]
        ],
    }


def _field_text(field: str, value: str | int | None, indicator: Document | None) -> str:
    if value is None:
        return DASH
    if field == "light":
        return LIGHT_WORDS[Light(str(value))]
    if field == "completion_percent":
        return percent_text(str(value))
    if field in ("target", "actual") and indicator is not None:
        return amount_text(str(value), kind=indicator["kind"], measure=indicator["measure"])
    return str(value)


def _source_index(document: Document, links: Links) -> list[Context]:
    """What is printed after the paper: each numbered figure with where it comes from."""
    known = indicators_of(document)
    return [
        {"number": number, "text": f"{text}：{_index_text(document, place, known)}"}
        for number, text, place in links.numbered
    ]


def _index_text(document: Document, place: Chosen, known: dict[str, Document]) -> str:
    if place.indicator is None:
        return "按各件实事的亮灯计数"
    name = known[place.indicator]["name"]
    if place.field == "target":
        return f"{name}，{document['publisher']}随清单公布的目标"
    sources = [
        one for one in (*document["sources"], *document["imported"]) if one["indicator"] == place.indicator
    ]
    units = len({one["at"] for one in sources})
    return f"{name}，{units} 家单位 {len(sources)} 条数据，逐条见工作簿“来源”表"
