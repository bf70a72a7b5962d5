"""All pages of the lists: importing them puts their routes on the one blueprint."""

from __future__ import annotations

from typing import Final

from tracker.features.programmes import editing_views, import_views, list_views, order_views, state_views
from tracker.features.programmes.blueprint import blueprint

PAGES: Final = (list_views, editing_views, order_views, state_views, import_views)

__all__ = ["PAGES", "blueprint"]
