"""Importing org units: the first tree, what joins it later, what changes, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.lists import NOW, import_tree
from tests.features.org_units.test_numbering import assert_nested
from tracker.domain.identity import OPERATOR
from tracker.domain.messages import Faults
from tracker.features.org_units.commands import import_org_units, plan_org_import
from tracker.features.org_units.files import COLUMNS, read_org_file
from tracker.features.org_units.numbering import Interval
from tracker.features.org_units.queries import list_standing_units
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgPlace, TreeEdition
from tracker.services.tree import current_edition, find_unit, list_children, list_subtree

HEADER = ",".join(COLUMNS)
SMALL = ("1,省,省,province,federation,,,1,,", "11,市,市,city,federation,1,,1,,")


def file_of(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


def faults_of(session: Session, *lines: str) -> list[str]:
    with pytest.raises(Faults) as refused:
        plan_org_import(session, read_org_file(file_of(*lines)))
    return [str(fault) for fault in refused.value.faults]


def audited(session: Session) -> Sequence[AuditEntry]:
    return session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()


def assert_tree_is_sound(session: Session) -> None:
    units = list_standing_units(session)
    intervals: dict[str, Interval] = {code: unit.interval for code, unit in units.items()}
    assert_nested_by_position(session, intervals, {code: unit.parent for code, unit in units.items()})


def assert_nested_by_position(
    session: Session, intervals: dict[str, Interval], parents: dict[str, str]
) -> None:
    """The tree's own order is the official one, which the numbering test spells by code."""
    names = {
        code: f"{index:05d}" for index, code in enumerate(sorted(intervals, key=lambda c: intervals[c].pre))
    }
    assert_nested(
        {names[code]: interval for code, interval in intervals.items()},
        {names[code]: names.get(parent, "") for code, parent in parents.items()},
    )


def test_makes_the_first_edition_of_the_tree(session: Session) -> None:
    plan = import_tree(session)
    assert (len(plan.added), current_edition(session)) == (31, 1)
    city = find_unit(session, "330200")
    assert city is not None
    assert (city.name, city.place.depth) == ("宁波市总工会", 1)
    children = [unit.code for unit in list_children(session, city.id)]
    assert (children[:3], len(children)) == (["330203", "330205", "330211"], 11)
    below = [unit.code for unit in list_subtree(session, city.place)]
    assert (below[0], len(below), "330282102" in below) == ("330200", 13, True)
    assert_tree_is_sound(session)
    [entry] = audited(session)
    assert (entry.action, entry.subject_id) == ("org_units.imported", "1")
    assert json.loads(entry.after or "")["added"] == 31


def test_changes_nothing_the_second_time(session: Session) -> None:
    import_tree(session)
    plan = import_tree(session)
    assert (plan.is_empty, plan.unchanged, current_edition(session)) == (True, 31, 1)
    assert len(audited(session)) == 1


def test_lets_a_parent_come_later_in_the_file(session: Session) -> None:
    import_tree(session, file_of(*reversed(SMALL)))
    assert_tree_is_sound(session)


def test_adds_units_without_moving_the_others(session: Session) -> None:
    import_tree(session)
    before = {code: unit.interval for code, unit in list_standing_units(session).items()}
    added = [
        f"33020300{number},街道{number},街道,township,federation,330203,,{number},," for number in range(1, 9)
    ]
    added += [
        "330204,江东区总工会,江东,county,federation,330200,,2,,",
        "440000,广东,广东,province,federation,,,2,,",
    ]
    plan = import_tree(session, file_of(*added))
    assert (len(plan.added), plan.moved, current_edition(session)) == (10, {}, 1)
    after = list_standing_units(session)
    assert {code: after[code].interval for code in before} == before
    assert_tree_is_sound(session)


def test_numbers_all_anew_when_there_is_no_room_and_stays_in_its_edition(session: Session) -> None:
    import_tree(session, file_of(*SMALL))
    city = find_unit(session, "11")
    assert city is not None
    place = session.scalars(select(OrgPlace).where(OrgPlace.org_unit_id == city.id)).one()
    place.last = place.pre + 1
    session.flush()
    plan = import_tree(session, file_of("111,县,县,county,federation,11,,1,,"))
    assert plan.moved
    assert session.scalars(select(TreeEdition.number)).all() == [1]
    assert_tree_is_sound(session)


def test_updates_what_changed_and_says_so_in_the_audit_trail(session: Session) -> None:
    import_tree(session, file_of(*SMALL))
    plan = import_tree(session, file_of(SMALL[0], "11,新市,市,city,zone,1,7,3,2018-01-01,"))
    assert [(change.row.code, sorted(change.columns)) for change in plan.changed] == [
        ("11", ["kind", "name", "position", "valid_from", "weight"])
    ]
    entry = audited(session)[-1]
    assert json.loads(entry.before or "")["11"]["name"] == "市"
    assert json.loads(entry.after or "")["changed"]["11"]["valid_from"] == "2018-01-01"
    assert import_tree(session, file_of(SMALL[0], "11,新市,市,city,zone,1,7,3,2018-01-01,")).is_empty


def test_keeps_the_tree_in_official_order_when_that_changes(session: Session) -> None:
    import_tree(session, file_of(*SMALL, "12,乙市,乙,city,federation,1,,2,,"))
    import_tree(session, file_of("11,市,市,city,federation,1,,9,,"))
    root = find_unit(session, "1")
    assert root is not None
    assert [unit.code for unit in list_subtree(session, root.place)] == ["1", "12", "11"]
    assert_tree_is_sound(session)


def test_names_every_fault_of_the_tree_at_once(session: Session) -> None:
    import_tree(session, file_of(*SMALL))
    found = faults_of(
        session,
        "11,市,市,city,federation,,,1,,",
        "21,甲,甲,county,federation,22,,1,,",
        "22,乙,乙,township,federation,21,,1,,",
        "31,丙,丙,county,federation,99,,1,,",
        "41,丁,丁,city,federation,11,,1,,",
        "41,丁,丁,nowhere,federation,11,,1,,",
    )
    assert found == [
        "第 7 行 level：层级“nowhere”不对，只能是 province city county township grassroots",
        "第 7 行 code：代码 41 与第 6 行重复",
        "第 5 行 parent：上级“99”不在文件里，也不在系统里",
        "第 2 行 parent：上级由 1 变成了 （无）；导入不移动单位，请单独办理划转",
        "第 3 行 parent：上级连成了圈：21 → 22 → 21",
        "第 6 行 level：41 的层级 city 不低于上级 11 的 city",
    ]
    assert len(audited(session)) == 1


def test_names_a_child_left_above_its_parent(session: Session) -> None:
    import_tree(session, file_of(*SMALL, "111,县,县,county,federation,11,,1,,"))
    found = faults_of(session, "11,市,市,township,federation,1,,1,,")
    assert found == ["第 2 行 level：111 的层级 county 不低于上级 11 的 township"]


def test_tells_how_far_it_is(session: Session) -> None:
    seen: list[int] = []
    plan = plan_org_import(session, read_org_file(file_of(*SMALL)))
    import_org_units(session, plan, actor=OPERATOR, now=NOW, on_progress=seen.append)
    assert sum(seen) == 2 * len(plan.added)


def test_a_column_that_is_left_out_leaves_what_is_stored(session: Session) -> None:
    named = "11,宁波市总工会,宁波,city,federation,1,7,3,2018-01-01,"
    import_tree(session, file_of(SMALL[0], named, "12,乙市,乙市,city,federation,1,9,4,,"))
    bare = ["code,name,level,kind,parent", "11,宁波市总,city,federation,1", "12,丙市,city,federation,1"]
    plan = import_tree(session, "\n".join(bare).encode())
    assert {change.row.code: [*change.columns] for change in plan.changed} == {
        "11": ["name"],
        "12": ["name", "short_name"],  # it had no short name of its own
    }
    known = list_standing_units(session)
    kept = known["11"]
    assert (kept.short_name, kept.weight, kept.position, str(kept.valid_from)) == ("宁波", 7, 3, "2018-01-01")
    assert import_tree(session, "\n".join(bare).encode()).is_empty
    emptied = ["code,name,level,kind,parent,weight", "11,宁波市总,city,federation,1,"]
    import_tree(session, "\n".join(emptied).encode())
    assert list_standing_units(session)["11"].weight is None, "an empty cell empties"


def test_newcomers_get_what_follows_from_the_columns_there_are(session: Session) -> None:
    import_tree(session, file_of(*SMALL))
    import_tree(session, file_of("12,乙市,乙,city,federation,1,,2,,"))
    added = ["code,name,level,kind,parent", "10,丙市总工会,city,federation,1", "121,县,county,federation,12"]
    import_tree(session, "\n".join(added).encode())
    known = list_standing_units(session)
    assert (known["10"].short_name, known["10"].position, known["121"].position) == ("丙市总工会", 3, 0)
    root = find_unit(session, "1")
    assert root is not None
    assert [unit.code for unit in list_children(session, root.id)] == ["11", "12", "10"]
    assert_tree_is_sound(session)
    long = f"13,{'长' * 41},city,federation,1"
    with pytest.raises(Faults) as refused:
        import_tree(session, "\n".join([added[0], long]).encode())
    assert [str(fault) for fault in refused.value.faults] == [
        "第 2 行 name：超过 40 个字，请加一列 short_name 写明简称"
    ]
