"""Any list a file can hold is stored as it is, changes nothing when it comes again, can be published and judged."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.lists import NOW, import_text, import_tree
from tests.features.programmes.files.any_list import documents, every_combination
from tracker.domain.identity import OPERATOR
from tracker.domain.periods import Month
from tracker.features.programmes.commands import publish_programme
from tracker.features.programmes.files.formats import write_file
from tracker.features.programmes.queries import get_document
from tracker.models.org_unit import OrgUnit
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_documents.document import Document
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load
from tracker.services.tree import get_unit

PUBLISHER = "330200"
UNITS = st.sampled_from(["330200", "330203", "330205", "330211", "330282"])


def hold(session: Session, document: Document, month: int) -> None:
    """Import, export, import again, publish and judge a list; nothing of it may get lost on the way."""
    import_text(session, write_file(document, ".yaml"))
    assert get_document(session, document.key) == document
    for ending in (".xlsx", ".yaml"):
        written = write_file(get_document(session, document.key), ending)
        assert list(import_text(session, written).changes) == []
    publish_programme(session, document.key, actor=OPERATOR, now=NOW)
    try_fold(session, NOW)
    assert verify_totals(session) == []
    assert get_document(session, document.key) == document
    head = find_head(session, document.key)
    assert head is not None
    table = load(session, head, get_unit(session, head.publisher_id), cutoff=Month(document.year, month))
    wanted = {one.code: one.target for pledge in document.pledges for one in pledge.indicators}
    found = {one.listed.rule.code: one for pledge in table.pledges for one in pledge.indicators}
    assert set(found) == set(wanted)
    for code, target in wanted.items():
        if target is not None:
            assert found[code].standing.target == target, code


def test_every_kind_comparator_and_null_is_stored_published_and_judged(session: Session) -> None:
    import_tree(session)
    hold(session, every_combination(PUBLISHER, ("330203", "330205")), 6)


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(documents(st.just(PUBLISHER), UNITS, is_aligned=False), st.integers(1, 12))
def test_any_list_is_stored_published_and_judged(session: Session, document: Document, month: int) -> None:
    if session.scalar(select(func.count()).select_from(OrgUnit)) == 0:
        import_tree(session)
    with session.begin_nested() as example:
        hold(session, document, month)
        example.rollback()
