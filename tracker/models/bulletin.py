"""Bulletins, their numbered issues and the stored files of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Instant, Key, one_of

ISSUE_STATES = ("draft", "issuing", "issued", "superseded", "withdrawn")
FILE_FORMATS = ("json", "xlsx", "csv", "docx", "pdf")
_DRAFT = text("state = 'draft'")


class Bulletin(Base):
    """通报: the account of one programme for one period (``2018-H1``), in numbered issues."""

    __tablename__ = "bulletin"
    __table_args__ = (UniqueConstraint("programme_id", "period"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    period: Mapped[str] = mapped_column(String(8))


class BulletinIssue(Base):
    """One issue: drafted, countersigned by another person, then frozen; ``issuing`` until its files are made.

    ``document`` is the canonical JSON and ``digest`` its SHA-256: the identity printed in all files.
    ``generated``: the sections as the figures told them, before anybody edited a word.
    """

    __tablename__ = "bulletin_issue"
    __table_args__ = (
        UniqueConstraint("bulletin_id", "number"),
        one_of("state", ISSUE_STATES),
        CheckConstraint("drafted_by_id <> countersigned_by_id", name="four_eyes"),
        Index(
            "uq_bulletin_issue_draft",
            "bulletin_id",
            unique=True,
            sqlite_where=_DRAFT,
            postgresql_where=_DRAFT,
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(Key, ForeignKey("bulletin.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    cutoff: Mapped[str] = mapped_column(String(7))
    seal: Mapped[int] = mapped_column(Key)
    document: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    generated: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    drafted_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    drafted_at: Mapped[datetime] = mapped_column(Instant)
    countersigned_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    issued_at: Mapped[datetime | None] = mapped_column(Instant)
    verify_at: Mapped[str] = mapped_column(String(200), default="", server_default="")
    version_id: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version_id}


class BulletinAuthor(Base):
    """Who wrote words of a draft since it was last told anew from the figures: none of them countersigns it."""

    __tablename__ = "bulletin_author"

    issue_id: Mapped[int] = mapped_column(Key, ForeignKey("bulletin_issue.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)


class BulletinFile(Base):
    """A file of an issue, made before it counted as issued, stored and never rebuilt."""

    __tablename__ = "bulletin_file"
    __table_args__ = (one_of("format", FILE_FORMATS),)

    issue_id: Mapped[int] = mapped_column(Key, ForeignKey("bulletin_issue.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))


class BulletinManifest(Base):
    """What an issue consists of, canonical JSON (``bulletin-manifest/1``), with its detached Ed25519 signature."""

    __tablename__ = "bulletin_manifest"

    issue_id: Mapped[int] = mapped_column(Key, ForeignKey("bulletin_issue.id"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(88))
    public_key: Mapped[str] = mapped_column(String(44))


class BulletinPackage(Base):
    """The archive of an issue with its evidence, kept by its SHA-256 in the evidence store."""

    __tablename__ = "bulletin_package"

    issue_id: Mapped[int] = mapped_column(Key, ForeignKey("bulletin_issue.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    evidence_count: Mapped[int] = mapped_column(Integer)
