"""When a line was typed; of a stored file its copy without location, and how many rows a list has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant

revision = "0014_entry"
down_revision = "0013_target_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """When a line was typed, a file's copy for looking at, and the rows of a list."""
    op.add_column("line", sa.Column("typed_at", Instant(), nullable=True))
    op.add_column("evidence_blob", sa.Column("cleaned", sa.String(length=64), nullable=True))
    op.add_column("evidence_blob", sa.Column("row_count", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Undo: When a line was typed, a file's copy for looking at, and the rows of a list."""
    op.drop_column("evidence_blob", "row_count")
    op.drop_column("evidence_blob", "cleaned")
    op.drop_column("line", "typed_at")
