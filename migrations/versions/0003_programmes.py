"""Programmes, their versions, pledges and indicators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Figure, Instant, Key

revision = "0003_programmes"
down_revision = "0002_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programmes, their versions, pledges and indicators."""
    op.create_table(
        "programme",
        sa.Column("id", Key, nullable=False),
        sa.Column("publisher_id", Key, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reporting", sa.String(length=8), nullable=False),
        sa.Column("due_day", sa.SmallInteger(), nullable=False),
        sa.Column("close_day", sa.SmallInteger(), nullable=True),
        sa.Column("elapsed", sa.String(length=8), nullable=False),
        sa.Column("own_level_counts", sa.Boolean(), nullable=False),
        sa.Column("is_ranked", sa.Boolean(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("elapsed IN ('months', 'days')", name=op.f("ck_programme_elapsed_known")),
        sa.CheckConstraint(
            "reporting IN ('month', 'quarter', 'half', 'year')", name=op.f("ck_programme_reporting_known")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'running', 'closed')", name=op.f("ck_programme_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["org_unit.id"], name=op.f("fk_programme_publisher_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("key", name=op.f("uq_programme_key")),
        sa.UniqueConstraint("publisher_id", "year", "slug", name=op.f("uq_programme_publisher_id_year_slug")),
    )
    op.create_table(
        "light_rule_set",
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("on_track_tenths", sa.Integer(), nullable=False),
        sa.Column("lagging_tenths", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_light_rule_set_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("programme_id", "number", name=op.f("pk_light_rule_set")),
    )
    op.create_table(
        "pledge",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("lead", sa.String(length=60), nullable=False),
        sa.Column("supporting", sa.JSON(), nullable=False),
        sa.Column("is_dropped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_pledge_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
    )
    op.create_index("ix_pledge_programme_id_number", "pledge", ["programme_id", "number"], unique=False)
    op.create_table(
        "programme_version",
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", Key, nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_programme_version_by_id_person")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_version_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("programme_id", "number", name=op.f("pk_programme_version")),
    )
    op.create_table(
        "indicator",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("pledge_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("counting_rule", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("decimals", sa.SmallInteger(), nullable=False),
        sa.Column("comparator", sa.String(length=2), nullable=False),
        sa.Column("is_aspiration", sa.Boolean(), nullable=False),
        sa.Column("tolerance_tenths", sa.Integer(), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("part_of", sa.String(length=60), nullable=True),
        sa.Column("parts_complete", sa.Boolean(), nullable=True),
        sa.Column("evidence", sa.String(length=16), nullable=False),
        sa.Column("last_year", Figure(), nullable=True),
        sa.Column("is_dropped", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "comparator IN ('>=', '>', '=', '~', '<=', '<')", name=op.f("ck_indicator_comparator_known")
        ),
        sa.CheckConstraint(
            "evidence IN ('none', 'optional', 'required')", name=op.f("ck_indicator_evidence_known")
        ),
        sa.CheckConstraint(
            "kind IN ('flow', 'stock', 'kept', 'ratio', 'growth', 'milestone', 'checklist', 'narrative')",
            name=op.f("ck_indicator_kind_known"),
        ),
        sa.CheckConstraint("decimals BETWEEN 0 AND 4", name=op.f("ck_indicator_decimals_range")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f("fk_indicator_pledge_id_pledge")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_indicator_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_indicator_programme_id_code")),
    )
    op.create_table(
        "alignment",
        sa.Column("source_id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_alignment_indicator_id_indicator")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_alignment_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["indicator.id"], name=op.f("fk_alignment_source_id_indicator")
        ),
        sa.PrimaryKeyConstraint("source_id", "programme_id", name=op.f("pk_alignment")),
    )
    op.create_index(op.f("ix_alignment_indicator_id"), "alignment", ["indicator_id"], unique=False)


def downgrade() -> None:
    """Undo: Programmes, their versions, pledges and indicators."""
    op.drop_index(op.f("ix_alignment_indicator_id"), table_name="alignment")
    op.drop_table("alignment")
    op.drop_table("indicator")
    op.drop_table("programme_version")
    op.drop_index("ix_pledge_programme_id_number", table_name="pledge")
    op.drop_table("pledge")
    op.drop_table("light_rule_set")
    op.drop_table("programme")
