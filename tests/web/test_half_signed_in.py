"""Half a sign-in has no rights: every route, with the password given and a step left, answers as to nobody, but for that step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories.people import MadePerson, signed_in_client
from tests.support.databases import Copies
from tests.support.strict_client import StrictClient
from tests.support.web import app_on
from tests.web.matrix import address
from tests.web.matrix_table import TABLE, Line
from tests.web.world import build_world
from tracker.domain.identity import Identity
from tracker.domain.password_policy import Pending
from tracker.models.account import Account, SecondFactor
from tracker.web import guard
from tracker.web.current import half_signed_in
from tracker.web.guard import STEPS, permission_of

LONG_AGO = datetime(2018, 1, 1, tzinfo=UTC)
SENT = {
    Pending.CODE: "accounts.check_code",
    Pending.PASSWORD: "accounts.renew_password",
    Pending.ENROLMENT: "accounts.enrol_at_sign_in",
}


PUBLIC_AND_SLOW = frozenset({"accounts.sign_in", "static"})
"""Open to all, and held by the matrix."""


class Small(NamedTuple):
    """The application under ``mlps`` and the reviewer, who has everything still to do."""

    app: Flask
    reviewer: MadePerson


@pytest.fixture(scope="module")
def small(database_copies: Copies) -> Iterator[Small]:
    with database_copies() as database:
        app = app_on(database)
        app.config["POLICY"] = "mlps"
        with database.session() as session:
            people = build_world(session)
            session.commit()
        yield Small(app, people["reviewer"])


def pend(small: Small, pending: Pending) -> StrictClient:
    """A browser of the reviewer's that has exactly this step left."""
    changed_at = LONG_AGO if pending is Pending.PASSWORD else datetime.now(UTC) - timedelta(days=1)
    with small.app.extensions["database"].session() as session:
        session.query(SecondFactor).delete()
        session.execute(update(Account).values(password_changed_at=changed_at))
        if pending is Pending.CODE:
            session.add(
                SecondFactor(
                    account_id=small.reviewer.account_id, secret="x", last_step=0, code_salt="00",
                    enrolled_at=LONG_AGO,
                )
            )  # fmt: skip
        session.commit()
    return signed_in_client(small.app, small.reviewer.account_id)


def asked(client: StrictClient, path: str, line: Line) -> tuple[int, str]:
    """Status, and where it leads."""
    answer = (
        client.submit(path, line.form) if line.method == "POST" else client.open(path, method=line.method)
    )
    answer.close()
    return answer.status_code, answer.headers.get("Location", "").partition("?")[0]


def expected(small: Small, line: Line, pending: Pending) -> tuple[int, str]:
    page, allowed = STEPS[pending]
    permission = permission_of(small.app, line.endpoint)
    with small.app.test_request_context():
        step = small.app.url_for(page)
    if permission is allowed:
        return (200 if line.method == "GET" else 422), ""
    if permission in {each for _page, each in STEPS.values()}:
        return (302 if line.method == "GET" else 303), step
    anonymous = int(line.expected.split()[0])
    return anonymous, (step if anonymous == 302 else "")


def wrong_answers(small: Small, client: StrictClient, pending: Pending) -> dict[tuple[str, str], object]:
    """Method and path → what was expected and what came, wherever they differ."""
    wrong: dict[tuple[str, str], object] = {}
    for line in TABLE:
        if line.endpoint in PUBLIC_AND_SLOW:
            continue
        path, told = address(small.app, line), expected(small, line, pending)
        answered = asked(client, path, line)
        if answered != told:
            wrong[line.method, path] = (told, answered)
    return wrong


@pytest.mark.parametrize("pending", Pending)
def test_lets_nobody_do_anything_but_the_step_that_is_left(small: Small, pending: Pending) -> None:
    assert wrong_answers(small, pend(small, pending), pending) == {}


def test_finds_a_door_that_takes_half_for_whole(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    def whole() -> Identity | None:
        half = half_signed_in()
        return None if half is None else half.identity

    monkeypatch.setattr(guard, "half_signed_in", lambda: None)
    monkeypatch.setattr(guard, "find_identity", whole)
    line = next(line for line in TABLE if line.endpoint == "targets.index")
    answered = asked(pend(small, Pending.ENROLMENT), address(small.app, line), line)
    assert answered != expected(small, line, Pending.ENROLMENT)


def test_walks_the_steps_that_the_guard_knows(small: Small) -> None:
    endpoints = {line.endpoint for line in TABLE}
    for pending, (page, allowed) in STEPS.items():
        assert {page, SENT[pending]} <= endpoints
        assert permission_of(small.app, SENT[pending]) is allowed


def test_keeps_what_was_typed_when_a_step_came_between(small: Small) -> None:
    client = pend(small, Pending.CODE)
    ours, path = {"Origin": "http://localhost"}, "/programmes/330200-2018/list/ranking"
    answer = client.submit(path, {"note": "6,500"}, headers=ours)
    assert answer.status_code == 401
    assert 'value="6,500"' in answer.text
