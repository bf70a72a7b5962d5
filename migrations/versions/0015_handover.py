"""Queues handed to a colleague."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0015_handover"
down_revision = "0014_entry"
branch_labels = None
depends_on = None


def _key(column: str, referred: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_queue_handover_{column}_{referred}")
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=name)


def upgrade() -> None:
    """Queues handed to a colleague."""
    op.create_table(
        "queue_handover",
        sa.Column("id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("from_person_id", Key, nullable=False),
        sa.Column("to_person_id", Key, nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "role IN ('reporter', 'approver', 'reviewer', 'viewer', 'auditor', 'admin')",
            name=op.f("ck_queue_handover_role_known"),
        ),
        sa.CheckConstraint("from_person_id <> to_person_id", name=op.f("ck_queue_handover_two_people")),
        _key("org_unit_id", "org_unit"),
        _key("from_person_id", "person"),
        _key("to_person_id", "person"),
        _key("by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_handover")),
    )
    op.create_index("ix_queue_handover_place", "queue_handover", ["org_unit_id", "role", "from_person_id"])


def downgrade() -> None:
    """Undo: Queues handed to a colleague."""
    op.drop_index("ix_queue_handover_place", table_name="queue_handover")
    op.drop_table("queue_handover")
