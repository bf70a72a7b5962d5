"""What a new issue says differently from the one before, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from tracker.domain.canonical import digest_of

COMPARED: Final = (
    "target", "actual", "numerator", "denominator", "completion_percent", "light", "assigned", "reported", "unknown",
)  # fmt: skip
"""The fields held against each other; the gap follows from them and the cut-off."""

Document = Mapping[str, Any]


class Figure(NamedTuple):
    """The place of one figure: a unit (or its own level) and an indicator."""

    at: str
    is_own_level: bool
    code: str


def differences_between(before: Document, after: Document, *, reason: str) -> dict[str, Any]:
    """The table of differences a new issue carries, with the reason for it.

    A figure one issue does not have is null there; the places come in the order of the newer one.
    """
    return {
        "reason": reason,
        "from": {name: before[name] for name in ("issue", "cutoff", "seal", "rules")}
        | {"digest": digest_of(before)},
        "figures": list(_compare(_figures(before), _figures(after), _names(before) | _names(after))),
    }


def _compare(
    before: Mapping[Figure, Document], after: Mapping[Figure, Document], names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for place in dict.fromkeys([*after, *before]):
        old, new = before.get(place, {}), after.get(place, {})
        for field in COMPARED:
            if old.get(field) != new.get(field):
                yield {
                    "at": place.at,
                    "own_level": place.is_own_level,
                    "unit": names[place.at],
                    "indicator": place.code,
                    "name": names[f"/{place.code}"],
                    "field": field,
                    "before": old.get(field),
                    "after": new.get(field),
                }


def _figures(document: Document) -> dict[Figure, Document]:
    found = {
        Figure(document["at"], False, one["code"]): one
        for pledge in document["pledges"]
        for one in pledge["indicators"]
    }
    for branch in document["branches"]:
        for one in branch["indicators"]:
            found[Figure(branch["at"], branch["own_level"], one["code"])] = one
    return found


def _names(document: Document) -> dict[str, str]:
    """Names of units by code, and of indicators by ``/code``."""
    units = {branch["at"]: branch["name"] for branch in document["branches"]}
    indicators = {
        f"/{one['code']}": one["name"] for pledge in document["pledges"] for one in pledge["indicators"]
    }
    return units | indicators | {document["at"]: document["publisher"]}
