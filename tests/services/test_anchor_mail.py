"""The newest seal goes out by mail: when it moved, once an hour at most, in words a command can read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.smtp import post_office
from tracker.db import Database
from tracker.domain.identity import OPERATOR
from tracker.services.anchors import Noted, find_newest_seal, list_anchors, read_anchors, verify_anchors
from tracker.services.audit import Subject, record
from tracker.services.ledger.folding import try_fold
from tracker.services.postman import Postman
from tracker.worker import Mailroom, deliver_one, mail_anchor

NOW = datetime(2018, 7, 3, 2, tzinfo=UTC)
SOON, LATER, LATEST = (NOW + timedelta(minutes=minutes) for minutes in (59, 60, 121))
TO = ("audit@zgh.example.cn", "second@zgh.example.cn")


def seal_something(database: Database, at: datetime = NOW) -> str:
    with database.session() as session:
        record(session, actor=OPERATOR, now=at, action="test.done", subject=Subject("test", "1"))
        try_fold(session, at)
        session.commit()
    with database.read_session() as session:
        seal = find_newest_seal(session)
    assert seal is not None
    return seal.written


def test_mails_a_seal_that_moved_once_an_hour_at_most(fresh_database: Database) -> None:
    with post_office() as office:
        mailroom = Mailroom(Postman.from_url(office.url, home="example.cn"), anchors_to=TO)
        assert not mail_anchor(fresh_database, mailroom, NOW), "nothing is sealed yet"
        first = seal_something(fresh_database)
        assert mail_anchor(fresh_database, mailroom, NOW)
        second = seal_something(fresh_database, SOON)
        assert not mail_anchor(fresh_database, mailroom, SOON), "an hour has not passed"
        assert mail_anchor(fresh_database, mailroom, LATER)
        assert not mail_anchor(fresh_database, mailroom, LATEST), "nothing has moved since"
        while deliver_one(fresh_database, mailroom, lambda: LATEST):
            pass
    assert [letter["To"] for letter in office.letters] == [*TO, *TO]
    texts = [letter.get_content() for letter in office.letters]
    assert [f"{one.seal}:{one.digest}" for text in texts for one in read_anchors(text, "mail")] == [
        first, first, second, second,
    ]  # fmt: skip
    assert "2018-07-03 10:00:00" in texts[0]
    with fresh_database.read_session() as session:
        listed = list_anchors(session, limit=9)
        assert not list(verify_anchors(session, read_anchors("\n".join(texts), "mails")))
        assert list(verify_anchors(session, [Noted(2, "0" * 64, "forged")]))
    assert [(one.seal, one.place, one.is_kept) for one in listed] == [(2, "mail", True), (1, "mail", True)]
    assert not any(address in one.reference for one in listed for address in TO)


def test_mails_nothing_without_anybody_to_mail_to_or_by(fresh_database: Database) -> None:
    seal_something(fresh_database)
    assert not mail_anchor(fresh_database, Mailroom(None, anchors_to=TO), NOW)
    with post_office() as office:
        postman = Postman.from_url(office.url, home="example.cn")
        assert not mail_anchor(fresh_database, Mailroom(postman), NOW)
    assert office.letters == []
