"""Working copies of target matrices, and notices of issued targets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0009_allocations"
down_revision = "0008_bulletins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Working copies of target matrices, and notices of issued targets."""
    op.create_table(
        "allocation_draft",
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("targets_seen", Key, nullable=False),
        sa.Column("posting_id", Key, nullable=True),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saved_by_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_allocation_draft_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_allocation_draft_org_unit_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["posting.id"], name=op.f("fk_allocation_draft_posting_id_posting")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["person.id"], name=op.f("fk_allocation_draft_saved_by_id_person")
        ),
        sa.PrimaryKeyConstraint("programme_id", "org_unit_id", "number", name=op.f("pk_allocation_draft")),
    )
    op.create_table(
        "target_notice",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("issuer_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("posting_id", Key, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("issued_by_id", Key, nullable=False),
        sa.Column("issue_reason", sa.String(length=400), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by_id", Key, nullable=True),
        sa.Column("request", sa.String(length=400), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by_id", Key, nullable=True),
        sa.Column("decision", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "state IN ('issued', 'confirmed', 'asked', 'declined', 'changed', 'superseded')",
            name=op.f("ck_target_notice_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_target_notice_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["org_unit.id"], name=op.f("fk_target_notice_issuer_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_target_notice_org_unit_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["posting.id"], name=op.f("fk_target_notice_posting_id_posting")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["person.id"], name=op.f("fk_target_notice_issued_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_target_notice_answered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_target_notice_decided_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_notice")),
    )
    op.create_index("ix_target_notice_unit", "target_notice", ["programme_id", "org_unit_id"])
    op.create_index("ix_target_notice_issuer", "target_notice", ["programme_id", "issuer_id"])


def downgrade() -> None:
    """Undo: Working copies of target matrices, and notices of issued targets."""
    op.drop_index("ix_target_notice_issuer", table_name="target_notice")
    op.drop_index("ix_target_notice_unit", table_name="target_notice")
    op.drop_table("target_notice")
    op.drop_table("allocation_draft")
