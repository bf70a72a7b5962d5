"""A lost second factor is taken off by an admin; of who judges others, once a second person has confirmed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from tests.factories.people import make_person, signed_in_client
from tests.features.accounts.authenticators import enrol
from tests.features.people.conftest import Place
from tests.features.people.test_appointing import acts, decide, rows
from tests.features.people.test_links import give_address
from tests.support.strict_client import StrictClient
from tracker.models.account import RecoveryCode, SecondFactor
from tracker.models.granting import GrantRequest
from tracker.models.mail import OutgoingMail

AUDIT_LIST = "/auditing/lists/accounts"


def page_of(place: Place, login: str) -> str:
    return f"/accounts/{place.number(login)}"


def with_factor(place: Place, login: str) -> StrictClient:
    """A browser of theirs that has set a second factor up."""
    browser = place.browser(login)
    enrol(browser)
    return browser


def ask(place: Place, login: str, by: str = "chief") -> int:
    return place.browser(by).submit(f"{page_of(place, login)}/second-factor").status_code


def test_takes_a_reporters_off_at_once_ends_sessions_and_tells_the_owner(place: Place) -> None:
    give_address(place, "wang")
    chief = place.browser("chief")
    assert "没有设置动态口令" in chief.get(page_of(place, "wang")).text
    assert ask(place, "wang") == 404
    own = with_factor(place, "wang")
    assert "重置动态口令</button>" in chief.get(page_of(place, "wang")).text
    assert chief.submit(f"{page_of(place, 'wang')}/second-factor").status_code == 303
    assert "已写信告知本人" in chief.get(page_of(place, "wang")).text
    assert own.get("/account").status_code == 302
    assert "动态口令有变动" in own.get("/login").text
    assert [rows(place, SecondFactor.account_id), rows(place, RecoveryCode.id)] == [[], []]
    [(recipient, body)] = rows(place, OutgoingMail.recipient, OutgoingMail.body)
    assert recipient == "wang@example.cn"
    assert "动态口令已经重置" in body
    assert acts(place, place.number("wang")) == ["second_factor.enrolled", "second_factor.reset"]
    again = place.browser("wang").get("/account").text
    assert "动态口令由管理员或操作员重置" in again
    assert ask(place, "wang") == 404


def test_lets_that_of_who_judges_wait_for_a_third_person(place: Place) -> None:
    own = with_factor(place, "li")
    assert ask(place, "li") == 303
    assert ask(place, "li") == 409
    assert own.get("/account").status_code == 200
    assert decide(place, "chief") == 403
    assert "重置动态口令" in place.browser("second").get("/").text
    assert "重置动态口令" in place.browser("second").get("/accounts/requests").text
    assert decide(place, "second") == 303
    assert own.get("/account").status_code == 302
    assert rows(place, OutgoingMail.id) == []
    assert acts(place, place.number("li")) == [
        "second_factor.enrolled", "second_factor.requested", "second_factor.confirmed",
    ]  # fmt: skip


def test_leaves_a_newer_one_alone_and_one_that_is_refused(place: Place) -> None:
    with_factor(place, "li")
    assert ask(place, "li") == 303
    with place.database.session() as session:
        later = datetime.now(UTC) + timedelta(minutes=1)
        session.execute(update(SecondFactor).values(enrolled_at=later))
        session.commit()
    assert decide(place, "second") == 409
    assert decide(place, "second", "refuse") == 303
    assert len(rows(place, SecondFactor.account_id)) == 1
    assert rows(place, GrantRequest.id, GrantRequest.state)[0][1] == "refused"


def test_is_nobodys_own_nor_of_a_closed_or_far_account(place: Place) -> None:
    with_factor(place, "chief")
    assert place.browser("chief").submit(f"{page_of(place, 'chief')}/second-factor").status_code == 403
    with_factor(place, "wang")
    assert ask(place, "wang", "far") == 404
    assert ask(place, "wang", "reviewer") == 403
    assert place.browser("second").submit(f"{page_of(place, 'wang')}/close").status_code == 303
    assert ask(place, "wang", "second") == 409
    assert len(rows(place, SecondFactor.account_id)) == 2


def test_stands_on_the_auditors_list_and_says_so_where_no_letter_leaves(place: Place) -> None:
    place.app.config["MAIL_URL"] = ""
    with_factor(place, "wang")
    chief = place.browser("chief")
    assert "不会寄信" in chief.get(page_of(place, "wang")).text
    assert chief.submit(f"{page_of(place, 'wang')}/second-factor").status_code == 303
    assert "请当面告知本人" in chief.get(page_of(place, "wang")).text
    with place.database.session() as session:
        auditor = make_person(session, "auditor", "330200")
        session.commit()
    assert "重置动态口令" in signed_in_client(place.app, auditor.account_id).get(AUDIT_LIST).text
