"""How the steps of reports are told on pages: those made together as one, the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from tracker.services.threads import ThreadStep
from tracker.web.figure_words import ACTION_LIGHTS, action_word
from tracker.web.filters import moment
from tracker.web.people_words import acting_name


def who(step: ThreadStep) -> str:
    """Who took a step, and in whose place."""
    return acting_name(step.person, step.stand_in)


def told_steps(steps: Iterable[ThreadStep]) -> list[dict[str, Any]]:
    """Events for ``macros/timeline.html``; a step on several reports of a sheet is one event with their number."""
    groups: dict[tuple[object, ...], list[ThreadStep]] = {}
    for step in steps:
        groups.setdefault((step.at, step.person_id, step.action, step.text), []).append(step)
    return [_event(group[-1], len(group)) for group in reversed(groups.values())]


def _event(step: ThreadStep, count: int) -> dict[str, Any]:
    number = _("（第%(number)s次提交）", number=step.submission_number) if step.submission_number else ""
    return {
        "at_text": moment(step.at),
        "at_iso": step.at.isoformat(),
        "light": ACTION_LIGHTS.get(step.action, "done"),
        "actor": who(step),
        "text": f"{action_word(step.action)}{number} · {_('%(count)s 件', count=count)}",
        "quote": step.text or None,
    }
