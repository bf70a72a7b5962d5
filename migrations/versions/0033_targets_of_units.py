"""The targets of a few units are found without looking through the list's."""

from __future__ import annotations

from alembic import op

revision = "0033_targets_of_units"
down_revision = "0032_desk_guide"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The targets of a few units are found without looking through the list's."""
    op.create_index("ix_target_unit", "target", ["org_unit_id", "indicator_id"])


def downgrade() -> None:
    """Undo: the targets of a few units are found without looking through the list's."""
    op.drop_index("ix_target_unit", table_name="target")
