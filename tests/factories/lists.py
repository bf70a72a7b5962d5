"""The real lists of tests/cases, imported through the product's own commands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from tracker.domain.identity import OPERATOR
from tracker.domain.periods import Month
from tracker.features.org_units.commands import OrgPlan, import_org_units, plan_org_import
from tracker.features.org_units.files import read_org_file
from tracker.features.programmes.commands import (
    ImportPlan,
    ImportTerms,
    import_programme,
    plan_programme_import,
    publish_programme,
)
from tracker.features.programmes.files.formats import read_file

CASES = Path(__file__).resolve().parents[1] / "cases"
LISTS = ("huzhou-2024", "huzhou-2025", "nanxun-2021", "ningbo-2018", "xianning-2026", "zhangqi-2021")
NOW = datetime(2018, 1, 4, 2, 0, tzinfo=UTC)


def case(name: str) -> bytes:
    """A file of tests/cases."""
    return (CASES / name).read_bytes()


def import_tree(session: Session, content: bytes | None = None) -> OrgPlan:
    """The tree of org-zhejiang.csv, or of other content."""
    plan = plan_org_import(session, read_org_file(case("org-zhejiang.csv") if content is None else content))
    import_org_units(session, plan, actor=OPERATOR, now=NOW)
    return plan


def import_list(session: Session, name: str, *, publish: bool = True) -> str:
    """A list by its file's name without ending (``ningbo-2018``), published unless said otherwise; its key."""
    key = import_text(session, case(f"{name}.yaml")).document.key
    if publish:
        publish_programme(session, key, actor=OPERATOR, now=NOW)
    return key


def import_text(
    session: Session, content: bytes | str, *, reason: str = "", effective: str | None = None
) -> ImportPlan:
    """A list out of a file's content."""
    month = None if effective is None else Month.parse(effective)
    read = read_file(content.encode() if isinstance(content, str) else content)
    plan = plan_programme_import(session, read, ImportTerms(reason=reason, effective=month))
    import_programme(session, plan, actor=OPERATOR, now=NOW)
    return plan
