"""What a profile asks beyond the password: fresh ones, no old ones again, few browsers at once, and why a session is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from tests.factories.people import PASSWORD, MadePerson, signed_in_client
from tests.features.accounts.authenticators import enrol, go_by, with_password
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.password_policy import MLPS
from tracker.models.account import Account, Appointment, FormerPassword, WebSession

NEW = "Lan-Tian-Bai-Yun-7"


def is_in(client: StrictClient) -> bool:
    return client.get("/account").status_code == 200


def set_account(database: Database, **values: object) -> None:
    with database.session() as session:
        session.execute(update(Account).values(**values))
        session.commit()


@pytest.fixture
def mlps(app: Flask, wang: MadePerson, fresh_database: Database) -> Flask:
    """The application under ``mlps``; Wang's password is a day old."""
    go_by(app, "mlps")
    set_account(fresh_database, password_changed_at=datetime.now(UTC) - timedelta(days=1))
    return app


def replacing(new: str, current: str = PASSWORD) -> dict[str, str]:
    return {"current": current, "replacement": new, "repeated": new}


def test_warns_of_an_old_password_and_then_asks_for_a_new_one_before_anything_else(
    mlps: Flask, fresh_database: Database
) -> None:
    now = datetime.now(UTC)
    for days, told in ((75, None), (80, "还有 10 天到期"), (89, "还有 1 天到期")):
        set_account(fresh_database, password_changed_at=now - timedelta(days=days, hours=1))
        page = with_password(mlps, "wang").get("/")
        assert page.status_code == 200
        assert (told in page.text) if told else ("天到期" not in page.text)
    set_account(fresh_database, password_changed_at=now - timedelta(days=90))
    client = with_password(mlps, "wang")
    assert client.get("/account").headers["Location"] == "/login/password?next=/account"
    assert "已经到期" in client.get("/login/password").text
    weak = client.submit("/login/password", replacing("short"))
    assert weak.status_code == 422
    assert all(words in weak.text for words in ("至少要有 12 个字符", "至少要有 3 种"))
    answer = client.submit("/login/password", {**replacing(NEW), "next": "/account"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert is_in(client)


def test_has_a_password_replaced_that_somebody_else_drew(mlps: Flask, fresh_database: Database) -> None:
    set_account(fresh_database, has_initial_password=True)
    client = with_password(mlps, "wang")
    assert "别人替您设的" in client.get("/", follow_redirects=True).text
    assert client.submit("/login/password", replacing(NEW)).status_code == 303
    assert is_in(client)
    go_by(mlps, "asvs")
    set_account(fresh_database, has_initial_password=True)
    assert is_in(client)


def test_takes_none_of_the_last_five_passwords_again(mlps: Flask, fresh_database: Database) -> None:
    client, used = with_password(mlps, "wang"), [PASSWORD]
    for number in range(6):
        new = f"{NEW}-{number * 37}"
        assert client.submit("/account/password", replacing(new, used[-1])).status_code == 303
        used.append(new)
    for again in used[-5:]:
        refused = client.submit("/account/password", replacing(again, used[-1]))
        assert (refused.status_code, "最近用过的 5 个密码" in refused.text) == (422, True)
    assert client.submit("/account/password", replacing(used[-6], used[-1])).status_code == 303
    with fresh_database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(FormerPassword)) == MLPS.remembered - 1


def test_ends_the_oldest_browser_beyond_the_limit_and_tells_it_why(mlps: Flask, wang: MadePerson) -> None:
    first, second, third = (with_password(mlps, "wang") for _ in range(3))
    assert [is_in(client) for client in (first, second, third)] == [False, True, True]
    assert "同时登录的浏览器超过了上限" in first.get("/login").text
    late = first.submit("/account/sessions/end-others", headers={"Origin": "http://localhost"})
    assert late.status_code == 401
    assert "同时登录的浏览器超过了上限" in late.text


def test_ends_no_browser_for_somebody_who_only_knows_the_password(mlps: Flask, browser: StrictClient) -> None:
    enrol(browser)
    for _ in range(MLPS.most_sessions + 1):
        with_password(mlps, "wang")
    assert is_in(browser)


def test_ends_after_fifteen_idle_minutes_and_says_so(mlps: Flask, wang: MadePerson) -> None:
    client = signed_in_client(mlps, wang.account_id)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=14)):
        assert is_in(client)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=31)):
        assert not is_in(client)
        assert "离开时间较长" in client.get("/login").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (update(WebSession).values(revoked_at=func.now(), revoked_because="revoked"), "让这个浏览器退出"),
        (update(WebSession).values(ends_at=WebSession.created_at), "登录时间已到上限"),
        (update(Appointment).values(valid_to=Appointment.valid_from), "任职已结束"),
    ],
)
def test_tells_why_a_session_is_over(
    app: Flask, browser: StrictClient, fresh_database: Database, change: object, words: str
) -> None:
    with fresh_database.session() as session:
        session.execute(change)  # type: ignore[call-overload]
        session.commit()
    assert words in browser.get("/login").text


def test_tells_nothing_to_who_signed_out_or_never_was_in(
    browser: StrictClient, visitor: StrictClient
) -> None:
    browser.submit("/logout")
    for client in (browser, visitor):
        with client.session_transaction() as cookie:
            cookie["_user_id"] = "nobody's"
        assert "登录已结束" not in client.get("/login").text


def test_ends_all_other_browsers_at_once(app: Flask, browser: StrictClient, wang: MadePerson) -> None:
    others = [signed_in_client(app, wang.account_id) for _ in range(2)]
    assert browser.submit("/account/sessions/end-others").status_code == 303
    assert [is_in(client) for client in (browser, *others)] == [True, False, False]


def test_keeps_a_language_with_the_account(app: Flask, browser: StrictClient) -> None:
    assert browser.submit("/account/language", {"language": "en"}).status_code == 303
    assert browser.submit("/account/language", {"language": "tlh"}).status_code == 422
    elsewhere = with_password(app, "wang")
    assert 'lang="en"' in elsewhere.get("/account").text


def test_shows_sign_ins_and_what_was_tried_in_vain(app: Flask, browser: StrictClient) -> None:
    stranger = StrictClient(app, use_cookies=True)
    stranger.environ_base["REMOTE_ADDR"] = "192.0.2.77"
    stranger.submit("/login", {"login": "wang", "password": "wrong horse"})
    stranger.submit("/login", {"login": "li", "password": "wrong horse"})
    page = browser.get("/account").text
    assert page.count("192.0.2.77") == 1
    assert "密码不对" in page


def test_shows_ones_account_in_nine_statements(browser: StrictClient, fresh_database: Database) -> None:
    with counted_statements(fresh_database) as sent:
        assert browser.get("/account").status_code == 200
    assert len(sent) <= 9
