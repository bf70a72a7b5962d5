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

Context = dict[str, Any]
Changes = Mapping[str, tuple[str | None, str | None]]


def version_rows(versions: Sequence[Version], *, key: str, chosen: tuple[int, int] | None) -> list[Context]:
    """The versions, newest first, each with the way to what it changed."""
    return [
        {
            "number": version.number,
            "at": moment(version.at, with_year=True),
            "by": version.by or _("操作员"),
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
    """Changes by place, in words."""
    return [
        {
            "place": place_words(place, names),
            "before": value_words(place, before),
            "after": value_words(place, after),
        }
        for place, (before, after) in changes.items()
    ]
