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
_WHOLE = {"sqlite": "{0}", "postgresql": "CAST({0} AS BIGINT)"}
"""PostgreSQL's sum of big integers is a numeric."""


def _history(dialect: str) -> str:
    """Every sealed entry in the rows it was summed into: by row, the sums up to each day on which the row changed."""
    key = "programme_id, parent_id, org_unit_id, indicator_id, basis, part"
    columns, whole = f"{key}, day, year, branch_id", _WHOLE[dialect]
    added, held = [], []
    for month in range(1, 13):
        added.append(whole.format(f"SUM(CASE WHEN month = {month} THEN amount ELSE 0 END)") + f" AS m{month}")
        held.append(whole.format(f"SUM(m{month}) OVER (PARTITION BY {key} ORDER BY day)"))
    return f"""
        WITH near AS MATERIALIZED (
            SELECT edition, org_unit_id, parent_id, pre, last FROM org_place WHERE depth <= 2
        ), above AS MATERIALIZED (
            SELECT own.edition AS edition, own.org_unit_id AS unit_id, near.org_unit_id AS org_unit_id,
                   near.parent_id AS parent_id, near.pre AS pre
              FROM org_place AS own
              JOIN near ON near.edition = own.edition AND own.pre BETWEEN near.pre AND near.last
        ), moved AS (
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
              JOIN org_place AS top ON top.edition = posting.edition AND top.org_unit_id = programme.publisher_id
              JOIN above AS whole ON whole.edition = posting.edition AND whole.unit_id = entry.org_unit_id
                   AND whole.pre BETWEEN top.pre AND top.last
             WHERE programme.own_level_counts OR entry.org_unit_id <> programme.publisher_id
             UNION ALL
            SELECT indicator.programme_id, entry.org_unit_id, entry.org_unit_id, entry.indicator_id, entry.basis,
                   entry.part, {_DAY[dialect]}, entry.year, entry.month, entry.amount, entry.branch_id
              FROM entry
              JOIN posting ON posting.id = entry.posting_id
              JOIN seal ON seal.number = posting.seal
              JOIN indicator ON indicator.id = entry.indicator_id
              JOIN near ON near.edition = posting.edition AND near.org_unit_id = entry.org_unit_id
        ), changed AS (
            SELECT {columns}, {", ".join(added)} FROM moved GROUP BY {columns}
        )
        INSERT INTO tally_day ({columns}, {", ".join(MONTHS)})
        SELECT {columns}, {", ".join(held)} FROM changed
    """


_HISTORY = {dialect: _history(dialect) for dialect in _DAY}
