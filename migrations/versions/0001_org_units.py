"""Org units and the editions of their tree."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0001_org_units"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Org units and the editions of their tree."""
    op.create_table(
        "org_unit",
        sa.Column("id", Key, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", Key, nullable=True),
        sa.CheckConstraint(
            "kind IN ('federation', 'sector', 'zone', 'department', 'grassroots')",
            name=op.f("ck_org_unit_kind_known"),
        ),
        sa.CheckConstraint(
            "level IN ('province', 'city', 'county', 'township', 'grassroots')",
            name=op.f("ck_org_unit_level_known"),
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["org_unit.id"], name=op.f("fk_org_unit_successor_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_org_unit_code")),
    )
    op.create_table(
        "tree_edition",
        sa.Column("number", Key, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tree_edition")),
    )
    op.create_table(
        "org_place",
        sa.Column("edition", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("parent_id", Key, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("pre", Key, nullable=False),
        sa.Column("last", Key, nullable=False),
        sa.CheckConstraint("pre <= last", name=op.f("ck_org_place_interval")),
        sa.ForeignKeyConstraint(
            ["edition"], ["tree_edition.number"], name=op.f("fk_org_place_edition_tree_edition")
        ),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_org_place_org_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("edition", "org_unit_id", name=op.f("pk_org_place")),
    )
    op.create_index("ix_org_place_children", "org_place", ["edition", "parent_id"], unique=False)
    op.create_index("ix_org_place_scope", "org_place", ["edition", "pre"], unique=False)


def downgrade() -> None:
    """Undo: Org units and the editions of their tree."""
    op.drop_index("ix_org_place_scope", table_name="org_place")
    op.drop_index("ix_org_place_children", table_name="org_place")
    op.drop_table("org_place")
    op.drop_table("tree_edition")
    op.drop_table("org_unit")
