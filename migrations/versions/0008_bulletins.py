"""Bulletins, their issues and files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0008_bulletins"
down_revision = "0007_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bulletins, their issues and files."""
    op.create_table(
        "bulletin",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_bulletin_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("programme_id", "period", name=op.f("uq_bulletin_programme_id_period")),
    )
    op.create_table(
        "bulletin_issue",
        sa.Column("id", Key, nullable=False),
        sa.Column("bulletin_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cutoff", sa.String(length=7), nullable=False),
        sa.Column("seal", Key, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by_id", Key, nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("countersigned_by_id", Key, nullable=True),
        sa.Column("issued_at", Instant(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'issued', 'superseded', 'withdrawn')",
            name=op.f("ck_bulletin_issue_state_known"),
        ),
        sa.CheckConstraint("drafted_by_id <> countersigned_by_id", name=op.f("ck_bulletin_issue_four_eyes")),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_issue_bulletin_id_bulletin")
        ),
        sa.ForeignKeyConstraint(
            ["countersigned_by_id"], ["person.id"], name=op.f("fk_bulletin_issue_countersigned_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"], ["person.id"], name=op.f("fk_bulletin_issue_drafted_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_issue")),
        sa.UniqueConstraint("bulletin_id", "number", name=op.f("uq_bulletin_issue_bulletin_id_number")),
    )
    op.create_index(
        "uq_bulletin_issue_draft",
        "bulletin_issue",
        ["bulletin_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "bulletin_file",
        sa.Column("issue_id", Key, nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "format IN ('json', 'xlsx', 'csv', 'docx', 'pdf')", name=op.f("ck_bulletin_file_format_known")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["bulletin_issue.id"], name=op.f("fk_bulletin_file_issue_id_bulletin_issue")
        ),
        sa.PrimaryKeyConstraint("issue_id", "format", name=op.f("pk_bulletin_file")),
    )


def downgrade() -> None:
    """Undo: Bulletins, their issues and files."""
    op.drop_table("bulletin_file")
    op.drop_index(
        "uq_bulletin_issue_draft",
        table_name="bulletin_issue",
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.drop_table("bulletin_issue")
    op.drop_table("bulletin")
