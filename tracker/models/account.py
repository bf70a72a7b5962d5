"""People, their accounts, appointments, sessions and sign-in attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.identity import Role
from tracker.models.base import Base, Instant, Key, one_of

ORIGINS = ("operator", "page", "import")


class Person(Base):
    """人员: one row per human being. ``is_sample`` marks demonstration names (样例).

    ``email`` is the person's own address, in small letters: whole for its owner and for admins in reach, else masked.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)


class Account(Base):
    """A person's one login. ``password_hash`` is argon2id; closed accounts keep their row."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), unique=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    password_changed_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    language: Mapped[str] = mapped_column(String(12), default="zh_Hans_CN")


class Appointment(Base):
    """任职: person × org unit × role (× department), from–to in UTC; ``valid_to`` is exclusive."""

    __tablename__ = "appointment"
    __table_args__ = (
        one_of("role", Role),
        one_of("origin", ORIGINS),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="interval"),
        Index("ix_appointment_person_id", "person_id"),
        Index("ix_appointment_org_unit_id_role", "org_unit_id", "role"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    role: Mapped[str] = mapped_column(String(16))
    department: Mapped[str | None] = mapped_column(String(60))
    valid_from: Mapped[datetime] = mapped_column(Instant)
    valid_to: Mapped[datetime | None] = mapped_column(Instant)
    origin: Mapped[str] = mapped_column(String(16))
    granted_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))


class WebSession(Base):
    """A signed-in browser, kept on the server; the cookie carries a token of which only the SHA-256 is stored."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(Key, ForeignKey("account.id"))
    appointment_id: Mapped[int | None] = mapped_column(Key, ForeignKey("appointment.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(200))


class SignInAttempt(Base):
    """One try to sign in, written before the password is checked, then counted (document 5.1, rule 6)."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_login_at", "login", "at"),
        Index("ix_sign_in_attempt_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    has_succeeded: Mapped[bool] = mapped_column(default=False)
