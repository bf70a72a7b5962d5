"""Tables and constraints, one file per aggregate; no queries. Importing the package fills the metadata."""

from tracker.models import (
    account,
    allocation,
    anchor,
    audit,
    auditing,
    bulletin,
    evidence,
    handover,
    job,
    ledger,
    mail,
    notice,
    org_unit,
    period,
    programme,
    report,
)

__all__ = [
    "account",
    "allocation",
    "anchor",
    "audit",
    "auditing",
    "bulletin",
    "evidence",
    "handover",
    "job",
    "ledger",
    "mail",
    "notice",
    "org_unit",
    "period",
    "programme",
    "report",
]
