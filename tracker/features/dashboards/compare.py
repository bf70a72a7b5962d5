"""Units or lists beside each other: one panel each, a bar a pledge, all on one scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_babel import gettext as _

from tracker.domain.figures import round_half_away, show_percent
from tracker.domain.kinds import Light
from tracker.domain.lights import classes, explain
from tracker.domain.ranking import shared_ranks
from tracker.domain.rules import FULL
from tracker.features.dashboards.choices import Choice
from tracker.features.dashboards.leading import is_silent, leading, score
from tracker.features.dashboards.matrix import LIGHT_WORDS
from tracker.services.progress_table import Judged, PledgeStanding
from tracker.web.i18n import translate

SORTS = ("completion", "official")
SHOWN = (Light.DONE, Light.ON_TRACK, Light.LAGGING, Light.BEHIND, Light.NOT_REPORTED, Light.NOT_JUDGED)


class Side(NamedTuple):
    """One of those compared; addresses are None where this person may not look, pledges where there is no list."""

    name: str
    pledges: Sequence[PledgeStanding] | None
    url: str | None
    trail_of: Callable[[Judged], str | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared at a month; ``url_of`` gives this page's address in another order."""

    sides: Sequence[Side]
    month: int
    sort: str
    is_ranked: bool
    url_of: Callable[[str], str]

    def context(self) -> dict[str, Any]:
        """Panels, sentence and switch for templates/dashboards/compare.html."""
        scores = [score(side.pledges or ()) for side in self.sides]
        if all(
            is_silent(side.pledges or ())
            for side, mean in zip(self.sides, scores, strict=True)
            if mean is not None
        ):
            scores = [None] * len(scores)  # where nobody has reported, nobody is first
        places = shared_ranks(scores)
        panels = [self._panel(side, *found) for side, *found in zip(self.sides, scores, places, strict=True)]
        if self._order == "completion":
            panels.sort(key=lambda panel: (not panel["has_list"], panel["place"] or len(panels) + 1))
        return {
            "panels": panels,
            "sentence": self._sentence(scores),
            "elapsed_tenths": self._elapsed,
            "is_ranked": self.is_ranked,
            "sort_links": self._sorts() if self.is_ranked else [],
        }

    @property
    def _order(self) -> str:
        return self.sort if self.is_ranked else "official"

    @property
    def _elapsed(self) -> int:
        return round_half_away(self.month * FULL, 12)

    def _sorts(self) -> list[Choice]:
        words = {"completion": _("按平均完成率"), "official": _("按行政区")}
        return [Choice(sort, word, sort == self._order, self.url_of(sort)) for sort, word in words.items()]

    def _sentence(self, scores: Sequence[int | None]) -> str:
        known = [mean for mean in scores if mean is not None]
        if not known:
            return _("还没有可以比较的数字。")
        mean = show_percent(round_half_away(sum(known), len(known)))
        told = [side.pledges for side in self.sides if side.pledges is not None]
        steady = sum(_is_on_track(pledges) for pledges in told)
        sentence = _(
            "%(count)s 家平均完成 %(mean)s%%，%(steady)s 家没有预警和滞后的事项。",
            count=len(told),
            mean=mean,
            steady=steady,
        )
        return sentence + self._silent(scores)

    def _silent(self, scores: Sequence[int | None]) -> str:
        """Who counts as zero in the mean because nothing of theirs is reported yet, so that it can be checked by hand."""
        silent = [
            side.name
            for side, mean in zip(self.sides, scores, strict=True)
            if mean is not None and is_silent(side.pledges or ())
        ]
        if not silent:
            return ""
        return _("%(names)s本期都没有报，平均时按 0 计。", names=_("、").join(silent))

    def _panel(self, side: Side, mean: int | None, place: int | None) -> dict[str, Any]:
        pledges = side.pledges or ()
        counts = classes(pledge.light for pledge in pledges)
        told = [one.standing for pledge in pledges for one in pledge.indicators]
        return {
            "name": side.name,
            "url": side.url,
            "place": place,
            "mean_tenths": None if is_silent(pledges) else mean,
            "has_list": side.pledges is not None,
            "bars": [self._bar(side, pledge) for pledge in pledges if _takes_part(pledge)],
            "lights": [{"code": light.value, "count": counts[light]} for light in SHOWN if counts[light]],
            "reported": sum(standing.reported for standing in told),
            "assigned": sum(standing.assigned for standing in told),
        }

    def _bar(self, side: Side, pledge: PledgeStanding) -> dict[str, Any]:
        one = leading(pledge)
        tenths = one.standing.completion_tenths if one else None
        return {
            "number": pledge.promise.number,
            "title": pledge.promise.title,
            "percent_tenths": tenths,
            "gap_tenths": one.standing.gap_tenths if one else None,
            "light": pledge.light.value,
            "word": str(LIGHT_WORDS[pledge.light]),
            "reason": translate(explain(one.listed.rule, one.standing, self.month)) if one else "",
            "url": side.trail_of(one) if one else None,
        }


def _takes_part(pledge: PledgeStanding) -> bool:
    return pledge.light is not Light.NOT_ASSIGNED


def _is_on_track(pledges: Sequence[PledgeStanding]) -> bool:
    lights = {pledge.light for pledge in pledges}
    return bool(lights & {Light.DONE, Light.ON_TRACK}) and not lights & {Light.LAGGING, Light.BEHIND}
