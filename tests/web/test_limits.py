"""Who asks too often without signing in is told to wait, and nobody else is."""

from __future__ import annotations

import io

from flask import Flask

from tests.support.counting import CountingServer, counting_server
from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tests.support.web import app_on
from tracker.db import Database


def asked(visitor: StrictClient) -> int:
    return visitor.submit("/verify", {"file": (io.BytesIO(b"x"), "x.json")}).status_code


@on_sqlite
def test_one_address_checks_thirty_files_a_minute(app: Flask, visitor: StrictClient) -> None:
    assert [asked(visitor) for _ in range(30)] == [200] * 30
    refused = visitor.submit("/verify", {"file": (io.BytesIO(b"x"), "x.json")})
    assert (refused.status_code, refused.headers["Retry-After"].isdecimal()) == (429, True)
    assert visitor.get("/verify").status_code == 200
    other = app.test_client()
    answer = other.post("/login", data={}, environ_base={"REMOTE_ADDR": "127.0.0.9"})
    assert answer.status_code != 429


@on_sqlite
def test_hosts_count_together_where_a_server_counts(fresh_database: Database) -> None:
    with counting_server() as server:
        first, second = (
            StrictClient(app_on(fresh_database, limits=server.url), use_cookies=True) for _ in range(2)
        )
        assert [asked(visitor) for _ in range(15) for visitor in (first, second)] == [200] * 30
        assert (asked(first), asked(second)) == (429, 429)
        assert [*server.counted.values()] == [32]


@on_sqlite
def test_counts_by_itself_while_the_server_cannot_be_reached(fresh_database: Database) -> None:
    with counting_server() as closed:
        pass
    visitor = StrictClient(app_on(fresh_database, limits=closed.url), use_cookies=True)
    assert [asked(visitor) for _ in range(31)] == [200] * 30 + [429], (
        "nobody is shut out, and the limits hold"
    )
    with CountingServer() as mute:
        assert asked(StrictClient(app_on(fresh_database, limits=mute.url), use_cookies=True)) == 200
