"""What waits for a second person, one-time links, duties of admins, stand-ins, and files of accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key
from tracker.models.triggers import drop_triggers

revision = "0028_granting"
down_revision = "0021_outgoing_mail"
branch_labels = None
depends_on = None

ROLES = "role IN ('reporter', 'approver', 'reviewer', 'viewer', 'auditor', 'admin')"
DUTIES = "duty IN ('system_admin', 'security_admin', 'audit_admin')"
APPOINTMENT_RULES = {
    "duty_known": DUTIES,
    "duty_of_admin": "duty IS NULL OR role = 'admin'",
    "stand_in_ends": "stands_in_for_id IS NULL OR valid_to IS NOT NULL",
    "stand_in_for_another": "stands_in_for_id <> person_id",
    "granted_by_another": "granted_by_id <> person_id",
    "third_person": "confirmed_by_id <> person_id AND confirmed_by_id <> granted_by_id",
    "judges_confirmed": "confirmed_by_id IS NOT NULL OR origin = 'operator' OR role IN ('reporter', 'viewer')",
}
REQUEST_RULES = {
    "kind_known": "kind IN ('appointment', 'reset', 'address')",
    "state_known": "state IN ('open', 'confirmed', 'refused', 'withdrawn')",
    "role_known": ROLES,
    "duty_known": DUTIES,
    "requested_by_another": "requested_by_id <> person_id",
    "third_person": "state <> 'confirmed' OR (decided_by_id <> requested_by_id AND decided_by_id <> person_id)",
    "decided_by_somebody": "(state = 'open') = (decided_by_id IS NULL)",
    "role_of_appointment": "(kind = 'appointment') = (role IS NOT NULL)",
    "email_of_address": "(kind = 'address') = (email IS NOT NULL)",
    "stand_in_ends": "stands_in_for_id IS NULL OR valid_to IS NOT NULL",
}
LINK_RULES = {
    "purpose_known": "purpose IN ('activate', 'reset')",
    "drawn_with_its_end": "(token_digest IS NULL) = (expires_at IS NULL)",
}
OPEN = sa.text("state = 'open'")
ONE_OPEN = sa.text("state = 'open' AND kind <> 'appointment'")
LIVE = sa.text("used_at IS NULL AND revoked_at IS NULL")
TO_PERSON = ("confirmed_by_id", "stands_in_for_id")


def _key(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=op.f(f"fk_{table}_{column}_{referred}"))


def _checks(table: str, rules: dict[str, str]) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]


def upgrade() -> None:
    """What waits for a second person, one-time links, duties of admins, stand-ins, and files of accounts."""
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("has_password", sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table("appointment") as batch:
        for column in TO_PERSON:
            batch.add_column(sa.Column(column, Key, nullable=True))
            batch.create_foreign_key(op.f(f"fk_appointment_{column}_person"), "person", [column], ["id"])
        batch.add_column(sa.Column("duty", sa.String(length=16), nullable=True))
        for name, rule in APPOINTMENT_RULES.items():
            batch.create_check_constraint(op.f(f"ck_appointment_{name}"), rule)
    _create_requests()
    _create_links()
    op.create_table(
        "account_upload",
        sa.Column("person_id", Key, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _key("account_upload", "person_id", "person"),
        sa.PrimaryKeyConstraint("person_id", "digest", name=op.f("pk_account_upload")),
    )


def _create_requests() -> None:
    op.create_table(
        "grant_request",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("department", sa.String(length=60), nullable=True),
        sa.Column("duty", sa.String(length=16), nullable=True),
        sa.Column("stands_in_for_id", Key, nullable=True),
        sa.Column("valid_from", Instant(), nullable=True),
        sa.Column("valid_to", Instant(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by_id", Key, nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("decided_by_id", Key, nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("appointment_id", Key, nullable=True),
        *_checks("grant_request", REQUEST_RULES),
        _key("grant_request", "person_id", "person"),
        _key("grant_request", "org_unit_id", "org_unit"),
        _key("grant_request", "stands_in_for_id", "person"),
        _key("grant_request", "requested_by_id", "person"),
        _key("grant_request", "decided_by_id", "person"),
        _key("grant_request", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_request")),
    )
    op.create_index(
        "uq_grant_request_open", "grant_request", ["person_id", "kind"],
        unique=True, sqlite_where=ONE_OPEN, postgresql_where=ONE_OPEN,
    )  # fmt: skip
    op.create_index(
        "ix_grant_request_unit", "grant_request", ["org_unit_id"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_grant_request_person_id", "grant_request", ["person_id"])


def _create_links() -> None:
    op.create_table(
        "account_link",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("requested_by_id", Key, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        *_checks("account_link", LINK_RULES),
        _key("account_link", "account_id", "account"),
        _key("account_link", "requested_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_account_link_token_digest")),
    )
    op.create_index(
        "uq_account_link_live", "account_link", ["account_id"],
        unique=True, sqlite_where=LIVE, postgresql_where=LIVE,
    )  # fmt: skip
    op.create_index("ix_account_link_account_id", "account_link", ["account_id", "created_at"])


def downgrade() -> None:
    """Undo: What waits for a second person, one-time links, duties of admins, stand-ins, and files of accounts."""
    drop_triggers(op.get_bind())  # they stand again after the revision
    for table in ("account_upload", "account_link", "grant_request"):
        op.drop_table(table)
    with op.batch_alter_table("appointment") as batch:
        for name in APPOINTMENT_RULES:
            batch.drop_constraint(op.f(f"ck_appointment_{name}"), type_="check")
        for column in TO_PERSON:
            batch.drop_constraint(op.f(f"fk_appointment_{column}_person"), type_="foreignkey")
            batch.drop_column(column)
        batch.drop_column("duty")
    with op.batch_alter_table("account") as batch:
        batch.drop_column("has_password")
