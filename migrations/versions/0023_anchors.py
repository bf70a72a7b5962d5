"""Where seals were written down outside, and when a background process last said that it lives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.models.base import Instant, Key

revision = "0023_anchors"
down_revision = "0028_granting"
branch_labels = None
depends_on = None

PLACES = "place IN ('bulletin', 'audit_export', 'table_export', 'mail')"


def upgrade() -> None:
    """Where seals were written down outside, and when a background process last said that it lives."""
    op.create_table(
        "anchor",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("seal", Key, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.CheckConstraint(PLACES, name=op.f("ck_anchor_place_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchor")),
    )
    op.create_index("ix_anchor_seal", "anchor", ["seal"])
    op.create_index("ix_anchor_place", "anchor", ["place", "id"])
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    _write_down_what_was_issued()


def _write_down_what_was_issued() -> None:
    """Bulletins issued so far print their seal and its digest already."""
    op.execute(
        "INSERT INTO anchor (at, seal, digest, place, reference)"
        " SELECT i.issued_at, i.seal, s.digest, 'bulletin', p.key || '/' || b.period || '/' || i.number"
        " FROM bulletin_issue i JOIN seal s ON s.number = i.seal JOIN bulletin b ON b.id = i.bulletin_id"
        " JOIN programme p ON p.id = b.programme_id WHERE i.issued_at IS NOT NULL ORDER BY i.issued_at, i.id"
    )


def downgrade() -> None:
    """Undo: where seals were written down outside, and when a background process last said that it lives."""
    op.drop_table("heartbeat")
    op.drop_table("anchor")
