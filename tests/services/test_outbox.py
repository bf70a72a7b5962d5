"""The outbox: letters leave with their transaction, once, later when the other side is away, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.smtp import post_office
from tracker.db import Database
from tracker.services import outbox
from tracker.services.outbox import Letter, NoAddress, checked_address, find_standing, masked_address, post
from tracker.services.postman import NotSent, Postman, UnusableMailUrl
from tracker.worker import Mailroom, clear_expired, deliver_one

NOW = datetime(2018, 7, 3, 2, tzinfo=UTC)


def letter(about: str = "1") -> Letter:
    return Letter("test.told", about, " Wang@Example.cn ", "题目", "正文 {link}")


def posted(database: Database, about: str = "1") -> None:
    with database.session() as session:
        post(session, letter(about), now=NOW)
        session.commit()


def standing(database: Database, about: str = "1") -> tuple[str, int, str | None]:
    with database.read_session() as session:
        found = find_standing(session, "test.told", about)
    assert found is not None
    return found.state, found.attempts, found.fault


def deliver(database: Database, url: str, *, at: datetime = NOW) -> bool:
    fillers = {"test.told": lambda _session, _mail, _now: {"link": "秘密"}}
    mailroom = Mailroom(Postman.from_url(url, home="example.cn"), fillers)
    return deliver_one(database, mailroom, lambda: at)


def test_sends_a_letter_once_with_what_only_its_reader_may_know(fresh_database: Database) -> None:
    posted(fresh_database)
    with post_office() as office:
        assert [deliver(fresh_database, office.url), deliver(fresh_database, office.url)] == [True, False]
    sent = office.letters[0]
    assert (sent["To"], sent["From"], sent["Subject"]) == ("wang@example.cn", "office@example.cn", "题目")
    assert sent.get_content().strip() == "正文 秘密"
    assert standing(fresh_database) == ("sent", 1, None)


def test_keeps_a_letter_of_a_transaction_that_came_to_nothing(fresh_database: Database) -> None:
    with fresh_database.session() as session:
        post(session, letter(), now=NOW)
    with fresh_database.read_session() as session:
        assert not outbox.has_mail(session, NOW)


def test_sends_nothing_without_an_address_to_send_by_and_drops_it_in_the_end(
    fresh_database: Database,
) -> None:
    posted(fresh_database)
    assert not deliver(fresh_database, "")
    clear_expired(fresh_database, NOW + outbox.WORTH_SENDING)
    assert standing(fresh_database) == ("dropped", 0, None)


def test_tries_again_after_growing_pauses_and_gives_up(fresh_database: Database) -> None:
    posted(fresh_database)
    at = NOW
    for pause in outbox.PAUSES:
        assert deliver(fresh_database, "smtp://127.0.0.1:9", at=at)
        assert not deliver(fresh_database, "smtp://127.0.0.1:9", at=at + pause - timedelta(seconds=1))
        at += pause
    assert standing(fresh_database)[0] == "waiting"
    assert deliver(fresh_database, "smtp://127.0.0.1:9", at=at)
    assert standing(fresh_database) == ("failed", len(outbox.PAUSES) + 1, "ConnectionRefusedError")


def test_is_tried_again_when_its_sender_died(fresh_database: Database) -> None:
    posted(fresh_database)
    with fresh_database.session() as session:
        assert outbox.take(session, NOW) is not None
        session.commit()
    with post_office() as office:
        assert not deliver(fresh_database, office.url, at=NOW + outbox.HELD - timedelta(seconds=1))
        assert deliver(fresh_database, office.url, at=NOW + outbox.HELD)
    assert standing(fresh_database) == ("sent", 2, None)


@pytest.mark.parametrize(("answer", "state"), [(b"550", "failed"), (b"450", "waiting")])
def test_gives_up_at_once_only_where_the_address_is_refused_for_good(
    fresh_database: Database, answer: bytes, state: str
) -> None:
    posted(fresh_database)
    with post_office() as office:
        office.refuses = answer
        deliver(fresh_database, office.url)
    assert standing(fresh_database) == (state, 1, f"address refused ({answer.decode()})")
    assert office.letters == []


def test_goes_on_with_the_next_letter_while_one_waits(fresh_database: Database) -> None:
    for about in ("1", "2"):
        posted(fresh_database, about)
    deliver(fresh_database, "smtp://127.0.0.1:9")
    with post_office() as office:
        assert deliver(fresh_database, office.url)
    assert (standing(fresh_database, "1")[0], standing(fresh_database, "2")[0]) == ("waiting", "sent")


def test_forgets_addresses_a_month_later(fresh_database: Database) -> None:
    posted(fresh_database)
    with post_office() as office:
        deliver(fresh_database, office.url)
    clear_expired(fresh_database, NOW + timedelta(days=31))
    with fresh_database.read_session() as session:
        assert find_standing(session, "test.told", "1") is None


@pytest.mark.parametrize(
    "text", ["", "wang", "a@b", "a b@example.cn", "a@example.cn\nBcc: x@y.cn", f"{'a' * 65}@b.cn"]
)
def test_takes_nothing_but_one_address(session: Session, text: str) -> None:
    with pytest.raises(NoAddress):
        checked_address(text)


def test_shows_others_only_the_first_letter_and_the_end() -> None:
    assert masked_address("wangfang@zgh.example.cn") == "w***@***.cn"


def test_reads_where_to_send_and_never_shows_the_password() -> None:
    postman = Postman.from_url("smtps://u%40x:p%3Aw@mail.example.cn", home="sst.example.cn")
    assert postman is not None
    assert (postman.host, postman.port, postman.user, postman.password) == (
        "mail.example.cn",
        465,
        "u@x",
        "p:w",
    )
    assert postman.sender == "no-reply@sst.example.cn"
    assert "p:w" not in repr(postman)


def test_refuses_what_is_no_mail_server() -> None:
    with pytest.raises(UnusableMailUrl):
        Postman.from_url("http://mail.example.cn", home="")


def test_demands_encryption_before_it_gives_its_password() -> None:
    with post_office() as office:
        url = office.url.replace("smtp://", "smtp://user:secret@")
        postman = Postman.from_url(url, home="")
        assert postman is not None
        with pytest.raises(NotSent, match="SMTPNotSupportedError"):
            postman.send(recipient="a@b.cn", subject="", body="", now=NOW)
    assert office.letters == []
