"""Units move, end and become one: totals are right at every level before and after, and nothing is deleted."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.rows import act, align, plant_indicator
from tests.features.org_units.trees import Province
from tracker.domain.messages import Refusal
from tracker.domain.periods import Month
from tracker.features.org_units.moves import (
    AlreadyClosed,
    NotAPlace,
    OutOfReach,
    StillInUse,
    carry_out_close,
    carry_out_move,
    close_shape,
    move_shape,
)
from tracker.features.org_units.restructures import (
    BeforeLastMove,
    FiguresAfterwards,
    TreeHasChanged,
    UnitHasChanged,
)
from tracker.features.org_units.units import NewName, rename_unit
from tracker.models.ledger import Entry
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Programme, Target
from tracker.services.ledger.posting import post
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load, newest_seal
from tracker.services.trail import sources_of


def test_moves_figures_from_a_month_on_and_leaves_the_earlier_ones(session: Session) -> None:
    province = Province(session)
    [enrolments] = province.plant_list("330000", "enrolments")
    province.assign(enrolments, u330203=200, u330205=90, u330502=80)
    for month, value in ((5, 10), (6, 20), (7, 30)):
        province.accept(enrolments, "330203", month, value)
    province.accept(enrolments, "330502", 6, 7)
    province.fold()
    province.move("330203", "330500", "2018-07")
    province.fold()
    assert province.parents()["330203"] == "330500"
    assert province.parents(1)["330203"] == "330200", "the earlier edition stays"
    assert province.total(enrolments, "330200") == 30
    assert province.total(enrolments, "330500") == 37
    assert province.total(enrolments, "330203") == 60
    assert province.total(enrolments, "330000") == 67
    assert province.total(enrolments, "330200", part="assigned") == 1
    assert province.total(enrolments, "330500", part="assigned") == 2
    assert province.total(enrolments, "330200", until=6, part="assigned") == 2
    assert province.actions() == ["org_unit.moved"]


def test_a_later_correction_of_an_earlier_month_counts_where_it_was_counted(session: Session) -> None:
    province = Province(session)
    [enrolments] = province.plant_list("330000", "enrolments")
    province.assign(enrolments, u330203=200)
    province.accept(enrolments, "330203", 6, 20)
    province.move("330203", "330500", "2018-07")
    province.accept(enrolments, "330203", 6, 25)
    province.accept(enrolments, "330203", 7, 3)
    province.fold()
    assert (province.total(enrolments, "330200"), province.total(enrolments, "330500")) == (25, 3)


def test_a_level_is_handed_over_in_the_month_of_the_move(session: Session) -> None:
    province = Province(session)
    [members] = province.plant_list("330000", "members", kind="stock", measure="人")
    province.assign(members, u330203=200, u330205=50)
    province.accept(members, "330203", 5, 100)
    province.accept(members, "330205", 5, 40)
    province.move("330203", "330500", "2018-07")
    province.accept(members, "330203", 6, 110)
    province.fold()
    assert province.total(members, "330200", until=6) == 150
    assert province.total(members, "330200", until=7) == 40
    assert province.total(members, "330500", until=6) == 0
    assert province.total(members, "330500", until=7) == 110
    assert province.total(members, "330000", until=12) == 150


def test_the_list_that_is_left_keeps_what_was_reported(session: Session) -> None:
    province = Province(session)
    [enrolments] = province.plant_list("330200", "enrolments")
    [members] = [province.plant_list("330500", "members", kind="stock", measure="人")[0]]
    province.assign(enrolments, u330203=200, u330205=90)
    province.accept(enrolments, "330203", 6, 20)
    entries = len(session.scalars(select(Entry)).all())
    province.move("330203", "330500", "2018-07")
    province.fold()
    assert province.total(enrolments, "330200") == 20
    assert province.total(enrolments, "330200", part="assigned") == 1
    assert province.total(enrolments, "330500") == 0
    taken = session.scalars(select(Target).order_by(Target.id.desc())).first()
    assert taken is not None
    assert (taken.is_assigned, taken.effective_month, taken.reason) == (False, 7, "区划调整")
    assert len(session.scalars(select(Entry)).all()) > entries, "history is added to, never taken from"
    post(session, act("accept", enrolments.programme_id), [province.ids["330203"]])
    province.assign(members, u330203=10)
    province.accept(members, "330203", 7, 9)
    province.fold()
    assert province.total(enrolments, "330200") == 20, "posting again changes nothing of what was left behind"
    assert province.total(members, "330500") == 9


def test_what_a_left_list_fed_stays_with_the_province(session: Session) -> None:
    province = Province(session)
    [own] = province.plant_list("330200", "enrolments")
    [whole] = province.plant_list("330000", "all")
    [other] = province.plant_list("330500", "joined")
    align(session, own, whole)
    align(session, other, whole)
    for indicator, code in ((own, "330203"), (other, "330502")):
        province.assign(indicator, **{f"u{code}": 100})
        province.accept(indicator, code, 6, 20)
    province.fold()
    assert province.total(whole, "330000") == 40
    province.move("330203", "330500", "2018-07")
    province.assign(other, u330203=100)
    province.accept(other, "330203", 7, 5)
    province.fold()
    assert province.total(whole, "330000") == 45
    assert province.total(whole, "330200") == 20
    assert province.total(whole, "330500") == 25


def test_a_moved_publisher_keeps_its_own_list(session: Session) -> None:
    province = Province(session)
    [enrolments] = province.plant_list("330203", "enrolments")
    province.assign(enrolments, u330203001=200)
    province.accept(enrolments, "330203001", 6, 20)
    province.fold()
    province.move("330203", "330500", "2018-07")
    province.accept(enrolments, "330203001", 6, 24)
    province.fold()
    assert province.total(enrolments, "330203", at="330500") == 24


def test_closing_ends_levels_and_keeps_flows(session: Session) -> None:
    province = Province(session)
    enrolments, members = (
        province.plant_list("330200", "enrolments"),
        province.plant_list("330500", "members", kind="stock", measure="人"),
    )
    province.assign(enrolments[0], u330205=90, u330203=10)
    province.assign(members[0], u330502=90, u330503=10)
    province.accept(enrolments[0], "330205", 6, 20)
    province.accept(members[0], "330502", 6, 33)
    province.close("330205", successor="330206")
    province.close("330502")
    province.fold()
    assert province.total(enrolments[0], "330200") == 20
    assert province.total(enrolments[0], "330200", part="assigned") == 1
    assert province.total(members[0], "330500", until=6) == 33
    assert province.total(members[0], "330500", until=7) == 0
    ended = session.get_one(OrgUnit, province.ids["330205"])
    assert (str(ended.valid_to), ended.successor_id) == ("2018-06-30", province.ids["330206"])
    assert province.editions() == [1], "nobody has moved"
    assert province.actions() == ["org_unit.closed", "org_unit.closed"]


def test_merging_sums_one_indicator_and_leaves_another_where_it_was(session: Session) -> None:
    province = Province(session)
    enrolments, visits = province.plant_list("330200", "enrolments", "visits")
    for indicator in (enrolments, visits):
        province.assign(indicator, u330203=200, u330205=90)
        province.accept(indicator, "330203", 6, 20)
        province.accept(indicator, "330205", 5, 4)
    province.fold()
    province.merge("330203", into="330205", summed=(enrolments,))
    province.accept(enrolments, "330205", 7, 1)
    province.fold()
    assert [province.total(enrolments, code) for code in ("330203", "330205", "330200")] == [0, 25, 25]
    assert [province.total(visits, code) for code in ("330203", "330205", "330200")] == [20, 4, 24]
    assert province.total(enrolments, "330200", part="assigned") == 1
    newest = {
        (row.indicator_id, row.org_unit_id): (row.is_assigned, row.value)
        for row in session.scalars(select(Target).order_by(Target.id))
    }
    assert newest[enrolments.id, province.ids["330205"]] == (True, 290)
    assert newest[visits.id, province.ids["330205"]] == (True, 90)
    assert newest[visits.id, province.ids["330203"]] == (False, None)
    assert province.parents()["330203001"] == "330205", "whoever stood below goes along"
    assert province.parents()["330203"] == "330200", "the old unit stays where it was"
    assert province.actions() == ["org_unit.merged"]


def test_two_units_become_a_third(session: Session) -> None:
    province = Province(session)
    [enrolments] = province.plant_list("330200", "enrolments")
    province.assign(enrolments, u330203=200, u330205=90)
    province.accept(enrolments, "330203", 6, 20)
    province.accept(enrolments, "330205", 5, 4)
    province.merge("330203", "330205", into="330206", summed=(enrolments,))
    province.fold()
    assert [province.total(enrolments, code) for code in ("330203", "330205", "330206")] == [0, 0, 24]
    assert province.total(enrolments, "330200", part="assigned") == 1


def test_moves_twice_and_every_month_counts_where_the_unit_stood(session: Session) -> None:
    province = Province(session)
    [enrolments] = province.plant_list("330000", "enrolments")
    province.assign(enrolments, u330203=200)
    for month in range(1, 10):
        province.accept(enrolments, "330203", month, month)
    province.move("330203", "330500", "2018-04")
    province.move("330203", "330200", "2018-08")
    province.accept(enrolments, "330203", 5, 50)
    province.fold()
    assert province.total(enrolments, "330500") == 4 + 50 + 6 + 7
    assert province.total(enrolments, "330200") == 1 + 2 + 3 + 8 + 9
    with pytest.raises(BeforeLastMove):
        province.move("330203", "330500", "2018-07")


@pytest.mark.parametrize(
    ("code", "above", "refusal"),
    [
        ("330203", "330200", NotAPlace),
        ("330203", "330203001", NotAPlace),
        ("330203", "330502", NotAPlace),
        ("330000", "330500", OutOfReach),
    ],
)
def test_refuses_a_place_that_is_none(
    session: Session, code: str, above: str, refusal: type[Refusal]
) -> None:
    province = Province(session)
    with pytest.raises(refusal):
        province.move(code, above)


def test_an_admin_of_one_city_moves_nothing_out_of_it_or_closes_it(session: Session) -> None:
    province = Province(session, admin_at="330200")
    with pytest.raises(Refusal):
        province.facts("330500")
    with pytest.raises(OutOfReach):
        province.close("330200")


def test_refuses_to_leave_a_list_before_its_last_accepted_figure(session: Session) -> None:
    province = Province(session)
    [enrolments] = province.plant_list("330200", "enrolments")
    province.assign(enrolments, u330203=200)
    province.accept(enrolments, "330203", 7, 20)
    with pytest.raises(FiguresAfterwards, match="2018年8月"):
        province.move("330203", "330500", "2018-07")


def test_refuses_to_close_what_is_in_use(session: Session) -> None:
    province = Province(session)
    with pytest.raises(StillInUse, match="下面还有"):
        province.close("330203")
    province.plant_list("330205", "enrolments")
    with pytest.raises(StillInUse, match="实事清单"):
        province.close("330205")
    province.close("330206")
    with pytest.raises(AlreadyClosed):
        province.close("330206")


def test_of_two_who_saw_the_same_tree_the_second_is_told(session: Session) -> None:
    province = Province(session)
    stale = province.terms("2018-07", "330205")
    province.move("330203", "330500")
    shape = move_shape(province.facts("330205"), province.facts("330500"), stale, doer=province.doer)
    with pytest.raises(TreeHasChanged):
        carry_out_move(session, shape, doer=province.doer)
    fresh = province.terms("2018-07", "330205")
    session.get_one(OrgUnit, province.ids["330205"]).version_id = 2
    session.flush()
    ending = close_shape(session, province.facts("330205"), None, fresh, doer=province.doer)
    with pytest.raises(UnitHasChanged):
        carry_out_close(session, ending, doer=province.doer)


def test_the_trail_of_a_total_names_the_lines_that_count_there_under_their_old_names(
    session: Session,
) -> None:
    province = Province(session)
    [enrolments] = province.plant_list("330000", "enrolments")
    [members] = [plant_indicator(session, programme_of(session, enrolments), "members", kind="stock")]
    for indicator in (enrolments, members):
        province.assign(indicator, u330203=200)
        for month in (6, 7):
            province.accept(indicator, "330203", month, month)
    province.move("330203", "330500", "2018-07")
    new = NewName(name="新名", short_name="新", since=date(2018, 7, 2), reason="批复", version=1)
    rename_unit(session, province.facts("330203"), new, today=date(2018, 7, 3), doer=province.doer)
    province.fold()
    head = find_head(session, "330000-2018")
    assert head is not None
    seal = newest_seal(session) or 0
    told = {
        code: [
            (one.indicator, one.unit_name, one.month)
            for one in sources_of(session, head, province.facts(code).unit, month=8, seal=seal)
        ]
        for code in ("330200", "330500")
    }
    assert told["330200"] == [("enrolments", "330203总工会", 6)]
    assert told["330500"] == [("enrolments", "新名", 7), ("members", "新名", 7)]
    table = load(session, head, province.facts("330203").unit, cutoff=Month(2018, 8))
    assert [one.totals.amount for pledge in table.pledges for one in pledge.indicators] == [13, 7]


def programme_of(session: Session, indicator: Indicator) -> Programme:
    return session.get_one(Programme, indicator.programme_id)
