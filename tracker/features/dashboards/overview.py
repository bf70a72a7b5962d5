"""The overview as the template wants it: words, links and ready cells out of the progress table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.domain.figures import show_percent
from tracker.domain.kinds import Light
from tracker.domain.periods import Holidays, late_from
from tracker.domain.rules import FULL
from tracker.domain.workflow import State
from tracker.features.dashboards.asked import kept
from tracker.features.dashboards.choices import Choice, cutoff_choices
from tracker.features.dashboards.instant import Instant
from tracker.features.dashboards.leading import (
    figures_text,
    forecast_tenths,
    leading,
    month_gaps,
    score,
    season_tenths,
    why,
)
from tracker.features.dashboards.matrix import LIGHT_WORDS, matrix
from tracker.features.dashboards.queries import UnderWay, state_of_period
from tracker.services.progress_table import Basis, Branch, Judged, PledgeStanding, ProgressTable
from tracker.services.tree import Unit
from tracker.web.filters import moment, time_left
from tracker.web.i18n import translate

WORST_FIRST = (
    Light.BEHIND, Light.LAGGING, Light.NOT_REPORTED, Light.ON_TRACK, Light.DONE, Light.NOT_JUDGED,
    Light.NOT_ASSIGNED,
)  # fmt: skip
NEEDS_A_REASON = frozenset({Light.BEHIND, Light.LAGGING, Light.NOT_REPORTED, Light.NOT_JUDGED})


@dataclass(frozen=True, slots=True)
class Overview:
    """What a person asked to see, and what was read for it.

    ``now`` is the calendar's (deadlines), ``real_now`` the clock's (how long something has waited).
    """

    table: ProgressTable
    under_way: Sequence[UnderWay]
    now: datetime
    real_now: datetime
    holidays: Holidays
    sees: Callable[[Unit], bool]
    sort: str
    is_reviewer: bool
    shows_units: bool
    instant: Instant
    targets_url: str | None

    def context(self) -> dict[str, Any]:
        """Everything templates/dashboards/overview.html reads."""
        table = self.table
        title = table.head.title
        return {
            "heading": _("%(title)s · 总览", title=title),
            "trail": [
                {
                    "label": table.head.publisher_name,
                    "url": None if table.node.id == table.head.publisher_id else self._url(),
                },
                {"label": table.node.name, "url": None},
            ][: 1 if table.node.id == table.head.publisher_id else 2],
            "trail_note": self._seal_note(),
            "conclusion": self._conclusion(),
            "cutoff": self._cutoff(),
            "cutoff_choices": cutoff_choices(table.head.year, table.month),
            "basis_choices": self._bases(),
            "sort": self.sort if self.sort != "number" else None,
            "node": None if table.node.id == table.head.publisher_id else table.node.code,
            "band": self._band(),
            "notices": self._notices(),
            "sort_links": self._sorts(),
            "pledges": self._pledges(),
            **self._queue(),
            **self._late(),
            **self.instant.context(),
            "matrix": self._matrix() if self.shows_units else None,
            "compare_url": self._compare_url() if self.shows_units and self._parts else None,
            "stale_text": None,
            "exports": [],
        }

    @property
    def _parts(self) -> tuple[Branch, ...]:
        """The node's parts; a unit with nothing below it has none."""
        has_units = any(not branch.is_own_level for branch in self.table.branches)
        return self.table.branches if has_units else ()

    def _url(self, **changes: str | None) -> str:
        """This page's address with other values; without any, at the publisher."""
        state = kept(self.table, is_past=self.instant.is_past)
        state["sort"] = None if self.sort == "number" else self.sort
        return url_for(
            "dashboards.overview", key=self.table.head.key, **{**state, **(changes or {"at": None})}
        )

    def _seal_note(self) -> str:
        if self.table.seal is None:
            return _("尚无封存的数据")
        return _("数据截至第 %(number)s 号封存", number=self.table.seal)

    def _conclusion(self) -> list[dict[str, Any]]:
        counts = self.table.classes
        told = [
            _("%(count)s 件%(word)s", count=counts[light], word=str(LIGHT_WORDS[light]))
            for light in (
                Light.DONE,
                Light.ON_TRACK,
                Light.LAGGING,
                Light.BEHIND,
                Light.NOT_REPORTED,
                Light.NOT_JUDGED,
            )
            if counts[light]
        ]
        parts: list[dict[str, Any]] = [
            {"text": self._verdict(), "is_strong": True, "url": None},
            {
                "text": _("共 %(count)s 件实事", count=len(self.table.pledges))
                + (_("：") + "，".join(told) if told else "")
                + "。",
                "is_strong": False,
                "url": None,
            },
        ]
        return parts + self._worst() + self._warnings()

    def _worst(self) -> list[dict[str, Any]]:
        """The first pledge that lags, and by how much."""
        for _at, pledge in self._ordered():
            if pledge.light in (Light.BEHIND, Light.LAGGING):
                return _named(pledge, "：" + translate(why(pledge, self.table.month)))
        return []

    def _warnings(self) -> list[dict[str, Any]]:
        """Which pledges will miss the year's target as they go now."""
        parts: list[dict[str, Any]] = []
        for at, pledge in enumerate(self.table.pledges):
            ahead, one = forecast_tenths(self.table, at), leading(pledge)
            if ahead is None or ahead >= FULL or one is None or one.standing.is_met:
                continue
            share = show_percent(ahead)
            by_season = season_tenths(self.table, one) is not None
            told = (
                _("按去年同期进度，年底完成 %(share)s%%。", share=share)
                if by_season
                else _("按目前速度年底完成 %(share)s%%。", share=share)
            )
            parts += _named(pledge, told)
        return parts

    def _notices(self) -> list[dict[str, Any]]:
        """What stands in the way of reading the page: nothing assigned yet, or nothing reported this period."""
        table = self.table
        if table.pledges and all(pledge.light is Light.NOT_ASSIGNED for pledge in table.pledges):
            title, text = _("目标还没有下达。"), _("目标分解下达以后，这里会显示各项进度。")
            return [{"title": title, "text": text, "url": self.targets_url, "label": _("去分解目标")}]
        if table.due is not None and self._is_silent():
            text = _("表中是此前的数字，灰色；报数通过后会更新。")
            return [{"title": _("本期还没有单位报数。"), "text": text, "url": None, "label": ""}]
        return []

    def _is_silent(self) -> bool:
        told = [one.standing for pledge in self.table.pledges for one in pledge.indicators]
        return self._is_anything_assigned and not any(standing.reported for standing in told)

    @property
    def _is_anything_assigned(self) -> bool:
        return any(one.standing.assigned for pledge in self.table.pledges for one in pledge.indicators)

    def _verdict(self) -> str:
        counts = self.table.classes
        if self.table.due is None:
            return _("第一个报告期还没有结束。")
        if counts[Light.BEHIND]:
            return _("有 %(count)s 件滞后，需要盯紧。", count=counts[Light.BEHIND])
        if counts[Light.LAGGING]:
            return _("总体推进，有 %(count)s 件预警。", count=counts[Light.LAGGING])
        if counts[Light.NOT_REPORTED]:
            return _("有 %(count)s 件本期还没有报数。", count=counts[Light.NOT_REPORTED])
        if not counts[Light.DONE] + counts[Light.ON_TRACK]:
            return _("还没有可以评判的进展。")
        return _("总体进展顺利。")

    def _cutoff(self) -> dict[str, Any]:
        month = self.table.month
        elapsed = (month * FULL + 6) // 12
        share = show_percent(elapsed)
        return {
            "month": month,
            "elapsed_tenths": elapsed,
            "ruler_label": _("截至 %(month)s月底 · 时间 %(share)s%%", month=month, share=share),
            "axis_label": _("时间 %(share)s%%", share=share),
        }

    def _bases(self) -> list[Choice]:
        words = {Basis.ACCEPTED: _("仅已通过"), Basis.PROVISIONAL: _("含待审数据")}
        return [Choice(basis.value, word, basis is self.table.basis) for basis, word in words.items()]

    def _sorts(self) -> list[Choice]:
        words = {"number": _("按序号"), "lag": _("按落后程度")}
        return [
            Choice(sort, word, sort == self.sort, self._url(sort=None if sort == "number" else sort))
            for sort, word in words.items()
        ]

    def _band(self) -> list[dict[str, Any]]:
        table = self.table
        mean = score(table.pledges)
        counts = [
            {"code": light.value, "count": count} for light in WORST_FIRST if (count := table.classes[light])
        ]
        band = [
            self._item(
                _("平均完成率"), "—" if mean is None else f"{show_percent(mean)}%", _("单项至多计 100%")
            ),
            self._item(_("亮灯情况"), "", lights=counts),
        ]
        if table.due is not None and self._is_anything_assigned:
            reported, assigned = self._reporting()
            note = _("都已报") if reported == assigned else _("%(count)s 家未报", count=assigned - reported)
            title = translate(table.due.title)
            band.append(self._item(_("%(period)s报送", period=title), f"{reported}/{assigned}", note))
        if self.is_reviewer and not self.instant.is_past:
            waiting = [row for row in self.under_way if row.state is State.SIGNED]
            band.append(self._item(_("待我审核"), str(len(waiting)), self._oldest(waiting)))
        return band

    @staticmethod
    def _item(label: str, value: str, note: str = "", *, lights: list[Any] | None = None) -> dict[str, Any]:
        return {"label": label, "value": value, "note": note, "url": None, "lights": lights}

    def _oldest(self, waiting: Sequence[UnderWay]) -> str:
        return _("最早 %(when)s", when=moment(waiting[0].since)) if waiting else ""

    def _reporting(self) -> tuple[int, int]:
        """Parts of the node that have reported everything due, and all that have to."""
        if not self._parts:
            own = [one.standing for pledge in self.table.pledges for one in pledge.indicators]
            return int(all(one.reported >= one.assigned for one in own)), 1
        complete = [branch for branch in self._parts if _is_complete(branch)]
        return len(complete), len(self._parts)

    def _ordered(self) -> list[tuple[int, PledgeStanding]]:
        rows = list(enumerate(self.table.pledges))
        if self.sort == "lag":
            rows.sort(key=lambda row: (WORST_FIRST.index(row[1].light), _gap(row[1]), row[0]))
        return rows

    def _pledges(self) -> list[dict[str, Any]]:
        return [self._pledge(at, pledge) for at, pledge in self._ordered()]

    def _pledge(self, at: int, pledge: PledgeStanding) -> dict[str, Any]:
        one = leading(pledge)
        standing = one.standing if one else None
        reason = translate(why(pledge, self.table.month))
        return {
            "number": pledge.promise.number,
            "title": pledge.promise.title,
            "url": self._pledge_url(pledge),
            "figures": [
                {"text": figures_text(each), "url": self._trail_url(each)} for each in pledge.indicators
            ],
            "trail_url": self._trail_url(one) if one else None,
            "why": reason if pledge.light in NEEDS_A_REASON else None,
            "light": pledge.light.value,
            "percent_tenths": standing.completion_tenths if standing else None,
            "expected_tenths": standing.expected_tenths if standing else None,
            "gap_tenths": standing.gap_tenths if standing else None,
            "since": self.instant.since(at, pledge),
            "forecast_tenths": forecast_tenths(self.table, at),
            "label": f"{pledge.promise.title}：{reason}",
            "months": month_gaps(self.table, at),
            "months_label": _("%(title)s：逐月与序时的差距", title=pledge.promise.title),
        }

    def _queue(self) -> dict[str, Any]:
        if not self.is_reviewer or self.instant.is_past:
            return {"queue": None, "queue_url": None, "queue_count": 0}
        waiting = [row for row in self.under_way if row.state is State.SIGNED]
        return {
            "queue": [
                {
                    "unit": row.name,
                    "url": f"/programmes/{self.table.head.key}/reviews/{row.code}/{row.period}",
                    "note": _(
                        "%(period)s · 第 %(number)s 次提交", period=row.period, number=row.submission_number
                    ),
                    "wait_text": moment(row.since),
                    "is_old": self.real_now - row.since > timedelta(days=2),
                }
                for row in waiting
            ],
            "queue_url": f"/programmes/{self.table.head.key}/reviews",
            "queue_count": len(waiting),
        }

    def _late(self) -> dict[str, Any]:
        is_asked = self.shows_units and not self.instant.is_past
        if self.table.due is None or not is_asked or not self._parts:
            return {"late": None, "late_title": "", "late_note": "", "remind_url": None, "remind_form": None}
        deadline = late_from(self.table.due, self.table.head.due_day, self.holidays)
        is_past = self.now > deadline
        missing = [branch for branch in self._parts if not _is_complete(branch)]
        return {
            "late": [self._late_unit(branch, deadline) for branch in missing],
            "late_title": _("迟报") if is_past else _("未报"),
            "late_note": _("截止 %(when)s", when=moment(deadline)),
            "remind_url": None,
            "remind_form": None,
        }

    def _late_unit(self, branch: Branch, deadline: datetime) -> dict[str, Any]:
        due = self.table.due
        state = state_of_period(self.under_way, branch.unit.id, due) if due else None
        return {
            "unit": _("%(name)s（本级）", name=branch.unit.name) if branch.is_own_level else branch.unit.name,
            "url": self._unit_url(branch.unit),
            "note": str(STATE_NOTES[state]),
            "overdue_text": time_left(deadline, self.now),
            "tone": "red" if self.now > deadline else "yellow",
        }

    def _matrix(self) -> dict[str, Any] | None:
        return matrix(self.table, url_of=self._unit_url, trail_of=self._cell_url) if self._parts else None

    def _trail_url(self, one: Judged, unit: Unit | None = None, *, own: int | None = None) -> str:
        """How an indicator's number came about, here or at a unit below (``own``: its own level alone)."""
        state = kept(self.table, is_past=self.instant.is_past, unit=unit)
        code = one.listed.rule.code
        return url_for("dashboards.trail", key=self.table.head.key, indicator=code, **state, own=own)

    def _pledge_url(self, pledge: PledgeStanding) -> str:
        state = kept(self.table, is_past=self.instant.is_past)
        number = pledge.promise.number
        return url_for("dashboards.pledge", key=self.table.head.key, number=number, **state)

    def _compare_url(self) -> str:
        state = kept(self.table, is_past=self.instant.is_past)
        return url_for("dashboards.compare", key=self.table.head.key, **state)

    def _cell_url(self, one: Judged, branch: Branch) -> str | None:
        if not self.sees(branch.unit):
            return None
        return self._trail_url(one, branch.unit, own=1 if branch.is_own_level else None)

    def _unit_url(self, unit: Unit) -> str | None:
        """The unit's own overview, for whoever may look into it."""
        return self._url(at=unit.code) if self.sees(unit) else None


STATE_NOTES = {
    None: _l("尚未填报"), State.DRAFT: _l("已开始填，未提交"), State.RETURNED: _l("已退回，待修改"), State.SUBMITTED: _l("待本单位审批"),
    State.SIGNED: _l("已上报，待审核"),
}  # fmt: skip


def _named(pledge: PledgeStanding, told: str) -> list[dict[str, Any]]:
    """A pledge's name as a link to its row, and what is said of it."""
    title, url = pledge.promise.title, f"#pledge-{pledge.promise.number}"
    return [
        {"text": title, "is_strong": False, "url": url},
        {"text": told, "is_strong": False, "url": None},
    ]


def _is_complete(branch: Branch) -> bool:
    standings = [one.standing for pledge in branch.pledges for one in pledge.indicators]
    return all(standing.reported >= standing.assigned for standing in standings)


def _gap(pledge: PledgeStanding) -> int:
    one = leading(pledge)
    return one.standing.gap_tenths if one and one.standing.gap_tenths is not None else 0
