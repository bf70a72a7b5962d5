"""What waits for a second person, one-time links, and files of accounts on their way in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.identity import Duty, Role
from tracker.models.base import Base, Instant, Key, one_of

REQUEST_KINDS = ("appointment", "reset", "address", "second_factor")
REQUEST_STATES = ("open", "confirmed", "refused", "withdrawn")
LINK_PURPOSES = ("activate", "reset")
_OPEN = text("state = 'open'")
_ONE_OPEN = text("state = 'open' AND kind <> 'appointment'")
_LIVE = text("used_at IS NULL AND revoked_at IS NULL")


class GrantRequest(Base):
    """What one admin asks for about a person and a second one confirms: an appointment, a reset of the password
    or of the second factor, another address.

    ``org_unit_id`` is the unit whose reviewers may confirm; ``appointment_id`` what came of it.
    """

    __tablename__ = "grant_request"
    __table_args__ = (
        one_of("kind", REQUEST_KINDS),
        one_of("state", REQUEST_STATES),
        one_of("role", Role),
        one_of("duty", Duty),
        CheckConstraint("requested_by_id <> person_id", name="requested_by_another"),
        CheckConstraint(
            "state <> 'confirmed' OR (decided_by_id <> requested_by_id AND decided_by_id <> person_id)",
            name="third_person",
        ),
        CheckConstraint("(state = 'open') = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(kind = 'appointment') = (role IS NOT NULL)", name="role_of_appointment"),
        CheckConstraint("(kind = 'address') = (email IS NOT NULL)", name="email_of_address"),
        CheckConstraint("stands_in_for_id IS NULL OR valid_to IS NOT NULL", name="stand_in_ends"),
        Index(
            "uq_grant_request_open", "person_id", "kind",
            unique=True, sqlite_where=_ONE_OPEN, postgresql_where=_ONE_OPEN,
        ),
        Index("ix_grant_request_unit", "org_unit_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_grant_request_person_id", "person_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    role: Mapped[str | None] = mapped_column(String(16))
    department: Mapped[str | None] = mapped_column(String(60))
    duty: Mapped[str | None] = mapped_column(String(16))
    stands_in_for_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    valid_from: Mapped[datetime | None] = mapped_column(Instant)
    valid_to: Mapped[datetime | None] = mapped_column(Instant)
    email: Mapped[str | None] = mapped_column(String(254))
    origin: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    requested_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    appointment_id: Mapped[int | None] = mapped_column(Key, ForeignKey("appointment.id"))


class AccountLink(Base):
    """A one-time link to set a password; its token is drawn while the letter is sent, and only its SHA-256 is kept.

    One at most is good at a time: a newer one revokes it.
    """

    __tablename__ = "account_link"
    __table_args__ = (
        one_of("purpose", LINK_PURPOSES),
        CheckConstraint("(token_digest IS NULL) = (expires_at IS NULL)", name="drawn_with_its_end"),
        Index("uq_account_link_live", "account_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_account_link_account_id", "account_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(Key, ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    requested_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class AccountUpload(Base):
    """A file of accounts between looking at what it would open and confirming it; seen by who brought it, for a day."""

    __tablename__ = "account_upload"

    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
