"""A list file speaks for the children of the units of which it names one; the rest it leaves alone (ADR 5)."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.lists import NOW, case, import_text, import_tree
from tests.features.programmes.files.lists import with_indicator
from tracker.domain.identity import OPERATOR
from tracker.features.programmes.commands import ImportPlan, publish_programme
from tracker.features.programmes.files.formats import write_file
from tracker.features.programmes.queries import get_document
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals

KEY = "330200-2018"
TOWNS = """
330203001,甲镇总工会,甲镇,township,federation,330203,,1,,
330203002,乙镇总工会,乙镇,township,federation,330203,,2,,
"""
EVERYBODY = '{"330203": 10, "330203001": 4, "330203002": 6, "330282": 9, "330282102": 9}'


def listed(allocations: str) -> str:
    return with_indicator(f"allocations: {allocations}")


def published(session: Session, allocations: str = EVERYBODY) -> None:
    import_tree(session, case("org-zhejiang.csv").rstrip() + TOWNS.encode())
    import_text(session, listed(allocations))
    publish_programme(session, KEY, actor=OPERATOR, now=NOW)


def again(session: Session, allocations: str) -> ImportPlan:
    plan = import_text(session, listed(allocations), reason="调整")
    try_fold(session, NOW)
    assert verify_totals(session) == []
    return plan


def units(session: Session) -> set[str]:
    [indicator] = [one for one in get_document(session, KEY).indicators if one.code == "enrolments"]
    return {entry.unit for entry in indicator.allocations}


def test_leaves_townships_alone_under_a_district_of_which_no_child_is_named(session: Session) -> None:
    published(session)
    plan = again(session, '{"330203": 10, "330282": 9}')
    assert not plan.changes
    assert units(session) == {"330203", "330203001", "330203002", "330282", "330282102"}
    assert [str(note) for note in plan.notes] == [
        "“参保”：文件没有提到海曙分给下级的 2 个目标，保持不变：甲镇、乙镇",
        "“参保”：文件没有提到慈溪分给下级的 1 个目标，保持不变：掌起",
    ]


def test_takes_back_the_sisters_of_a_township_that_is_named(session: Session) -> None:
    published(session)
    plan = again(session, '{"330203": 10, "330203001": 4, "330282": 9}')
    assert set(plan.changes) == {"indicators/enrolments/allocations/330203002"}
    assert units(session) == {"330203", "330203001", "330282", "330282102"}


def test_takes_back_with_a_district_what_stood_below_it_and_says_so_with_names(session: Session) -> None:
    published(session)
    plan = again(session, '{"330282": 9}')
    assert units(session) == {"330282", "330282102"}
    assert str(plan.notes[0]) == "“参保”不再由海曙承担，它下面 2 个单位的目标一并收回：甲镇、乙镇"


def test_keeps_a_township_that_is_named_although_its_district_goes(session: Session) -> None:
    published(session)
    again(session, '{"330203001": 4, "330282": 9}')
    assert units(session) == {"330203001", "330282", "330282102"}


def test_always_speaks_for_the_publishers_own_level_and_children(session: Session) -> None:
    published(session, '{"330200": 5, "330203": 10, "330203001": 4}')
    again(session, "{}")
    assert units(session) == set()


def test_leaves_counties_alone_whose_city_was_never_assigned(session: Session) -> None:
    published(session, '{"330203001": 4, "330282": 9}')
    plan = again(session, '{"330282": 9}')
    assert not plan.changes
    assert units(session) == {"330203001", "330282"}


def test_replaces_a_draft_as_a_whole(session: Session) -> None:
    import_tree(session, case("org-zhejiang.csv").rstrip() + TOWNS.encode())
    import_text(session, listed(EVERYBODY))
    plan = import_text(session, listed('{"330203": 10, "330282": 9}'))
    assert units(session) == {"330203", "330282"}
    assert not plan.notes


@pytest.mark.parametrize("ending", [".yaml", ".xlsx"])
def test_an_exported_list_with_townships_comes_back_without_a_change(session: Session, ending: str) -> None:
    published(session)
    exported = write_file(get_document(session, KEY), ending)
    plan = import_text(session, exported)
    assert (dict(plan.changes), plan.notes) == ({}, [])
    assert get_document(session, KEY) == plan.document


def test_a_township_struck_out_of_an_exported_list_is_taken_back(session: Session) -> None:
    published(session)
    exported = write_file(get_document(session, KEY), ".yaml").decode()
    assert exported.count("'330203002'") == 1
    shorter = "".join(line for line in exported.splitlines(keepends=True) if "'330203002'" not in line)
    import_text(session, shorter, reason="乙镇并入甲镇")
    assert "330203002" not in units(session)


def test_tells_which_units_of_a_stock_have_a_number_but_no_base(session: Session) -> None:
    import_tree(session, case("org-zhejiang.csv").rstrip() + TOWNS.encode())
    fields = 'kind: stock\nbase: 5\nallocations: {"330203": 10, "330282": {target: 9, base: 2}}'
    plan = import_text(session, with_indicator(fields))
    assert [str(note) for note in plan.notes] == [
        "“参保”有 1 个单位没有填年初基数，达到目标之前不能评判：海曙"
    ]
