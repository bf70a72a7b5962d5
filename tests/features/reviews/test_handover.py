"""A queue in other hands: everybody sees whose, it is written down, and nobody may do more than before."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.districts import TODAY, World, only
from tests.factories.sheet_site import REVIEW, Site, build_site, open_sheet
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tracker.domain.identity import Identity, Role
from tracker.domain.permissions import RIGHTS, Permission
from tracker.models.audit import AuditEntry
from tracker.services.handovers import list_handovers
from tracker.services.ledger.proving import verify_history

PAGE = "/reviews/handover"
QUEUE = "/programmes/330200-2018/reviews"


@pytest.fixture
def site(app: Flask) -> Site:
    """June of 330203 signed, so that it waits for the city's reviewers."""
    made = build_site(app, only("enrolments"))
    with made.database.session() as session:
        world = World.again(session)
        world.hand_in()
        world.sign()
        session.commit()
    return made


def colleague(site: Site, role: Role = Role.REVIEWER, *, department: str | None = None) -> Identity:
    with site.database.session() as session:
        name = "同岗同事" if role is Role.REVIEWER else f"{role}"
        made = World.again(session).person(role, "330200", name=name, department=department)
        session.commit()
    return made


def hand(site: Site, who: Identity, other: Identity, **changed: str) -> int:
    given = {"direction": "give", "colleague": str(other.person_id), "until": "2018-07-10", "reason": "出差"}
    return site.browser(who).submit(PAGE, given | changed).status_code


def test_hands_a_queue_to_a_colleague_and_both_see_it(site: Site) -> None:
    other = colleague(site)
    assert hand(site, site.reviewer, other, reason="出差。") == 303
    mine = "您的待办已交给同岗同事，到 7月10日 18:00：出差。"
    theirs = "reviewer-330200的待办由您代办，到 7月10日 18:00：出差。"
    for address in (PAGE, QUEUE, "/"):
        assert mine in (page := open_sheet(site.browser(site.reviewer), address))
        assert "。。" not in page
        assert theirs in open_sheet(site.browser(other), address)


def test_a_stand_in_takes_a_queue_over_and_gives_it_back(site: Site) -> None:
    other = colleague(site)
    assert hand(site, other, site.reviewer, direction="take", until="") == 303
    page = open_sheet(site.browser(other), PAGE)
    assert "由您代办，到收回为止：出差" in page
    [end] = re.findall(r'action="(/reviews/handover/[0-9]+/end)"', page)
    assert "交还</button>" in page
    assert site.browser(other).submit(end).status_code == 303
    assert "现在各人办各人的待办" in open_sheet(site.browser(site.reviewer), PAGE)
    assert site.browser(other).submit(end).status_code == 404


def test_a_hand_over_ends_by_itself_at_its_day(site: Site) -> None:
    hand(site, site.reviewer, colleague(site))
    with site.database.read_session() as session:
        assert len(list_handovers(session, site.reviewer, TODAY)) == 1
        assert list_handovers(session, site.reviewer, TODAY + timedelta(days=8)) == []


def test_rights_stay_where_the_table_puts_them(site: Site) -> None:
    assert RIGHTS[Permission.HAND_OVER_QUEUE].roles == {Role.APPROVER, Role.REVIEWER}
    viewer = colleague(site, Role.VIEWER)
    assert hand(site, site.reviewer, viewer) == 422
    other = colleague(site)
    assert hand(site, site.reviewer, other) == 303
    for who in (site.reviewer, other):  # both may still judge, as before
        assert f'action="{REVIEW}/accept"' in open_sheet(site.browser(who), REVIEW)


def test_a_colleague_bound_to_a_department_is_not_offered_to_one_who_is_not(site: Site) -> None:
    bound = colleague(site, department="经济技术部")
    assert "请管理员任命" in open_sheet(site.browser(site.reviewer), PAGE)
    assert hand(site, site.reviewer, bound) == 422
    assert "reviewer-330200" in open_sheet(site.browser(bound), PAGE)


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"reason": " "}, "请写明原因"), ({"until": "2018-07-01"}, "期限要在今天之后"), ({"until": "soon"}, "请选一个日期"),
     ({"colleague": ""}, "请选择同事")],
)  # fmt: skip
def test_says_what_is_missing_and_keeps_what_was_typed(
    site: Site, changed: dict[str, str], words: str
) -> None:
    other = colleague(site)
    given = {"direction": "take", "colleague": str(other.person_id), "until": "2018-07-10", "reason": "出差"}
    answer = site.browser(site.reviewer).submit(PAGE, given | changed)
    assert answer.status_code == 422
    assert words in answer.text
    assert form_fields(answer.text)["direction"] == ["take"]


def test_a_queue_is_in_one_persons_hands_at_a_time(site: Site) -> None:
    other = colleague(site)
    assert hand(site, site.reviewer, other) == 303
    assert hand(site, site.reviewer, other) == 409
    assert hand(site, other, site.reviewer) == 409  # it would go round in a circle


def test_a_hand_over_is_written_down_and_never_edited(site: Site) -> None:
    hand(site, site.reviewer, colleague(site))
    with site.database.session() as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "queue.handed_over")).all()
        assert entry.actor_id == site.reviewer.person_id
        assert entry.subject_id == "330200/reviewer"
        assert verify_history(session) == []


def test_reads_the_page_in_few_statements(site: Site) -> None:
    client = site.browser(site.reviewer)
    with counted_statements(site.database) as statements:
        open_sheet(client, PAGE)
    assert len(statements) <= 8, "\n".join(statements)
