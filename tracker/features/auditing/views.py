"""Every page of auditing, on one blueprint."""

from __future__ import annotations

from tracker.features.auditing import desk_views, trail_views
from tracker.features.auditing.blueprint import blueprint

__all__ = ["blueprint", "desk_views", "trail_views"]
