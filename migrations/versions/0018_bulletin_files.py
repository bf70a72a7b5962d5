"""Files of bulletins made in the background, their signed manifest, and the rows of background work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key
from tracker.models.triggers import drop_triggers

revision = "0018_bulletin_files"
down_revision = "0017_notices"
branch_labels = None
depends_on = None

BEFORE = "state IN ('draft', 'issued', 'superseded', 'withdrawn')"
AFTER = "state IN ('draft', 'issuing', 'issued', 'superseded', 'withdrawn')"
OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    """Files of bulletins made in the background, their signed manifest, and the rows of background work."""
    with op.batch_alter_table("bulletin_issue") as batch:
        batch.add_column(sa.Column("verify_at", sa.String(length=200), server_default="", nullable=False))
        batch.add_column(sa.Column("generated", sa.Text(), server_default="[]", nullable=False))
        batch.drop_constraint(op.f("ck_bulletin_issue_state_known"), type_="check")
        batch.create_check_constraint(op.f("ck_bulletin_issue_state_known"), AFTER)
    op.create_table(
        "bulletin_author",
        sa.Column("issue_id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["bulletin_issue.id"], name=op.f("fk_bulletin_author_issue_id_bulletin_issue")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_bulletin_author_person_id_person")
        ),
        sa.PrimaryKeyConstraint("issue_id", "person_id", name=op.f("pk_bulletin_author")),
    )
    op.execute(
        "INSERT INTO bulletin_author (issue_id, person_id) SELECT id, drafted_by_id FROM bulletin_issue"
    )
    op.create_table(
        "bulletin_manifest",
        sa.Column("issue_id", Key, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=88), nullable=False),
        sa.Column("public_key", sa.String(length=44), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["bulletin_issue.id"], name=op.f("fk_bulletin_manifest_issue_id_bulletin_issue")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_bulletin_manifest")),
    )
    op.create_table(
        "bulletin_package",
        sa.Column("issue_id", Key, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("evidence_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["bulletin_issue.id"], name=op.f("fk_bulletin_package_issue_id_bulletin_issue")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_bulletin_package")),
    )
    op.create_index(op.f("ix_bulletin_package_digest"), "bulletin_package", ["digest"])
    _create_job()


def _create_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("steps_done", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=400), nullable=True),
        sa.Column("asked_by_id", Key, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_job_state_known")
        ),
        sa.CheckConstraint(
            "steps_done >= 0 AND steps_done <= steps", name=op.f("ck_job_steps_done_in_steps")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_job_asked_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_open", "job", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_job_subject", "job", ["kind", "subject"])


def downgrade() -> None:
    """Undo: Files of bulletins made in the background, their signed manifest, and the rows of background work.

    An issue whose files are being made goes back to a draft: what it was before.
    """
    op.drop_table("job")
    drop_triggers(op.get_bind())  # they stand again after the revision
    op.execute(
        "UPDATE bulletin_issue SET state = 'draft', countersigned_by_id = NULL, issued_at = NULL WHERE state = 'issuing'"
    )
    op.drop_table("bulletin_package")
    op.drop_table("bulletin_manifest")
    op.drop_table("bulletin_author")
    with op.batch_alter_table("bulletin_issue") as batch:
        batch.drop_constraint(op.f("ck_bulletin_issue_state_known"), type_="check")
        batch.create_check_constraint(op.f("ck_bulletin_issue_state_known"), BEFORE)
        batch.drop_column("generated")
        batch.drop_column("verify_at")
