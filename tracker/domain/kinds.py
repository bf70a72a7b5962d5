"""The closed sets an indicator is made of, and what is true of each kind."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a figure of an indicator is."""

    FLOW = "flow"
    STOCK = "stock"
    KEPT = "kept"
    RATIO = "ratio"
    GROWTH = "growth"
    MILESTONE = "milestone"
    CHECKLIST = "checklist"
    NARRATIVE = "narrative"

    @property
    def facts(self) -> KindFacts:
        """What is true of this kind."""
        return KIND_FACTS[self]


class Comparator(StrEnum):
    """How an actual figure is held against its target; ``=`` is judged like ``>=``."""

    AT_LEAST = ">="
    OVER = ">"
    EQUAL = "="
    ABOUT = "~"
    AT_MOST = "<="
    UNDER = "<"

    @property
    def is_cap(self) -> bool:
        """Whether less is better (以内, 低于)."""
        return self in (Comparator.AT_MOST, Comparator.UNDER)


class Judgement(StrEnum):
    """What a unit says of itself in a narrative line, best first."""

    DONE = "done"
    ON_TRACK = "on_track"
    LAGGING = "lagging"


class Light(StrEnum):
    """How far a promise is, as one word."""

    DONE = "done"
    ON_TRACK = "on_track"
    LAGGING = "lagging"
    BEHIND = "behind"
    NOT_REPORTED = "not_reported"
    NOT_ASSIGNED = "not_assigned"
    NOT_JUDGED = "not_judged"


class EvidenceRule(StrEnum):
    """Whether a line of the indicator needs a file."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Elapsed(StrEnum):
    """How the linear plan counts the time gone by."""

    MONTHS = "months"
    DAYS = "days"


class KindFacts(NamedTuple):
    """The facts of one kind, read as a row of ``KIND_FACTS``."""

    is_level: bool
    """A later figure replaces the earlier one instead of being added to it."""
    is_rate: bool
    """The actual is a percent of a numerator and a denominator."""
    is_whole: bool
    """Figures and targets take no decimals, whatever the indicator says."""
    has_base: bool
    """A target may carry a base."""
    has_completion: bool
    """Completion against a target is worked out, unless the comparator is a cap."""
    has_plan: bool
    """Time progress is expected even without a plan curve of its own."""
    has_provisional: bool
    """Figures under way can be added to the actual."""


KIND_FACTS: dict[Kind, KindFacts] = {
    #                         level  rate   whole  base   compl. plan   provis.
    Kind.FLOW:      KindFacts(False, False, False, False, True,  True,  True),
    Kind.STOCK:     KindFacts(True,  False, False, True,  True,  True,  True),
    Kind.KEPT:      KindFacts(True,  False, False, False, False, False, True),
    Kind.RATIO:     KindFacts(True,  True,  False, False, False, False, False),
    Kind.GROWTH:    KindFacts(True,  True,  False, True,  False, False, False),
    Kind.MILESTONE: KindFacts(True,  False, True,  False, True,  False, True),
    Kind.CHECKLIST: KindFacts(True,  False, True,  False, True,  True,  True),
    Kind.NARRATIVE: KindFacts(True,  False, True,  False, False, False, False),
}  # fmt: skip

KIND_COMPARATORS: dict[Kind, frozenset[Comparator]] = {kind: frozenset(Comparator) for kind in Kind} | {
    Kind.MILESTONE: frozenset({Comparator.AT_LEAST, Comparator.EQUAL})
}


def target_decimals(kind: Kind, decimals: int) -> int:
    """Places of targets, bare rates and actuals of an indicator with ``decimals`` places.

    Rates print at least one place; milestones and checklists count whole things.
    Parts of a rate (numerator, denominator, base) keep ``decimals`` places.
    """
    facts = kind.facts
    if facts.is_whole:
        return 0
    return max(1, decimals) if facts.is_rate else decimals
