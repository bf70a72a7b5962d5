"""Programme files that were brought and not imported yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0011_programme_uploads"
down_revision = "0010_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programme files that were brought and not imported yet."""
    op.create_table(
        "programme_upload",
        sa.Column("person_id", Key, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_programme_upload_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "digest", name=op.f("pk_programme_upload")),
    )
    op.create_index(op.f("ix_programme_upload_at"), "programme_upload", ["at"])


def downgrade() -> None:
    """Undo: Programme files that were brought and not imported yet."""
    op.drop_index(op.f("ix_programme_upload_at"), table_name="programme_upload")
    op.drop_table("programme_upload")
