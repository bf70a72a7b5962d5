"""A bulletin as plain tables: what each sheet of a workbook says, before any file format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tracker.domain.kinds import Light
from tracker.domain.periods import SHANGHAI
from tracker.features.bulletins.narrative import named
from tracker.services.tables.csv_writing import Cell

Document = dict[str, Any]

AHEAD: Final = "calendar_ahead_seconds"
"""Of a document made in a demonstration: how far its calendar runs ahead of real time. Others have no such field."""
MOMENTS: Final = ("submitted_at", "signed_at", "accepted_at")
"""The moments of a source."""


class Column(NamedTuple):
    """A heading and the width of its column, in characters."""

    heading: str
    width: int


class Band(NamedTuple):
    """A line of words across the table, before the rows it speaks of."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its name, its columns and its rows."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell] | Band]


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known only when a bulletin is issued, and stands beside its document (ADR 3)."""

    digest: str
    drafted_at: datetime
    countersigned_by: str
    issued_at: datetime
    verify_at: str = ""
    """The address of the page where any file of the issue can be checked."""


def ahead_in(document: Document) -> timedelta:
    """How far the calendar ran ahead of real time where the document was made."""
    return timedelta(seconds=document.get(AHEAD, 0))


def on_paper(document: Document, frame: Frame) -> tuple[Document, Frame]:
    """Both with their moments as they are printed: by the calendar, which in a demonstration is not real time."""
    ahead = ahead_in(document)
    if not ahead:
        return document, frame
    moved = {
        "seal_at": _moved(document["seal_at"], ahead),
        **{
            part: [one | {name: _moved(one[name], ahead) for name in MOMENTS} for one in document[part]]
            for part in ("sources", "imported")
        },
    }
    printed = replace(frame, drafted_at=frame.drafted_at + ahead, issued_at=frame.issued_at + ahead)
    return document | moved, printed


def _moved(moment: str | None, ahead: timedelta) -> str | None:
    return None if moment is None else (datetime.fromisoformat(moment) + ahead).isoformat()


# fmt: off
LIGHT_WORDS: Final = {
    Light.DONE:         "✓ 已完成",
    Light.ON_TRACK:     "● 达序时",
    Light.LAGGING:      "▲ 预警",
    Light.BEHIND:       "■ 滞后",
    Light.NOT_REPORTED: "◌ 未报",
    Light.NOT_ASSIGNED: "不承担",
    Light.NOT_JUDGED:   "— 不评判",
}
"""Shape and word of each light."""

FIELD_WORDS: Final = {
    "target": "目标", "actual": "累计完成", "numerator": "分子", "denominator": "分母",
    "completion_percent": "完成率（%）", "light": "亮灯", "assigned": "承担单位", "reported": "已报单位",
    "unknown": "数量不详",
}
ORIGIN_WORDS: Final = {"page": "填报", "import": "导入"}
JUDGEMENT_WORDS: Final = {"done": "已完成", "on_track": "达序时", "lagging": "预警"}
# fmt: on

NAMED_IN_CELL: Final = 500
"""Units named in one cell; with more the rest is counted."""

_OVERVIEW: Final = (
    Column("序号", 5), Column("实事", 18), Column("指标代码", 14), Column("指标", 22), Column("计量单位", 6),
    Column("年度目标", 14), Column("累计完成", 14), Column("待审", 9), Column("分子", 9), Column("分母", 9),
    Column("完成率（%）", 8), Column("序时进度（%）", 8), Column("差距（百分点）", 8), Column("亮灯", 10),
    Column("承担单位", 5), Column("已报单位", 5), Column("数量不详", 5), Column("远期目标", 10),
    Column("远期至", 8), Column("说明", 34),
)  # fmt: skip
_DISTRICTS: Final = (
    Column("指标代码", 16), Column("指标", 28), Column("单位代码", 11), Column("单位", 22), Column("计量单位", 8),
    Column("目标", 15), Column("累计完成", 15), Column("完成率（%）", 9), Column("序时进度（%）", 9),
    Column("差距（百分点）", 9), Column("亮灯", 11), Column("承担单位", 6), Column("已报单位", 6), Column("数量不详", 6),
)  # fmt: skip
_PROBLEMS: Final = (
    Column("类别", 8), Column("序号", 6), Column("实事", 22), Column("指标", 26), Column("亮灯", 11),
    Column("完成率（%）", 9), Column("差距（百分点）", 9), Column("涉及单位", 44), Column("说明", 40),
)  # fmt: skip
_SOURCES: Final = (
    Column("指标代码", 14), Column("指标", 18), Column("单位代码", 9), Column("单位", 14), Column("报告期", 9),
    Column("数值", 13), Column("分子", 9), Column("分母", 9), Column("其他内容", 12), Column("备注", 14),
    Column("方式", 5), Column("版次编号", 7), Column("版次", 5), Column("第几次提交", 6), Column("提交人", 8),
    Column("提交时间", 16), Column("审批人", 8), Column("审批时间", 16), Column("审核人", 8), Column("通过时间", 16),
    Column("导入负责人", 8), Column("封存号", 6), Column("提交校验码", 40),
)  # fmt: skip
_NOTES: Final = (Column("项目", 22), Column("内容", 90), Column("原值", 18), Column("新值", 18))


def tables_of(document: Document, frame: Frame) -> list[Table]:
    """The five sheets in their order."""
    return [
        Table("总表", _OVERVIEW, list(_overview(document))),
        Table("分地区", _DISTRICTS, list(_districts(document))),
        Table("存在问题", _PROBLEMS, list(_problems(document))),
        Table("来源", _SOURCES, list(_sources(document))),
        Table("说明", _NOTES, list(_notes(document, frame))),
    ]


def identity_line(document: Document, digest: str) -> str:
    """Cut-off, seal, issue and digest in one line, printed on every sheet."""
    return (
        f"{document['publisher']} · 截至 {document['cutoff']} · 第 {document['seal']} 号封存 · "
        f"第 {document['issue']} 期 · 校验码 {digest}"
    )


def each_indicator(document: Document) -> Iterator[tuple[Document, Document]]:
    return ((pledge, one) for pledge in document["pledges"] for one in pledge["indicators"])


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _moment(text: str | None) -> datetime | None:
    """Stored UTC as wall time without its zone, which spreadsheets do not know."""
    return None if text is None else datetime.fromisoformat(text).astimezone(SHANGHAI).replace(tzinfo=None)


def _overview(document: Document) -> Iterator[Sequence[Cell]]:
    amounts = ("target", "actual", "provisional", "numerator", "denominator")
    percents = ("completion_percent", "expected_percent", "gap_points")
    for pledge, one in each_indicator(document):
        goal = one["goal"] or {"target": None, "until": None}
        yield (
            pledge["number"], pledge["title"], one["code"], one["name"], one["measure"],
            *(_number(one[name]) for name in (*amounts, *percents)), LIGHT_WORDS[one["light"]],
            one["assigned"], one["reported"], one["unknown"],
            _number(goal["target"]), goal["until"], document["explanations"][one["code"]],
        )  # fmt: skip


def _districts(document: Document) -> Iterator[Sequence[Cell]]:
    """Indicator by indicator, the units that have it; who is not listed is not assigned."""
    numbers = ("target", "actual", "completion_percent", "expected_percent", "gap_points")
    for _pledge, whole in each_indicator(document):
        for branch in document["branches"]:
            for one in branch["indicators"]:
                if one["code"] == whole["code"] and one["light"] != Light.NOT_ASSIGNED:
                    yield (
                        one["code"], whole["name"], branch["at"], unit_name(branch), whole["measure"],
                        *(_number(one[name]) for name in numbers), LIGHT_WORDS[one["light"]],
                        one["assigned"], one["reported"], one["unknown"],
                    )  # fmt: skip
        for at, unit, actual in former_amounts(document, whole["code"]):
            nothing = [None] * (len(numbers) - 2)
            yield (
                whole["code"], whole["name"], at, unit, whole["measure"], None, _number(actual), *nothing,
                None, None, None, None,
            )  # fmt: skip


def former_amounts(document: Document, code: str) -> Iterator[tuple[str, str, str]]:
    """Code, name and amount of units that take part no more, as far as an indicator of theirs still counts."""
    for former in document.get("former", ()):
        for one in former["indicators"]:
            if one["code"] == code:
                yield former["at"], former_name(former), one["actual"]


def former_name(former: Document) -> str:
    """A unit with the months of which its figures count: 样例区总工会（已移出，1–6月）."""
    since, until = former["since"], former["until"]
    months = f"{since}月" if since == until else f"{since}–{until}月"
    return f"{former['name']}（{'已撤销' if former['closed'] else '已移出'}，{months}）"


def unit_name(branch: Document) -> str:
    return f"{branch['name']}（本级）" if branch["own_level"] else str(branch["name"])


def _problems(document: Document) -> Iterator[Sequence[Cell]]:
    standing = {one["code"]: one for _pledge, one in each_indicator(document)}
    problems = document["problems"]
    for pledge in problems["pledges"]:
        for one in pledge["indicators"]:
            figure = standing[one["code"]]
            yield (
                "进度", pledge["number"], pledge["title"], one["name"], LIGHT_WORDS[one["light"]],
                _number(figure["completion_percent"]), _number(figure["gap_points"]),
                named([unit["name"] for unit in one["units"]], most=NAMED_IN_CELL), document["explanations"][one["code"]],
            )  # fmt: skip
    for late in problems["late_units"]:
        names = "、".join(standing[code]["name"] for code in late["indicators"])
        yield ("未报齐", None, None, names, None, None, None, late["name"], "本期还有单位没有报。")
    if not problems["pledges"] and not problems["late_units"]:
        yield ("无", None, None, None, None, None, None, None, "没有预警、滞后和未报的事项。")


def _sources(document: Document) -> Iterator[Sequence[Cell] | Band]:
    names = {one["code"]: one["name"] for _pledge, one in each_indicator(document)}
    for source in document["sources"]:
        yield _source(source, names)
    if document["imported"]:
        yield Band("以下为导入的历史数据：不经填报、审批和审核，由导入负责人负责。")
    for source in document["imported"]:
        yield _source(source, names)


def _source(source: Document, names: Document) -> Sequence[Cell]:
    figure = source["figure"]
    return (
        source["indicator"], names[source["indicator"]], source["at"], source["unit"], source["period"],
        _number(figure.get("value", figure.get("rate"))), _number(figure.get("numerator")),
        _number(figure.get("denominator")), _words(figure), source["note"] or None,
        ORIGIN_WORDS[source["origin"]], source["revision_id"], source["revision_number"],
        source["submission_number"], source["submitted_by"], _moment(source["submitted_at"]),
        source["signed_by"], _moment(source["signed_at"]), source["accepted_by"], _moment(source["accepted_at"]),
        source["answered_by"], source["seal"], source["submission_digest"],
    )  # fmt: skip


def _words(figure: Document) -> str | None:
    """What a line states that is no number."""
    if figure.get("unknown"):
        return "不详"
    if "judgement" in figure:
        return JUDGEMENT_WORDS[figure["judgement"]]
    if "rate" in figure:
        return "仅有比率"
    if "items_done" in figure:
        return "；".join(str(item) for item in figure["items_done"]) or None
    date = figure.get("done_on")
    return None if date is None else f"{date} 完成"


def _notes(document: Document, frame: Frame) -> Iterator[Sequence[Cell] | Band]:
    rules = document["rules"]
    listed = document["list_version"]
    facts = {
        "标题": document["title"],
        "清单": f"{document['programme_title']}（{document['programme']}）",
        "清单版本": "尚无" if listed is None else f"第 {listed['number']} 版，校验码 {listed['digest']}",
        "发布单位": f"{document['publisher']}（{document['at']}）",
        "编号": document["serial"],
        "报告期": document["period"],
        "截至": document["cutoff"],
        "期号": f"第 {document['issue']} 期",
        "封存号": str(document["seal"]),
        "封存时间": _spelt(document["seal_at"]),
        "封存校验码": document["seal_digest"],
        "亮灯规则": f"第 {rules['number']} 版：差距 ≥ {rules['on_track_points']} 达序时，"
        f"≥ {rules['lagging_points']} 预警，否则滞后",
        "统计范围": "仅已通过的数据；“待审”一栏另列，不计入累计",
        "空格": "不知道或没有，不是零；“分地区”未列出的单位不承担该指标",
        "拟稿": f"{document['drafted_by']}，{_spelt(frame.drafted_at.isoformat())}",
        "会签": f"{frame.countersigned_by}，{_spelt(frame.issued_at.isoformat())}",
        "校验码": frame.digest,
        "核验": "校验码是本期 JSON 文件的 SHA-256；任何一个文件都可在核验页上核对真伪",
    } | ({"核验地址": frame.verify_at} if frame.verify_at else {})
    yield from ((name, value, None, None) for name, value in facts.items())
    yield from _differences(document)


def _spelt(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M（北京时间）")


def _differences(document: Document) -> Iterator[Sequence[Cell] | Band]:
    differences = document["differences"]
    if differences is None:
        return
    before = differences["from"]
    yield Band(
        f"与第 {before['issue']} 期（截至 {before['cutoff']}，第 {before['seal']} 号封存）的差异；"
        f"出新版的原因：{differences['reason']}"
    )
    for one in differences["figures"]:
        unit = f"{one['unit']}（本级）" if one["own_level"] else one["unit"]
        yield (
            FIELD_WORDS[one["field"]], f"{unit} · {one['name']}",
            _changed(one["field"], one["before"]), _changed(one["field"], one["after"]),
        )  # fmt: skip
    if not differences["figures"]:
        yield ("无", "各项数字都没有变化。", None, None)


def _changed(field: str, value: str | int | None) -> Cell:
    if value is None or isinstance(value, int):
        return value
    return LIGHT_WORDS[Light(value)] if field == "light" else Decimal(value)
