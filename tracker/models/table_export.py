"""Tables taken away as files: who asked for what, and the file until it runs out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Instant, Key, one_of

TABLE_STYLES = ("csv", "xlsx")


class TableExport(Base):
    """One table as somebody had it made. ``address`` is the page it stood on, ``name`` which of its tables.

    ``digest`` is the file's SHA-256, empty until it is made; the row outlives the file, whose pieces go at
    ``expires_at``, so that a file in somebody's hands can still be told from an altered one.
    """

    __tablename__ = "table_export"
    __table_args__ = (
        one_of("style", TABLE_STYLES),
        CheckConstraint("(digest IS NULL) = (made_at IS NULL)", name="made_whole"),
        Index("ix_table_export_appointment_id_made_at", "appointment_id", "made_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    appointment_id: Mapped[int] = mapped_column(Key, ForeignKey("appointment.id"))
    address: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(40))
    style: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int] = mapped_column(Integer)
    is_long: Mapped[bool]
    asked_at: Mapped[datetime] = mapped_column(Instant)
    made_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    digest: Mapped[str | None] = mapped_column(String(64), index=True)
    size: Mapped[int | None] = mapped_column(Integer)


class TableExportPiece(Base):
    """A part of the file, in order; gone once it has run out."""

    __tablename__ = "table_export_piece"

    export_id: Mapped[int] = mapped_column(Key, ForeignKey("table_export.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
