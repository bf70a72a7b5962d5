"""Lights of pledges, and how many pledges show which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tracker.domain.kinds import Light

WORST_FIRST = (
    Light.BEHIND,
    Light.LAGGING,
    Light.NOT_REPORTED,
    Light.ON_TRACK,
    Light.DONE,
    Light.NOT_JUDGED,
    Light.NOT_ASSIGNED,
)
"""Not judged and not assigned come last: they show only where nothing else remains."""


def pledge_light(lights: Iterable[Light]) -> Light:
    """The light of a pledge: the worst over its indicators; not judged where it has none."""
    shown = set(lights)
    return next((light for light in WORST_FIRST if light in shown), Light.NOT_JUDGED)


def classes(lights: Iterable[Light]) -> dict[Light, int]:
    """How many pledges show each light; every light is a key, so the counts always add up."""
    counted = Counter(lights)
    return {light: counted[light] for light in Light}
