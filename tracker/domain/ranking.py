"""The board of units: one score each, and ranks that ties share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracker.domain.figures import round_half_away
from tracker.domain.kinds import Kind, Light
from tracker.domain.progress import Standing
from tracker.domain.rules import FULL, Rule


def board_score(rows: Iterable[tuple[Rule, Standing]]) -> int | None:
    """The mean over a unit's assigned indicators of min(completion, 100), in tenths of a percent.

    Kept levels and caps count 100 or 0, what is not reported 0; rates, narratives and what has no
    target or no number to judge are left out. None when nothing is left.
    """
    scores = [score for rule, standing in rows if (score := _score(rule, standing)) is not None]
    return round_half_away(sum(scores), len(scores)) if scores else None


def _score(rule: Rule, standing: Standing) -> int | None:
    if standing.light is Light.NOT_ASSIGNED or standing.whole is None:
        return None
    if rule.kind.facts.is_rate or rule.kind is Kind.NARRATIVE:
        return None
    if standing.light is Light.NOT_REPORTED:
        return 0
    if rule.is_held:
        return None if standing.light is Light.NOT_JUDGED else FULL * standing.is_met
    return None if standing.completion_tenths is None else min(standing.completion_tenths, FULL)


def shared_ranks(scores: Sequence[int | None]) -> list[int | None]:
    """The place of each score, best 1; equal scores share a place and the next ones are skipped."""
    known = [score for score in scores if score is not None]
    return [None if score is None else 1 + sum(other > score for other in known) for score in scores]


def median(values: Sequence[int | None]) -> int | None:
    """The middle of what is known; between two, their mean rounded half away from zero. None when nothing is."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else round_half_away(known[middle - 1] + known[middle], 2)
