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
STRUCTURE: Final = frozenset({"lines", "texts", "cells", "changes", "changed", "indicators", "pledges"})
"""Levels that only hold others: they are left out of a label."""

DIGEST: Final = re.compile(r"[0-9a-f]{64}")
EMPTY: Final[tuple[Any, ...]] = (None, "", [])
MOST_NAMED: Final = 12
CELL_LENGTH: Final = 4
PARTS_OF_LISTS: Final = ("indicators/", "pledges/")
SPELT: Final[dict[Any, Any]] = {"null": None, "True": True, "False": False}
"""How versions of lists spell what is no text."""
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
            _label(path, shown, subjects.units),
            _side(old, path, shown),
            _side(new, path, shown),
            _is_dull(old, new, path),
        )
        for path in dict.fromkeys([*old, *new])
        if path not in old or path not in new or old[path] != new[path]
    ]


def _is_dull(old: Mapping[Path, Any], new: Mapping[Path, Any], path: Path) -> bool:
    values = (old.get(path), new.get(path))
    return all(value in EMPTY or (isinstance(value, str) and DIGEST.fullmatch(value)) for value in values)


def _shown_of(entry: EntryRow, subjects: Subjects) -> Mapping[str, Shown]:
    programme_id = _programme_of(entry, subjects)
    return {code: one for (programme, code), one in subjects.shown.items() if programme == programme_id}


def _programme_of(entry: EntryRow, subjects: Subjects) -> int | None:
    if entry.kind == "report" and entry.subject_id in subjects.reports:
        return subjects.reports[entry.subject_id].programme_id
    if entry.kind in ("targets", "programme") and entry.subject_id in subjects.lists:
        return subjects.lists[entry.subject_id][0]
    return None


def _leaves(content: str | None) -> dict[Path, Any]:
    found: dict[Path, Any] = {}
    _collect(None if content is None else json.loads(content), (), found)
    return found


def _collect(value: Any, path: Path, found: dict[Path, Any]) -> None:
    if isinstance(value, dict):
        for key, below in value.items():
            _collect(below, (*path, key), found)
    elif path or value is not None:
        found[tuple(level for part in path for level in _levels(part))] = _plain(path, value)


def _plain(path: Path, value: Any) -> Any:
    return SPELT.get(value, value) if path[:1] == ("changes",) and isinstance(value, str) else value


def _levels(part: str) -> list[str]:
    """``indicators/enrolments/target`` as lists keep their parts; other keys stand for themselves."""
    return part.split("/") if part.startswith(PARTS_OF_LISTS) else [part]


def _label(path: Path, shown: Mapping[str, Shown], units: Mapping[str, str]) -> str:
    parts = [part for part in path if part not in STRUCTURE]
    return " · ".join(_part(part, shown, units) for part in parts) or _("内容")


def _part(part: str, shown: Mapping[str, Shown], units: Mapping[str, str]) -> str:
    """One level of a label: an indicator by its name, a cell of targets as indicator and column."""
    if part.isdecimal() and len(part) < 3:
        return _("第 %(number)s 件", number=part)
    code, _slash, column = part.partition("/")
    if column and code in shown:
        words = {"whole": _("合计"), "own": _("本级")}
        return f"{shown[code].name} · {words.get(column) or units.get(column, column)}"
    return shown[part].name if part in shown else units.get(part) or key_word(part)


def _side(leaves: Mapping[Path, Any], path: Path, shown: Mapping[str, Shown]) -> str | None:
    if path not in leaves:
        return None
    value, key = leaves[path], path[-1] if path else ""
    cell_of = shown.get(key.partition("/")[0])
    if cell_of is not None and "/" in key and isinstance(value, list) and len(value) == CELL_LENGTH:
        return _cell(cell_of, value)
    indicator = shown.get(path[-2]) if len(path) > 1 else None
    if indicator is not None and type(value) is int:
        return _figure(indicator, key, value)
    return _written(key, value)


def _cell(indicator: Shown, cell: list[Any]) -> str:
    """A cell of targets: whether the unit takes part, its target, and the base it is measured from."""
    is_assigned, target, base, is_typed = cell
    if not is_assigned:
        return _("不承担")
    told = _("承担，未定数") if target is None else _figure(indicator, "target", target)
    if base is not None:
        told += _("，基数 %(base)s", base=_figure(indicator, "target", base))
    return told + (_("，手工") if is_typed else "")


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
