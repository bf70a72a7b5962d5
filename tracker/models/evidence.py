"""Evidence attached to revisions, and the stored files behind it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.attachments import LONGEST_REASON, Media
from tracker.models.base import Base, Instant, Key, one_of


class EvidenceBlob(Base):
    """One stored file, byte for byte as it was sent, by its SHA-256. Never changed.

    ``cleaned``: the digest of a picture's copy without location and other metadata, where it differs;
    ``preview``: that of the small picture made of it. ``row_count``: rows of a list below its head.
    """

    __tablename__ = "evidence_blob"
    __table_args__ = (one_of("media", Media), CheckConstraint("size > 0", name="size_positive"))

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(Integer)
    cleaned: Mapped[str | None] = mapped_column(String(64))
    preview: Mapped[str | None] = mapped_column(String(64))
    row_count: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)


class Evidence(Base):
    """佐证材料: a file attached to a revision, to one of its lines where ``indicator_id`` is given.

    ``received_sha256`` is the digest of what was sent; it differs from ``sha256`` only on rows from before
    originals were kept as sent. Carried rows name their origin. A file taken out stays as a tombstone.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint(
            "(removed_at IS NULL) = (removed_by_id IS NULL) AND (removed_at IS NULL) = (reason = '')",
            name="tombstone_whole",
        ),
        Index("ix_evidence_revision_id", "revision_id"),
        Index("ix_evidence_sha256", "sha256"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    revision_id: Mapped[int] = mapped_column(Key, ForeignKey("revision.id"))
    indicator_id: Mapped[int | None] = mapped_column(Key, ForeignKey("indicator.id"))
    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("evidence_blob.sha256"))
    received_sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    carried_from_id: Mapped[int | None] = mapped_column(Key, ForeignKey("evidence.id"))
    removed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
