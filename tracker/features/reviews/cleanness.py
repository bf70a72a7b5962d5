"""Which reports may be accepted together without a look at each: those without notes and without a judgement."""

from __future__ import annotations

from tracker.domain.kinds import Kind
from tracker.services.sheets import Row, SheetReport


def is_clean(report: SheetReport) -> bool:
    """Whether it can be accepted together with others: nothing to tick or judge, evidence where it is required."""
    is_plain = not any(row.kind is Kind.NARRATIVE or row.lacks_evidence for row in report.rows)
    return is_plain and not needs_tick(report)


def needs_tick(report: SheetReport) -> bool:
    """Whether a report is accepted only by a tick of its own: it has notes, or a narrative nobody could judge."""
    return bool(report.notes_count) or any(
        row.kind is Kind.NARRATIVE and not needs_judgement(row) for row in report.rows
    )


def needs_judgement(row: Row) -> bool:
    """Whether the row's own judgement must be made once more by whoever judges the report."""
    return row.kind is Kind.NARRATIVE and row.line.judgement is not None and not row.line.is_unknown
