"""Second factors and recovery codes, former passwords, why a session ended, and what a try to sign in was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0022_second_factors"
down_revision = "0024_table_exports"
branch_labels = None
depends_on = None

REASONS = "revoked_because IN ('signed_out', 'revoked', 'limit', 'password', 'second_factor', 'by_admin', 'appointment')"


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id_account")
    )


def upgrade() -> None:
    """Second factors and recovery codes, former passwords, why a session ended, what a try was."""
    op.create_table(
        "second_factor",
        sa.Column("account_id", Key, autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", Instant(), nullable=False),
        sa.Column("code_salt", sa.String(length=32), nullable=False),
        _of_account("second_factor"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        _of_account("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("account_id", "digest", name=op.f("uq_recovery_code_account_id_digest")),
    )
    op.create_table(
        "former_password",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("replaced_at", Instant(), nullable=False),
        _of_account("former_password"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_password")),
    )
    op.create_index("ix_former_password_account_id", "former_password", ["account_id"])
    op.add_column(
        "account", sa.Column("has_initial_password", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _widen_sessions_and_attempts()


def _widen_sessions_and_attempts() -> None:
    with op.batch_alter_table("web_session") as sessions:
        sessions.add_column(sa.Column("second_factor_at", Instant(), nullable=True))
        sessions.add_column(sa.Column("revoked_because", sa.String(length=16), nullable=True))
        sessions.create_check_constraint(op.f("ck_web_session_revoked_because_known"), REASONS)
    op.drop_index("ix_sign_in_attempt_address_at", table_name="sign_in_attempt")
    with op.batch_alter_table("sign_in_attempt") as attempts:
        attempts.add_column(sa.Column("kind", sa.String(length=8), server_default="password", nullable=False))
        attempts.add_column(sa.Column("source", sa.String(length=64), server_default="", nullable=False))
        attempts.add_column(sa.Column("was_refused", sa.Boolean(), server_default=sa.false(), nullable=False))
        attempts.create_check_constraint(
            op.f("ck_sign_in_attempt_kind_known"), "kind IN ('password', 'code')"
        )
    op.execute("UPDATE sign_in_attempt SET source = address")
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"])


def downgrade() -> None:
    """Undo: Second factors and recovery codes, former passwords, why a session ended, what a try was."""
    op.drop_index("ix_sign_in_attempt_at", table_name="sign_in_attempt")
    with op.batch_alter_table("sign_in_attempt") as attempts:
        attempts.drop_constraint(op.f("ck_sign_in_attempt_kind_known"), type_="check")
        for column in ("was_refused", "source", "kind"):
            attempts.drop_column(column)
    op.create_index("ix_sign_in_attempt_address_at", "sign_in_attempt", ["address", "at"])
    with op.batch_alter_table("web_session") as sessions:
        sessions.drop_constraint(op.f("ck_web_session_revoked_because_known"), type_="check")
        for column in ("revoked_because", "second_factor_at"):
            sessions.drop_column(column)
    op.drop_column("account", "has_initial_password")
    op.drop_table("former_password")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
