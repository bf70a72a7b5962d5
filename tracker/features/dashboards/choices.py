"""What selectors and switches offer."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a selector, or one link of a switch."""

    value: str
    label: str
    is_current: bool
    url: str = ""


def cutoff_choices(year: int, current: int) -> list[Choice]:
    """The twelve months of a year to look back from."""
    return [
        Choice(f"{year}-{month:02d}", _("%(year)s年%(month)s月", year=year, month=month), month == current)
        for month in range(1, 13)
    ]
