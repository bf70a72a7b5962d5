"""All pages of people: importing them puts their routes on the one blueprint."""

from __future__ import annotations

from typing import Final

from tracker.features.people import (
    appoint_views,
    import_views,
    list_views,
    person_views,
    request_views,
)
from tracker.features.people.blueprint import blueprint

PAGES: Final = (appoint_views, import_views, list_views, person_views, request_views)

__all__ = ["PAGES", "blueprint"]
