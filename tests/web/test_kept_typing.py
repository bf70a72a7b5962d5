"""What was typed is never lost to an ended session: the answer carries it on, to be sent by the person's click."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

from flask import Flask
from werkzeug.test import TestResponse

from tests.factories.people import MadePerson, signed_in_client
from tests.support.strict_client import StrictClient

OURS = {"Origin": "http://localhost"}
WRITE = "/planted/write/303"
TYPED = {"name": "6,500 <b>", "idempotency_key": "k" * 24}


def carried(answer: TestResponse) -> dict[str, str]:
    """The fields of the form in the answer."""
    return {
        name: unescape(text)
        for name, text in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text)
    }


def test_carries_typing_over_a_new_sign_in(planted_app: Flask, people: dict[str, MadePerson]) -> None:
    late = StrictClient(planted_app, use_cookies=True).post(WRITE, data=TYPED, headers=OURS)
    assert late.status_code == 401
    assert f'action="{WRITE}"' in late.text
    signed_in = signed_in_client(planted_app, people["reviewer"].account_id)
    with_old_token = signed_in.post(WRITE, data=carried(late), headers=OURS)
    assert with_old_token.status_code == 400
    assert "请再点一次" in with_old_token.text
    assert signed_in.post(WRITE, data=carried(with_old_token), headers=OURS).status_code == 303
    assert {**carried(with_old_token), "csrf_token": ""} == {**TYPED, "csrf_token": ""}


def test_carries_nothing_that_another_site_sent(reviewer: StrictClient) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {}):
        answer = reviewer.post(WRITE, data=TYPED, headers=headers)
        assert answer.status_code == 400
        assert "6,500" not in answer.text


def test_carries_no_secret_and_no_file(reviewer: StrictClient) -> None:
    names = ("new_password", "current", "replacement", "repeated", "code", "locked")
    secrets = [reviewer.post("/account/password", data={name: "canary"}, headers=OURS) for name in names]
    file = reviewer.post(WRITE, data={"name": "canary", "f": (BytesIO(b"x"), "f.csv")}, headers=OURS)
    for answer in (*secrets, file):
        assert answer.status_code == 400
        assert "canary" not in answer.text


def test_offers_to_send_again_what_was_too_early_or_failed(reviewer: StrictClient) -> None:
    for kind, status in {"busy": 503, "ours": 500}.items():
        path = f"/planted/fault/{kind}"
        answer = reviewer.submit(path, {"reason": "象山 6 月数据有误"}, key="k" * 24, headers=OURS)
        assert answer.status_code == status
        assert f'action="{path}"' in answer.text
        assert carried(answer)["idempotency_key"] == "k" * 24, "sent again under the same key it is done once"
        assert "<p>象山 6 月数据有误</p>" in answer.text


def test_shows_what_was_typed_where_sending_again_is_of_no_use(reviewer: StrictClient) -> None:
    for kind, status in {"stale": 409, "conflict": 409, "refusal": 422}.items():
        answer = reviewer.submit(f"/planted/fault/{kind}", {"text": "请核对 <b>名册</b>"}, headers=OURS)
        assert answer.status_code == status
        assert "<p>请核对 &lt;b&gt;名册&lt;/b&gt;</p>" in answer.text
        assert "<form" not in answer.text
        assert "k" * 24 not in answer.text
