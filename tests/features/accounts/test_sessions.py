"""A session ends when it should, rights end with it at the next request, and one's account is one's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from tests.factories.people import PASSWORD, MadePerson, appoint, make_person, signed_in_client
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.models.account import Account, Appointment, WebSession
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgPlace, TreeEdition
from tracker.web import side_effects

NEW = "a new and longer password"


def changing(**typed: str) -> dict[str, str]:
    return {"current": PASSWORD, "replacement": NEW, "repeated": NEW, **typed}


def is_in(client: StrictClient) -> bool:
    return client.get("/account").status_code == 200


def test_ends_at_sign_out_for_copies_of_the_cookie_too(app: Flask, browser: StrictClient) -> None:
    cookie = browser.get_cookie("session")
    assert cookie is not None
    assert browser.submit("/logout").headers["Location"] == "/login"
    copy = StrictClient(app, use_cookies=True)
    copy.set_cookie("session", cookie.value)
    assert not is_in(copy)


def test_ends_after_thirty_idle_minutes(browser: StrictClient) -> None:
    start = datetime.now(UTC)
    for minutes in (20, 40, 60):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert is_in(browser)
    with time_machine.travel(start + timedelta(minutes=91)):
        assert not is_in(browser)


def test_ends_after_twelve_hours_however_busy(browser: StrictClient) -> None:
    start = datetime.now(UTC)
    for minutes in range(0, 12 * 60, 20):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert is_in(browser), minutes
    with time_machine.travel(start + timedelta(hours=12, seconds=1)):
        assert not is_in(browser)


def test_notes_the_last_visit_at_most_once_in_five_minutes(
    browser: StrictClient, fresh_database: Database
) -> None:
    start, seen = datetime.now(UTC), set()
    for minutes in (1, 4, 6, 7, 10, 12):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            browser.get("/account")
        with fresh_database.read_session() as session:
            seen.add(session.scalars(select(WebSession.last_seen_at)).one())
    assert len(seen) == 3  # at sign-in, and at minutes 6 and 12


def test_answers_even_when_the_visit_cannot_be_noted(
    browser: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_busy(*_arguments: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(side_effects, "touch_session", be_busy)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        assert is_in(browser)


@pytest.mark.parametrize("end", ["appointment", "account", "session", "password"])
def test_ends_at_the_next_request(browser: StrictClient, fresh_database: Database, end: str) -> None:
    now = datetime.now(UTC)
    changes = {
        "appointment": update(Appointment).values(valid_to=now),
        "account": update(Account).values(closed_at=now),
        "session": update(WebSession).values(revoked_at=now),
        "password": update(Account).values(password_changed_at=now + timedelta(seconds=1)),
    }
    assert is_in(browser)
    with fresh_database.session() as session:
        session.execute(changes[end])
        session.commit()
    assert not is_in(browser)


def test_follows_a_unit_that_moves(
    app: Flask, units: dict[str, int], wang: MadePerson, fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        session.add(TreeEdition(number=2, at=datetime.now(UTC), reason=""))
        session.flush()
        places = [
            (units["330200"], 0, 0, 1, 2),
            (units["330205"], units["330200"], 1, 2, 2),
            (units["330203"], 0, 0, 3, 3),
        ]
        for unit, parent, depth, pre, last in places:
            session.add(
                OrgPlace(edition=2, org_unit_id=unit, parent_id=parent, depth=depth, pre=pre, last=last)
            )
        session.commit()
    with app.test_request_context():
        client = signed_in_client(app, wang.account_id)
    assert is_in(client)


def test_asks_the_database_once_who_is_there(browser: StrictClient, fresh_database: Database) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(fresh_database.read, "after_cursor_execute", note)
    browser.get("/")
    event.remove(fresh_database.read, "after_cursor_execute", note)
    assert len([statement for statement in statements if "web_session" in statement]) == 1
    assert len(statements) <= 15  # the desk itself


def test_switches_to_another_appointment_of_ones_own(
    browser: StrictClient, wang: MadePerson, units: dict[str, int], fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        second = appoint(session, wang.person_id, "approver", units["330205"])
        session.commit()
    assert "填报人" in browser.get("/").text
    assert browser.submit("/account/appointment", {"appointment": second}).status_code == 303
    page = browser.get("/").text
    assert "审批人" in page
    assert "330205总工会" in page


def test_takes_the_remaining_appointment_when_the_chosen_one_ends(
    browser: StrictClient, wang: MadePerson, units: dict[str, int], fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        second = appoint(session, wang.person_id, "approver", units["330205"])
        session.commit()
    browser.submit("/account/appointment", {"appointment": second})
    with fresh_database.session() as session:
        ended = update(Appointment).where(Appointment.id == second)
        session.execute(ended.values(valid_to=datetime.now(UTC)))
        session.commit()
    assert "填报人" in browser.get("/").text


def test_does_not_switch_to_an_appointment_of_somebody_else_or_one_that_ended(
    browser: StrictClient, wang: MadePerson, units: dict[str, int], fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        others = make_person(session, "reviewer", units["330200"])
        ended = appoint(
            session, wang.person_id, "viewer", units["330200"], until=datetime(2018, 2, 1, tzinfo=UTC)
        )
        session.commit()
    for appointment in (others.appointment_id, ended):
        assert browser.submit("/account/appointment", {"appointment": appointment}).status_code == 404


def test_changes_the_password_and_ends_every_other_session(
    app: Flask, browser: StrictClient, wang: MadePerson, visitor: StrictClient, fresh_database: Database
) -> None:
    elsewhere = signed_in_client(app, wang.account_id)
    before = browser.get_cookie("session")
    assert before is not None
    assert browser.submit("/account/password", changing()).headers["Location"] == "/account"
    assert is_in(browser)
    assert not is_in(elsewhere)
    old_cookie = StrictClient(app, use_cookies=True)
    old_cookie.set_cookie("session", before.value)
    assert not is_in(old_cookie)
    assert "密码已更换，请用新密码登录" in elsewhere.get("/login").text
    assert visitor.submit("/login", {"login": "wang", "password": PASSWORD}).status_code == 422
    assert visitor.submit("/login", {"login": "wang", "password": NEW}).status_code == 303
    with fresh_database.read_session() as session:
        assert "password.changed" in session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"current": "wrong"}, ["现在的密码不对，请再输一次。还可以再试 4 次。"]),
        ({"replacement": "short", "repeated": "short"}, ["密码至少要有 12 个字符"]),
        ({"replacement": "x" * 201, "repeated": "x" * 201}, ["请不要超过 200 个字"]),
        ({"repeated": "another one altogether"}, ["两次输入的新密码不一样"]),
        ({"replacement": PASSWORD, "repeated": PASSWORD}, ["新密码不能和现在的密码相同"]),
        ({"replacement": "woaini1314", "repeated": "woaini1314"}, ["密码至少要有 12 个字符", "太常见"]),
        ({"replacement": "wang-2018-abc", "repeated": "wang-2018-abc"}, ["不要有自己的账号"]),
        ({"replacement": "wangwang"}, ["两次输入的新密码不一样", "密码至少要有 12 个字符", "自己的账号"]),
        ({"replacement": ""}, ["请填写这一项"]),
    ],
)
def test_keeps_the_password_when_the_change_is_refused(
    browser: StrictClient, fresh_database: Database, form: dict[str, str], words: list[str]
) -> None:
    answer = browser.submit("/account/password", changing(**form))
    assert answer.status_code == 422
    assert all(word in answer.text for word in words)
    assert is_in(browser)
    with fresh_database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_counts_wrong_passwords_of_somebody_signed_in_but_no_slips(
    browser: StrictClient, wang: MadePerson
) -> None:
    for slip in ({"repeated": "something else"}, {"replacement": "short", "repeated": "short"}) * 3:
        assert browser.submit("/account/password", changing(**slip)).status_code == 422
    answers = [browser.submit("/account/password", changing(current="wrong")).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert browser.submit("/account/password", changing()).status_code == 429


def test_lists_ones_own_browsers_and_ends_another(
    app: Flask, browser: StrictClient, wang: MadePerson, fresh_database: Database
) -> None:
    elsewhere = signed_in_client(app, wang.account_id)
    page = browser.get("/account").text
    assert page.count("让它退出") == 1
    with fresh_database.read_session() as session:
        newest = session.scalars(select(func.max(WebSession.id))).one()
    assert browser.submit(f"/account/sessions/{newest}/end").status_code == 303
    assert not is_in(elsewhere)
    assert is_in(browser)
    assert browser.submit(f"/account/sessions/{newest}/end").status_code == 404


def test_does_not_end_a_browser_of_somebody_else(
    app: Flask, browser: StrictClient, units: dict[str, int], fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        other = make_person(session, "viewer", units["330200"])
        session.commit()
    elsewhere = signed_in_client(app, other.account_id)
    with fresh_database.read_session() as session:
        newest = session.scalars(select(func.max(WebSession.id))).one()
    assert browser.submit(f"/account/sessions/{newest}/end").status_code == 404
    assert is_in(elsewhere)
