"""Reminders sent to units about a period that is missing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0017_notices"
down_revision = "0016_tally_days"
branch_labels = None
depends_on = None

STANDING = sa.text("withdrawn_at IS NULL")


def _key(column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=op.f(f"fk_notice_{column}_{referred}"))


def upgrade() -> None:
    """Reminders sent to units about a period that is missing."""
    op.create_table(
        "notice",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("read_by_id", Key, nullable=True),
        _key("programme_id", "programme"),
        _key("org_unit_id", "org_unit"),
        _key("by_id", "person"),
        _key("read_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(
        "uq_notice_day", "notice", ["programme_id", "org_unit_id", "period", "day"],
        unique=True, sqlite_where=STANDING, postgresql_where=STANDING,
    )  # fmt: skip
    op.create_index("ix_notice_org_unit_id", "notice", ["org_unit_id"])


def downgrade() -> None:
    """Undo: Reminders sent to units about a period that is missing."""
    op.drop_index("ix_notice_org_unit_id", table_name="notice")
    op.drop_index("uq_notice_day", table_name="notice")
    op.drop_table("notice")
