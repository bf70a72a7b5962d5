"""How the effect of a correction or revocation is written: before and after at each level."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracker.domain.kinds import Judgement, Kind, Light
from tracker.domain.progress import Standing
from tracker.domain.rules import Rule
from tracker.services.effects import Effect
from tracker.web.figure_words import actual_text, judgement_word


def effect_rows(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """The rows of ``macros/effects.html``; each indicator's name stands at its first level."""
    rows: list[dict[str, Any]] = []
    last = ""
    for effect in effects:
        before, after = _text(effect.rule, effect.before), _text(effect.rule, effect.after)
        rows.append(
            {
                "name": effect.rule.name,
                "is_first": effect.rule.code != last,
                "measure": effect.rule.measure,
                "unit": effect.unit,
                "programme": effect.programme,
                "before": before,
                "after": after,
                "is_changed": before != after,
            }
        )
        last = effect.rule.code
    return rows


_JUDGEMENTS = {
    Light.DONE: Judgement.DONE,
    Light.ON_TRACK: Judgement.ON_TRACK,
    Light.LAGGING: Judgement.LAGGING,
}


def _text(rule: Rule, standing: Standing) -> str:
    if rule.kind is Kind.NARRATIVE:
        return judgement_word(_JUDGEMENTS.get(standing.light))
    return actual_text(rule, standing)
