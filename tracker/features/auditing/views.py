"""All pages of auditing: importing them puts their routes on the one blueprint."""

from __future__ import annotations

from typing import Final

from tracker.features.auditing import (
    anchor_views,
    desk_views,
    finding_views,
    history_views,
    sample_views,
    trail_views,
)
from tracker.features.auditing.blueprint import blueprint

PAGES: Final = (desk_views, finding_views, sample_views, trail_views, history_views, anchor_views)

__all__ = ["PAGES", "blueprint"]
