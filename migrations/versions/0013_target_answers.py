"""By when a unit is to answer the targets issued to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant

revision = "0013_target_answers"
down_revision = "0012_periods"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A deadline on each notice; notices from before have none."""
    op.add_column("target_notice", sa.Column("answer_by", Instant(), nullable=True))


def downgrade() -> None:
    """Undo: a deadline on each notice."""
    op.drop_column("target_notice", "answer_by")
