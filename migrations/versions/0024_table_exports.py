"""Tables taken away as files, with the file until it runs out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0024_table_exports"
down_revision = "0020_org_history"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables taken away as files, with the file until it runs out."""
    op.create_table(
        "table_export",
        sa.Column("id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("appointment_id", Key, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("style", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("is_long", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("made_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.CheckConstraint("style IN ('csv', 'xlsx')", name=op.f("ck_table_export_style_known")),
        sa.CheckConstraint("(digest IS NULL) = (made_at IS NULL)", name=op.f("ck_table_export_made_whole")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_table_export_person_id_person")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_table_export_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_export")),
    )
    op.create_index("ix_table_export_appointment_id_made_at", "table_export", ["appointment_id", "made_at"])
    op.create_index("ix_table_export_digest", "table_export", ["digest"])
    op.create_index("ix_table_export_expires_at", "table_export", ["expires_at"])
    op.create_table(
        "table_export_piece",
        sa.Column("export_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["table_export.id"], name=op.f("fk_table_export_piece_export_id_table_export")
        ),
        sa.PrimaryKeyConstraint("export_id", "number", name=op.f("pk_table_export_piece")),
    )


def downgrade() -> None:
    """Undo: Tables taken away as files, with the file until it runs out."""
    op.drop_table("table_export_piece")
    op.drop_table("table_export")
