"""What was issued to units and what they answered, and every version of a target, with who did it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.target_notices import NoticeState
from tracker.models.account import Person
from tracker.models.allocation import TargetNotice
from tracker.models.ledger import Posting
from tracker.models.programme import Target
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins


class Notice(NamedTuple):
    """A notice of issued targets with the names of those who acted; ``stand_ins``: by act, in whose place."""

    id: int
    org_unit_id: int
    state: NoticeState
    version_id: int
    issued_at: datetime
    issued_by: str
    issue_reason: str
    answer_by: datetime | None
    answered_at: datetime | None
    answered_by: str | None
    request: str
    decided_at: datetime | None
    decided_by: str | None
    decision: str
    stand_ins: Mapping[str, StandIn] = {}


class Version(NamedTuple):
    """One version of a target, for its history; ``stand_in``: in whose place it was approved."""

    id: int
    is_own_level: bool
    is_assigned: bool
    value: int | None
    base: int | None
    effective_month: int
    reason: str
    approved_by: str | None
    at: datetime
    seal: int | None
    action: str
    stand_in: StandIn | None = None


def list_notices(
    session: Session, programme_id: int, *, issuer_id: int | None = None, org_unit_id: int | None = None
) -> list[Notice]:
    """The notices an issuer sent, or a unit got, newest first."""
    issuer, answerer, decider = aliased(Person), aliased(Person), aliased(Person)
    wanted = (
        select(
            TargetNotice.id, TargetNotice.org_unit_id, TargetNotice.state, TargetNotice.version_id,
            TargetNotice.issued_at, issuer.name.label("issued_by"), TargetNotice.issue_reason,
            TargetNotice.answer_by, TargetNotice.answered_at, answerer.name.label("answered_by"), TargetNotice.request,
            TargetNotice.decided_at, decider.name.label("decided_by"), TargetNotice.decision,
            *(doubtful_id(*who).label(f"may_have_{act}_for") for act, who in _WHO.items()),
        )
        .join(issuer, issuer.id == TargetNotice.issued_by_id)
        .join(answerer, answerer.id == TargetNotice.answered_by_id, isouter=True)
        .join(decider, decider.id == TargetNotice.decided_by_id, isouter=True)
        .where(TargetNotice.programme_id == programme_id)
        .order_by(TargetNotice.id.desc())
        .limit(500)
    )  # fmt: skip
    if issuer_id is not None:
        wanted = wanted.where(TargetNotice.issuer_id == issuer_id)
    if org_unit_id is not None:
        wanted = wanted.where(TargetNotice.org_unit_id == org_unit_id)
    return _noticed(session, session.execute(wanted).all())


_WHO: Final = {
    "issued": (TargetNotice.issued_by_id, TargetNotice.issued_at),
    "answered": (TargetNotice.answered_by_id, TargetNotice.answered_at),
    "decided": (TargetNotice.decided_by_id, TargetNotice.decided_at),
}
"""Who did each act on a notice, and when."""


def _noticed(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Notice]:
    read = [row._asdict() for row in rows]
    acts = [
        {act: (values.pop(f"may_have_{act}_for"), values[f"{act}_at"]) for act in _WHO} for values in read
    ]
    found = find_stand_ins(session, {one for by_act in acts for one in by_act.values()})
    return [
        Notice(
            **values | {"state": NoticeState(values["state"])},
            stand_ins={act: found[one] for act, one in by_act.items() if one in found},
        )
        for values, by_act in zip(read, acts, strict=True)
    ]


def current_notices(notices: Sequence[Notice]) -> dict[int, Notice]:
    """Each unit's newest notice, out of a list with the newest first."""
    return {notice.org_unit_id: notice for notice in reversed(notices)}


def list_versions(session: Session, programme_id: int, indicator_id: int, org_unit_id: int) -> list[Version]:
    """Every version of a unit's targets for one indicator, newest first."""
    wanted = (
        select(
            Target.id, Target.is_own_level, Target.is_assigned, Target.value, Target.base, Target.effective_month,
            Target.reason, Person.name.label("approved_by"), Target.at, Target.seal, Posting.action,
            doubtful_id(Target.approved_by_id, Target.at).label("doubtful_id"),
        )
        .join(Posting, Posting.id == Target.posting_id)
        .join(Person, Person.id == Target.approved_by_id, isouter=True)
        .where(
            Target.programme_id == programme_id, Target.indicator_id == indicator_id,
            Target.org_unit_id == org_unit_id,
        )
        .order_by(Target.id.desc())
        .limit(500)
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(wanted).all()
    found = find_stand_ins(session, {(row.doubtful_id, row.at) for row in rows})
    return [Version(*row[:-1])._replace(stand_in=found.get((row.doubtful_id, row.at))) for row in rows]
