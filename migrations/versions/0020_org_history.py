"""Org units over time: former names, where figures counted before a move, what is settled, and uploaded files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Figure, Instant, Key

revision = "0020_org_history"
down_revision = "0030_audit_paging"
branch_labels = None
depends_on = None

PARTS = (
    "amount", "numerator", "denominator", "rate", "rated", "paired", "assigned", "reported", "unknown", "done",
    "judged_done", "judged_on_track", "judged_lagging",
)  # fmt: skip


def _key(table: str, column: str, referred: str, to: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{referred}.{to}"], name=op.f(f"fk_{table}_{column}_{referred}")
    )


def upgrade() -> None:
    """Org units over time: former names, where figures counted before a move, what is settled, and uploaded files."""
    op.add_column("org_unit", sa.Column("version_id", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "org_name",
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("until_month", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        _key("org_name", "org_unit_id", "org_unit"),
        sa.PrimaryKeyConstraint("org_unit_id", "until", name=op.f("pk_org_name")),
    )
    op.create_table(
        "org_tenure",
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("edition", Key, nullable=False),
        sa.Column("root_id", Key, nullable=False),
        sa.Column("is_end", sa.Boolean(), nullable=False),
        _key("org_tenure", "org_unit_id", "org_unit"),
        _key("org_tenure", "edition", "tree_edition", "number"),
        _key("org_tenure", "root_id", "org_unit"),
        sa.PrimaryKeyConstraint("org_unit_id", "until", "is_end", name=op.f("pk_org_tenure")),
    )
    op.create_index("ix_org_tenure_root_id", "org_tenure", ["root_id"])
    _create_settled_cell()
    op.create_table(
        "org_upload",
        sa.Column("person_id", Key, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _key("org_upload", "person_id", "person"),
        sa.PrimaryKeyConstraint("person_id", "digest", name=op.f("pk_org_upload")),
    )
    op.create_index("ix_org_upload_at", "org_upload", ["at"])


def _create_settled_cell() -> None:
    words = ", ".join(f"'{part}'" for part in PARTS)
    op.create_table(
        "settled_cell",
        sa.Column("posting_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("amount", Figure(), nullable=False),
        sa.CheckConstraint(f"part IN ({words})", name=op.f("ck_settled_cell_part_known")),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_settled_cell_month_range")),
        _key("settled_cell", "posting_id", "posting"),
        _key("settled_cell", "org_unit_id", "org_unit"),
        _key("settled_cell", "indicator_id", "indicator"),
        sa.PrimaryKeyConstraint(
            "posting_id", "org_unit_id", "indicator_id", "part", "month", name=op.f("pk_settled_cell")
        ),
    )
    op.create_index("ix_settled_cell_place", "settled_cell", ["indicator_id", "org_unit_id"])


def downgrade() -> None:
    """Back: nothing remains of former names and places."""
    op.drop_table("org_upload")
    op.drop_table("settled_cell")
    op.drop_table("org_tenure")
    op.drop_table("org_name")
    with op.batch_alter_table("org_unit") as batch:
        batch.drop_column("version_id")
