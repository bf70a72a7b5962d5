"""Before and after of an entry as a readable difference: what changed, in words, one row each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from tracker.domain.figures import show_grouped
from tracker.domain.kinds import Kind, target_decimals
from tracker.features.auditing.queries import EntryRow, Shown, Subjects
from tracker.features.auditing.words import key_word, value_word
from tracker.web.filters import moment
from tracker.web.i18n import gettext as _
from tracker.web.punctuation import clauses, labelled, listed, phrases

MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
STRUCTURE: Final = frozenset({"lines", "texts", "cells", "changes", "changed"})
"""Levels that only hold others: they are left out of a label."""

DIGEST: Final = re.compile(r"[0-9a-f]{64}")
EMPTY: Final[tuple[Any, ...]] = (None, "", [])
MOST_NAMED: Final = 12
Path = tuple[str, ...]


class Change(NamedTuple):
    """One thing that changed; a side is None where it did not exist."""

    label: str
    before: str | None
    after: str | None
    is_dull: bool = False  # a digest, or nothing where there was nothing


def changes_of(entry: EntryRow, subjects: Subjects) -> list[Change]:
    """Every leaf that differs, in the order of the content; unchanged ones are left out."""
    shown = _shown_of(entry, subjects)
    old, new = _leaves(entry.before), _leaves(entry.after)
    return [
        Change(
            _label(path, shown), _side(old, path, shown), _side(new, path, shown), _is_dull(old, new, path)
        )
        for path in dict.fromkeys([*old, *new])
        if path not in old or path not in new or old[path] != new[path]
    ]


def _is_dull(old: Mapping[Path, Any], new: Mapping[Path, Any], path: Path) -> bool:
    values = (old.get(path), new.get(path))
    return all(value in EMPTY or (isinstance(value, str) and DIGEST.fullmatch(value)) for value in values)


def _shown_of(entry: EntryRow, subjects: Subjects) -> Mapping[str, Shown]:
    report = subjects.reports.get(entry.subject_id) if entry.kind == "report" else None
    if report is None:
        return {}
    return {code: one for (programme, code), one in subjects.shown.items() if programme == report[0]}


def _leaves(content: str | None) -> dict[Path, Any]:
    found: dict[Path, Any] = {}
    _collect(None if content is None else json.loads(content), (), found)
    return found


def _collect(value: Any, path: Path, found: dict[Path, Any]) -> None:
    if isinstance(value, dict):
        for key, below in value.items():
            _collect(below, (*path, key), found)
    elif path or value is not None:
        found[path] = value


def _label(path: Path, shown: Mapping[str, Shown]) -> str:
    parts = [part for part in path if part not in STRUCTURE]
    words = [shown[part].name if part in shown else key_word(part) for part in parts]
    return " · ".join(words) or _("内容")


def _side(leaves: Mapping[Path, Any], path: Path, shown: Mapping[str, Shown]) -> str | None:
    if path not in leaves:
        return None
    value, key = leaves[path], path[-1] if path else ""
    indicator = shown.get(path[-2]) if len(path) > 1 else None
    if indicator is not None and type(value) is int:
        return _figure(indicator, key, value)
    return _written(key, value)


def _figure(indicator: Shown, key: str, value: int) -> str:
    """A scaled figure as its indicator writes it."""
    places = target_decimals(Kind(indicator.kind), indicator.decimals)
    shown = show_grouped(value, indicator.decimals if key in ("numerator", "denominator") else places)
    return f"{shown}%" if key == "rate" else f"{shown} {indicator.measure}"


def _written(key: str, value: Any) -> str:
    if isinstance(value, list):
        named = listed(_written(key, one) for one in value[:MOST_NAMED])
        more = _(" 等 %(count)s 项", count=len(value)) if len(value) > MOST_NAMED else ""
        return named + more if named else _("无")
    if isinstance(value, dict):
        return phrases(f"{key_word(name)} {_written(name, one)}" for name, one in value.items())
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return moment(datetime.fromisoformat(value), with_year=True)
    return value_word(key, value)


def summary_of(changes: list[Change], *, most: int = 3) -> str:
    """The first changes in one line: what from what to what; digests and empty words are left to the entry."""
    telling = [change for change in changes if not change.is_dull]
    told = [_sentence(change) for change in telling[:most]]
    rest = len(telling) - most
    return clauses(told) + (_("；另 %(count)s 处", count=rest) if rest > 0 else "")


def _sentence(change: Change) -> str:
    if change.before is None:
        return labelled(change.label, change.after)
    return labelled(change.label, f"{change.before} → {change.after or _('无')}")
