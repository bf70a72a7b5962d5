"""Holidays, closed periods, reopenings and waived signatures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0012_periods"
down_revision = "0011_programme_uploads"
branch_labels = None
depends_on = None


def _key(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=op.f(f"fk_{table}_{column}_{referred}"))


def upgrade() -> None:
    """Holidays, closed periods, reopenings and waived signatures."""
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "period_closing",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("closed_from", Instant(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("handed_in", sa.Integer(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _key("period_closing", "programme_id", "programme"),
        _key("period_closing", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_closing")),
        sa.UniqueConstraint("programme_id", "period", name=op.f("uq_period_closing_programme_id_period")),
    )
    op.create_table(
        "period_reopening",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _key("period_reopening", "programme_id", "programme"),
        _key("period_reopening", "org_unit_id", "org_unit"),
        _key("period_reopening", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_reopening")),
    )
    op.create_index(
        "ix_period_reopening_place", "period_reopening", ["programme_id", "org_unit_id", "period"]
    )
    op.create_table(
        "signature_waiver",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("is_waived", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _key("signature_waiver", "programme_id", "programme"),
        _key("signature_waiver", "org_unit_id", "org_unit"),
        _key("signature_waiver", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_waiver")),
    )
    op.create_index("ix_signature_waiver_place", "signature_waiver", ["programme_id", "org_unit_id"])


def downgrade() -> None:
    """Undo: Holidays, closed periods, reopenings and waived signatures."""
    op.drop_index("ix_signature_waiver_place", table_name="signature_waiver")
    op.drop_table("signature_waiver")
    op.drop_index("ix_period_reopening_place", table_name="period_reopening")
    op.drop_table("period_reopening")
    op.drop_table("period_closing")
    op.drop_table("holiday")
