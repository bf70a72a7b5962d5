"""Letters on their way out, and people's own addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key
from tracker.models.triggers import drop_triggers

revision = "0021_outgoing_mail"
down_revision = "0019_auditing"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Letters on their way out, and people's own addresses."""
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch.create_unique_constraint(op.f("uq_person_email"), ["email"])
    op.create_table(
        "outgoing_mail",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=200), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'dropped')", name=op.f("ck_outgoing_mail_state_known")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outgoing_mail_attempts_counted")),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_outgoing_mail_sent_when_sent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
    )
    op.create_index(
        "ix_outgoing_mail_due", "outgoing_mail", ["next_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index("ix_outgoing_mail_subject_of", "outgoing_mail", ["kind", "about"])


def downgrade() -> None:
    """Undo: Letters on their way out, and people's own addresses."""
    op.drop_table("outgoing_mail")
    drop_triggers(op.get_bind())  # they stand again after the revision
    with op.batch_alter_table("person") as batch:
        batch.drop_constraint(op.f("uq_person_email"), type_="unique")
        batch.drop_column("email")
