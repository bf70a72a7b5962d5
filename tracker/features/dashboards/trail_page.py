"""How one number came about: its formula with values, the parts it adds up to, and the reports behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.figures import show_exact
from tracker.domain.kinds import Kind
from tracker.domain.lights import explain
from tracker.domain.progress import Standing
from tracker.domain.rules import FULL
from tracker.features.dashboards.asked import kept
from tracker.features.dashboards.instant import Instant
from tracker.features.dashboards.matrix import left_note
from tracker.features.dashboards.papers import Paper, Said
from tracker.services.progress_table import Basis, Branch, Judged, ProgressTable
from tracker.services.stand_ins import StandIn
from tracker.services.trail import Source
from tracker.services.tree import Unit
from tracker.web.figure_words import ACTION_LIGHTS, action_word, amount
from tracker.web.filters import moment, month_end
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name

DASH = "—"
MOST_BELOW = 300
"""With more reporting units below, their reports are reached through the parts."""


@dataclass(frozen=True, slots=True)
class Trail:
    """One indicator at one node, as asked for by the address.

    ``is_own_level`` looks at what the node reported itself; ``sources`` are None where the parts are shown
    instead, and ``is_subtree`` where they are those of everything below. ``papers`` by revision.
    """

    table: ProgressTable
    judged: Judged
    is_own_level: bool
    sources: Sequence[Source] | None
    is_subtree: bool
    papers: Mapping[int, Paper]
    said: Sequence[Said]
    sees: Callable[[Unit], bool]
    instant: Instant

    def context(self) -> dict[str, Any]:
        """Everything templates/dashboards/trail.html reads."""
        rule, standing = self.judged.listed.rule, self.judged.standing
        parts = self._parts()
        return {
            "heading": rule.name,
            "trail": self._breadcrumbs(),
            "trail_note": self._note(),
            **self.instant.context(),
            "back_url": self._overview_url(),
            "figure_text": self._amount(standing.actual),
            "light": standing.light.value,
            "sentence": translate(explain(rule, standing, self.table.month)),
            "formula": self._formula(),
            "facts": self._facts(),
            "parts": parts,
            "total_text": self._pair(standing) or self._amount(standing.actual),
            "agrees": self._agrees(parts),
            "sources": None
            if self.sources is None
            else [self._source(source) for source in self._newest_first()],
            "names_units": self.is_subtree or self._has_others(),
            "parts_url": self._trail_url(self.table.node) if self.is_subtree else None,
            "events": [self._event(said) for said in self.said],
        }

    def _has_others(self) -> bool:
        """Whether lines of other units are among them: of those that were merged into this one."""
        return any(source.unit_code != self.table.node.code for source in self.sources or ())

    def _newest_first(self) -> list[Source]:
        """Of many units the newest reports come first; of one unit they stay in order of time."""
        sources = list(self.sources or ())
        return sorted(sources, key=lambda source: -source.month) if self.is_subtree else sources

    def _note(self) -> str:
        if self.table.seal is None:
            return _("尚无封存的数据")
        return _(
            "截至 %(cutoff)s · 第 %(seal)s 号封存", cutoff=month_end(self.table.cutoff), seal=self.table.seal
        )

    def _breadcrumbs(self) -> list[dict[str, Any]]:
        name = _("%(name)s（本级）", name=self.table.node.name) if self.is_own_level else self.table.node.name
        return [
            {"label": self.table.head.title, "url": self._overview_url()},
            {"label": name, "url": None},
        ]

    def _overview_url(self) -> str:
        anchor = f"pledge-{self._pledge_number()}"
        return url_for("dashboards.overview", key=self.table.head.key, **self._place(), _anchor=anchor)

    def _pledge_number(self) -> int:
        ids = {pledge.promise.id: pledge.promise.number for pledge in self.table.pledges}
        return ids[self.judged.listed.pledge_id]

    def _place(self, unit: Unit | None = None) -> dict[str, Any]:
        return kept(self.table, is_past=self.instant.is_past, unit=unit)

    def _amount(self, value: int | None) -> str:
        return DASH if value is None else amount(self.judged.listed.rule, value)

    def _formula(self) -> str | None:
        """Completion with its values, where one can be worked out."""
        standing = self.judged.standing
        if pair := self._pair(standing):
            change = " − 1" if self.judged.listed.rule.kind is Kind.GROWTH else ""
            return f"{pair}{change} = {self._amount(standing.actual)}"
        if standing.completion_tenths is None or standing.whole is None:
            return None
        actual, whole = self._amount(standing.actual), self._amount(standing.whole)
        percent = f"{standing.completion_tenths // 10}.{standing.completion_tenths % 10}"
        if standing.base is not None:
            base = self._amount(standing.base)
            return f"({actual} − {base}) ÷ ({whole} − {base}) = {percent}%"
        return f"{actual} ÷ {whole} = {percent}%"

    def _pair(self, standing: Standing) -> str | None:
        """The two parts of a rate, as they are divided; None for other kinds and a bare rate."""
        if standing.numerator is None or not standing.denominator:
            return None
        places = self.judged.listed.rule.decimals
        return f"{show_exact(standing.numerator, places)} ÷ {show_exact(standing.denominator, places)}"

    def _facts(self) -> list[tuple[str, str]]:
        listed, standing = self.judged.listed, self.judged.standing
        facts = [
            (_("目标"), self._amount(standing.target)),
            (
                _("承担单位"),
                _(
                    "%(count)s 个，本期已报 %(reported)s 个",
                    count=standing.assigned,
                    reported=standing.reported,
                ),
            ),
            (_("统计口径"), listed.counting_rule or _("未另作说明")),
            (_("统计范围"), _("仅已通过") if self.table.basis is Basis.ACCEPTED else _("含待审数据")),
        ]
        if standing.unknown:
            facts.append((_("数量不详"), _("%(count)s 个单位", count=standing.unknown)))
        if standing.provisional:
            facts.append((_("待审"), self._amount(standing.provisional)))
        return facts

    def _parts(self) -> list[dict[str, Any]]:
        """The node's parts that have to report, each as wide as its share of the largest."""
        if self.sources is not None:
            return []
        found = self._counted_branches()
        largest = max((abs(self._of(branch).standing.actual or 0) for branch in found), default=0)
        return [self._part(branch, largest) for branch in found]

    def _of(self, branch: Branch) -> Judged:
        """What of a part the figure holds."""
        return branch.counted(self.judged.listed.id)

    def _part(self, branch: Branch, largest: int) -> dict[str, Any]:
        here, one = self._of(branch).standing, branch.judged(self.judged.listed.id)
        actual = here.actual
        return {
            "name": _("本级") if branch.is_own_level else branch.unit.short_name,
            "note": self._span_note(branch),
            "url": None if branch.has_left else self._part_url(branch),
            "actual": actual,
            "value_text": self._amount(actual),
            "pair_text": self._pair(here),
            "share_tenths": abs(actual or 0) * FULL // largest if largest else 0,
            "percent_tenths": one.standing.completion_tenths,
            "light": None if branch.has_left else one.standing.light.value,
            "reports_url": None if branch.has_left else self._reports_url(branch, one),
        }

    def _span_note(self, branch: Branch) -> str | None:
        """Of a part that came or went during the year: which months count here, and its own whole year."""
        if branch.has_left or branch.here is None:
            return left_note(branch) if branch.has_left else None
        whole = self._amount(branch.judged(self.judged.listed.id).standing.actual)
        return _(
            "%(since)s月起计入这里；它今年累计 %(whole)s，完成率和亮灯按它的全年目标算",
            since=branch.since,
            whole=whole,
        )

    def _reports_url(self, branch: Branch, one: Judged) -> str | None:
        """Straight to all reports below a part, where they are few enough for a page."""
        is_few = one.totals.reported > 0 and one.totals.assigned <= MOST_BELOW
        if branch.is_own_level or not is_few or not self.sees(branch.unit):
            return None
        return self._trail_url(branch.unit, reports=1)

    def _trail_url(self, unit: Unit, **more: Any) -> str:
        place, code = self._place(unit), self.judged.listed.rule.code
        return url_for("dashboards.trail", key=self.table.head.key, indicator=code, **place, **more)

    def _part_url(self, branch: Branch) -> str | None:
        if not self.sees(branch.unit):
            return None
        return self._trail_url(branch.unit, own=1 if branch.is_own_level else None)

    def _agrees(self, parts: Sequence[dict[str, Any]]) -> bool | None:
        """Whether the parts add up to the figure; None where it is not a sum of what is shown."""
        whole = self.judged.standing
        if not parts or whole.actual is None:
            return None
        found = [
            self._of(branch).standing
            for branch in self._counted_branches()
            if not branch.is_own_level
            or self.table.head.own_level_counts
            or branch.unit.id != self.table.head.publisher_id
        ]
        if not self.judged.listed.rule.kind.facts.is_rate:
            return sum(one.actual or 0 for one in found) == whole.actual
        if whole.numerator is None or whole.denominator is None:
            return None
        sums = sum(one.numerator or 0 for one in found), sum(one.denominator or 0 for one in found)
        return sums == (whole.numerator, whole.denominator)

    def _counted_branches(self) -> list[Branch]:
        """Parts that have to report the indicator, and those that have left figures of it behind."""
        found = [branch for branch in self.table.branches if self._of(branch).totals.assigned]
        left = [
            branch
            for branch in (*self.table.branches, *self.table.former)
            if branch not in found and self._of(branch).totals.amount
        ]
        return [*found, *left]

    def _source(self, source: Source) -> dict[str, Any]:
        paper = self.papers[source.revision_id]
        place: dict[str, Any] = {"key": paper.key, "code": source.unit_code, "period": source.period}
        return {
            "unit": source.unit_name,
            "period": source.period,
            "url": url_for("reports.sheet", **place),
            "files": [
                {
                    "name": file.name,
                    "url": url_for("evidence.download", **place, number=paper.number, evidence_id=file.id),
                }
                for file in paper.files
            ],
            "value_text": self._stated(source),
            "note": source.note,
            "revision": _("第 %(number)s 版", number=source.revision_number),
            "origin": _("导入") if source.origin == "import" else _("填报"),
            "submitted": _who(source.submitted_by, source.submitted_at, source.stand_in("submitted")),
            "signed": _who(source.signed_by, source.signed_at, source.stand_in("signed")),
            "accepted": _who(source.accepted_by, source.accepted_at, source.stand_in("accepted")),
            "answered_by": source.answered_by,
            "digest": (source.submission_digest or "")[:12],
            "seal": source.seal,
        }

    @staticmethod
    def _event(said: Said) -> dict[str, Any]:
        return {
            "at_text": moment(said.at, with_year=True),
            "at_iso": said.at.isoformat(),
            "light": ACTION_LIGHTS.get(said.action, "done"),
            "actor": acting_name(said.person, said.stand_in),
            "text": action_word(said.action),
            "place": f"{said.unit} {said.period}",
            "url": url_for("threads.show", key=said.key, code=said.code, period=said.period),
            "quote": said.text or None,
        }

    def _stated(self, source: Source) -> str:
        figure = source.figure
        if figure.get("unknown"):
            return _("不详")
        numerator, denominator = figure.get("numerator"), figure.get("denominator")
        if numerator is not None:
            return f"{_grouped(numerator)} / {_grouped(denominator)}"
        words = [str(figure[name]) for name in ("done_on", "judgement") if figure.get(name) is not None]
        numbers = [_grouped(figure[name]) for name in ("rate", "value") if figure.get(name) is not None]
        return next(iter(words + numbers), DASH)


def _grouped(exact: object) -> str:
    """An exact number as the document spells it, with thousands separators."""
    return DASH if exact is None else f"{Decimal(str(exact)):,}".replace("-", "−")


def _who(name: str | None, at: Any, stand_in: StandIn | None) -> str:
    return f"{acting_name(name, stand_in)} {moment(at, with_year=True)}" if name else DASH
