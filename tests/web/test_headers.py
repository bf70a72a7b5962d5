"""Headers and cookies on every answer, and the places where they differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask import request as flask_request

import config
from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tests.test_config import SOUND
from tracker.app import create_app
from tracker.db import Database

PATHS = ("/login", "/nope", "/", "/static/img/mark.svg", "/healthz")
POLICY = {
    "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "object-src 'none'",
    "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'",
}  # fmt: skip


@on_sqlite
@pytest.mark.parametrize("path", PATHS)
def test_allows_nothing_inline_or_foreign_anywhere(visitor: StrictClient, path: str) -> None:
    answer = visitor.get(path)
    answer.close()
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in answer.headers
    assert ("no-store" in answer.headers["Cache-Control"]) == ("static" not in path)


@on_sqlite
def test_gives_each_request_its_own_number(visitor: StrictClient) -> None:
    numbers = {visitor.get("/login").headers["X-Request-Id"] for _ in range(5)}
    assert len(numbers) == 5


@pytest.fixture
def production_app(fresh_database: Database) -> Flask:
    """The application as in service, on this test's database."""
    url = fresh_database.write.url.render_as_string(hide_password=False)
    return create_app(replace(config.production(SOUND), DATABASE_URL=url, PROXY_COUNT=1))


@on_sqlite
def test_binds_cookies_to_this_host_and_to_https_in_service(production_app: Flask) -> None:
    client = production_app.test_client()
    answer = client.get("/login", base_url="https://shishi.example.cn")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    production_app.extensions["database"].dispose()


@on_sqlite
@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        (0, ("192.0.2.1", "http://localhost/")),
        (1, ("198.51.100.7", "https://shishi.example.cn/")),
        (2, ("203.0.113.9", "https://shishi.example.cn/")),
    ],
)
def test_believes_forwarded_addresses_from_its_own_proxies_only(
    fresh_database: Database, proxies: int, seen: tuple[str, str]
) -> None:
    """Each adds the address it was asked from; scheme and host are passed on as the first one found them."""
    url = fresh_database.write.url.render_as_string(hide_password=False)
    hosts = ("localhost", "shishi.example.cn")
    settings = replace(config.testing({}), DATABASE_URL=url, PROXY_COUNT=proxies, TRUSTED_HOSTS=hosts)
    app = create_app(settings)
    places: list[tuple[str | None, str]] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: places.append(_place()))
    forwarded = {
        "X-Forwarded-For": "10.9.9.9, 203.0.113.9, 198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "shishi.example.cn",
    }
    app.test_client().get("/healthz", headers=forwarded, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert places == [seen]
    app.extensions["database"].dispose()


def _place() -> tuple[str | None, str]:
    return flask_request.remote_addr, flask_request.host_url
