"""What the page of one list shows: its document in a clerk's words; no queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from flask import url_for

from tracker.domain.figures import show_grouped
from tracker.domain.kinds import Comparator, Elapsed, Kind
from tracker.domain.outlook import is_below_last_year
from tracker.domain.rules import DEFAULT_TOLERANCE_TENTHS, Rule, year_target
from tracker.features.programmes.words import (
    COMPARATORS,
    EVIDENCES,
    KINDS,
    NOTHING,
    RHYTHMS,
    SHORT_COMPARATORS,
)
from tracker.services.counting_rules import CountingRule
from tracker.services.programme_documents.document import Document, IndicatorText, PledgeText, show_tenths
from tracker.web.filters import moment, month_end
from tracker.web.i18n import gettext as _
from tracker.web.punctuation import labelled, listed, phrases

Context = dict[str, Any]


def rule_of_text(document: Document, text: IndicatorText) -> Rule:
    """All of an indicator and its list that decides how a figure is judged."""
    tolerance = text.tolerance_tenths
    return Rule(
        code=text.code,
        name=text.name,
        kind=text.kind,
        measure=text.measure,
        year=document.year,
        decimals=text.decimals,
        comparator=text.comparator,
        is_aspiration=text.is_aspiration,
        tolerance_tenths=DEFAULT_TOLERANCE_TENTHS if tolerance is None else tolerance,
        plan=text.plan,
        stages=text.stages,
        item_count=len(text.items),
        rhythm=document.reporting,
        elapsed=document.elapsed,
        lights=document.lights,
    )


def head_facts(document: Document, publisher_name: str) -> list[Context]:
    """The list itself as pairs of label and value."""
    lights = _(
        "达序时 ≥ %(on_track)s 点，预警 ≥ %(lagging)s 点",
        on_track=_signed(document.lights.on_track_tenths),
        lagging=_signed(document.lights.lagging_tenths),
    )
    said = {
        _("发布单位"): publisher_name,
        _("年度"): str(document.year),
        _("编号"): document.key,
        _("多久报一次"): str(RHYTHMS[document.reporting]),
        _("截止"): _("报告期结束后次月 %(day)s 日 18:00", day=document.due_day),
        _("关闭"): _("不自动关闭")
        if document.close_day is None
        else _("次月 %(day)s 日", day=document.close_day),
        _("时间进度"): _("按天") if document.elapsed is Elapsed.DAYS else _("按月"),
        _("本级"): _("计入合计") if document.own_level_counts else _("不计入合计"),
        _("亮灯"): lights,
    }
    return [{"label": label, "value": value} for label, value in said.items()]


def _signed(tenths: int) -> str:
    return show_tenths(tenths).replace("-", "−")


class ListPage:
    """Turns a document into the page's pledges; ``divided``: indicator code → over how many units it is divided,
    whatever the document says of it; ``can_edit`` adds where each part is changed.
    """

    def __init__(
        self,
        document: Document,
        *,
        divided: Mapping[str, int],
        rules: Mapping[str, Sequence[CountingRule]],
        can_edit: bool,
    ) -> None:
        self._document, self._divided, self._rules, self._can_edit = document, divided, rules, can_edit
        self._names = {one.code: one.name for one in document.indicators}
        self._wholes = Counter(one.part_of for one in document.indicators if one.part_of)

    def pledges(self) -> list[Context]:
        """All pledges in their order."""
        return [self._pledge(pledge) for pledge in self._document.pledges]

    def is_undivided(self) -> bool:
        """Whether nothing of the list is given to anybody yet."""
        return not any(self._divided.values())

    def below_count(self) -> int:
        """How many targets are below last year's result."""
        return sum(self._is_below(text) for text in self._document.indicators)

    def _pledge(self, pledge: PledgeText) -> Context:
        key = self._document.key
        links = {
            "edit_url": url_for("programmes.edit_pledge", key=key, number=pledge.number),
            "add_url": url_for("programmes.add_indicator", key=key, number=pledge.number),
        }
        return {
            "number": pledge.number,
            "title": pledge.title,
            "lead": pledge.lead,
            "supporting": listed(pledge.supporting),
            "indicators": [self._indicator(text) for text in pledge.indicators],
            **(links if self._can_edit else {"edit_url": None, "add_url": None}),
        }

    def _indicator(self, text: IndicatorText) -> Context:
        words = KINDS[text.kind]
        edit_url = url_for("programmes.edit_indicator", key=self._document.key, code=text.code)
        return {
            "code": text.code,
            "name": text.name,
            "kind": str(words.name),
            "judged": self._judging(text),
            "target": self._target(text),
            "base": self._base(text),
            "last_year": self._last_year(text),
            "below": self._below(text),
            "stage": self._stage(text),
            "goal": self._goal(text),
            "details": [detail for detail in self._details(text) if detail["value"]],
            "evidence": str(EVIDENCES[text.evidence]),
            "allocations": self._allocations(text),
            "edit_url": edit_url if self._can_edit else None,
        }

    def _target(self, text: IndicatorText) -> str:
        shown = self._promised(text)
        return _("力争 %(target)s", target=shown) if text.is_aspiration else shown

    def _promised(self, text: IndicatorText) -> str:
        if text.kind is Kind.NARRATIVE:
            return _("文字判断")
        value = year_target(rule_of_text(self._document, text), text.target)
        if text.kind is Kind.MILESTONE:
            return _("年内完成") if value else _("没有定时限")
        if value is None and text.items:
            return _("名单上 %(count)s 个逐个完成", count=len(text.items))
        if value is None:
            return _("没有定数量目标")
        sign = SHORT_COMPARATORS[text.comparator]
        return " ".join(part for part in (sign, self._amount(text, value)) if part)

    def _amount(self, text: IndicatorText, value: int) -> str:
        shown = show_grouped(value, text.target_decimals)
        return f"{shown}%" if text.kind.facts.is_rate else f"{shown} {text.measure}"

    def _base(self, text: IndicatorText) -> str | None:
        if text.base is None:
            return None
        label = _("年初") if text.kind is Kind.STOCK else _("上年同期")
        return f"{label} {show_grouped(text.base, text.decimals)}"

    def _last_year(self, text: IndicatorText) -> str:
        return NOTHING if text.last_year is None else self._amount(text, text.last_year)

    def _is_below(self, text: IndicatorText) -> bool:
        rule = rule_of_text(self._document, text)
        return is_below_last_year(rule, year_target(rule, text.target), text.last_year)

    def _below(self, text: IndicatorText) -> str | None:
        if not self._is_below(text):
            return None
        return _("宽于上年实绩") if text.comparator.is_cap else _("低于上年实绩")

    def _stage(self, text: IndicatorText) -> str | None:
        stage = rule_of_text(self._document, text).stage
        if stage is None:
            return None
        said = {"until": month_end(stage.until), "target": self._amount(text, stage.target)}
        return _("今年阶段：到%(until)s累计 %(target)s", **said)

    def _goal(self, text: IndicatorText) -> str | None:
        goal = rule_of_text(self._document, text).goal
        if goal is None:
            return None
        said = {"until": month_end(goal.until), "target": self._amount(text, goal.target)}
        return _("总目标：到%(until)s累计 %(target)s", **said)

    def _details(self, text: IndicatorText) -> list[Context]:
        aligned = listed(text.aligned)
        return [
            {"label": _("统计口径"), "value": text.counting_rule, "past": self._past_rules(text)},
            {"label": _("怎么算达到"), "value": self._comparison(text), "past": []},
            {"label": _("计划进度"), "value": self._plan(text), "past": []},
            {"label": _("名单"), "value": listed(text.items), "past": []},
            {"label": _("其中"), "value": self._part(text), "past": []},
            {"label": _("同时计入"), "value": aligned, "past": []},
        ]

    def _past_rules(self, text: IndicatorText) -> list[str]:
        """What the counting rule said before, newest first; empty when it never changed."""
        past = list(self._rules.get(text.code, ()))
        if len(past) < 2:
            return []
        said = []
        for rule, following in pairwise(past):
            until = _(
                "第 %(number)s 版（%(at)s）前",
                number=following.version,
                at=moment(following.at, with_year=True),
            )
            said.append(labelled(until, rule.text or _("（空）")))
        return said[::-1]

    def _comparison(self, text: IndicatorText) -> str:
        if text.kind in (Kind.MILESTONE, Kind.NARRATIVE) or text.comparator is Comparator.AT_LEAST:
            return ""
        word = str(COMPARATORS[text.comparator])
        if text.comparator is not Comparator.ABOUT:
            return word
        tolerance = rule_of_text(self._document, text).tolerance_tenths
        return _("%(word)s，少 %(percent)s%% 以内算达到", word=word, percent=show_tenths(tolerance))

    def _judging(self, text: IndicatorText) -> str:
        if text.plan is not None:
            return _("按自定的计划进度评判")
        rule = rule_of_text(self._document, text)
        if rule.is_staged:
            return _("按分年阶段，到阶段月份才评判，不按时间进度")
        if rule.is_held and text.kind is not Kind.KEPT:
            return _("每期看是否在限内，不按时间进度评判")
        return str(KINDS[text.kind].judged)

    def _plan(self, text: IndicatorText) -> str:
        if text.plan is None:
            return ""
        return _("各月末累计百分数：%(plan)s", plan=listed(show_tenths(tenths) for tenths in text.plan))

    def _part(self, text: IndicatorText) -> str:
        said = []
        if text.part_of is not None:
            said.append(_("是“%(whole)s”的一部分", whole=self._names.get(text.part_of, text.part_of)))
        if self._wholes[text.code]:
            said.append(_("有 %(count)s 个部分", count=self._wholes[text.code]))
        if text.parts_complete is not None:
            said.append(_("各部分合起来等于整体") if text.parts_complete else _("另有未列出的部分"))
        return phrases(said)

    def _allocations(self, text: IndicatorText) -> str:
        count = self._divided.get(text.code, 0)
        return _("分到 %(count)s 家", count=count) if count else _("由本级承担")
