"""A unit's own page: where it stands against its targets and its peers, and what it needs each month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from tracker.domain.figures import show_percent
from tracker.domain.kinds import Light
from tracker.domain.outlook import needed_per_month
from tracker.domain.ranking import median, shared_ranks
from tracker.features.dashboards.leading import is_silent, score
from tracker.services.progress_table import Branch, Judged, ProgressTable
from tracker.web.figure_words import amount

DASH = "—"
FEWEST_PEERS = 3
"""With fewer units beside each other the middle tells one of them."""


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A table at a unit below the publisher, with its peers."""

    table: ProgressTable
    trail_of: Callable[[Judged], str]

    def context(self) -> dict[str, Any] | None:
        """What ``_own.html`` shows; None where the unit carries nothing."""
        rows = [
            self._row(pledge.promise.number, one)
            for pledge in self.table.pledges
            for one in pledge.indicators
            if one.standing.light is not Light.NOT_ASSIGNED
        ]
        if not rows:
            return None
        return {
            "rows": rows,
            "has_peers": len(self.table.peers) >= FEWEST_PEERS,
            "is_ranked": self.table.head.is_ranked and len(self.table.peers) >= FEWEST_PEERS,
            "sentence": self._sentence(),
            "months_left": 12 - self.table.month,
        }

    def _sentence(self) -> str:
        """The place among the peers and how far the middle one is."""
        scores = [score(peer.pledges) for peer in self.table.peers]
        mine, middle = score(self.table.pledges), median(scores)
        if (
            mine is None
            or middle is None
            or is_silent(self.table.pledges)
            or len(self.table.peers) < FEWEST_PEERS
        ):
            return ""
        told = _(
            "本单位平均完成 %(mine)s%%，同级 %(count)s 家的中位数是 %(middle)s%%", mine=show_percent(mine),
            count=len(scores), middle=show_percent(middle),
        )  # fmt: skip
        silent = any(is_silent(peer.pledges) for peer in self.table.peers)
        told_more = _("平均时未报的计 0，下表只比已报的。") if silent else ""
        if not self.table.head.is_ranked:
            return told + _("。") + told_more
        place = shared_ranks(scores)[self._position()]
        return told + _("，排第 %(place)s 位。", place=place or DASH) + told_more

    def _position(self) -> int:
        ids = [peer.unit.id for peer in self.table.peers]
        return ids.index(self.table.node.id)

    def _row(self, number: int, one: Judged) -> dict[str, Any]:
        rule, standing = one.listed.rule, one.standing
        needed = needed_per_month(rule, standing, self.table.month)
        among = [_of(peer, one) for peer in self.table.peers]
        told = [self._shown(other) for other in among if other.standing.light is not Light.NOT_ASSIGNED]
        middle = median(told) if len(told) >= FEWEST_PEERS else None
        mine = self._shown(one)
        return {
            "number": number,
            "name": rule.name,
            "trail_url": self.trail_of(one),
            "actual": DASH if standing.actual is None else amount(rule, standing.actual),
            "target": DASH if standing.whole is None else amount(rule, standing.whole),
            "percent_tenths": standing.completion_tenths,
            "expected_tenths": standing.expected_tenths,
            "gap_tenths": standing.gap_tenths,
            "median_tenths": middle,
            "to_median_tenths": None if mine is None or middle is None else mine - middle,
            "place": self._place(one, among) if len(told) >= FEWEST_PEERS else DASH,
            "peers": len(told),
            "needed": self._needed(one, needed),
            "light": standing.light.value,
        }

    @staticmethod
    def _shown(one: Judged) -> int | None:
        """Completion; of what was not reported for the period nothing is compared."""
        is_told = one.standing.light is not Light.NOT_REPORTED
        return one.standing.completion_tenths if is_told else None

    def _place(self, one: Judged, among: list[Judged]) -> str:
        ranks = shared_ranks([self._shown(other) for other in among])
        place = ranks[self._position()]
        return DASH if place is None else str(place)

    @staticmethod
    def _needed(one: Judged, needed: int | None) -> str:
        if needed is None:
            return DASH
        return amount(one.listed.rule, needed) if needed else _("已达到")


def _of(branch: Branch, wanted: Judged) -> Judged:
    return next(
        one for pledge in branch.pledges for one in pledge.indicators if one.listed.id == wanted.listed.id
    )
