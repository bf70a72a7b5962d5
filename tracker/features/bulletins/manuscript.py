"""A bulletin as a typist would get it: words in order and tables of words, before any file format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from tracker.domain.kinds import Light
from tracker.domain.periods import SHANGHAI, Period
from tracker.features.bulletins.paper import (
    DASH,
    Links,
    amount_text,
    annex_of,
    blocks_of,
    cutoff_text,
    day_text,
    differences_of,
    percent_text,
    remarks_of,
    rules_text,
)
from tracker.features.bulletins.sheets import (
    LIGHT_WORDS,
    Document,
    Frame,
    each_indicator,
    former_amounts,
    unit_name,
)

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
ENDING: Final = "进展情况的通报"
LETTERS_IN_TITLE: Final = 20
ROWS_A_NAME: Final = 20
_ANNEX: Final = re.compile(r"^附表\d　")
_LEAD: Final = re.compile(r"（[一二三四五六七八九十]+）[^。]*。")


class Paragraph(NamedTuple):
    """``lead`` is the opening （一）… printed as a heading of the second level; empty where there is none."""

    lead: str
    text: str


class Section(NamedTuple):
    """A heading of the first level (None: the opening) with its paragraphs."""

    heading: str | None
    paragraphs: Sequence[Paragraph]


class Annex(NamedTuple):
    """A table after the text. ``shares`` are the widths of its columns in percent; ``aligned`` names each
    column's side: l or r. In the first ``joined`` columns an empty cell continues the one above."""

    caption: str
    headings: Sequence[str]
    shares: Sequence[int]
    aligned: str
    rows: Sequence[Sequence[str]]
    note: str = ""
    joined: int = 0

    def is_joined(self, at: int, column: int) -> bool:
        """Whether this cell continues the one above."""
        return at > 0 and column < self.joined and not self.rows[at][column]

    def rows_below(self, at: int, column: int) -> int:
        """Over how many rows the cell stands."""
        end = at + 1
        while end < len(self.rows) and self.is_joined(end, column):
            end += 1
        return end - at


@dataclass(frozen=True, slots=True)
class Manuscript:
    """Everything DOCX and PDF print, in the order they print it.

    ``imprint``: who issued it and when (版记). Who else receives it (抄送) is the office's to say: nothing tells it.
    """

    publisher: str
    publisher_indent: float
    number: str
    date: str
    date_indent: float
    title: str
    title_lines: Sequence[str]
    salutation: str
    sections: Sequence[Section]
    annexes: Sequence[Annex]
    annex_list: Sequence[str]
    remarks: Sequence[str]
    facts: Sequence[tuple[str, str]]
    imprint: tuple[str, str]


def manuscript_of(document: Document, frame: Frame) -> Manuscript:
    """The words of an issue, without letters that XML has no place for."""
    document = _printable(document)
    date, annexes = day_text(frame.issued_at), list(_annexes(document))
    publisher_indent, date_indent = _indents(document["publisher"], date)
    return Manuscript(
        publisher=document["publisher"],
        publisher_indent=publisher_indent,
        number=f"第 {document['issue']} 期",
        date=date,
        date_indent=date_indent,
        title=document["title"],
        title_lines=title_lines(document["title"], str(Period.parse(document["period"]).title)),
        salutation="各有关单位：",
        sections=list(_sections(document)),
        annexes=annexes,
        annex_list=_annex_list(annexes),
        remarks=list(remarks_of(document)),
        facts=list(_facts(document, frame).items()),
        imprint=(document["publisher"], f"{date}印发"),
    )


def _indents(publisher: str, date: str) -> tuple[float, float]:
    """How far publisher and date stand from the right, in letters (GB/T 9704, sealed documents): the date four
    letters, the publisher centred above it; one longer than the date by more than that begins at two letters."""
    surplus = (_letters(publisher) - _letters(date)) / 2
    date_indent = max(4.0, surplus + 2)
    return date_indent - surplus, date_indent


def _annex_list(annexes: Sequence[Annex]) -> list[str]:
    """What follows the text, named below it: 附表：1. …, the numbers below each other."""
    named = [_ANNEX.sub("", annex.caption) for annex in annexes]
    return [f"{'附表：' if at == 1 else '　　　'}{at}. {name}" for at, name in enumerate(named, 1)]


def title_lines(title: str, period: str) -> list[str]:
    """A title broken where its words allow it (GB/T 9704: no word is torn apart), the lines as even as can be.

    A line holds twenty letters of 22 pt; digits take half a letter. A title no break fits stays as it is.
    """
    first = title.find(period) + len(period) if period in title else 0
    last = max(title.rfind(ENDING), first)
    opening, middle, ending = title[:first], title[first:last], title[last:]
    ways = [
        [opening + middle + ending],
        [opening, middle + ending],
        [opening + middle, ending],
        [opening, middle, ending],
    ]
    fitting = [way for way in ways if all(way) and max(map(_letters, way)) <= LETTERS_IN_TITLE]
    return min(fitting, key=lambda way: (len(way), max(map(_letters, way))), default=[title])


def _letters(text: str) -> float:
    return sum(0.5 if letter.isascii() else 1 for letter in text)


def _printable(content: Any) -> Any:
    if isinstance(content, str):
        return _UNPRINTABLE.sub("", content)
    if isinstance(content, dict):
        return {name: _printable(value) for name, value in content.items()}
    return [_printable(value) for value in content] if isinstance(content, list) else content


def _sections(document: Document) -> Iterator[Section]:
    heading, paragraphs = None, list[Paragraph]()
    for block in blocks_of(document, Links(None)):
        text = "".join(part["text"] for part in block["parts"])
        if block["kind"] == "heading":
            yield Section(heading, paragraphs)
            heading, paragraphs = text, []
        else:
            paragraphs.append(_paragraph(text))
    yield Section(heading, paragraphs)


def _paragraph(text: str) -> Paragraph:
    found = _LEAD.match(text)
    lead = "" if found is None else found[0]
    return Paragraph(lead, text.removeprefix(lead))


def _annexes(document: Document) -> Iterator[Annex]:
    yield _overview(document)
    yield _branches(document)
    differences = differences_of(document)
    if differences is not None:
        rows = [
            [row[name] for name in ("unit", "indicator", "field", "before", "after")]
            for row in differences["rows"]
        ]
        headings = ("单位", "指标", "项目", "原为", "现为")
        yield Annex(
            f"附表3　{differences['caption']}",
            headings,
            (22, 36, 14, 14, 14),
            "lllrr",
            rows or [["各项数字都没有变化。", "", "", "", ""]],
            differences["reason"],
        )


def _overview(document: Document) -> Annex:
    annex = annex_of(document, Links(None))
    rows = [
        [
            str(row["number"]) if row["span"] else "",
            row["title"] if row["span"] else "",
            row["indicator"],
            *(row[name]["text"] for name in ("target", "actual", "percent")),
            LIGHT_WORDS[Light(row["light"])],
        ]
        for row in annex["rows"]
    ]
    headings = ("序号", "事项", "主要指标", "年度目标", "累计完成", "完成率", "亮灯")
    caption = f"附表1　实事完成情况（截至{cutoff_text(document['cutoff'])}）"
    return Annex(caption, headings, (6, 17, 26, 14, 15, 10, 12), "lllrrrl", rows, joined=2)


def _branches(document: Document) -> Annex:
    headings = ("指标", "单位", "目标", "累计完成", "完成率", "亮灯")
    rows = list(_branch_rows(document))
    caption = f"附表2　分地区完成情况（截至{cutoff_text(document['cutoff'])}）"
    note = "未列出的单位不承担该指标。"
    return Annex(caption, headings, (27, 22, 14, 15, 10, 12), "llrrrl", rows, note, joined=1)


def _branch_rows(document: Document) -> Iterator[Sequence[str]]:
    """Indicator by indicator; its name stands again every so many rows, so that no page is without it."""
    for _pledge, whole in each_indicator(document):
        kind, measure = whole["kind"], whole["measure"]
        assigned = [
            (branch, one)
            for branch in document["branches"]
            for one in branch["indicators"]
            if one["code"] == whole["code"] and one["light"] != Light.NOT_ASSIGNED
        ]
        for at, (branch, one) in enumerate(assigned):
            yield [
                "" if at % ROWS_A_NAME else whole["name"],
                unit_name(branch),
                amount_text(one["target"], kind=kind, measure=measure),
                amount_text(one["actual"], kind=kind, measure=measure),
                percent_text(one["completion_percent"]),
                LIGHT_WORDS[Light(one["light"])],
            ]
        for after, (_at, unit, actual) in enumerate(former_amounts(document, whole["code"]), len(assigned)):
            name = "" if after % ROWS_A_NAME else whole["name"]
            yield [name, unit, DASH, amount_text(actual, kind=kind, measure=measure), DASH, DASH]


def _facts(document: Document, frame: Frame) -> dict[str, str]:
    listed = document["list_version"]
    facts = {
        "编号": document["serial"],
        "截至": cutoff_text(document["cutoff"]),
        "封存号": f"第 {document['seal']} 号（{_moment(datetime.fromisoformat(document['seal_at']))}）",
        "统计范围": "仅已通过",
        "亮灯规则": rules_text(document["rules"]),
        "清单版本": DASH if listed is None else f"第 {listed['number']} 版",
        "拟稿": f"{document['drafted_by']}，{_moment(frame.drafted_at)}",
        "会签": f"{frame.countersigned_by}，{_moment(frame.issued_at)}",
        "封存校验码": document["seal_digest"],
        "校验码": frame.digest,
    }
    return facts | ({"核验地址": frame.verify_at} if frame.verify_at else {})


def _moment(moment: datetime) -> str:
    there = moment.astimezone(SHANGHAI)
    return f"{there.year}年{there.month}月{there.day}日 {there:%H:%M}"
