"""The progress table as JSON values, as the API, the command and bulletins spell it (document 3.5)."""

from __future__ import annotations

from tracker.domain.progress import standing_fields
from tracker.services.progress_table import PledgeStanding, ProgressTable


def as_document(table: ProgressTable) -> dict[str, object]:
    """The table as JSON values (document 3.5): exact strings for amounts, null for what is unknown."""
    return {
        "programme": table.head.key,
        "at": table.node.code,
        "cutoff": str(table.cutoff),
        "seal": table.seal,
        "pledges": [pledge_document(pledge) for pledge in table.pledges],
        "classes": {str(light): count for light, count in table.classes.items()},
    }


def pledge_document(pledge: PledgeStanding) -> dict[str, object]:
    """One pledge as JSON values."""
    return {
        "number": pledge.promise.number,
        "title": pledge.promise.title,
        "light": str(pledge.light),
        "indicators": [standing_fields(one.standing, one.listed.rule) for one in pledge.indicators],
    }
