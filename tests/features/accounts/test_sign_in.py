"""Signing in: right and wrong passwords, limits that hold under races and lock nobody out, fresh sessions."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from config import SignInLimits
from tests.factories.people import PASSWORD, MadePerson, make_person
from tests.features.accounts.authenticators import bare_copy
from tests.support.strict_client import StrictClient
from tests.web.test_guard import ASTRAY
from tracker.db import Database
from tracker.features.accounts.passwords import Passwords
from tracker.models.account import Account, Appointment, SignInAttempt, WebSession
from tracker.models.audit import AuditEntry
from tracker.services.sessions import token_digest

WRONG = "wrong horse battery"


def try_in(client: FlaskClient, login: str, password: str, **form: Any) -> TestResponse:
    if isinstance(client, StrictClient):
        return client.submit("/login", {"login": login, "password": password, **form})
    return client.post("/login", data={"login": login, "password": password, **form})


def browser_at(app: Flask, address: str) -> StrictClient:
    client = StrictClient(app, use_cookies=True)
    client.environ_base["REMOTE_ADDR"] = address
    return client


def test_opens_the_desk_to_the_right_password(visitor: StrictClient, wang: MadePerson) -> None:
    answer = try_in(visitor, "wang", PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "王芳" in visitor.get("/").text


def test_goes_on_to_where_the_person_was_heading(visitor: StrictClient, wang: MadePerson) -> None:
    page = visitor.get("/login?next=/account")
    assert 'name="next"' in page.text
    assert 'value="/account"' in page.text
    assert try_in(visitor, "wang", PASSWORD, next="/account").headers["Location"] == "/account"


@pytest.mark.parametrize("target", [target for target in ASTRAY if len(target) <= 300])
def test_goes_to_no_other_site(visitor: StrictClient, wang: MadePerson, target: str) -> None:
    assert try_in(visitor, "wang", PASSWORD, next=target).headers["Location"] == "/"
    assert visitor.get("/login", query_string={"next": target}).headers["Location"] == "/"


def test_answers_a_wrong_name_and_a_wrong_password_alike(
    app: Flask, visitor: StrictClient, wang: MadePerson
) -> None:
    checks: list[str | None] = []
    passwords: Passwords = app.extensions["passwords"]

    class Counted:
        def is_right(self, password: str, stored: str | None) -> bool:
            checks.append(stored)
            return passwords.is_right(password, stored)

    app.extensions["passwords"] = Counted()
    answers = [try_in(visitor, login, WRONG) for login in ("wang", "nobody")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("账号或密码不对。还可以再试 4 次。" in answer.text for answer in answers)
    assert [stored is None for stored in checks] == [False, True]


def test_takes_as_long_for_a_name_that_does_not_exist() -> None:
    hashed: list[str] = []
    passwords = Passwords.at_cost(SignInCost())

    class Watched:
        def verify(self, stored: str, password: str) -> bool:
            hashed.append(stored)
            return passwords.hasher.verify(stored, password)

    watched = replace(passwords, hasher=Watched())  # type: ignore[arg-type]
    assert not watched.is_right(WRONG, None)
    assert hashed == [passwords.decoy]
    parameters = passwords.decoy.rsplit("$", 2)[0]
    assert passwords.hash(PASSWORD).startswith(parameters)


class SignInCost:
    """The cheapest hash."""

    rounds, memory_kib, lanes = 1, 8, 1


def test_refuses_after_five_wrong_tries_from_one_place(app: Flask, wang: MadePerson) -> None:
    client = browser_at(app, "192.0.2.1")
    assert [try_in(client, "wang", WRONG).status_code for _ in range(5)] == [422] * 5
    refused = try_in(client, "wang", PASSWORD)
    assert refused.status_code == 429
    assert 55 <= int(refused.headers["Retry-After"]) <= 60
    assert try_in(browser_at(app, "192.0.2.2"), "wang", PASSWORD).status_code == 303


def test_does_not_count_tries_that_were_right(app: Flask, wang: MadePerson) -> None:
    for _ in range(8):
        assert try_in(browser_at(app, "192.0.2.1"), "wang", PASSWORD).status_code == 303


def test_refuses_one_place_that_tries_many_names(app: Flask, wang: MadePerson) -> None:
    app.config["SIGN_IN_LIMITS"] = SignInLimits(per_source=10, longest_pause_s=0)
    client = browser_at(app, "192.0.2.1")
    answers = [try_in(client, f"name{number}", WRONG).status_code for number in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_only_slows_guesses_at_one_account_from_many_places(
    app: Flask, wang: MadePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    app.config["SIGN_IN_LIMITS"] = SignInLimits(per_account=3, longest_pause_s=0.6)
    for number in range(7):
        try_in(browser_at(app, f"192.0.2.{number}"), "wang", WRONG)
    assert try_in(browser_at(app, "198.51.100.1"), "wang", PASSWORD).status_code == 303
    assert pauses == [0, 0, 0, 0.25, 0.5, 0.6, 0.6, 0.6]


def test_lets_a_browser_in_that_the_account_knows_whatever_others_do(app: Flask, wang: MadePerson) -> None:
    app.config["SIGN_IN_LIMITS"] = SignInLimits(per_source=6, everywhere=8, longest_pause_s=0)
    known = browser_at(app, "192.0.2.1")
    assert try_in(known, "wang", PASSWORD).status_code == 303
    known.delete_cookie("session")
    for number in range(10):
        try_in(browser_at(app, "192.0.2.1" if number % 2 else "192.0.2.9"), "wang", WRONG)
    assert try_in(browser_at(app, "203.0.113.7"), "wang", PASSWORD).status_code == 429
    assert try_in(known, "wang", PASSWORD).status_code == 303


def test_limits_a_known_browser_by_its_own_guesses(app: Flask, wang: MadePerson) -> None:
    known = browser_at(app, "192.0.2.1")
    try_in(known, "wang", PASSWORD)
    known.delete_cookie("session")
    assert [try_in(known, "wang", WRONG).status_code for _ in range(6)] == [422] * 5 + [429]


def test_does_not_take_another_accounts_browser_for_known(app: Flask, wang: MadePerson) -> None:
    app.config["SIGN_IN_LIMITS"] = SignInLimits(everywhere=1, longest_pause_s=0)
    known = browser_at(app, "192.0.2.1")
    assert try_in(known, "wang", PASSWORD).status_code == 303
    known.delete_cookie("session")
    try_in(known, "li", WRONG)
    assert try_in(known, "li", WRONG).status_code == 429


def test_counts_sixteen_guessers_exactly_and_leaves_others_alone(
    app: Flask, wang: MadePerson, units: dict[str, int], fresh_database: Database
) -> None:
    """Wang's own browser and another account sign in amid the guesses, from the guessers' own address."""
    with fresh_database.session() as session:
        make_person(session, "viewer", units["330200"], login="li")
        session.commit()
    known = browser_at(app, "127.0.0.1")
    assert try_in(known, "wang", PASSWORD).status_code == 303
    known.delete_cookie("session")
    app.config["WTF_CSRF_ENABLED"] = False
    answers: dict[str, list[int]] = {"guess": [], "owner": [], "other": []}
    together = threading.Barrier(18)

    def enter(who: str, client: FlaskClient, login: str, password: str) -> None:
        form = {"login": login, "password": password}
        together.wait()
        answers[who].append(client.post("/login", data=form).status_code)

    guessers = [("guess", FlaskClient(app, use_cookies=True), "wang", WRONG) for _ in range(16)]
    others = [
        ("owner", bare_copy(app, known), "wang", PASSWORD),
        ("other", FlaskClient(app, use_cookies=True), "li", PASSWORD),
    ]
    threads = [threading.Thread(target=enter, args=each) for each in (*guessers, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers["guess"].sort()
    assert answers == {"guess": [422] * 5 + [429] * 11, "owner": [303], "other": [303]}
    with fresh_database.read_session() as session:
        counts = select(SignInAttempt.was_refused, func.count()).where(SignInAttempt.has_succeeded.is_(False))
        assert dict(session.execute(counts.group_by(SignInAttempt.was_refused)).all()) == {
            False: 5,
            True: 11,
        }


def test_waits_longer_after_each_further_wrong_try_and_forgets_them_after_a_right_one(
    app: Flask, wang: MadePerson
) -> None:
    client, start = browser_at(app, "192.0.2.1"), datetime.now(UTC)
    minutes = (0, 0, 0, 0, 0, 0.5, 1.1, 5, 6.3, 20, 21.5)
    answers = []
    for minute in minutes:
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            answers.append(try_in(client, "wang", WRONG).status_code)
    assert answers == [422] * 5 + [429, 422, 429, 422, 429, 422]  # waits of 1, 5 and 15 minutes
    with time_machine.travel(start + timedelta(minutes=82), tick=False):
        assert try_in(client, "wang", PASSWORD).status_code == 303
        client.delete_cookie("known-browser")
        assert "还可以再试 4 次" in try_in(client, "wang", WRONG).text


def test_begins_a_new_session_and_keeps_nothing_of_the_old_cookie(
    visitor: StrictClient, wang: MadePerson, fresh_database: Database
) -> None:
    with visitor.session_transaction() as cookie:
        cookie.update({"_user_id": "chosen-by-an-attacker", "planted": "x", "language": "en"})
    csrf_before = visitor.csrf_token()
    try_in(visitor, "wang", PASSWORD)
    with visitor.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["language"] == "en"
        token = cookie["_user_id"]
    assert token != "chosen-by-an-attacker"
    assert visitor.post("/logout", data={"csrf_token": csrf_before}).status_code == 400
    with fresh_database.read_session() as session:
        stored = session.scalars(select(WebSession)).one()
    assert stored.token_digest == token_digest(token)
    assert token not in {str(value) for value in vars(stored).values()}


def test_audits_the_beginning_of_a_session(
    visitor: StrictClient, wang: MadePerson, fresh_database: Database
) -> None:
    try_in(visitor, "wang", PASSWORD)
    with fresh_database.read_session() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.actor_id, entry.appointment_id) == (
            "session.begun", wang.person_id, wang.appointment_id,
        )  # fmt: skip
        assert session.scalars(select(SignInAttempt.has_succeeded)).one() is True


@pytest.mark.parametrize("end", ["account", "appointment"])
def test_refuses_who_has_left(
    visitor: StrictClient, wang: MadePerson, fresh_database: Database, end: str
) -> None:
    with fresh_database.session() as session:
        if end == "account":
            session.execute(update(Account).values(closed_at=Account.password_changed_at))
        else:
            session.execute(update(Appointment).values(valid_to=Appointment.valid_from))
        session.commit()
    answer = try_in(visitor, "wang", PASSWORD)
    assert answer.status_code == 422
    assert ("没有任职" in answer.text) == (end == "appointment")


def test_sets_cookies_that_scripts_and_other_sites_cannot_use(
    visitor: StrictClient, wang: MadePerson
) -> None:
    cookies = try_in(visitor, "wang", PASSWORD).headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        assert "Domain=" not in cookie
