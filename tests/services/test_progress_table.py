"""The one progress table: the reference case, any past seal, and every node of the tree."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.ningbo import KEY, NOW, Ningbo, bring_in, plant_ningbo
from tracker.domain.kinds import Light
from tracker.domain.periods import Month
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_heads import find_head
from tracker.services.progress_documents import as_document
from tracker.services.progress_table import (
    Judged,
    ProgressTable,
    UnknownSeal,
    check_seal,
    load,
    newest_seal,
    seal_at,
)
from tracker.services.tree import get_unit


@pytest.fixture
def ningbo(session: Session) -> Ningbo:
    return plant_ningbo(session)


def table_at(session: Session, ningbo: Ningbo, code: str = "330200", **options: object) -> ProgressTable:
    head = find_head(session, KEY)
    assert head is not None
    return load(session, head, get_unit(session, ningbo.units[code]), **options)  # type: ignore[arg-type]


def indicator(table: ProgressTable, code: str) -> Judged:
    return next(one for pledge in table.pledges for one in pledge.indicators if one.listed.rule.code == code)


def test_tells_the_reference_case(session: Session, ningbo: Ningbo) -> None:
    standing = indicator(table_at(session, ningbo), "enrolments").standing
    assert (standing.actual, standing.target) == (1_520_000, 1_500_000)
    assert (standing.completion_tenths, standing.expected_tenths, standing.gap_tenths) == (1013, 500, 513)
    assert (standing.light, standing.assigned, standing.reported) == (Light.DONE, 11, 11)


def test_takes_the_last_reported_month_by_default(session: Session, ningbo: Ningbo) -> None:
    assert table_at(session, ningbo).cutoff == Month(2018, 6)


def test_goes_back_to_an_earlier_month(session: Session, ningbo: Ningbo) -> None:
    standing = indicator(table_at(session, ningbo, cutoff=Month(2018, 5)), "enrolments").standing
    assert (standing.actual, standing.completion_tenths, standing.light) == (1_368_000, 912, Light.ON_TRACK)


def test_stands_at_a_district_too(session: Session, ningbo: Ningbo) -> None:
    standing = indicator(table_at(session, ningbo, "330203"), "enrolments").standing
    assert (standing.actual, standing.target, standing.completion_tenths) == (176_000, 180_000, 978)


def test_takes_a_cut_off_after_the_year_as_december(session: Session, ningbo: Ningbo) -> None:
    table = table_at(session, ningbo, cutoff=Month(2019, 3))
    assert (table.cutoff, table.month) == (Month(2018, 12), 12)


def test_has_nothing_due_before_the_year(session: Session, ningbo: Ningbo) -> None:
    table = table_at(session, ningbo, cutoff=Month(2017, 12))
    assert (table.month, table.due) == (0, None)
    assert table.classes[Light.NOT_JUDGED] == 4


def test_is_the_same_as_of_a_seal_whatever_came_after(session: Session, ningbo: Ningbo) -> None:
    seal = newest_seal(session)
    before = as_document(table_at(session, ningbo))
    bring_in(session, "org_unit,indicator,period,value\n330203,enrolments,2018-06,1\n")
    try_fold(session, NOW)
    assert as_document(table_at(session, ningbo)) != before
    assert as_document(table_at(session, ningbo, as_of=seal)) == before
    assert verify_totals(session) == []


def test_was_empty_before_the_first_seal(session: Session, ningbo: Ningbo) -> None:
    table = table_at(session, ningbo, as_of=0)
    assert table.seal is None
    assert indicator(table, "enrolments").standing.actual is None


def test_finds_the_seal_of_a_moment(session: Session, ningbo: Ningbo) -> None:
    assert seal_at(session, NOW) == newest_seal(session)
    assert seal_at(session, NOW.replace(year=2017)) == 0


def test_refuses_a_seal_nobody_wrote(session: Session, ningbo: Ningbo) -> None:
    with pytest.raises(UnknownSeal):
        check_seal(session, 99)


def test_takes_the_node_apart_into_units_and_its_own_level(session: Session, ningbo: Ningbo) -> None:
    table = table_at(session, ningbo, with_branches=True)
    names = [("本级" if branch.is_own_level else branch.unit.short_name) for branch in table.branches]
    assert (len(names), names[-1]) == (12, "本级")
    amounts = [branch.pledges[0].indicators[0].standing.actual or 0 for branch in table.branches]
    assert sum(amounts) == 1_520_000


def test_judges_the_own_level_against_what_was_announced_when_nothing_is_allocated(
    session: Session, ningbo: Ningbo
) -> None:
    own = table_at(session, ningbo, with_branches=True).branches[-1]
    opened = own.pledges[3].indicators[0].standing
    assert (opened.target, opened.light) == (1, Light.DONE)


def test_tells_the_past_month_by_month(session: Session, ningbo: Ningbo) -> None:
    table = table_at(session, ningbo, with_branches=True)
    actuals = [pledges[0].indicators[0].standing.actual for pledges in table.past]
    assert actuals[4:] == [1_368_000, 1_520_000]
