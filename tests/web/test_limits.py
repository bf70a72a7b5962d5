"""Who asks too often without signing in is told to wait, and nobody else is."""

from __future__ import annotations

import io

from flask import Flask

from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient


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
