"""Tables and constraints, one file per aggregate; no queries. Importing the package fills the metadata."""

from tracker.models import account, audit, bulletin, evidence, ledger, org_unit, programme, report

__all__ = ["account", "audit", "bulletin", "evidence", "ledger", "org_unit", "programme", "report"]
