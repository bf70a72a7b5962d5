"""All pages of the bulletins: importing them puts their routes on the one blueprint."""

from __future__ import annotations

from typing import Final

from tracker.features.bulletins import draft_views, issue_views, prose_views, verify_views
from tracker.features.bulletins.blueprint import blueprint

PAGES: Final = (draft_views, issue_views, prose_views, verify_views)

__all__ = ["PAGES", "blueprint"]
