"""An indicator as plain values: all that decides how its figures are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tracker.domain.kinds import Comparator, Elapsed, Kind, target_decimals
from tracker.domain.periods import Month, Rhythm

FULL = 1000
"""100.0 % in tenths."""
DEFAULT_TOLERANCE_TENTHS = 50


class Stage(NamedTuple):
    """A step of a goal over several years; ``target`` counts from the goal's start (scaled)."""

    until: Month
    target: int


class LightRule(NamedTuple):
    """The least gap, in tenths of a point, that is still on track, and still only lagging."""

    on_track_tenths: int = 0
    lagging_tenths: int = -100


DEFAULT_LIGHTS = LightRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """All of an indicator and its programme that decides how a figure is judged.

    ``plan``: twelve cumulative tenths of a percent. ``tolerance_tenths``: of a percent, for ``~``.
    ``item_count``: names on a checklist, 0 when it only has a number as target.
    """

    code: str
    name: str
    kind: Kind
    measure: str
    year: int
    decimals: int = 0
    comparator: Comparator = Comparator.AT_LEAST
    is_aspiration: bool = False
    tolerance_tenths: int = DEFAULT_TOLERANCE_TENTHS
    plan: tuple[int, ...] | None = None
    stages: tuple[Stage, ...] = ()
    item_count: int = 0
    rhythm: Rhythm = Rhythm.MONTH
    elapsed: Elapsed = Elapsed.MONTHS
    lights: LightRule = DEFAULT_LIGHTS

    @property
    def target_decimals(self) -> int:
        """Places of targets, actuals and bare rates; parts and bases have ``decimals``."""
        return target_decimals(self.kind, self.decimals)

    @property
    def is_capped(self) -> bool:
        """Whether the comparator wants little; a narrative has nothing to compare."""
        return self.comparator.is_cap and self.kind is not Kind.NARRATIVE

    @property
    def is_held(self) -> bool:
        """Kept levels and caps: right or wrong at every cut-off, done only by December."""
        return self.kind is Kind.KEPT or self.is_capped

    @property
    def is_staged(self) -> bool:
        """Stages stand in for a plan: nothing is judged before this year's stage."""
        return bool(self.stages) and self.plan is None

    @property
    def goal(self) -> Stage | None:
        """The last stage, which is the whole promise."""
        return self.stages[-1] if self.stages else None

    @property
    def stage(self) -> Stage | None:
        """This year's stage, the last one where the year has several."""
        return next((stage for stage in reversed(self.stages) if stage.until.year == self.year), None)

    def is_stage_due(self, due: int | None) -> bool:
        """Whether this year's stage ends by the due period's last month."""
        return self.stage is not None and due is not None and due >= self.stage.until.month


class Target(NamedTuple):
    """A node's own target (scaled by the rule's target decimals) and base (scaled by its decimals).

    ``is_base_missing``: the publisher's target has a base and this one has none.
    """

    value: int | None = None
    base: int | None = None
    is_base_missing: bool = False


def year_target(rule: Rule, announced: int | None) -> int | None:
    """The publisher's target of the year: as announced, else out of the stages.

    A flow takes this year's stage minus the last one due before; a level the stage itself.
    Null without an announced number and without a stage in this year.
    """
    if announced is not None or rule.stage is None:
        return announced
    if rule.kind is not Kind.FLOW:
        return rule.stage.target
    before = [stage.target for stage in rule.stages if stage.until.year < rule.year]
    return rule.stage.target - (before[-1] if before else 0)
