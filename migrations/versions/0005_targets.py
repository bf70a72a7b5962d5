"""Versioned targets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Figure, Instant, Key

revision = "0005_targets"
down_revision = "0004_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Versioned targets."""
    op.create_table(
        "target",
        sa.Column("id", Key, nullable=False),
        sa.Column("posting_id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("is_own_level", sa.Boolean(), nullable=False),
        sa.Column("is_assigned", sa.Boolean(), nullable=False),
        sa.Column("value", Figure(), nullable=True),
        sa.Column("base", Figure(), nullable=True),
        sa.Column("effective_month", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("approved_by_id", Key, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("row_digest", sa.String(length=64), nullable=False),
        sa.Column("seal", Key, nullable=True),
        sa.CheckConstraint("effective_month BETWEEN 1 AND 12", name=op.f("ck_target_effective_month_range")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_target_approved_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_target_indicator_id_indicator")
        ),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_target_org_unit_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_target_posting_id_posting")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_target_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
    )
    op.create_index(
        "ix_target_place", "target", ["programme_id", "org_unit_id", "indicator_id"], unique=False
    )
    op.create_index(
        "ix_target_unsealed",
        "target",
        ["id"],
        unique=False,
        sqlite_where=sa.text("seal IS NULL"),
        postgresql_where=sa.text("seal IS NULL"),
    )


def downgrade() -> None:
    """Undo: Versioned targets."""
    op.drop_index(
        "ix_target_unsealed",
        table_name="target",
        sqlite_where=sa.text("seal IS NULL"),
        postgresql_where=sa.text("seal IS NULL"),
    )
    op.drop_index("ix_target_place", table_name="target")
    op.drop_table("target")
