"""Postings, entries, the tally, seals and streams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Figure, Instant, Key

revision = "0004_ledger"
down_revision = "0003_programmes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Postings, entries, the tally, seals and streams."""
    op.create_table(
        "seal",
        sa.Column("number", Key, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.create_table(
        "posting",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("edition", Key, nullable=False),
        sa.Column("actor_id", Key, nullable=True),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("row_digest", sa.String(length=64), nullable=False),
        sa.Column("seal", Key, nullable=True),
        sa.CheckConstraint(
            "action IN ('submit', 'withdraw', 'return', 'accept', 'undo', 'revoke', 'import', 'publish', 'target', 'move', 'merge')",
            name=op.f("ck_posting_action_known"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_posting_actor_id_person")),
        sa.ForeignKeyConstraint(
            ["edition"], ["tree_edition.number"], name=op.f("fk_posting_edition_tree_edition")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_posting_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_seal", "posting", ["seal"], unique=False)
    op.create_index(
        "ix_posting_unsealed",
        "posting",
        ["id"],
        unique=False,
        sqlite_where=sa.text("seal IS NULL"),
        postgresql_where=sa.text("seal IS NULL"),
    )
    op.create_table(
        "report_stream",
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_report_stream_org_unit_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_report_stream_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("programme_id", "org_unit_id", name=op.f("pk_report_stream")),
    )
    op.create_table(
        "entry",
        sa.Column("posting_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("amount", Figure(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("branch_id", Key, nullable=False),
        sa.CheckConstraint("basis IN ('accepted', 'provisional')", name=op.f("ck_entry_basis_known")),
        sa.CheckConstraint(
            "part IN ('amount', 'numerator', 'denominator', 'rate', 'rated', 'paired', 'assigned', 'reported', 'unknown', 'done', 'judged_done', 'judged_on_track', 'judged_lagging')",
            name=op.f("ck_entry_part_known"),
        ),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_entry_month_range")),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_entry_indicator_id_indicator")
        ),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_entry_org_unit_id_org_unit")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_entry_posting_id_posting")),
        sa.PrimaryKeyConstraint(
            "posting_id", "org_unit_id", "indicator_id", "basis", "part", "month", name=op.f("pk_entry")
        ),
    )
    op.create_index("ix_entry_cell", "entry", ["indicator_id", "org_unit_id"], unique=False)
    op.create_table(
        "tally",
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("parent_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("branch_id", Key, nullable=False),
        sa.Column("m1", Figure(), nullable=False),
        sa.Column("m2", Figure(), nullable=False),
        sa.Column("m3", Figure(), nullable=False),
        sa.Column("m4", Figure(), nullable=False),
        sa.Column("m5", Figure(), nullable=False),
        sa.Column("m6", Figure(), nullable=False),
        sa.Column("m7", Figure(), nullable=False),
        sa.Column("m8", Figure(), nullable=False),
        sa.Column("m9", Figure(), nullable=False),
        sa.Column("m10", Figure(), nullable=False),
        sa.Column("m11", Figure(), nullable=False),
        sa.Column("m12", Figure(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_tally_indicator_id_indicator")
        ),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_tally_org_unit_id_org_unit")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_tally_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint(
            "programme_id", "parent_id", "org_unit_id", "indicator_id", "basis", "part", name=op.f("pk_tally")
        ),
    )


def downgrade() -> None:
    """Undo: Postings, entries, the tally, seals and streams."""
    op.drop_table("tally")
    op.drop_index("ix_entry_cell", table_name="entry")
    op.drop_table("entry")
    op.drop_table("report_stream")
    op.drop_index(
        "ix_posting_unsealed",
        table_name="posting",
        sqlite_where=sa.text("seal IS NULL"),
        postgresql_where=sa.text("seal IS NULL"),
    )
    op.drop_index("ix_posting_seal", table_name="posting")
    op.drop_table("posting")
    op.drop_table("seal")
