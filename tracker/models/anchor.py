"""Anchors: where a seal was written down outside of the chain it ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Instant, Key, one_of

ANCHOR_PLACES = ("bulletin", "audit_export", "table_export", "mail")


class Anchor(Base):
    """A seal that left the house: its number and digest, in what (``place``), which one (``reference``), and when.

    No foreign key: an anchor outlives a seal that somebody deletes.
    """

    __tablename__ = "anchor"
    __table_args__ = (
        one_of("place", ANCHOR_PLACES),
        Index("ix_anchor_seal", "seal"),
        Index("ix_anchor_place", "place", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    seal: Mapped[int] = mapped_column(Key)
    digest: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(200))
