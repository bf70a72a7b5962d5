"""Which reports may be accepted together without a look at each: those without notes and without a judgement."""

from __future__ import annotations

from tracker.domain.kinds import Kind
from tracker.services.sheets import SheetReport


def is_clean(report: SheetReport) -> bool:
    """Whether it can be accepted together with others: no tick of its own, evidence where it is required."""
    return not needs_tick(report) and not any(row.lacks_evidence for row in report.rows)


def needs_tick(report: SheetReport) -> bool:
    """Whether a report is accepted only by a tick of its own: it has notes, or a narrative line to judge."""
    return bool(report.notes_count) or any(row.kind is Kind.NARRATIVE for row in report.rows)
