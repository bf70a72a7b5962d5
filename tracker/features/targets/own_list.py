"""Which list's targets somebody means who asks for targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.models.programme import Target
from tracker.services.programme_heads import Head
from tracker.services.target_desk import list_target_desk


def choose_list(session: Session, identity: Identity, heads: Sequence[Head], today: datetime) -> Head:
    """Of ``heads`` (the newest first, at least one) the one that asks something of this person.

    Else the newest the own unit has published; else the newest that gives it a target; else the newest.
    """
    own = identity.place.org_unit_id
    asking = [row.key for row in list_target_desk(session, identity, today)]
    bound = _giving(session, own, heads)
    return max(heads, key=lambda head: (head.key in asking, head.publisher_id == own, head.id in bound))


def _giving(session: Session, org_unit_id: int, heads: Sequence[Head]) -> set[int]:
    """The lists with a target for this unit that was not taken back."""
    newest = (
        select(func.max(Target.id))
        .where(Target.programme_id.in_([head.id for head in heads]), Target.org_unit_id == org_unit_id)
        .group_by(Target.indicator_id, Target.is_own_level)
    )
    wanted = select(Target.programme_id).where(Target.id.in_(newest), Target.is_assigned)
    return set(session.scalars(wanted.distinct()))
