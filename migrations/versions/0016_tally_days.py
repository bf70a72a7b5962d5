"""The tally's days: what rows near the top of the tree held at each day's end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Figure, Key

revision = "0016_tally_days"
down_revision = "0015_handover"
branch_labels = None
depends_on = None

MONTHS = tuple(f"m{month}" for month in range(1, 13))


def upgrade() -> None:
    """The tally's days: what rows near the top of the tree held at each day's end."""
    op.create_index("ix_seal_at", "seal", ["at", "number"])
    op.create_table(
        "tally_day",
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("parent_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("branch_id", Key, nullable=False),
        *[sa.Column(month, Figure(), nullable=False) for month in MONTHS],
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_tally_day_indicator_id_indicator")),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_tally_day_org_unit_id_org_unit")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_tally_day_programme_id_programme")),
        sa.PrimaryKeyConstraint(
            "programme_id", "parent_id", "org_unit_id", "indicator_id", "basis", "part", "day",
            name=op.f("pk_tally_day"),
        ),
    )  # fmt: skip
    op.execute(_HISTORY[op.get_bind().dialect.name])


def downgrade() -> None:
    """Undo: the tally's days."""
    op.drop_table("tally_day")
    op.drop_index("ix_seal_at", table_name="seal")


_DAY = {
    "sqlite": "date(seal.at, '+8 hours')",
    "postgresql": "(seal.at AT TIME ZONE 'Asia/Shanghai')::date",
}
_SUM = {
    "sqlite": "SUM(CASE WHEN moved.month = {month} THEN moved.amount ELSE 0 END)",
    "postgresql": "CAST(SUM(CASE WHEN moved.month = {month} THEN moved.amount ELSE 0 END) AS BIGINT)",
}


def _history(dialect: str) -> str:
    """Every sealed entry in the rows it was summed into: by row, the sums up to each day on which the row changed."""
    sums = ", ".join(_SUM[dialect].format(month=month) for month in range(1, 13))
    key = "programme_id, parent_id, org_unit_id, indicator_id, basis, part"
    touched = ", ".join(f"touched.{column}" for column in [*key.split(", "), "day", "year", "branch_id"])
    same = " AND ".join(f"moved.{column} = touched.{column}" for column in key.split(", "))
    return f"""
        WITH moved AS (
            SELECT indicator.programme_id AS programme_id, whole.parent_id AS parent_id,
                   whole.org_unit_id AS org_unit_id, entry.indicator_id AS indicator_id, entry.basis AS basis,
                   entry.part AS part, {_DAY[dialect]} AS day, entry.year AS year, entry.month AS month,
                   entry.amount AS amount,
                   CASE WHEN whole.org_unit_id = programme.publisher_id THEN whole.org_unit_id
                        ELSE entry.branch_id END AS branch_id
              FROM entry
              JOIN posting ON posting.id = entry.posting_id
              JOIN seal ON seal.number = posting.seal
              JOIN indicator ON indicator.id = entry.indicator_id
              JOIN programme ON programme.id = indicator.programme_id
              JOIN org_place AS own ON own.edition = posting.edition AND own.org_unit_id = entry.org_unit_id
              JOIN org_place AS top ON top.edition = posting.edition AND top.org_unit_id = programme.publisher_id
              JOIN org_place AS whole ON whole.edition = posting.edition AND whole.depth <= 2
                   AND own.pre BETWEEN whole.pre AND whole.last AND whole.pre BETWEEN top.pre AND top.last
             WHERE programme.own_level_counts OR entry.org_unit_id <> programme.publisher_id
             UNION ALL
            SELECT indicator.programme_id, own.org_unit_id, own.org_unit_id, entry.indicator_id, entry.basis,
                   entry.part, {_DAY[dialect]}, entry.year, entry.month, entry.amount, entry.branch_id
              FROM entry
              JOIN posting ON posting.id = entry.posting_id
              JOIN seal ON seal.number = posting.seal
              JOIN indicator ON indicator.id = entry.indicator_id
              JOIN org_place AS own ON own.edition = posting.edition AND own.org_unit_id = entry.org_unit_id
             WHERE own.depth <= 2
        ), touched AS (
            SELECT DISTINCT {key}, day, year, branch_id FROM moved
        )
        INSERT INTO tally_day ({key}, day, year, branch_id, {", ".join(MONTHS)})
        SELECT {touched}, {sums}
          FROM touched JOIN moved ON {same} AND moved.day <= touched.day
         GROUP BY {touched}
    """


_HISTORY = {dialect: _history(dialect) for dialect in _DAY}
