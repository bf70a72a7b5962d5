"""Versions, rule sets and differences as rows of tables; no queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for

from tracker.features.programmes.versions import RuleSet, Version
from tracker.features.programmes.words import Names, place_words, value_words
from tracker.services.programme_documents.document import Document, differences, show_tenths
from tracker.web.filters import moment
from tracker.web.i18n import gettext as _
from tracker.web.people_words import acting_name
from tracker.web.punctuation import clauses

Context = dict[str, Any]
Changes = Mapping[str, tuple[str | None, str | None]]


def version_rows(versions: Sequence[Version], *, key: str, chosen: tuple[int, int] | None) -> list[Context]:
    """The versions, newest first, each with the way to what it changed."""
    return [
        {
            "number": version.number,
            "at": moment(version.at, with_year=True),
            "by": acting_name(version.by, version.stand_in) if version.by else _("操作员"),
            "reason": version.reason,
            "digest": version.digest[:8],
            "is_chosen": chosen is not None and version.number in chosen,
            "url": _change_url(key, version.number),
        }
        for version in versions
    ]


def _change_url(key: str, number: int) -> str | None:
    if number == 1:
        return None
    chosen: Context = {"from": number - 1, "to": number}
    return url_for("programmes.history", key=key, **chosen)


def rule_set_rows(rule_sets: Iterable[RuleSet]) -> list[Context]:
    """The rule sets of the lights, newest first."""
    return [
        {
            "number": rules.number,
            "on_track": show_tenths(rules.on_track_tenths).replace("-", "−"),
            "lagging": show_tenths(rules.lagging_tenths).replace("-", "−"),
            "at": moment(rules.at, with_year=True),
        }
        for rules in rule_sets
    ]


def difference_rows(before: Document, after: Document, names: Names) -> list[Context]:
    """What differs between two states of a list, in words."""
    return change_rows(differences(before, after), names)


def change_rows(changes: Changes, names: Names) -> list[Context]:
    """Changes by place, in words; what several units get of one indicator in one row."""
    shared = _shared_allocations(changes)
    rows: list[Context] = []
    for place, (before, after) in changes.items():
        row = place.rpartition("/")[0]
        if row not in shared:
            rows.append(_change_row(place, value_words(place, before), value_words(place, after), names))
        elif place == shared[row][0]:
            rows.append(_change_row(row, *_sides(changes, shared[row], names), names))
    return rows


def _change_row(place: str, before: str, after: str, names: Names) -> Context:
    return {"place": place_words(place, names), "before": before, "after": after}


def _shared_allocations(changes: Changes) -> dict[str, list[str]]:
    """``indicators/enrolments/allocations`` → the places below it, where there is more than one."""
    found: dict[str, list[str]] = {}
    for place in changes:
        row, _slash, _unit = place.rpartition("/")
        if row.endswith("/allocations"):
            found.setdefault(row, []).append(place)
    return {row: places for row, places in found.items() if len(places) > 1}


def _sides(changes: Changes, places: Sequence[str], names: Names) -> tuple[str, str]:
    """海曙 9,000、江北 8,000: before and after, whoever had or has nothing left out."""
    sides = []
    for side in (0, 1):
        told = [
            f"{names.units.get(unit, unit)} {value_words(place, changes[place][side])}"
            for place in places
            if changes[place][side] is not None and (unit := place.rpartition("/")[2])
        ]
        sides.append(clauses(told) or value_words(places[0], None))
    return sides[0], sides[1]
