"""Reports, revisions, lines, submissions, acceptances and threads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Figure, Instant, Key

revision = "0006_reports"
down_revision = "0005_targets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Reports, revisions, lines, submissions, acceptances and threads."""
    op.create_table(
        "report",
        sa.Column("id", Key, nullable=False),
        sa.Column("programme_id", Key, nullable=False),
        sa.Column("pledge_id", Key, nullable=False),
        sa.Column("org_unit_id", Key, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_report_month_range")),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_report_org_unit_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f("fk_report_pledge_id_pledge")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_report_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "pledge_id", "org_unit_id", "period", name=op.f("uq_report_pledge_id_org_unit_id_period")
        ),
    )
    op.create_index("ix_report_sheet", "report", ["programme_id", "org_unit_id", "month"], unique=False)
    op.create_table(
        "revision",
        sa.Column("id", Key, nullable=False),
        sa.Column("report_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("achievements", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("next_steps", sa.Text(), nullable=False),
        sa.Column("submission_number", sa.Integer(), nullable=False),
        sa.Column("submitted_by_id", Key, nullable=True),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("signed_by_id", Key, nullable=True),
        sa.Column("signed_at", Instant(), nullable=True),
        sa.Column("accepted_by_id", Key, nullable=True),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.Column("answer_by", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("origin IN ('page', 'import')", name=op.f("ck_revision_origin_known")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'signed', 'returned', 'accepted', 'superseded', 'revoked', 'dropped')",
            name=op.f("ck_revision_state_known"),
        ),
        sa.CheckConstraint("signed_by_id <> accepted_by_id", name=op.f("ck_revision_four_eyes")),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["person.id"], name=op.f("fk_revision_accepted_by_id_person")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_revision_report_id_report")),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["person.id"], name=op.f("fk_revision_signed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["person.id"], name=op.f("fk_revision_submitted_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("report_id", "number", name=op.f("uq_revision_report_id_number")),
    )
    op.create_index(
        "uq_revision_accepted",
        "revision",
        ["report_id"],
        unique=True,
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "uq_revision_open",
        "revision",
        ["report_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'returned', 'signed', 'submitted')"),
        postgresql_where=sa.text("state IN ('draft', 'returned', 'signed', 'submitted')"),
    )
    op.create_table(
        "acceptance",
        sa.Column("id", Key, nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("posting_id", Key, nullable=False),
        sa.Column("ended_posting_id", Key, nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_posting_id"], ["posting.id"], name=op.f("fk_acceptance_ended_posting_id_posting")
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["posting.id"], name=op.f("fk_acceptance_posting_id_posting")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_acceptance_revision_id_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
    )
    op.create_index(op.f("ix_acceptance_posting_id"), "acceptance", ["posting_id"], unique=False)
    op.create_index("ix_acceptance_revision_id", "acceptance", ["revision_id"], unique=False)
    op.create_table(
        "line",
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("value", Figure(), nullable=True),
        sa.Column("numerator", Figure(), nullable=True),
        sa.Column("denominator", Figure(), nullable=True),
        sa.Column("rate", Figure(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("items_done", sa.JSON(), nullable=True),
        sa.Column("judgement", sa.String(length=16), nullable=True),
        sa.Column("is_unknown", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("typed_by_id", Key, nullable=True),
        sa.CheckConstraint(
            "judgement IN ('done', 'on_track', 'lagging')", name=op.f("ck_line_judgement_known")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_line_indicator_id_indicator")
        ),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_line_revision_id_revision")),
        sa.ForeignKeyConstraint(["typed_by_id"], ["person.id"], name=op.f("fk_line_typed_by_id_person")),
        sa.PrimaryKeyConstraint("revision_id", "indicator_id", name=op.f("pk_line")),
    )
    op.create_table(
        "revision_author",
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_revision_author_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_revision_author_revision_id_revision")
        ),
        sa.PrimaryKeyConstraint("revision_id", "person_id", name=op.f("pk_revision_author")),
    )
    op.create_table(
        "submission",
        sa.Column("id", Key, nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by_id", Key, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_submission_by_id_person")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_submission_revision_id_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("revision_id", "number", name=op.f("uq_submission_revision_id_number")),
    )
    op.create_table(
        "thread_entry",
        sa.Column("id", Key, nullable=False),
        sa.Column("report_id", Key, nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("submission_id", Key, nullable=True),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pinned", sa.JSON(), nullable=False),
        sa.Column("answer_by", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_thread_entry_person_id_person")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_thread_entry_report_id_report")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_thread_entry_revision_id_revision")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_thread_entry_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_entry")),
    )
    op.create_index("ix_thread_entry_report_id", "thread_entry", ["report_id"], unique=False)


def downgrade() -> None:
    """Undo: Reports, revisions, lines, submissions, acceptances and threads."""
    op.drop_index("ix_thread_entry_report_id", table_name="thread_entry")
    op.drop_table("thread_entry")
    op.drop_table("submission")
    op.drop_table("revision_author")
    op.drop_table("line")
    op.drop_index("ix_acceptance_revision_id", table_name="acceptance")
    op.drop_index(op.f("ix_acceptance_posting_id"), table_name="acceptance")
    op.drop_table("acceptance")
    op.drop_index(
        "uq_revision_open",
        table_name="revision",
        sqlite_where=sa.text("state IN ('draft', 'returned', 'signed', 'submitted')"),
        postgresql_where=sa.text("state IN ('draft', 'returned', 'signed', 'submitted')"),
    )
    op.drop_index(
        "uq_revision_accepted",
        table_name="revision",
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.drop_table("revision")
    op.drop_index("ix_report_sheet", table_name="report")
    op.drop_table("report")
