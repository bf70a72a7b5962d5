"""What somebody did, and what was corrected lately, is found without looking through every thread."""

from __future__ import annotations

from alembic import op

revision = "0034_threads_by_person"
down_revision = "0033_targets_of_units"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_thread_entry_person": ["person_id", "at"],
    "ix_thread_entry_action": ["action", "at"],
}


def upgrade() -> None:
    """What somebody did, and what was corrected lately, is found without looking through every thread."""
    for name, columns in INDEXES.items():
        op.create_index(name, "thread_entry", columns)


def downgrade() -> None:
    """Undo: what somebody did, and what was corrected lately, is found without looking through every thread."""
    for name in INDEXES:
        op.drop_index(name, table_name="thread_entry")
