"""One pledge of a list at a node: its indicators, the year so far against the plan, and who stands where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from tracker.domain.prose import show_amount
from tracker.domain.ranking import shared_ranks
from tracker.features.dashboards.asked import kept
from tracker.features.dashboards.curve import Curve
from tracker.features.dashboards.instant import Instant
from tracker.features.dashboards.leading import leading, pace_tenths, score, season_tenths, why
from tracker.features.dashboards.matrix import column_name
from tracker.features.dashboards.queries import Step, Told
from tracker.services.progress_table import Branch, Judged, PledgeStanding, ProgressTable
from tracker.services.tree import Unit
from tracker.web.figure_words import ACTION_LIGHTS, action_word
from tracker.web.filters import moment
from tracker.web.i18n import translate

DASH = "—"


@dataclass(frozen=True, slots=True)
class PledgePage:
    """What was read for the pledge at position ``at``; ``chosen`` is the indicator the curve shows."""

    table: ProgressTable
    at: int
    chosen: Judged | None
    texts: Mapping[int, Told]
    steps: Sequence[Step]
    sees: Callable[[Unit], bool]
    shows_units: bool
    instant: Instant

    def context(self) -> dict[str, Any]:
        """Everything templates/dashboards/pledge.html reads."""
        pledge, promise = self._pledge, self._pledge.promise
        curve = None if self.chosen is None else Curve(self.table, self.at, self.chosen)
        return {
            "heading": promise.title,
            "number": promise.number,
            "trail": [
                {"label": self.table.head.title, "url": self._overview_url()},
                {"label": self.table.node.name, "url": None},
            ],
            "trail_note": _(
                "截至 %(cutoff)s · 第 %(seal)s 号封存", cutoff=self.table.cutoff, seal=self.table.seal or 0
            ),
            "light": pledge.light.value,
            "sentence": translate(why(pledge, self.table.month)),
            "facts": self._facts(),
            "before_url": self._neighbour(-1),
            "next_url": self._neighbour(1),
            "indicators": [self._indicator(one) for one in pledge.indicators],
            "curve": None if curve is None else curve.context(),
            "choices": self._choices(),
            "units": self._units() if self.shows_units else [],
            "is_ranked": self.table.head.is_ranked,
            "expected_tenths": next(
                (one.standing.expected_tenths for one in pledge.indicators if one.standing.expected_tenths),
                None,
            ),
            "events": [self._event(step) for step in self.steps],
            **self.instant.context(),
        }

    @property
    def _pledge(self) -> PledgeStanding:
        return self.table.pledges[self.at]

    def _facts(self) -> list[tuple[str, str]]:
        promise = self._pledge.promise
        return [
            (_("牵头部门"), promise.lead or DASH),
            (_("配合部门"), "、".join(promise.supporting) or DASH),
            (_("亮灯规则"), _("第 %(number)s 版", number=self.table.head.rule_set)),
        ]

    def _overview_url(self) -> str:
        anchor = f"pledge-{self._pledge.promise.number}"
        return url_for("dashboards.overview", key=self.table.head.key, **self._state(), _anchor=anchor)

    def _neighbour(self, step: int) -> str | None:
        at = self.at + step
        if not 0 <= at < len(self.table.pledges):
            return None
        return self._url(self.table.pledges[at].promise.number)

    def _url(self, number: int, indicator: str | None = None) -> str:
        key = self.table.head.key
        return url_for("dashboards.pledge", key=key, number=number, indicator=indicator, **self._state())

    def _state(self, unit: Unit | None = None) -> dict[str, Any]:
        return kept(self.table, is_past=self.instant.is_past, unit=unit)

    def _trail_url(self, one: Judged, unit: Unit | None = None, *, own: int | None = None) -> str:
        key, code = self.table.head.key, one.listed.rule.code
        return url_for("dashboards.trail", key=key, indicator=code, own=own, **self._state(unit))

    def _indicator(self, one: Judged) -> dict[str, Any]:
        rule, standing, last = one.listed.rule, one.standing, one.listed.last_year
        season = season_tenths(self.table, one)
        return {
            "name": rule.name,
            "counting_rule": one.listed.counting_rule,
            "trail_url": self._trail_url(one),
            "actual": DASH if standing.actual is None else show_amount(rule, standing.actual),
            "target": DASH if standing.target is None else show_amount(rule, standing.target),
            "target_url": self._target_url(one),
            "last_year": DASH if last is None else show_amount(rule, last),
            "percent_tenths": standing.completion_tenths,
            "expected_tenths": standing.expected_tenths,
            "gap_tenths": standing.gap_tenths,
            "light": standing.light.value,
            "forecast_tenths": pace_tenths(self.table, self.at, one) if season is None else season,
            "forecast_note": _("按去年进度") if season is not None else _("按近三期速度"),
        }

    def _target_url(self, one: Judged) -> str | None:
        """How the node's target came about."""
        if not self.sees(self.table.node) or "targets.history" not in current_app.view_functions:
            return None
        key, code = self.table.head.key, self.table.node.code
        return url_for("targets.history", key=key, code=code, indicator=one.listed.rule.code)

    def _choices(self) -> list[dict[str, Any]]:
        number = self._pledge.promise.number
        return [
            {
                "label": one.listed.rule.name,
                "url": self._url(number, one.listed.rule.code),
                "is_current": one is self.chosen,
            }
            for one in self._pledge.indicators
        ]

    def _units(self) -> list[dict[str, Any]]:
        """The node's parts that take part in this pledge: by rank where the list is ranked, else in official order."""
        parts = [branch for branch in self.table.branches if _takes_part(branch.pledges[self.at])]
        scores = {id(part): score([part.pledges[self.at]]) for part in parts}
        units = [part for part in parts if not part.is_own_level]
        ranks = shared_ranks([scores[id(part)] for part in units])
        places = dict(zip(map(id, units), ranks, strict=True)) if self.table.head.is_ranked else {}
        if places:
            parts.sort(key=lambda part: places.get(id(part)) or len(parts) + 1)
        return [self._unit(part, places.get(id(part))) for part in parts]

    def _unit(self, branch: Branch, place: int | None) -> dict[str, Any]:
        pledge, told = branch.pledges[self.at], self.texts.get(branch.unit.id)
        one = leading(pledge)
        own = 1 if branch.is_own_level else None
        url = self._trail_url(one, branch.unit, own=own) if one and self.sees(branch.unit) else None
        return {
            "place": DASH if place is None else place,
            "name": column_name(branch),
            "url": url,
            "percent_tenths": one.standing.completion_tenths if one else None,
            "light": pledge.light.value,
            "period": told.period if told else None,
            "problems": told.problems if told else "",
            "next_steps": told.next_steps if told else "",
        }

    @staticmethod
    def _event(step: Step) -> dict[str, Any]:
        return {
            "at_text": moment(step.at),
            "at_iso": step.at.isoformat(),
            "light": ACTION_LIGHTS.get(step.action, "done"),
            "actor": step.person,
            "text": f"{action_word(step.action)} · {step.unit} {step.period}",
            "quote": step.text or None,
        }


def _takes_part(pledge: PledgeStanding) -> bool:
    return any(one.totals.assigned for one in pledge.indicators)
