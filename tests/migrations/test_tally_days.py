"""The days of a history that was there before them are made by the migration, on both engines."""

from __future__ import annotations

from alembic import command
from sqlalchemy import func, select

from tests.services.ledger.test_days import History
from tracker.cli.database import revision_settings
from tracker.db import Database
from tracker.models.ledger import TallyDay
from tracker.services.ledger.verifying import verify_totals


def test_makes_the_days_of_all_that_was_sealed_before(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        History(session, 11).live(20)
        session.commit()
    with fresh_database.write.connect() as connection:
        command.downgrade(revision_settings(connection), "0016_tally_days-1")
        command.upgrade(revision_settings(connection), "head")
    with fresh_database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(TallyDay))
        assert verify_totals(session) == []
