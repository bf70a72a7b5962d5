"""One unsafe request is one commit or none; reading never writes; and the test browser sees both faults."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.support.databases import on_postgresql
from tests.support.strict_client import StrictClient
from tests.web.planted import count_settings
from tracker.db import Database
from tracker.services.ledger.settling import settle
from tracker.web import transaction

KEY = "k" * 24


@pytest.mark.parametrize(
    ("status", "kept"), [(200, 1), (204, 1), (303, 1), (400, 0), (409, 0), (422, 0), (500, 0)]
)
def test_keeps_what_succeeded_and_nothing_else(
    reviewer: StrictClient, fresh_database: Database, status: int, kept: int
) -> None:
    assert reviewer.submit(f"/planted/write/{status}").status_code == status
    assert count_settings(fresh_database) == kept


def test_cannot_write_while_reading(
    reviewer: StrictClient, planted_app: Flask, fresh_database: Database
) -> None:
    assert reviewer.get("/planted/write").status_code in {500, 503}
    assert count_settings(fresh_database, "sneaked") == 0


def test_catches_a_reading_page_that_wrote(reviewer: StrictClient) -> None:
    with pytest.raises(AssertionError, match="GET /planted/sneak wrote"):
        reviewer.get("/planted/sneak")


def test_catches_work_left_uncommitted(
    people: object, planted_app: Flask, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the door without its lock, so that on SQLite nobody else holds the write lock."""
    visitor = StrictClient(planted_app, use_cookies=True)
    with monkeypatch.context() as open_door:
        open_door.setitem(planted_app.before_request_funcs, None, [])
        with pytest.raises(AssertionError, match=r"left .*setting.* uncommitted"):
            visitor.submit("/planted/forget")
    assert count_settings(fresh_database, "forgotten") == 0


def test_says_so_when_nobody_knows_whether_it_was_kept(
    reviewer: StrictClient, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(_database: Database, session: Session, _clock: object) -> bool:
        session.rollback()
        raise OperationalError("COMMIT", {}, Exception("server closed the connection"))

    with monkeypatch.context() as lost:
        lost.setattr(transaction, "settle", lose)
        answer = reviewer.post("/planted/write/303", data=_tokens(reviewer))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "结果未知，请用原页面重试" in answer.text
    assert reviewer.post("/planted/write/303", data=_tokens(reviewer)).status_code == 303
    assert count_settings(fresh_database) == 1


def test_does_it_once_when_the_answer_was_lost_after_the_commit(
    reviewer: StrictClient, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_answer(database: Database, session: Session, clock: Any) -> bool:
        settle(database, session, clock)
        raise OperationalError("COMMIT", {}, Exception("server closed the connection"))

    with monkeypatch.context() as lost:
        lost.setattr(transaction, "settle", lose_answer)
        assert reviewer.post("/planted/write/303", data=_tokens(reviewer)).status_code == 503
    repeated = reviewer.post("/planted/write/303", data=_tokens(reviewer))
    assert (repeated.status_code, repeated.headers["Location"]) == (303, "/planted/there")
    assert count_settings(fresh_database) == 1


@on_postgresql
def test_does_not_call_it_kept_when_the_commit_came_with_a_warning(
    reviewer: StrictClient, fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        session.execute(
            text(
                "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS"
                " $$BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END$$"
            )
        )
        session.execute(
            text(
                "CREATE CONSTRAINT TRIGGER warned AFTER INSERT ON setting"
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION warn()"
            )
        )
        session.commit()
    assert reviewer.submit("/planted/write/303").status_code == 503


def test_tells_when_totals_are_still_being_added_up(
    reviewer: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settle_late(_database: Database, session: Session, _clock: object) -> bool:
        session.commit()
        return False

    monkeypatch.setattr(transaction, "settle", settle_late)
    reviewer.submit("/planted/write/303")
    assert "正在汇总" in reviewer.get("/").text


def _tokens(client: StrictClient) -> dict[str, str]:
    return {"csrf_token": client.csrf_token(), "idempotency_key": KEY}
