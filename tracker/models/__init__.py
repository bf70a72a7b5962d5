"""Tables and constraints, one file per aggregate; no queries. Importing the package fills the metadata."""

from tracker.models import (
    account,
    allocation,
    audit,
    auditing,
    bulletin,
    evidence,
    handover,
    job,
    ledger,
    notice,
    org_unit,
    period,
    programme,
    report,
    table_export,
)

__all__ = [
    "account",
    "allocation",
    "audit",
    "auditing",
    "bulletin",
    "evidence",
    "handover",
    "job",
    "ledger",
    "notice",
    "org_unit",
    "period",
    "programme",
    "report",
    "table_export",
]
