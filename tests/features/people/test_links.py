"""One-time links: to the person's own address, once, for a day; resets of those who judge wait for a second person."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy import select, update

from tests.factories.people import PASSWORD
from tests.features.accounts.authenticators import go_by
from tests.features.people.conftest import Place
from tests.features.people.test_appointing import acts, decide, rows
from tests.support.smtp import post_office
from tests.support.strict_client import StrictClient
from tracker.models.account import Account, FormerPassword, Person
from tracker.models.granting import AccountLink
from tracker.models.mail import OutgoingMail
from tracker.worker import deliver_one, mailroom_of

FRESH = "a new and longer password"
STRONG = "A new and longer password"


def give_address(place: Place, login: str) -> None:
    with place.database.session() as session:
        mine = update(Person).where(Person.id == place.people[login].person_id)
        session.execute(mine.values(email=f"{login}@example.cn"))
        session.commit()


def ask(place: Place, login: str, by: str = "chief") -> int:
    return place.browser(by).submit(f"/accounts/{place.number(login)}/reset").status_code


def delivered(place: Place) -> str:
    """The path of the link in the letter that leaves now."""
    with post_office() as office:
        settings = {**place.app.config, "MAIL_URL": office.url}
        assert deliver_one(place.database, mailroom_of(settings), lambda: datetime.now(UTC))
    text = office.letters[-1].get_content()
    found = re.search(r"http://localhost(/links/\S+)", text)
    assert found is not None
    return found[1]


def visitor(place: Place) -> StrictClient:
    return StrictClient(place.app, use_cookies=True)


def test_sets_a_password_once_and_ends_every_session(place: Place) -> None:
    give_address(place, "wang")
    old = place.browser("wang")
    assert ask(place, "wang") == 303
    path, reader = delivered(place), visitor(place)
    with place.database.read_session() as session:
        stored = session.scalars(select(AccountLink.token_digest)).one()
        assert path.rpartition("/")[2] not in str(session.scalars(select(OutgoingMail.body)).one())
    assert stored is not None
    assert stored not in path
    assert [reader.get(path).status_code, reader.get(path).status_code] == [
        200,
        200,
    ]  # looking uses nothing up
    assert reader.get(path).headers["Referrer-Policy"] == "no-referrer"
    assert reader.submit(path, {"replacement": "short"}).status_code == 422
    assert old.get("/account").status_code == 200
    assert reader.submit(path, {"replacement": FRESH}).status_code == 303
    assert old.get("/account").status_code == 302
    assert reader.submit("/login", {"login": "wang", "password": PASSWORD}).status_code == 422
    assert reader.submit("/login", {"login": "wang", "password": FRESH}).status_code == 303
    assert visitor(place).submit(path, {"replacement": FRESH + "!"}).status_code == 404
    assert acts(place, place.number("wang"))[:2] == ["reset.sent", "password.set"]


def former(place: Place, login: str) -> list[str]:
    mine = select(FormerPassword.password_hash).where(FormerPassword.account_id == place.number(login))
    with place.database.read_session() as session:
        return list(session.scalars(mine))


def test_keeps_a_link_to_the_rules_for_passwords_and_tells_every_browser_why_it_is_out(place: Place) -> None:
    give_address(place, "wang")
    old, before = place.browser("wang"), stored_of(place, "wang").password_hash
    ask(place, "wang")
    path, reader = delivered(place), visitor(place)
    go_by(place.app, "mlps")
    for refused, word in (
        ("wang and a garden", "密码里不要有自己的账号或姓名"),
        ("aaaaaaaaaaaaaa", "太常见"),
        (PASSWORD, "不能和最近用过的 5 个密码相同"),
    ):
        answer = reader.submit(path, {"replacement": refused})
        assert (answer.status_code, word in answer.text) == (422, True), answer.text
    assert former(place, "wang") == []
    assert reader.submit(path, {"replacement": STRONG}).status_code == 303
    after = stored_of(place, "wang")
    assert (after.has_password, after.has_initial_password) == (True, False)
    assert after.password_changed_at > datetime.now(UTC) - timedelta(minutes=5)
    assert former(place, "wang") == [before]
    assert "密码已更换" in old.get("/login").text


def test_takes_a_password_an_operator_set_as_one_of_somebody_else(place: Place) -> None:
    old, before = place.browser("wang"), stored_of(place, "wang").password_hash
    go_by(place.app, "mlps")
    runner = place.app.test_cli_runner()
    assert (
        "密码里不要有自己的账号或姓名"
        in runner.invoke(args=["accounts", "reset", "wang"], input="王芳 and a garden\n").output
    )
    assert runner.invoke(args=["accounts", "reset", "wang"], input=STRONG).exit_code == 0
    assert stored_of(place, "wang").has_initial_password
    reader = visitor(place)
    assert reader.submit("/login", {"login": "wang", "password": STRONG}).status_code == 303
    assert reader.get("/").status_code == 302  # to the page where it is replaced
    assert former(place, "wang") == [before]
    assert "密码已更换" in old.get("/login").text


def stored_of(place: Place, login: str) -> Account:
    with place.database.read_session() as session:
        return session.get_one(Account, place.number(login))


def test_is_good_for_a_day_and_until_a_newer_one(place: Place) -> None:
    give_address(place, "wang")
    ask(place, "wang")
    first = delivered(place)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=23, minutes=50)):
        assert visitor(place).get(first).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=24, seconds=1)):
        assert visitor(place).get(first).status_code == 404
    assert ask(place, "wang") == 303
    assert visitor(place).get(first).status_code == 404
    assert visitor(place).get(delivered(place)).status_code == 200


def test_sends_no_letter_that_a_newer_one_has_replaced_and_five_a_day_at_most(place: Place) -> None:
    give_address(place, "wang")
    assert [ask(place, "wang") for _ in range(6)] == [303] * 5 + [422]
    assert [state for _id, state in rows(place, OutgoingMail.id, OutgoingMail.state)] == ["dropped"] * 4 + [
        "waiting"
    ]


def test_dies_with_the_account(place: Place) -> None:
    give_address(place, "wang")
    ask(place, "wang")
    path, chief = delivered(place), place.browser("chief")
    assert chief.submit(f"/accounts/{place.number('wang')}/close").status_code == 303
    assert chief.submit(f"/accounts/{place.number('wang')}/close").status_code == 409
    assert visitor(place).get(path).status_code == 404
    assert ask(place, "wang") == 409
    assert chief.submit(f"/accounts/{place.number('wang')}/reopen").status_code == 303
    assert visitor(place).get(path).status_code == 404
    assert place.browser("wang").get("/").status_code == 200


def test_lets_the_reset_of_who_judges_wait(place: Place) -> None:
    give_address(place, "li")
    assert ask(place, "li") == 303
    assert rows(place, OutgoingMail.id) == []
    assert decide(place, "chief") == 403
    assert decide(place, "second") == 303
    assert visitor(place).submit(delivered(place), {"replacement": FRESH}).status_code == 303
    assert acts(place, place.number("li")) == ["reset.requested", "reset.confirmed", "password.set"]


def test_lets_the_address_of_who_judges_wait_and_tells_the_old_one(place: Place) -> None:
    give_address(place, "li")
    path = f"/accounts/{place.number('li')}/address"
    assert place.browser("chief").submit(path, {"email": "li@example.cn"}).status_code == 409
    assert place.browser("chief").submit(path, {"email": "chief@example.cn"}).status_code == 303
    page = place.browser("second").get("/accounts/requests").text
    assert "c***@***.cn" in page
    assert "chief@example.cn" not in page
    assert decide(place, "second") == 303
    [(recipient, body)] = rows(place, OutgoingMail.recipient, OutgoingMail.body)
    assert recipient == "li@example.cn"
    assert "chief@example.cn" not in body


def test_says_who_else_has_an_address_and_who_has_none(place: Place) -> None:
    give_address(place, "li")
    chief = place.browser("chief")
    taken = chief.submit(f"/accounts/{place.number('wang')}/address", {"email": "LI@example.cn"})
    assert (taken.status_code, "登记在别人名下" in taken.text) == (422, True)
    assert ask(place, "wang") == 422


def test_says_on_every_page_that_no_letters_leave(place: Place) -> None:
    place.app.config["MAIL_URL"] = ""
    give_address(place, "wang")
    chief, number = place.browser("chief"), place.number("wang")
    for page in ("/accounts", f"/accounts/{number}", "/accounts/new?unit=330203"):
        assert "flask accounts reset" in chief.get(page).text
    assert ask(place, "wang") == 422
    assert rows(place, OutgoingMail.id) == []


def test_signs_single_browsers_or_all_of_them_out(place: Place) -> None:
    first, other, chief = place.browser("wang"), place.browser("wang"), place.browser("chief")
    number = place.number("wang")
    found = re.findall(rf"/accounts/{number}/sessions/(\d+)/end", chief.get(f"/accounts/{number}").text)
    assert len(found) == 2
    assert chief.submit(f"/accounts/{number}/sessions/{found[0]}/end").status_code == 303
    assert sorted([first.get("/account").status_code, other.get("/account").status_code]) == [200, 302]
    assert chief.submit(f"/accounts/{number}/sessions/{found[0]}/end").status_code == 409
    assert chief.submit(f"/accounts/{number}/sessions/end").status_code == 303
    assert "管理员让这个浏览器退出了登录" in first.get("/login").text
    assert [first.get("/account").status_code, other.get("/account").status_code] == [302, 302]
