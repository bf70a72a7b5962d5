"""The sentence on top of an overview: which pledges, where, by how much, who has not reported; and the early warnings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from tracker.domain.figures import show_percent
from tracker.domain.kinds import Light
from tracker.domain.rules import FULL
from tracker.features.dashboards.ahead import Ahead, ahead_of, warning_of
from tracker.features.dashboards.leading import leading
from tracker.features.dashboards.matrix import LIGHT_WORDS, column_name
from tracker.services.progress_table import Branch, PledgeStanding, ProgressTable
from tracker.web.i18n import translate
from tracker.web.punctuation import between, listed, phrases

TOLD = (
    Light.DONE, Light.ON_TRACK, Light.LAGGING, Light.BEHIND, Light.NOT_REPORTED, Light.NOT_JUDGED,
)  # fmt: skip
SLOW = (Light.BEHIND, Light.LAGGING)
MOST_PLEDGES = 3
MOST_UNITS = 3

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A table to be summed up; ``parts`` are named where they may be, ``late`` are the names of who owes reports.

    ``is_open``: the period it speaks of is over, so that silence means something.
    """

    table: ProgressTable
    parts: Sequence[Branch]
    late: Sequence[str]
    is_open: bool
    pledge_url: Callable[[PledgeStanding], str]

    def sentence(self) -> list[Part]:
        """The conclusion in pieces: ``text``, ``is_strong``, ``url``."""
        counts = self.table.classes
        told = [
            _("%(count)s 件%(word)s", count=counts[light], word=str(LIGHT_WORDS[light]))
            for light in TOLD
            if counts[light]
        ]
        total = _("共 %(count)s 件实事", count=len(self.table.pledges))
        summed = total + (_("：") + phrases(told) if told else "") + _("。")
        return [
            _part(self._verdict() + between(), is_strong=True),
            _part(summed),
            *self._slow(),
            *self._alarm(),
            *self._silent(),
        ]

    def warnings(self) -> list[dict[str, Any]]:
        """Which pledges will miss the year's target as they go now, and what would mend it; sure ones first."""
        found = [
            (warning, pledge)
            for at, pledge in enumerate(self.table.pledges)
            if (warning := warning_of(self.table, at)) is not None
        ]
        found.sort(key=lambda pair: not pair[0].is_sure)
        return [
            {
                "title": pledge.promise.title,
                "url": self.pledge_url(pledge),
                "light": "behind" if warning.is_sure else "lagging",
                "ahead": translate(warning.ahead),
                "mend": translate(warning.mend),
            }
            for warning, pledge in found
        ]

    def _verdict(self) -> str:
        counts = self.table.classes
        if self.table.due is None:
            return _("第一个报告期还没有结束。")
        if counts[Light.BEHIND]:
            return _("有 %(count)s 件滞后，需要盯紧。", count=counts[Light.BEHIND])
        if counts[Light.LAGGING]:
            return _("总体推进，有 %(count)s 件预警。", count=counts[Light.LAGGING])
        if counts[Light.NOT_REPORTED] and not self.is_open:
            return _("本期还没有结束。")
        if counts[Light.NOT_REPORTED]:
            return _("有 %(count)s 件本期还没有报数。", count=counts[Light.NOT_REPORTED])
        if not counts[Light.DONE] + counts[Light.ON_TRACK]:
            return _("还没有可以评判的进展。")
        return _("总体进展顺利。")

    @property
    def _slowest(self) -> list[tuple[int, int, PledgeStanding]]:
        """Gap, position and pledge of what lags most, the worst first."""
        rows = [
            (gap, at, pledge)
            for at, pledge in enumerate(self.table.pledges)
            if pledge.light in SLOW and (gap := _gap(pledge)) is not None and gap < 0
        ]
        rows.sort(key=lambda row: (SLOW.index(row[2].light), row[0], row[1]))
        return rows[:MOST_PLEDGES]

    def _slow(self) -> list[Part]:
        """The slowest pledges by name, distance and year's end, the worst with the units behind it."""
        rows = self._slowest
        told: list[Part] = []
        for place, (gap, at, pledge) in enumerate(rows, 1):
            where = self._where(at) if place == 1 else ""
            said = _("落后 %(points)s 点", points=show_percent(-gap)) + where + self._short(at)
            told += [
                _part(pledge.promise.title, url=f"#pledge-{pledge.promise.number}"),
                _part(between() + said + (_("。") if place == len(rows) else _("；"))),
            ]
        return told

    def _short(self, at: int) -> str:
        """How far the pledge at a position will have come by the year's end, where that misses."""
        ahead = ahead_of(self.table, at)
        if warning_of(self.table, at) is None or ahead.best is None or ahead.best >= FULL:
            return ""
        return _("，") + self._ahead_text(ahead)

    def _where(self, at: int) -> str:
        """The units that lag most with the pledge at a position."""
        slow = [
            (gap, column_name(branch))
            for branch in self.parts
            if branch.pledges[at].light in SLOW and (gap := _gap(branch.pledges[at])) is not None
        ]
        slow.sort(key=lambda row: row[0])
        names = [name for _gap_tenths, name in slow[:MOST_UNITS]]
        return _("，主要是%(units)s", units=listed(names)) if names else ""

    def _alarm(self) -> list[Part]:
        """Of the pledges not named yet, the one that will miss the year's target by most, and how many others will."""
        named = {at for _gap_tenths, at, _pledge in self._slowest}
        found = [
            (ahead, pledge)
            for at, pledge in enumerate(self.table.pledges)
            if at not in named
            and warning_of(self.table, at)
            and (ahead := ahead_of(self.table, at)).best is not None
        ]
        missing = [(ahead, pledge) for ahead, pledge in found if (ahead.best or 0) < FULL]
        if not missing:
            return []
        ahead, pledge = min(missing, key=lambda pair: pair[0].best or 0)
        told = between() + self._ahead_text(ahead) + _("。")
        if len(missing) > 1:
            told += _("另有 %(count)s 件年底也完不成。", count=len(missing) - 1) + between()
        return [_part(pledge.promise.title, url=f"#pledge-{pledge.promise.number}"), _part(told)]

    @staticmethod
    def _ahead_text(ahead: Ahead) -> str:
        share = show_percent(ahead.best or 0)
        if ahead.by_season is not None:
            return _("按去年同期进度，年底完成 %(share)s%%", share=share)
        return _("按目前速度年底完成 %(share)s%%", share=share)

    def _silent(self) -> list[Part]:
        """Who has not reported, by name."""
        if not self.late:
            return []
        names = listed(self.late[:MOST_UNITS])
        if len(self.late) > MOST_UNITS:
            told = _("%(names)s等 %(count)s 家本期未报。", names=names, count=len(self.late))
        else:
            told = _("%(names)s本期未报。", names=names)
        return [_part(told)]


def _part(text: str, *, is_strong: bool = False, url: str | None = None) -> Part:
    return {"text": text, "is_strong": is_strong, "url": url}


def _gap(pledge: PledgeStanding) -> int | None:
    one = leading(pledge)
    return one.standing.gap_tenths if one else None
