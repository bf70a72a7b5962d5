"""The small world of the matrix: a province, two cities, their districts, one list, and ten principals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from tests.factories.bulletins import PRESS
from tests.factories.people import MadePerson, identity_of, make_person
from tests.factories.rows import NOW, Nested, plant_indicator, plant_list, plant_tree, put_targets
from tests.support.replanting import replanted
from tracker.domain.identity import actor_of
from tracker.domain.periods import Period
from tracker.features.auditing.finding_commands import Remark, raise_finding
from tracker.features.bulletins.commands import Doer, draft_issue
from tracker.features.bulletins.issuing import Seen, issue_bulletin
from tracker.features.people.commands import appoint
from tracker.features.people.doing import Doer as PeopleDoer
from tracker.features.people.queries import get_person
from tracker.features.people.wishes import Wish
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import find_head
from tracker.services.standings import Doer as SignedIn
from tracker.services.tree import find_unit
from tracker.web.current import real_now

TREE: Final[Nested] = {"330000": {"330200": {"330203": {}, "330205": {}}, "330500": {"330502": {}}}}
KEY: Final = "330200-2018"
OVER: Final = datetime(2018, 2, 1, tzinfo=UTC)

PRINCIPALS: Final = {
    "anonymous": None,
    "reporter": ("reporter", "330203"),
    "approver": ("approver", "330203"),
    "reviewer": ("reviewer", "330200"),
    "viewer": ("viewer", "330200"),
    "auditor": ("auditor", "330200"),
    "admin": ("admin", "330200"),
    "other_reporter": ("reporter", "330205"),
    "other_reviewer": ("reviewer", "330500"),
    "ended": ("reviewer", "330200"),
}
"""Who asks: nobody, each role at its place, and three who are elsewhere or no longer there."""


def build_world(session: Session) -> dict[str, MadePerson]:
    """Plant everything; principal → person (none for anonymous)."""
    return replanted(session, "world", lambda: _plant(session))


def _plant(session: Session) -> dict[str, MadePerson]:
    units = plant_tree(session, TREE)
    programme = plant_list(session, units["330200"], key=KEY)
    indicator = plant_indicator(session, programme, "enrolments")
    put_targets(session, indicator, {units["330203"]: 200_000, units["330205"]: 90_000})
    people = {}
    for name, place in PRINCIPALS.items():
        if place is not None:
            role, unit = place
            people[name] = make_person(session, role, units[unit], until=OVER if name == "ended" else None)
    try_fold(session, NOW)
    _ask_for_an_approver(session, people)
    _raise_finding(session, people["auditor"])
    _issue_half_year(session, drafter=people["reviewer"], signer=people["viewer"])
    return people


def _ask_for_an_approver(session: Session, people: dict[str, MadePerson]) -> None:
    """The admin has asked for a district's reporter to become its approver."""
    identity, now = identity_of(session, people["admin"]), real_now()
    someone = get_person(session, people["reporter"].account_id, seen_by=identity, now=now)
    unit = find_unit(session, "330203")
    assert unit is not None
    appoint(session, someone, Wish(role="approver", unit=unit), PeopleDoer(identity, now, ""))


def _raise_finding(session: Session, auditor: MadePerson) -> None:
    """A finding on the first district."""
    unit = find_unit(session, "330203")
    assert unit is not None
    remark = Remark("名册与填报数不一致", "核对名册", NOW + timedelta(days=7))
    doer = SignedIn(identity_of(session, auditor), NOW)
    raise_finding(session, unit, None, doer, title="名册不符", remark=remark, today=NOW)


def _issue_half_year(session: Session, *, drafter: MadePerson, signer: MadePerson) -> None:
    """The first issue of the half-year's bulletin."""
    head = find_head(session, KEY)
    assert head is not None
    draft = draft_issue(session, head, Period.parse("2018-H1"), doer=_doer(session, drafter))
    seen = Seen(draft.id, draft.version, draft.digest)
    issue_bulletin(session, head, seen, doer=_doer(session, signer), press=PRESS)


def _doer(session: Session, person: MadePerson) -> Doer:
    identity = identity_of(session, person)
    return Doer(identity, actor_of(identity), NOW)
