"""Who sees which units and lists, and that beyond them there is nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.people import identity_of, make_person
from tests.factories.rows import Nested, plant_indicator, plant_list, plant_tree, put_targets
from tracker.domain.identity import Identity, Role
from tracker.models.org_unit import OrgPlace, OrgUnit
from tracker.models.programme import Indicator, Programme
from tracker.services.programme_around import More, read_around
from tracker.services.visibility import (
    ProgrammeNotFound,
    UnitNotFound,
    find_visible_head,
    find_visible_programme,
    find_visible_unit,
    visible_programmes,
    visible_units,
)

TREE: Nested = {"330000": {"330200": {"330203": {"330203001": {}}, "330205": {}}, "330500": {"330502": {}}}}
CITY = {"330200", "330203", "330203001", "330205"}


@pytest.fixture
def units(session: Session) -> dict[str, int]:
    return plant_tree(session, TREE)


@pytest.fixture
def indicator(session: Session, units: dict[str, int]) -> Indicator:
    """Of the city's list, in which only 330203 is assigned; the city has its own target for the year."""
    programme = plant_list(session, units["330200"], key="330200-2018")
    made = plant_indicator(session, programme, "enrolments")
    put_targets(session, made, {units["330200"]: 1_500_000, units["330203"]: 200_000})
    return made


def somebody(session: Session, role: str, unit: str) -> Identity:
    return identity_of(session, make_person(session, role, unit))


@pytest.mark.parametrize(
    ("role", "unit", "seen"),
    [
        ("reporter", "330203", {"330203"}),
        ("approver", "330200", {"330200"}),
        ("reviewer", "330200", CITY),
        ("viewer", "330200", CITY),
        ("auditor", "330203", {"330203", "330203001"}),
        ("admin", "330205", {"330205"}),
        ("viewer", "330000", {"330000", "330500", "330502"} | CITY),
    ],
)
def test_sees_the_own_unit_or_what_stands_below_it(
    session: Session, units: dict[str, int], role: str, unit: str, seen: set[str]
) -> None:
    identity = somebody(session, role, unit)
    codes = select(OrgUnit.code).where(OrgUnit.id.in_(visible_units(identity)))
    assert set(session.scalars(codes)) == seen
    for code in units:
        if code in seen:
            assert find_visible_unit(session, code, seen_by=identity).code == code
        else:
            with pytest.raises(UnitNotFound):
                find_visible_unit(session, code, seen_by=identity)


@pytest.mark.parametrize(
    ("role", "unit", "is_seen"),
    [
        ("reporter", "330203", True),  # assigned
        ("reporter", "330203001", True),  # below one that is assigned
        ("reporter", "330205", False),  # in the city, but not assigned
        ("reviewer", "330205", False),
        ("reporter", "330200", True),  # the publisher
        ("reviewer", "330200", True),
        ("viewer", "330000", True),  # above the publisher
        ("reporter", "330000", False),  # above, but sees the own unit only
        ("reviewer", "330500", False),
        ("reporter", "330502", False),
    ],
)
def test_sees_lists_of_the_own_line_only(
    session: Session, indicator: Indicator, role: str, unit: str, *, is_seen: bool
) -> None:
    identity = somebody(session, role, unit)
    assert (indicator.programme_id in session.scalars(visible_programmes(identity)).all()) == is_seen
    for find in (find_visible_programme, find_visible_head):
        if is_seen:
            assert find(session, "330200-2018", seen_by=identity) is not None
        else:
            with pytest.raises(ProgrammeNotFound):
                find(session, "330200-2018", seen_by=identity)


def test_no_longer_sees_a_list_after_the_assignment_is_taken_back(
    session: Session, units: dict[str, int], indicator: Indicator
) -> None:
    identity = somebody(session, "reporter", "330203")
    assert session.scalars(visible_programmes(identity)).all() == [indicator.programme_id]
    put_targets(session, indicator, {units["330203"]: None}, is_assigned=False)
    assert session.scalars(visible_programmes(identity)).all() == []


@pytest.mark.parametrize(
    ("role", "unit", "is_seen"),
    [
        ("reviewer", "330200", True),
        ("viewer", "330200", False),
        ("admin", "330200", False),
        ("reporter", "330203", False),
        ("reviewer", "330000", False),
        ("reviewer", "330203", False),
    ],
)
def test_shows_drafts_to_reviewers_of_the_publisher_only(
    session: Session, indicator: Indicator, role: str, unit: str, *, is_seen: bool
) -> None:
    programme = session.get_one(Programme, indicator.programme_id)
    programme.state = "draft"
    session.flush()
    identity = somebody(session, role, unit)
    assert (programme.id in session.scalars(visible_programmes(identity)).all()) == is_seen


def test_finds_a_list_from_a_place_deep_in_a_large_tree(session: Session) -> None:
    units = plant_tree(session, {"330200": {"330203": {}}})
    plant_list(session, units["330200"])
    session.execute(update(OrgPlace).values(pre=OrgPlace.pre + 2**40, last=OrgPlace.last + 2**40))
    viewer = identity_of(session, make_person(session, Role.VIEWER, "330200"))
    around = read_around(session, "330200-2018", code=None, seen_by=viewer, more=More(list, {}))
    assert [unit.code for unit in around.units] == ["330200", "330203"]
