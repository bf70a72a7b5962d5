"""Which reports may be accepted together without a look at each: those without notes and without a judgement."""

from __future__ import annotations

from tracker.domain.kinds import Kind
from tracker.services.sheets import SheetReport


def needs_tick(report: SheetReport) -> bool:
    """Whether a report is accepted only by a tick of its own: it has notes, or a narrative line to judge."""
    return bool(report.notes_count) or any(row.kind is Kind.NARRATIVE for row in report.rows)
