"""Evidence attached to revisions, and the stored files behind it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0010_evidence"
down_revision = "0009_allocations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Evidence and its stored files."""
    op.create_table(
        "evidence_blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("preview", sa.String(length=64), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "media IN ('pdf', 'png', 'jpg', 'webp', 'xlsx', 'docx', 'csv')",
            name=op.f("ck_evidence_blob_media_known"),
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_blob_size_positive")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_evidence_blob")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", Key, nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("carried_from_id", Key, nullable=True),
        sa.Column("removed_by_id", Key, nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by_id IS NULL) AND (removed_at IS NULL) = (reason = '')",
            name=op.f("ck_evidence_tombstone_whole"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_evidence_by_id_person")),
        sa.ForeignKeyConstraint(
            ["carried_from_id"], ["evidence.id"], name=op.f("fk_evidence_carried_from_id_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_evidence_indicator_id_indicator")
        ),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["person.id"], name=op.f("fk_evidence_removed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_evidence_revision_id_revision")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["evidence_blob.sha256"], name=op.f("fk_evidence_sha256_evidence_blob")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_revision_id", "evidence", ["revision_id"], unique=False)
    op.create_index("ix_evidence_sha256", "evidence", ["sha256"], unique=False)


def downgrade() -> None:
    """Undo: Evidence and its stored files. The files themselves stay where they are stored."""
    op.drop_index("ix_evidence_sha256", table_name="evidence")
    op.drop_index("ix_evidence_revision_id", table_name="evidence")
    op.drop_table("evidence")
    op.drop_table("evidence_blob")
