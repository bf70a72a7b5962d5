"""Every fault has its status and its words, and no input whatever makes the program fail."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask

from tests.support.strict_client import StrictClient

STATUSES = {
    "refusal": 422, "not_found": 404, "forbidden": 403, "conflict": 409, "faults": 422, "stale": 409,
    "busy": 503, "out_of_range": 422, "overflow": 422, "ours": 500,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
def test_answers_each_fault_with_its_status(reviewer: StrictClient, kind: str, status: int) -> None:
    assert reviewer.get(f"/planted/fault/{kind}").status_code == status
    assert reviewer.submit(f"/planted/fault/{kind}").status_code == status


def test_says_what_to_mend(reviewer: StrictClient) -> None:
    assert "第 3 行不对" in reviewer.get("/planted/fault/refusal").text
    assert "第 3 行：缺少单位；年份不对" in reviewer.get("/planted/fault/faults").text


def test_answers_a_broken_constraint_as_a_conflict(reviewer: StrictClient) -> None:
    assert reviewer.submit("/planted/twice").status_code == 409


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 429, 500, 503])
def test_has_a_page_for_every_status(reviewer: StrictClient, status: int) -> None:
    answer = reviewer.get(f"/planted/status/{status}")
    assert answer.status_code == status
    assert "<h1>" in answer.text


@pytest.mark.parametrize("path", ["/nope", "/planted/parts", "/login/"])
def test_knows_no_other_page(reviewer: StrictClient, path: str) -> None:
    assert reviewer.get(path).status_code == 404


def test_keeps_secrets_out_of_pages_and_logs(
    reviewer: StrictClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    form = {"password": "canary-password"}
    for path in (
        "/login",
        "/account/password",
        "/planted/fault/busy",
        "/planted/fault/ours",
        "/planted/fault/refusal?q=canary-query",
    ):
        answer = reviewer.submit(path, form)
        assert "canary" not in answer.text
    written = caplog.text
    assert "accounts.check_sign_in" in written
    assert "ValueError" in written
    assert "canary" not in written
    assert reviewer.csrf_token() not in written


PARTS = {
    "/planted/parts/330200-2018/330203/2018-H1/2018-06/7": 200,
    "/planted/parts/330200-2018-list-2/s1/2018/2018-12/9223372036854775807": 200,
    "/planted/parts/330200-2018/330203/2018-H3/2018-06/7": 404,
    "/planted/parts/330200-2018/330203/2018-13/2018-06/7": 404,
    "/planted/parts/330200-2018/330203/2018-H1/2018-00/7": 404,
    "/planted/parts/330200-18/330203/2018-H1/2018-06/7": 404,
    "/planted/parts/330200-2018/-330203/2018-H1/2018-06/7": 404,
    "/planted/parts/330200-2018/330203/2018-H1/2018-06/9223372036854775808": 404,
    f"/planted/parts/330200-2018/330203/2018-H1/2018-06/{10**40}": 404,
    "/planted/parts/330200-2018/330203/２０１８-H1/2018-06/7": 404,
}


@pytest.mark.parametrize(("path", "status"), PARTS.items())
def test_reads_parts_of_addresses_or_knows_no_such_page(
    reviewer: StrictClient, path: str, status: int
) -> None:
    assert reviewer.get(path).status_code == status


BAD_REQUESTS: dict[str, dict[str, Any]] = {
    "NUL in the path": {"path": "/a%00b"},
    "NUL in the query": {"path": "/login?next=%00"},
    "NUL in a query name": {"path": "/login?%00=1"},
    "NUL in a form": {"path": "/login", "method": "POST", "data": {"login": "a\x00b", "password": "x"}},
    "NUL in a form name": {"path": "/login", "method": "POST", "data": {"lo\x00gin": "a"}},
    "bad UTF-8 in the path": {"path": "/%ff%fe"},
    "bad UTF-8 in the query": {"path": "/login?next=%ff%fe"},
    "bad UTF-8 in a form": {"path": "/login", "method": "POST", "data": b"login=%ff%fe&password=%80",
                            "content_type": "application/x-www-form-urlencoded"},
    "JSON where a form belongs": {"path": "/login", "method": "POST", "json": {"login": ["x"]}},
    "broken JSON": {"path": "/login", "method": "POST", "data": b"{", "content_type": "application/json"},
    "multipart without boundary": {"path": "/login", "method": "POST", "data": b"x", "content_type": "multipart/form-data"},
    "broken multipart": {"path": "/login", "method": "POST", "data": b"--b\r\nx", "content_type": "multipart/form-data; boundary=b"},
    "an unknown charset": {"path": "/login", "method": "POST", "data": b"login=x",
                           "content_type": "application/x-www-form-urlencoded; charset=nonsense"},
    "a foreign host": {"path": "/login", "headers": {"Host": "evil.example"}},
    "a nonsense language": {"path": "/login?lang=../../etc", "headers": {"Accept-Language": "%%%,;q=x"}},
    "a huge number": {"path": "/account/appointment", "method": "POST", "data": {"appointment": "9" * 400}},
    "a negative number": {"path": "/account/appointment", "method": "POST", "data": {"appointment": "-1"}},
    "a long login": {"path": "/login", "method": "POST", "data": {"login": "x" * 10_000, "password": "x" * 10_000}},
    "a field twice": {"path": "/login", "method": "POST", "data": {"login": ["a", "b"], "password": ["c", "d"]}},
    "an unknown field": {"path": "/login", "method": "POST", "data": {"login": "a", "password": "b", "is_admin": "1"}},
    "a file where text belongs": {"path": "/login", "method": "POST", "content_type": "multipart/form-data; boundary=b",
                                  "data": b'--b\r\nContent-Disposition: form-data; name="login"; filename="f"\r\n\r\nx\r\n--b--\r\n'},
}  # fmt: skip


@pytest.mark.parametrize("asked", BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_never_fails_on_bad_input(reviewer: StrictClient, asked: dict[str, Any]) -> None:
    token = reviewer.csrf_token()
    headers = {"X-CSRFToken": token, "Idempotency-Key": "k" * 24, **asked.get("headers", {})}
    answer = reviewer.open(**{**asked, "headers": headers})
    assert answer.status_code in {302, 400, 404, 422}, answer.status_code


@pytest.mark.parametrize("cookie", ["session", "known-browser"])
def test_takes_a_browser_with_a_nonsense_cookie_for_a_new_one(visitor: StrictClient, cookie: str) -> None:
    visitor.set_cookie(cookie, "eyJhIjoxfQ.nonsense.nonsense")
    assert visitor.get("/").status_code == 302
    assert visitor.submit("/login", {"login": "a", "password": "b"}).status_code in {400, 422}


def test_takes_no_more_than_it_can_hold(planted_app: Flask, reviewer: StrictClient) -> None:
    planted_app.config["MAX_CONTENT_LENGTH"] = 1_000
    assert reviewer.submit("/planted/write/200", {"name": "x" * 2_000}).status_code == 413


def test_names_an_unknown_field(visitor: StrictClient) -> None:
    answer = visitor.submit("/login", {"login": "a", "password": "b", "is_admin": "1"})
    assert answer.status_code == 422
