"""All pages of the org units: importing them puts their routes on the one blueprint."""

from __future__ import annotations

from typing import Final

from tracker.features.org_units import import_views, shape_views, tree_views, unit_views
from tracker.features.org_units.blueprint import blueprint

PAGES: Final = (import_views, shape_views, tree_views, unit_views)

__all__ = ["PAGES", "blueprint"]
