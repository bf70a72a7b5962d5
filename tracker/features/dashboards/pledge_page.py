"""One pledge of a list at a node: its indicators, the year so far against the plan, and who stands where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from tracker.domain.kinds import Comparator, Kind, Light
from tracker.domain.lights import BOUND_SIGNS
from tracker.domain.ranking import shared_ranks
from tracker.features.dashboards.ahead import ahead_of, warning_of
from tracker.features.dashboards.asked import kept
from tracker.features.dashboards.curve import Curve
from tracker.features.dashboards.instant import Instant
from tracker.features.dashboards.leading import Rank, leading, score, why
from tracker.features.dashboards.matrix import column_name, rank_cell
from tracker.features.dashboards.nodes import node_rows
from tracker.features.dashboards.told import File, Step, Telling
from tracker.services.counting_rules import CountingRule
from tracker.services.progress_table import Branch, Judged, PledgeStanding, ProgressTable
from tracker.services.tree import Unit
from tracker.web.evidence_words import file_look
from tracker.web.figure_words import ACTION_LIGHTS, action_word, amount
from tracker.web.filters import moment, month_end
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name
from tracker.web.punctuation import listed

DASH = "—"
PLAIN = (Comparator.AT_LEAST, Comparator.EQUAL)
"""Goals that are told by the number alone."""


@dataclass(frozen=True, slots=True)
class PledgePage:
    """What was read for the pledge at position ``at``; ``chosen`` is the indicator the curve shows."""

    table: ProgressTable
    at: int
    chosen: Judged | None
    told: Telling
    rules: Mapping[str, Sequence[CountingRule]]
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
                "截至 %(cutoff)s · 第 %(seal)s 号封存",
                cutoff=month_end(self.table.cutoff),
                seal=self.table.seal or 0,
            ),
            "promise": self._promise(),
            "light": pledge.light.value,
            "sentence": translate(why(pledge, self.table.month)),
            "facts": self._facts(),
            "before_url": self._neighbour(-1),
            "next_url": self._neighbour(1),
            "indicators": [self._indicator(one) for one in pledge.indicators],
            "curve": None if curve is None else curve.context(),
            "choices": self._choices(),
            "units": self._units() if self.shows_units else [],
            "words": self._words(),
            "nodes": node_rows(self.table, pledge, self.told.nodes),
            "files": [self._file(file) for file in self.told.files],
            "files_count": self.told.files_count,
            "warning": self._warning(),
            "is_ranked": self.table.head.is_ranked,
            "expected_tenths": next(
                (one.standing.expected_tenths for one in pledge.indicators if one.standing.expected_tenths),
                None,
            ),
            "events": [self._event(step) for step in self.told.steps],
            **self.instant.context(),
        }

    @property
    def _pledge(self) -> PledgeStanding:
        return self.table.pledges[self.at]

    def _promise(self) -> str:
        """What was promised: the list's words, and what is to be reached this year."""
        goals = [self._goal(one) for one in self._pledge.indicators if one.listed.part_of is None]
        title = self._pledge.promise.title
        return title + (_("：") + _("；").join(goals) if goals else "") + _("。")

    @staticmethod
    def _goal(one: Judged) -> str:
        rule, target = one.listed.rule, one.standing.whole
        if target is None or rule.kind in (Kind.MILESTONE, Kind.NARRATIVE):
            return rule.name
        sign = "" if rule.comparator in PLAIN else BOUND_SIGNS[rule.comparator]
        return f"{rule.name} {sign}{amount(rule, target)}"

    def _facts(self) -> list[tuple[str, str]]:
        promise = self._pledge.promise
        return [
            (_("牵头部门"), promise.lead or DASH),
            (_("配合部门"), listed(promise.supporting) or DASH),
            (_("汇总单位"), self.table.node.name),
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
        ahead = ahead_of(self.table, self.at, one)
        return {
            "name": rule.name,
            "counting_rule": one.listed.counting_rule,
            "rules": self._rules(one),
            "trail_url": self._trail_url(one),
            "actual": DASH if standing.actual is None else amount(rule, standing.actual),
            "target": DASH if standing.target is None else amount(rule, standing.target),
            "target_url": self._target_url(one),
            "last_year": DASH if last is None else amount(rule, last),
            "percent_tenths": standing.completion_tenths,
            "expected_tenths": standing.expected_tenths,
            "gap_tenths": standing.gap_tenths,
            "light": standing.light.value,
            "forecast_tenths": ahead.best,
            "forecast_note": _("按去年进度") if ahead.by_season is not None else _("按近三期速度"),
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

    def _rules(self, one: Judged) -> list[dict[str, Any]]:
        """The counting rule's versions, the newest first; empty where there was but one and it says nothing."""
        found = self.rules.get(one.listed.rule.code, ())
        return [
            {
                "title": _("第 %(number)s 版，%(day)s起", number=number, day=moment(rule.at, with_year=True)),
                "text": rule.text or _("未另作说明"),
                "is_current": number == len(found),
            }
            for number, rule in reversed(list(enumerate(found, 1)))
            if rule.text or len(found) > 1
        ]

    def _warning(self) -> dict[str, str] | None:
        """That the year's target will be missed as things go, and what would mend it."""
        found = warning_of(self.table, self.at)
        return None if found is None else {"ahead": translate(found.ahead), "mend": translate(found.mend)}

    def _units(self) -> list[dict[str, Any]]:
        """The node's parts that take part in this pledge: by rank where the list is ranked, else in official order."""
        parts = [branch for branch in self.table.branches if _takes_part(branch.pledges[self.at])]
        places = self._places(self.table.branches) if self.table.head.is_ranked else {}
        before = self._places(self.table.past_branches) if places else {}
        if places:
            parts.sort(key=lambda part: places.get(_key(part)) or len(parts) + 1)
        return [self._unit(part, places.get(_key(part)), before.get(_key(part))) for part in parts]

    def _places(self, branches: Sequence[Branch]) -> dict[tuple[int, bool], int | None]:
        """The rank of each unit by this pledge alone; the own level takes no part."""
        units = [
            branch for branch in branches if not branch.is_own_level and _takes_part(branch.pledges[self.at])
        ]
        ranks = shared_ranks([score([branch.pledges[self.at]]) for branch in units])
        return dict(zip(map(_key, units), ranks, strict=True))

    def _unit(self, branch: Branch, place: int | None, before: int | None) -> dict[str, Any]:
        pledge = branch.pledges[self.at]
        one = leading(pledge)
        own = 1 if branch.is_own_level else None
        url = self._trail_url(one, branch.unit, own=own) if one and self.sees(branch.unit) else None
        is_known = place is not None and before is not None and pledge.light is not Light.NOT_REPORTED
        move = rank_cell(Rank(place, (before or 0) - (place or 0) if is_known else None))
        return {
            "place": move["place"],
            "move_text": move["move_text"],
            "direction": move["direction"],
            "name": column_name(branch),
            "url": url,
            "percent_tenths": one.standing.completion_tenths if one else None,
            "light": pledge.light.value,
        }

    def _words(self) -> list[dict[str, Any]]:
        """Problems and next steps as each unit last reported them, in official order, silent ones left out."""
        order = {branch.unit.id: at for at, branch in enumerate(self.table.branches)}
        said = [
            (order.get(unit, -1), text)
            for unit, text in self.told.texts.items()
            if text.problems.strip() or text.next_steps.strip()
        ]
        return [
            {
                "unit": text.unit,
                "period": text.period,
                "url": self._sheet_url(text.code, text.period),
                "problems": text.problems,
                "next_steps": text.next_steps,
            }
            for _order, text in sorted(said)
        ]

    def _sheet_url(self, code: str, period: str) -> str:
        return url_for("reports.sheet", key=self.table.head.key, code=code, period=period)

    def _file(self, file: File) -> dict[str, Any]:
        place: dict[str, Any] = {"key": self.table.head.key, "code": file.code, "period": file.period}
        number = self._pledge.promise.number
        return {
            "name": file.name,
            "url": url_for("evidence.download", **place, number=number, evidence_id=file.id),
            "folder_url": url_for("evidence.folder", **place, number=number),
            "kind": file_look(file.media),
            "mark": file.media.upper(),
            "thumbnail": None,
            "line_name": f"{file.unit} {file.period}",
            "note": f"{acting_name(file.by, file.stand_in)} {moment(file.at)}",
            "reused": (),
        }

    def _event(self, step: Step) -> dict[str, Any]:
        place: dict[str, Any] = {"key": self.table.head.key, "code": step.code, "period": step.period}
        return {
            "at_text": moment(step.at),
            "at_iso": step.at.isoformat(),
            "light": ACTION_LIGHTS.get(step.action, "done"),
            "actor": acting_name(step.person, step.stand_in),
            "text": action_word(step.action),
            "place": f"{step.unit} {step.period}",
            "url": url_for("threads.show", **place),
            "quote": step.text or None,
        }


def _key(branch: Branch) -> tuple[int, bool]:
    return branch.unit.id, branch.is_own_level


def _takes_part(pledge: PledgeStanding) -> bool:
    return any(one.totals.assigned for one in pledge.indicators)
