"""An account remembers that its owner has folded up what a role can do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032_desk_guide"
down_revision = "0031_factor_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An account remembers that its owner has folded up what a role can do."""
    op.add_column(
        "account", sa.Column("has_folded_guide", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    """Undo: an account remembers that its owner has folded up what a role can do."""
    op.drop_column("account", "has_folded_guide")
