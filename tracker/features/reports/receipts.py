"""What a submitted sheet goes by: its receipt number and the digest of everything handed in."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.domain.canonical import digest_of
from tracker.domain.workflow import PROVISIONAL, State
from tracker.services.sheets import Filing, Sheet


def handed_in(sheet: Sheet) -> list[Filing]:
    """The reports of a sheet that wait for a verdict or were accepted."""
    filings = [report.filing for report in sheet.reports if report.filing and report.filing.digest]
    return [filing for filing in filings if filing.state in (*PROVISIONAL, State.ACCEPTED)]


def last_handed_in(filings: Sequence[Filing]) -> Filing:
    """The one that was submitted last; there must be one."""
    return max(filings, key=lambda filing: (filing.submitted_at or filing.changed_at, filing.revision_id))


def receipt_number(sheet: Sheet, last: Filing) -> str:
    """330203-201806-2: unit, period, and how often it was submitted."""
    return f"{sheet.unit.code}-{sheet.period.key.replace('-', '')}-{last.submission_number}"


def digest_of_all(filings: Sequence[Filing]) -> str:
    """One SHA-256 over the digests of all submissions."""
    return digest_of(sorted(filing.digest or "" for filing in filings))
