"""A page the browser kept is confirmed only to whom, and only as, it was shown; signing out has it thrown away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.factories.ningbo import KEY, NOW
from tests.factories.people import make_person, signed_in_client
from tests.features.dashboards.test_overview import ADDRESS, client_of
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.identity import OPERATOR
from tracker.models.account import Appointment, WebSession
from tracker.models.programme import Programme
from tracker.services.audit import Subject, record

PAGES = (
    ADDRESS,
    f"{ADDRESS}/pledges/1",
    f"{ADDRESS}/trail?indicator=enrolments",
    f"{ADDRESS}/compare",
    "/compare?year=2018",
)


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.features.dashboards.unchanged.now", lambda: NOW)


@pytest.fixture
def reviewer(app: Flask, fresh_database: Database) -> FlaskClient:
    return client_of(app, fresh_database, "reviewer", "330200")


def status_of(client: FlaskClient, page: str, tag: str) -> int:
    return client.get(page, headers={"If-None-Match": tag}).status_code


@pytest.mark.parametrize("page", PAGES)
def test_confirms_an_unchanged_page_in_three_statements_at_most(
    reviewer: FlaskClient, fresh_database: Database, page: str
) -> None:
    shown = reviewer.get(page)
    with counted_statements(fresh_database) as sent:
        again = reviewer.get(page, headers={"If-None-Match": shown.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert len(sent) <= 3, "\n".join(sent)
    for answer in (shown, again):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert {"Cookie", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.parametrize("page", PAGES)
def test_shows_another_person_language_or_look_a_page_of_their_own(
    app: Flask, fresh_database: Database, reviewer: FlaskClient, page: str
) -> None:
    tag = reviewer.get(page).headers["ETag"]
    with fresh_database.session() as session:
        other = make_person(session, "reviewer", "330200")
        session.commit()
    assert status_of(signed_in_client(app, other.account_id), page, tag) == 200
    english = reviewer.get(page, headers={"If-None-Match": tag, "Accept-Language": "en"})
    assert english.status_code == 200
    with reviewer.session_transaction() as cookie:
        cookie["look"] = "dark"
    assert status_of(reviewer, page, tag) == 200


@pytest.mark.parametrize("page", PAGES)
def test_shows_a_message_that_waits(reviewer: FlaskClient, page: str) -> None:
    tag = reviewer.get(page).headers["ETag"]
    with reviewer.session_transaction() as cookie:
        cookie["_flashes"] = [("info", "已保存。")]
    answer = reviewer.get(page, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "已保存。" in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_never_confirms_a_page_to_whom_it_is_no_longer_shown(
    fresh_database: Database, reviewer: FlaskClient, page: str
) -> None:
    tag = reviewer.get(page).headers["ETag"]
    with fresh_database.session() as session:
        session.execute(update(Appointment).values(valid_to=datetime(2019, 1, 1, tzinfo=UTC)))
        session.commit()
    answer = reviewer.get(page, headers={"If-None-Match": tag})
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_never_confirms_a_list_that_was_taken_out_of_sight(
    fresh_database: Database, reviewer: FlaskClient
) -> None:
    tag = reviewer.get(ADDRESS).headers["ETag"]
    with fresh_database.session() as session:
        session.execute(update(Programme).values(key="330200-2018-gone"))
        session.commit()
    answer = reviewer.get(ADDRESS, headers={"If-None-Match": tag})
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", PAGES)
def test_shows_a_change_at_once(fresh_database: Database, reviewer: FlaskClient, page: str) -> None:
    tag = reviewer.get(page).headers["ETag"]
    with fresh_database.session() as session:
        record(
            session, actor=OPERATOR, now=NOW, action="programme.renamed", subject=Subject("programme", KEY)
        )
        session.commit()
    assert status_of(reviewer, page, tag) == 200


def test_a_revoked_session_confirms_nothing(fresh_database: Database, reviewer: FlaskClient) -> None:
    tag = reviewer.get(ADDRESS).headers["ETag"]
    with fresh_database.session() as session:
        session.execute(update(WebSession).values(revoked_at=NOW))
        session.commit()
    assert status_of(reviewer, ADDRESS, tag) == 302


def test_signing_out_throws_away_what_was_kept(app: Flask, fresh_database: Database) -> None:
    client = client_of(app, fresh_database, "reviewer", "330200")
    assert isinstance(client, StrictClient)
    answer = client.submit("/logout")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_who_never_signed_in_keeps_what_is_everybody_s(visitor: StrictClient) -> None:
    """Style sheets and scripts are kept over the morning's sign-in: nothing of a person lies there to be thrown away."""
    answer = visitor.get(ADDRESS)
    assert answer.status_code == 302
    assert "Clear-Site-Data" not in answer.headers
