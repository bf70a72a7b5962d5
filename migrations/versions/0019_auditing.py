"""Auditors' work: samples with their figures and marks, findings with their thread."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0019_auditing"
down_revision = "0018_bulletin_files"
branch_labels = None
depends_on = None


def _key(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=op.f(f"fk_{table}_{column}_{referred}"))


def upgrade() -> None:
    """Auditors' work: samples with their figures and marks, findings with their thread."""
    op.create_table(
        "audit_sample",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("seed", sa.String(length=20), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_digest", sa.String(length=64), nullable=False),
        sa.Column("seal", Key, nullable=False),
        sa.Column("drawn_by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("method IN ('random', 'size', 'risk')", name=op.f("ck_audit_sample_method_known")),
        _key("audit_sample", "programme_id", "programme"),
        _key("audit_sample", "org_unit_id", "org_unit"),
        _key("audit_sample", "drawn_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_sample")),
    )
    op.create_index("ix_audit_sample_programme_id", "audit_sample", ["programme_id"])
    op.create_table(
        "sampled_figure",
        sa.Column("id", Key, nullable=False),
        sa.Column("sample_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("risks", sa.JSON(), nullable=False),
        _key("sampled_figure", "sample_id", "audit_sample"),
        _key("sampled_figure", "revision_id", "revision"),
        _key("sampled_figure", "indicator_id", "indicator"),
        _key("sampled_figure", "org_unit_id", "org_unit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_figure")),
        sa.UniqueConstraint("sample_id", "position", name=op.f("uq_sampled_figure_sample_id_position")),
    )
    op.create_index("ix_sampled_figure_revision_id", "sampled_figure", ["revision_id"])
    op.create_table(
        "figure_mark",
        sa.Column("id", Key, nullable=False),
        sa.Column("figure_id", Key, nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("verdict IN ('verified', 'doubtful')", name=op.f("ck_figure_mark_verdict_known")),
        _key("figure_mark", "figure_id", "sampled_figure"),
        _key("figure_mark", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_mark")),
    )
    op.create_index("ix_figure_mark_figure_id", "figure_mark", ["figure_id"])
    _create_findings()


def _create_findings() -> None:
    op.create_table(
        "finding",
        sa.Column("id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("figure_id", Key, nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("raised_by_id", Key, nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'closed', 'reopened')", name=op.f("ck_finding_state_known")
        ),
        _key("finding", "org_unit_id", "org_unit"),
        _key("finding", "figure_id", "sampled_figure"),
        _key("finding", "raised_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_org_unit_id_state", "finding", ["org_unit_id", "state"])
    op.create_table(
        "finding_entry",
        sa.Column("id", Key, nullable=False),
        sa.Column("finding_id", Key, nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("due", Instant(), nullable=True),
        sa.Column("correction_id", Key, nullable=True),
        sa.Column("by_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "action IN ('raise', 'answer', 'close', 'reopen')", name=op.f("ck_finding_entry_action_known")
        ),
        _key("finding_entry", "finding_id", "finding"),
        _key("finding_entry", "correction_id", "revision"),
        _key("finding_entry", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_entry")),
    )
    op.create_index("ix_finding_entry_finding_id", "finding_entry", ["finding_id"])


def downgrade() -> None:
    """Undo: Auditors' work: samples with their figures and marks, findings with their thread."""
    for table in ("finding_entry", "finding", "figure_mark", "sampled_figure", "audit_sample"):
        op.drop_table(table)
