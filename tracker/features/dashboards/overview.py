"""The overview as the template wants it: words, links and ready cells out of the progress table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.figures import show_percent
from tracker.domain.kinds import Light
from tracker.domain.periods import Holidays
from tracker.domain.rules import FULL
from tracker.features.dashboards.ahead import ahead_of
from tracker.features.dashboards.asides import NOBODY_LATE, Asides, missing_pledges
from tracker.features.dashboards.asked import kept
from tracker.features.dashboards.choices import Choice, cutoff_choices
from tracker.features.dashboards.conclusion import Conclusion
from tracker.features.dashboards.instant import Instant
from tracker.features.dashboards.leading import (
    figures_text,
    has_figures,
    is_silent,
    leading,
    month_gaps,
    score,
    why,
)
from tracker.features.dashboards.matrix import column_name, matrix
from tracker.features.dashboards.own_page import OwnPage
from tracker.features.dashboards.queries import Desks, UnderWay
from tracker.services.progress_table import Basis, Branch, Judged, PledgeStanding, ProgressTable
from tracker.services.tree import Unit
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.punctuation import labelled

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
    desks: Desks
    now: datetime
    real_now: datetime
    holidays: Holidays
    sees: Callable[[Unit], bool]
    sort: str
    is_reviewer: bool
    reminds: int | None
    shows_units: bool
    instant: Instant
    targets_url: str | None
    part: Callable[..., dict[str, Any]]

    def context(self) -> dict[str, Any]:
        """Everything templates/dashboards/overview.html reads; ``part`` keeps what only a new seal changes."""
        scope = (self.sort, self.shows_units, self._seen(), bool(self.table.peers))
        late, is_open = self._late_names(), self.table.due_has_ended(self.now)
        return {
            **self.part("table", self._of_table, *scope),
            **self.part(
                "conclusion",
                lambda: {"conclusion": self._told(late, is_open=is_open).sentence()},
                *scope,
                late,
                is_open,
            ),
            "band": self._band(),
            "notices": self._notices(),
            **self._queue(),
            **self._late(),
            **self.instant.context(),
            "stale_text": self._stale_text(),
        }

    def _of_table(self) -> dict[str, Any]:
        """What follows from the table and from who may look where, whatever lies on desks at this moment."""
        table = self.table
        return {
            "heading": _("%(title)s · 总览", title=table.head.title),
            "trail": self._trail(),
            "trail_note": self._seal_note(),
            "cutoff": self._cutoff(),
            "cutoff_choices": cutoff_choices(table.head.year, table.month),
            "basis_choices": self._bases(),
            "sort": self.sort if self.sort != "number" else None,
            "node": self._at,
            "warnings": self._told((), is_open=True).warnings(),
            "own": self._own(),
            "sort_links": self._sorts(),
            "pledges": self._pledges(),
            "matrix": self._matrix() if self.shows_units else None,
            "compare_url": self._compare_url() if self.shows_units and self._parts else None,
        }

    def _trail(self) -> list[dict[str, Any]]:
        """The way down to the node."""
        head, node = self.table.head, self.table.node
        if node.id == head.publisher_id:
            return [{"label": head.publisher_name, "url": None}]
        return [{"label": head.publisher_name, "url": self._url()}, {"label": node.name, "url": None}]

    def _seen(self) -> tuple[bool, ...]:
        """Which parts may be looked into, in their order."""
        return tuple(self.sees(branch.unit) for branch in self.table.branches)

    def _stale_text(self) -> str | None:
        """That acts have not reached the totals yet: what is shown is the last result, with its moment."""
        seals = self.instant.seals
        if self.instant.is_past or not seals.unsettled:
            return None
        return _(
            "有 %(count)s 次办理还没有汇总进来，这里是 %(when)s 的结果，稍后刷新再看。",
            count=seals.unsettled, when=moment(seals.newest_at),
        )  # fmt: skip

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

    def _late_names(self) -> tuple[str, ...]:
        """Who owes reports, where that may be told."""
        due = self.table.due
        is_asked = self.shows_units and bool(self._parts) and not self.instant.is_past
        if due is None or not self._asides.is_owed(due):
            return ()
        return tuple(column_name(branch) for branch in self._asides.missing) if is_asked else ()

    def _told(self, late: tuple[str, ...], *, is_open: bool) -> Conclusion:
        parts = self._parts if self.shows_units else ()
        return Conclusion(
            table=self.table, parts=parts, pledge_url=self._pledge_url, late=late, is_open=is_open
        )

    def _own(self) -> dict[str, Any] | None:
        """Below the publisher: against targets and peers."""
        is_publisher = self.table.node.id == self.table.head.publisher_id
        return None if is_publisher else OwnPage(self.table, self._trail_url).context()

    def _notices(self) -> list[dict[str, Any]]:
        """What stands in the way of reading the page: nothing assigned yet, or nothing reported this period."""
        table = self.table
        if table.pledges and all(pledge.light is Light.NOT_ASSIGNED for pledge in table.pledges):
            title, text = _("目标还没有下达。"), _("目标分解下达以后，这里会显示各项进度。")
            return [{"title": title, "text": text, "url": self.targets_url, "label": _("去分解目标")}]
        if table.due is None or not self._is_silent():
            return []
        if not table.due_has_ended(self.now) and not has_figures(table.pledges):
            return [self._asides.not_yet(table.due)]
        if self._parts or self._at is None:
            text = _("表中是此前的数字，灰色；报数通过后会更新。")
            if not has_figures(table.pledges):
                text = _("报数通过后，这里会显示各项进度。")
            return [{"title": _("本期还没有单位报数。"), "text": text, "url": None, "label": ""}]
        return [] if self.instant.is_past else [self._asides.own_notice(table.due)]

    def _is_silent(self) -> bool:
        told = [one.standing for pledge in self.table.pledges for one in pledge.indicators]
        return self._is_anything_assigned and not any(standing.reported for standing in told)

    @property
    def _is_anything_assigned(self) -> bool:
        return any(one.standing.assigned for pledge in self.table.pledges for one in pledge.indicators)

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
        mean = None if is_silent(table.pledges) else score(table.pledges)
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
            note = self._missing_note(assigned - reported)
            title = translate(table.due.title)
            band.append(self._item(_("%(period)s报送", period=title), f"{reported}/{assigned}", note))
        if self.is_reviewer and not self.instant.is_past:
            waiting = self._asides.waiting
            band.append(self._item(_("待我审核"), str(len(waiting)), self._oldest(waiting)))
        return band

    def _missing_note(self, missing: int) -> str:
        """How many have nothing accepted, told apart by whether they have done their part."""
        if not missing:
            return _("都已报")
        late = len(self._asides.missing) if self.desks.under_way and self._parts else missing
        notes = [_("%(count)s 家未报", count=late)] if late else []
        if missing > late:
            notes.append(_("%(count)s 家待审", count=missing - late))
        return " · ".join(notes)

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
        complete = [branch for branch in self._parts if not missing_pledges(branch)]
        return len(complete), len(self._parts)

    def ordered(self) -> list[tuple[int, PledgeStanding]]:
        """The pledges with their positions in the list, in the order asked for."""
        rows = list(enumerate(self.table.pledges))
        if self.sort == "lag":
            rows.sort(key=lambda row: (WORST_FIRST.index(row[1].light), _gap(row[1]), row[0]))
        return rows

    def _pledges(self) -> list[dict[str, Any]]:
        return [self._pledge(at, pledge) for at, pledge in self.ordered()]

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
            "has_target": any(each.standing.whole is not None for each in pledge.indicators),
            "percent_tenths": standing.completion_tenths if standing else None,
            "expected_tenths": standing.expected_tenths if standing else None,
            "gap_tenths": standing.gap_tenths if standing else None,
            "since": self.instant.since(at, pledge),
            "forecast_tenths": ahead_of(self.table, at).best,
            "label": labelled(pledge.promise.title, reason),
            "months": month_gaps(self.table, at),
            "months_label": _("%(title)s：逐月与序时的差距", title=pledge.promise.title),
        }

    def _queue(self) -> dict[str, Any]:
        if not self.is_reviewer or self.instant.is_past:
            return {"queue": None, "queue_url": None, "queue_count": 0}
        return self._asides.queue()

    def _late(self) -> dict[str, Any]:
        is_asked = self.shows_units and not self.instant.is_past
        return self._asides.late() if is_asked and self._parts else NOBODY_LATE

    @property
    def _asides(self) -> Asides:
        return Asides(
            table=self.table, parts=self._parts, desks=self.desks, now=self.now, real_now=self.real_now,
            holidays=self.holidays, unit_url=self._unit_url, reminds=self.reminds, back=self._url(at=self._at),
        )  # fmt: skip

    @property
    def _at(self) -> str | None:
        return None if self.table.node.id == self.table.head.publisher_id else self.table.node.code

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
        state = kept(self.table, is_past=self.instant.is_past) | {"sort": None}
        return url_for("dashboards.compare", key=self.table.head.key, **state)

    def _cell_url(self, one: Judged, branch: Branch) -> str | None:
        if not self.sees(branch.unit):
            return None
        return self._trail_url(one, branch.unit, own=1 if branch.is_own_level else None)

    def _unit_url(self, unit: Unit) -> str | None:
        """The unit's own overview, for whoever may look into it."""
        return self._url(at=unit.code) if self.sees(unit) else None


def _gap(pledge: PledgeStanding) -> int:
    one = leading(pledge)
    return one.standing.gap_tenths if one and one.standing.gap_tenths is not None else 0
