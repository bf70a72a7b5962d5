"""What selectors and switches offer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a selector, or one link of a switch."""

    value: str
    label: str
    is_current: bool
    url: str = ""
