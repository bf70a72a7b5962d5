"""People, their accounts, appointments, sessions, second factors and sign-in attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.identity import Duty, Role
from tracker.models.base import Base, Instant, Key, one_of

ORIGINS = ("operator", "page", "import")
REASONS = ("signed_out", "revoked", "limit", "password", "second_factor", "by_admin", "appointment")
"""Why a session was ended before its time."""
TRIES = ("password", "code")
"""What was tried at signing in; codes of the second factor are counted by themselves."""
APPOINTMENT_RULES = (
    CheckConstraint("duty IS NULL OR role = 'admin'", name="duty_of_admin"),
    CheckConstraint("stands_in_for_id IS NULL OR valid_to IS NOT NULL", name="stand_in_ends"),
    CheckConstraint("stands_in_for_id <> person_id", name="stand_in_for_another"),
    CheckConstraint("granted_by_id <> person_id", name="granted_by_another"),
    CheckConstraint("confirmed_by_id <> person_id AND confirmed_by_id <> granted_by_id", name="third_person"),
    CheckConstraint(
        "confirmed_by_id IS NOT NULL OR origin = 'operator' OR role IN ('reporter', 'viewer')",
        name="judges_confirmed",
    ),
)
"""Four eyes by person; where a column is NULL the rule on it holds."""


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
    """A person's one login. ``password_hash`` is argon2id; closed accounts keep their row.

    Without ``has_password`` nobody has set one yet, and the hash is one that no password fits.
    ``has_initial_password``: somebody else drew or typed the password, its owner has not replaced it yet.
    ``has_folded_guide``: its owner has folded up what the desk says a role can do.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), unique=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    password_changed_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    language: Mapped[str] = mapped_column(String(12), default="zh_Hans_CN")
    has_password: Mapped[bool] = mapped_column(default=True, server_default=true())
    has_initial_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    has_folded_guide: Mapped[bool] = mapped_column(default=False, server_default=false())


class Appointment(Base):
    """任职: person × org unit × role (× department), from–to in UTC; ``valid_to`` is exclusive.

    ``duty`` is an admin's part of the work (NULL: all of it); a stand-in (代理) names for whom, and ends.
    Who is granted a role that judges was confirmed by a third person, unless an operator stands behind it.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        one_of("role", Role),
        one_of("origin", ORIGINS),
        one_of("duty", Duty),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="interval"),
        *APPOINTMENT_RULES,
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
    confirmed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    duty: Mapped[str | None] = mapped_column(String(16))
    stands_in_for_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))


class WebSession(Base):
    """A signed-in browser, kept on the server; the cookie carries a token of which only the SHA-256 is stored.

    ``second_factor_at``: when the second factor was proven through it; without, an account that has
    one is not signed in by this session yet.
    """

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_account_id", "account_id"), one_of("revoked_because", REASONS))

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
    second_factor_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_because: Mapped[str | None] = mapped_column(String(16))


class FormerPassword(Base):
    """The hash of a password an account had before, so that it is not taken again at once."""

    __tablename__ = "former_password"
    __table_args__ = (Index("ix_former_password_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(Key, ForeignKey("account.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    replaced_at: Mapped[datetime] = mapped_column(Instant)


class SecondFactor(Base):
    """动态口令: the secret an account's codes are made of, encrypted, and the last 30-second step whose code was used."""

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(Key, ForeignKey("account.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(200))
    last_step: Mapped[int] = mapped_column(BigInteger)
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    code_salt: Mapped[str] = mapped_column(String(32))


class RecoveryCode(Base):
    """One of the codes that stand in for a lost telephone, as argon2id with its account's salt; used once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(Key, ForeignKey("account.id"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInAttempt(Base):
    """One try to sign in, written before anything is checked, then counted (document 5.1, rule 6).

    ``source`` is what it is counted by: its address, or a browser the account is known by.
    ``was_refused``: it came within a wait, so nothing was checked.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        one_of("kind", TRIES),
        Index("ix_sign_in_attempt_login_at", "login", "at"),
        Index("ix_sign_in_attempt_at", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), default="password", server_default="password")
    login: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(64), default="", server_default="")
    at: Mapped[datetime] = mapped_column(Instant)
    has_succeeded: Mapped[bool] = mapped_column(default=False)
    was_refused: Mapped[bool] = mapped_column(default=False, server_default=false())
