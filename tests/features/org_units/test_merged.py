"""Figures that a merger handed over: the heir's number opens the old unit's reports under its old name, and adds up."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tests.features.org_units.trees import Province
from tracker.domain.periods import Month
from tracker.features.org_units.units import NewName, rename_unit
from tracker.models.programme import Indicator
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load, newest_seal
from tracker.services.trail import sources_of

Lines = list[tuple[str, str, int, str]]


class Merged:
    """District 330203 (20 in June) becomes part of 330205 (4 in May) from July; visits stay where they were."""

    def __init__(self, session: Session) -> None:
        self.session, self.province = session, Province(session)
        self.enrolments, self.visits = self.province.plant_list("330200", "enrolments", "visits")
        for indicator in (self.enrolments, self.visits):
            self.province.assign(indicator, u330203=200, u330205=90, u330206=10)
            self.province.accept(indicator, "330203", 6, 20)
            self.province.accept(indicator, "330205", 5, 4)
        self.province.fold()
        self.before = newest_seal(session) or 0
        self.province.merge("330203", into="330205", summed=(self.enrolments,))
        self.province.fold()

    def told(self, code: str, indicator: Indicator, *, seal: int | None = None) -> Lines:
        """The lines behind a unit's number, which they add up to."""
        head = find_head(self.session, "330200-2018")
        assert head is not None
        at = newest_seal(self.session) or 0 if seal is None else seal
        node = self.province.facts(code).unit
        found = [
            one
            for one in sources_of(self.session, head, node, month=12, seal=at)
            if one.indicator == indicator.code
        ]
        table = load(self.session, head, node, cutoff=Month(2018, 12), as_of=seal)
        [whole] = [
            one.totals.amount
            for pledge in table.pledges
            for one in pledge.indicators
            if one.listed.id == indicator.id
        ]
        assert sum(int(str(one.figure["value"])) for one in found) == whole, (code, indicator.code)
        return [(one.unit_code, one.unit_name, one.month, str(one.figure["value"])) for one in found]


def test_the_trail_of_the_successor_lists_the_old_units_lines_under_its_old_name(session: Session) -> None:
    merged = Merged(session)
    new = NewName(name="新名", short_name="新", since=date(2018, 7, 2), reason="批复", version=1)
    rename_unit(
        session, merged.province.facts("330205"), new, today=date(2018, 7, 3), doer=merged.province.doer
    )
    merged.province.accept(merged.enrolments, "330205", 7, 1)
    merged.province.fold()
    assert sorted(merged.told("330205", merged.enrolments)) == [
        ("330203", "330203总工会", 6, "20"), ("330205", "330205总工会", 5, "4"), ("330205", "新名", 7, "1"),
    ]  # fmt: skip
    assert merged.told("330203", merged.enrolments) == [], "its number is the successor's now"
    assert merged.told("330203", merged.visits) == [("330203", "330203总工会", 6, "20")]
    assert merged.told("330205", merged.visits) == [("330205", "330205总工会", 5, "4")]
    assert len(merged.told("330200", merged.enrolments)) == 3


def test_before_the_merger_each_has_its_own(session: Session) -> None:
    merged = Merged(session)
    assert [one[0] for one in merged.told("330205", merged.enrolments, seal=merged.before)] == ["330205"]
    assert [one[0] for one in merged.told("330203", merged.enrolments, seal=merged.before)] == ["330203"]


def test_a_late_correction_and_a_late_report_of_the_old_unit_count_at_the_successor(session: Session) -> None:
    merged = Merged(session)
    merged.province.accept(merged.enrolments, "330203", 6, 25)
    merged.province.accept(merged.visits, "330203", 6, 26)
    merged.province.fold()
    totals = [merged.province.total(merged.enrolments, code) for code in ("330203", "330205", "330200")]
    assert totals == [0, 29, 29]
    assert [merged.province.total(merged.visits, code) for code in ("330203", "330205", "330200")] == [
        26,
        4,
        30,
    ]
    assert ("330203", "330203总工会", 6, "25") in merged.told("330205", merged.enrolments)


def test_a_unit_that_had_reported_nothing_yet_hands_on_what_comes_late(session: Session) -> None:
    merged = Merged(session)
    merged.province.merge("330206", into="330205", effective="2018-08", summed=(merged.enrolments,))
    merged.province.accept(merged.enrolments, "330206", 7, 3)
    merged.province.fold()
    assert merged.province.total(merged.enrolments, "330205") == 27
    assert ("330206", "330206总工会", 7, "3") in merged.told("330205", merged.enrolments)


def test_a_successor_that_is_merged_in_its_turn_hands_everything_on(session: Session) -> None:
    merged = Merged(session)
    merged.province.merge("330205", into="330206", effective="2018-09", summed=(merged.enrolments,))
    merged.province.accept(merged.enrolments, "330203", 6, 30)
    merged.province.fold()
    totals = [merged.province.total(merged.enrolments, code) for code in ("330203", "330205", "330206")]
    assert totals == [0, 0, 34]
    assert sorted(one[0] for one in merged.told("330206", merged.enrolments)) == ["330203", "330205"]


def test_what_was_handed_over_stays_behind_when_the_heir_moves_away(session: Session) -> None:
    merged = Merged(session)
    merged.province.move("330205", "330500", "2018-09")
    merged.province.fold()
    assert sorted(one[0] for one in merged.told("330200", merged.enrolments)) == ["330203", "330205"]
