"""The reset of a lost second factor waits for a second person as a reset of the password does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_factor_requests"
down_revision = "0022_second_factors"
branch_labels = None
depends_on = None

RULE = "ck_grant_request_kind_known"
BEFORE = "kind IN ('appointment', 'reset', 'address')"
AFTER = "kind IN ('appointment', 'reset', 'address', 'second_factor')"


def upgrade() -> None:
    """The reset of a lost second factor waits for a second person as a reset of the password does."""
    _know_kinds(AFTER)


def downgrade() -> None:
    """Undo: what was asked for of that kind is forgotten; the audit trail has it."""
    requests = sa.table("grant_request", sa.column("kind"))
    op.execute(sa.delete(requests).where(requests.c.kind == "second_factor"))
    _know_kinds(BEFORE)


def _know_kinds(rule: str) -> None:
    with op.batch_alter_table("grant_request") as batch:
        batch.drop_constraint(op.f(RULE), type_="check")
        batch.create_check_constraint(op.f(RULE), rule)
