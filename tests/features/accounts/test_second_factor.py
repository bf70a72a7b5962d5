"""The second factor: set up with one code, asked after the password, each code once, recovery codes once, off only with both."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from config import SignInLimits
from tests.factories.people import PASSWORD, MadePerson, make_person, signed_in_client
from tests.features.accounts.authenticators import (
    bare_copy,
    code_of,
    codes_in,
    database_of,
    enrol,
    go_by,
    locked_in,
    with_password,
)
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.models.account import Account, Appointment, RecoveryCode, SecondFactor
from tracker.models.audit import AuditEntry

PAGE = "/account/second-factor"


def is_in(client: StrictClient) -> bool:
    return client.get("/account").status_code == 200


def actions(database: Database) -> list[str]:
    with database.read_session() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_asks_for_the_code_after_the_password_and_takes_it_once(
    app: Flask, browser: StrictClient, wang: MadePerson, fresh_database: Database
) -> None:
    secret, _ = enrol(browser)
    assert is_in(browser)
    entering = with_password(app, "wang")
    assert entering.get("/account").headers["Location"] == "/login/code?next=/account"
    before = entering.get_cookie("session")
    code = code_of(secret)
    answer = entering.submit("/login/code", {"code": f" {code[:3]} {code[3:]}", "next": "/account"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert is_in(entering)
    assert before is not None
    assert before.value != entering.get_cookie("session").value  # type: ignore[union-attr]
    replaying = with_password(app, "wang")
    refused = replaying.submit("/login/code", {"code": code})
    assert refused.status_code == 422
    assert "这个动态口令已经用过" in refused.text
    assert not is_in(replaying)
    assert actions(fresh_database) == [
        "second_factor.enrolled", "session.code_asked", "session.begun", "session.code_asked",
    ]  # fmt: skip


def test_lets_one_of_two_in_who_send_the_same_code(app: Flask, browser: StrictClient) -> None:
    secret, _ = enrol(browser)
    app.config["WTF_CSRF_ENABLED"] = False
    clients = [bare_copy(app, with_password(app, "wang")) for _ in range(2)]
    code, together, answers = code_of(secret), threading.Barrier(2), list[int]()

    def send(client: FlaskClient) -> None:
        together.wait()
        answers.append(client.post("/login/code", data={"code": code}).status_code)

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 422]


def test_keeps_the_secret_encrypted_and_bound_to_its_account(
    app: Flask, browser: StrictClient, units: dict[str, int], wang: MadePerson, fresh_database: Database
) -> None:
    secret, codes = enrol(browser)
    with fresh_database.session() as session:
        stored = session.scalars(select(SecondFactor)).one()
        assert secret not in stored.secret
        digests = session.scalars(select(RecoveryCode.digest)).all()
        assert len(digests) == len(codes) == 10
        assert not {code.replace("-", "") for code in codes} & set(digests)
        session.execute(update(SecondFactor).values(secret=stored.secret[:-8] + "AAAAAAA="))
        session.commit()
    entering = with_password(app, "wang")
    refused = entering.submit("/login/code", {"code": code_of(secret)})
    assert refused.status_code == 422
    assert "请使用备用码" in refused.text
    assert entering.submit("/login/code", {"code": codes[0]}).status_code == 303


def test_takes_each_recovery_code_once(app: Flask, browser: StrictClient) -> None:
    _, codes = enrol(browser)
    for typed, status in ((codes[3].upper(), 303), (codes[3], 422), ("abcd-efgh-jkmn", 422)):
        entering = with_password(app, "wang")
        assert entering.submit("/login/code?with=recovery", {"code": typed}).status_code == status
    assert "备用码还有 9 个" in browser.get(PAGE).text


def test_counts_wrong_codes_and_does_not_forget_them_at_the_next_password(
    app: Flask, browser: StrictClient
) -> None:
    secret, _ = enrol(browser)
    answers = [
        with_password(app, "wang").submit("/login/code", {"code": "000000"}).status_code for _ in range(6)
    ]
    assert answers == [422] * 5 + [429]
    assert with_password(app, "wang").submit("/login/code", {"code": code_of(secret)}).status_code == 429


def test_bounds_what_strangers_who_know_the_password_may_guess_but_not_the_owner(
    app: Flask, browser: StrictClient
) -> None:
    app.config["SIGN_IN_LIMITS"] = SignInLimits(codes_per_account=3, longest_pause_s=0)
    secret, codes = enrol(browser)
    owner = with_password(app, "wang")
    assert owner.submit("/login/code", {"code": code_of(secret)}).status_code == 303
    owner.delete_cookie("session")
    answers = []
    for number in range(5):
        stranger = with_password(app, "wang")
        stranger.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        answers.append(stranger.submit("/login/code", {"code": "000000"}).status_code)
    assert answers == [422] * 3 + [429] * 2
    owner.submit("/login", {"login": "wang", "password": PASSWORD})
    assert owner.submit("/login/code", {"code": codes[0]}).status_code == 303


def test_is_not_known_as_the_owners_browser_before_the_code(app: Flask, browser: StrictClient) -> None:
    enrol(browser)
    entering = with_password(app, "wang")
    assert entering.get_cookie("known-browser") is None


def test_keeps_the_scanned_secret_after_a_wrong_code(browser: StrictClient) -> None:
    secret, locked = locked_in(browser.get(PAGE).text)
    answer = browser.submit(PAGE, {"locked": locked, "code": "000000", "current": PASSWORD})
    assert answer.status_code == 422
    assert locked_in(answer.text) == (secret, locked)
    assert "6 位数字" in answer.text


def test_takes_no_secret_that_was_made_for_somebody_else(
    app: Flask, browser: StrictClient, units: dict[str, int], fresh_database: Database
) -> None:
    secret, locked = locked_in(browser.get(PAGE).text)
    other = signed_in_client(app, _other(fresh_database, units))
    answer = other.submit(PAGE, {"locked": locked, "code": code_of(secret), "current": PASSWORD})
    assert answer.status_code == 422
    assert "二维码已失效" in answer.text


def test_ends_the_other_sessions_when_it_is_set_up(
    app: Flask, browser: StrictClient, wang: MadePerson
) -> None:
    elsewhere = signed_in_client(app, wang.account_id)
    enrol(browser)
    assert not is_in(elsewhere)
    assert is_in(browser)


@pytest.mark.parametrize("wrong", [{"current": "wrong"}, {"code": "000000"}, {}])
def test_is_turned_off_with_password_and_code_only(browser: StrictClient, wrong: dict[str, str]) -> None:
    secret, _ = enrol(browser)
    typed = {"current": PASSWORD, "code": code_of(secret), **wrong}
    answer = browser.submit(f"{PAGE}/off", typed)
    assert answer.status_code == (422 if wrong else 303)
    assert ("已设置" in browser.get(PAGE).text) is bool(wrong)


def test_draws_new_recovery_codes_and_voids_the_old_ones(app: Flask, browser: StrictClient) -> None:
    secret, old = enrol(browser)
    answer = browser.submit(f"{PAGE}/codes", {"current": PASSWORD, "code": code_of(secret)})
    fresh = codes_in(answer.text)
    assert len(fresh) == 10
    entering = with_password(app, "wang")
    assert entering.submit("/login/code", {"code": old[0]}).status_code == 422
    assert entering.submit("/login/code", {"code": fresh[0]}).status_code == 303


def test_is_required_of_some_roles_by_policy_and_then_cannot_be_turned_off(
    app: Flask, browser: StrictClient, wang: MadePerson, fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        session.execute(update(Appointment).values(role="auditor"))
        session.execute(update(Account).values(password_changed_at=datetime.now(UTC) - timedelta(days=1)))
        session.commit()
    assert is_in(browser)
    go_by(app, "mlps")
    assert browser.get("/").headers["Location"] == "/login/second-factor"
    secret, codes = enrol(browser, page="/login/second-factor")
    assert len(codes) == 10
    assert is_in(browser)
    refused = browser.submit(f"{PAGE}/off", {"current": PASSWORD, "code": code_of(secret)})
    assert refused.status_code == 422
    assert "不能停用" in refused.text


def test_is_reset_by_an_operator_who_is_named_in_the_trail(app: Flask, browser: StrictClient) -> None:
    enrol(browser)
    reset = app.test_cli_runner().invoke(args=["accounts", "reset-second-factor", "wang"])
    assert reset.exit_code == 0, reset.output
    assert not is_in(browser)
    assert "动态口令有变动" in browser.get("/login").text
    assert is_in(with_password(app, "wang"))
    assert "second_factor.reset" in actions(database_of(app))
    again = app.test_cli_runner().invoke(args=["accounts", "reset-second-factor", "wang"])
    assert (again.exit_code, "没有设置动态口令" in again.output) == (1, True)


def _other(database: Database, units: dict[str, int]) -> int:
    with database.session() as session:
        other = make_person(session, "viewer", units["330200"])
        session.commit()
    return other.account_id
