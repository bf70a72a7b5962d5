"""Who looks after whose waiting reports while somebody is away; rights stay where the table of permissions puts them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.identity import Role
from tracker.models.base import Base, CalendarInstant, Instant, Key, one_of


class QueueHandover(Base):
    """待办交接: a person's queue at a unit handed to a colleague, or taken back (``to_person_id`` NULL).

    The newest row of a unit, role and person holds.
    """

    __tablename__ = "queue_handover"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("from_person_id <> to_person_id", name="two_people"),
        Index("ix_queue_handover_place", "org_unit_id", "role", "from_person_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    role: Mapped[str] = mapped_column(String(16))
    from_person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    to_person_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    until: Mapped[datetime | None] = mapped_column(CalendarInstant)  # NULL: until taken back
    reason: Mapped[str] = mapped_column(String(400))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
