"""Several sheets accepted in one act: each judged for itself, one posting, and the totals right."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select, update

from tests.factories.crowds import Crowd
from tests.factories.rows import NOW
from tests.support.statements import counted_statements
from tracker.db import Database
from tracker.domain.messages import Refusal
from tracker.models.audit import AuditEntry
from tracker.models.ledger import Posting
from tracker.models.report import Revision, RevisionAuthor, ThreadEntry
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.settling import settle
from tracker.services.ledger.verifying import verify_totals
from tracker.services.moving import MovedOn, SamePerson
from tracker.services.standings import Doer
from tracker.services.transitions import accept_sheets

BUDGET = 20
"""Whatever the number of sheets, up to the hundred that one statement names."""


def test_takes_one_posting_and_few_statements_and_tells_of_each_report(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        crowd = Crowd(session, units=30)
        before = len(session.scalars(select(Posting.id)).all())
        session.commit()
    with fresh_database.session() as session, counted_statements(fresh_database) as statements:
        outcomes = accept_sheets(session, list(crowd.seen.values()), Doer(crowd.reviewer, NOW))
        settle(fresh_database, session, lambda: NOW)
    assert not any(isinstance(one, Refusal) for one in outcomes)
    assert len(statements) <= BUDGET, "\n".join(statements)
    with fresh_database.session() as session:
        assert len(session.scalars(select(Posting.id)).all()) == before + 1
        told = select(AuditEntry.subject_id).where(AuditEntry.action == "report.accepted")
        assert set(Counter(session.scalars(told)).values()) == {1}
        steps = select(ThreadEntry.report_id).where(ThreadEntry.action == "accept")
        assert len(session.scalars(steps).all()) == len(set(session.scalars(steps))) == 30
        assert crowd.totals(session) == (300, 300)
        assert verify_totals(session) == []
        assert verify_history(session) == []


def test_leaves_the_sheet_that_moved_on_and_the_one_the_reviewer_wrote(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        crowd = Crowd(session, units=3)
        moved, written, clean = [seen[0].revision_id for seen in crowd.seen.values()]
        session.execute(
            update(Revision).where(Revision.id == moved).values(version_id=Revision.version_id + 1)
        )
        session.add(RevisionAuthor(revision_id=written, person_id=crowd.reviewer.person_id))
        session.commit()
    with fresh_database.session() as session:
        outcomes = accept_sheets(session, list(crowd.seen.values()), Doer(crowd.reviewer, NOW))
        settle(fresh_database, session, lambda: NOW)
    assert [type(one) for one in outcomes] == [MovedOn, SamePerson, list]
    with fresh_database.session() as session:
        states = dict(session.execute(select(Revision.id, Revision.state)).all())
        assert (states[moved], states[written], states[clean]) == ("signed", "signed", "accepted")
        assert crowd.totals(session) == (10, 10)
        assert verify_totals(session) == []
