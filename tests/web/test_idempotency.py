"""The same key with the same body is done once and answered alike; any other use of it is refused."""

from __future__ import annotations

import io
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.people import MadePerson, signed_in_client
from tests.support.strict_client import StrictClient
from tests.web.planted import count_settings
from tracker.db import Database
from tracker.models.audit import IdempotentAnswer

KEY = "a-key-of-a-rendered-form"


def test_gives_the_same_answer_without_doing_it_again(
    reviewer: StrictClient, fresh_database: Database
) -> None:
    first = reviewer.submit("/planted/write/303", {"name": "written"}, key=KEY)
    again = reviewer.submit("/planted/write/303", {"name": "written"}, key=KEY)
    assert (again.status_code, again.headers["Location"]) == (first.status_code, first.headers["Location"])
    assert count_settings(fresh_database) == 1


@pytest.mark.parametrize(
    ("path", "form"), [("/planted/write/303", {"name": "written-else"}), ("/planted/write/200", {})]
)
def test_refuses_the_key_for_anything_else(
    reviewer: StrictClient, fresh_database: Database, path: str, form: dict[str, str]
) -> None:
    reviewer.submit("/planted/write/303", key=KEY)
    refused = reviewer.submit(path, form, key=KEY)
    assert refused.status_code == 422
    assert "已经提交过别的内容" in refused.text
    assert count_settings(fresh_database) == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with a blank in between", "ünïcödé-ünïcödé-ü"])
def test_refuses_a_request_without_a_key_of_ours(
    reviewer: StrictClient, fresh_database: Database, key: str
) -> None:
    form = {"csrf_token": reviewer.csrf_token(), "idempotency_key": key}
    refused = reviewer.post("/planted/write/303", data=form)
    assert refused.status_code == 422
    assert "防重复标记" in refused.text
    assert count_settings(fresh_database) == 0


def test_takes_the_key_from_a_header_too(reviewer: StrictClient, fresh_database: Database) -> None:
    headers = {"Idempotency-Key": KEY, "X-CSRFToken": reviewer.csrf_token()}
    for _ in range(2):
        assert reviewer.post("/planted/write/303", json={"any": 1}, headers=headers).status_code == 303
    assert count_settings(fresh_database) == 1
    assert reviewer.post("/planted/write/303", json={"any": 2}, headers=headers).status_code == 422


def test_leaves_the_key_free_when_it_came_to_nothing(
    reviewer: StrictClient, fresh_database: Database
) -> None:
    assert reviewer.submit("/planted/write/422", key=KEY).status_code == 422
    assert reviewer.submit("/planted/write/303", {"name": "written"}, key=KEY).status_code == 303
    assert count_settings(fresh_database) == 1


def test_tells_files_apart_by_their_content(reviewer: StrictClient, fresh_database: Database) -> None:
    def send(content: bytes) -> int:
        return reviewer.submit("/planted/file", {"file": (io.BytesIO(content), "a.csv")}, key=KEY).status_code

    assert [send(b"written"), send(b"written"), send(b"written-else")] == [303, 303, 422]
    assert count_settings(fresh_database) == 1


def test_keeps_the_keys_of_two_accounts_apart(
    planted_app: Flask, people: dict[str, MadePerson], fresh_database: Database
) -> None:
    for name in ("reporter", "approver"):
        client = signed_in_client(planted_app, people[name].account_id)
        assert client.submit("/planted/write/303", {"name": f"written-{name}"}, key=KEY).status_code == 303
    assert count_settings(fresh_database) == 2


def test_does_it_once_for_eight_at_the_same_time(
    planted_app: Flask, people: dict[str, MadePerson], fresh_database: Database
) -> None:
    # not the strict one: eight watchers of one engine would see each other's work
    clients = [FlaskClient(planted_app, use_cookies=True) for _ in range(8)]
    signed_in = signed_in_client(planted_app, people["reviewer"].account_id)
    token, cookie = signed_in.csrf_token(), signed_in.get_cookie("session")
    assert cookie is not None
    answers: list[int] = []

    def send(number: int) -> None:
        clients[number].set_cookie("session", cookie.value)
        form = {"csrf_token": token, "idempotency_key": KEY}
        answers.append(clients[number].post("/planted/write/303", data=form).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 8
    assert count_settings(fresh_database) == 1
    with fresh_database.read_session() as session:
        assert session.scalars(select(IdempotentAnswer.status)).all() == [303]
