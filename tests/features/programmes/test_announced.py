"""A list as it is announced is the whole list without its divisions, which are counted instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.lists import import_list, import_tree
from tests.factories.rows import put_targets
from tracker.features.programmes.queries import Announced, UnknownProgramme, get_announced, get_document
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator
from tracker.services.programme_documents.document import Document

LISTS = ("ningbo-2018", "huzhou-2025", "nanxun-2021", "xianning-2026", "zhangqi-2021")
KEY = "330200-2018"


def counted(document: Document) -> dict[str, int]:
    return {one.code: len(one.allocations) for one in document.indicators if one.allocations}


def undivided(document: Document) -> Document:
    pledges = [
        replace(pledge, indicators=tuple(replace(one, allocations=()) for one in pledge.indicators))
        for pledge in document.pledges
    ]
    return replace(document, pledges=tuple(pledges))


def both(session: Session, key: str) -> tuple[Document, Announced]:
    whole, announced = get_document(session, key), get_announced(session, key)
    assert announced.document == undivided(whole)
    assert announced.divided == counted(whole)
    return whole, announced


@pytest.mark.parametrize("name", LISTS)
def test_real_lists_lose_nothing_but_who_answers_for_what(session: Session, name: str) -> None:
    import_tree(session)
    key = import_list(session, name)
    whole, announced = both(session, key)
    assert announced.document.pledges
    assert whole.key == announced.document.key == key


def test_the_newest_version_of_a_share_counts(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018")
    ids = {row.code: row.id for row in session.execute(select(OrgUnit.code, OrgUnit.id))}
    indicator = session.scalars(select(Indicator).where(Indicator.code == "enrolments")).one()
    before = both(session, KEY)[1].divided.get("enrolments", 0)
    put_targets(session, indicator, {ids["330203"]: 5, ids["330205"]: None})
    put_targets(session, indicator, {ids["330203"]: 7})
    put_targets(session, indicator, {ids["330200"]: 9}, is_own_level=True)
    given = both(session, KEY)[1].divided["enrolments"]
    assert given > before
    put_targets(session, indicator, {ids["330203"]: None, ids["330205"]: None}, is_assigned=False)
    assert both(session, KEY)[1].divided["enrolments"] == given - 2


def test_a_list_that_is_not_there_is_named(session: Session) -> None:
    with pytest.raises(UnknownProgramme, match="330200-1999"):
        get_announced(session, "330200-1999")
