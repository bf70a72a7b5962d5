"""What each role can do, on its desk and under help: permitted links alone, folded for the account and not for the browser."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.people import MadePerson, signed_in_client
from tests.web.world import build_world
from tracker.db import Database
from tracker.models.account import Appointment
from tracker.models.audit import AuditEntry

TITLE = "您在这里可以做什么"
FIRST = {
    "reporter": "填报月报表", "approver": "审批本单位的报告", "reviewer": "审核下级的报告", "viewer": "看进度总览",
    "auditor": "抽样核验", "admin": "开设账号",
}  # fmt: skip


@pytest.fixture
def people(app: Flask, fresh_database: Database) -> dict[str, MadePerson]:
    with fresh_database.session() as session:
        made = build_world(session)
        session.commit()
    return made


def items(page: str) -> list[tuple[str, str]]:
    """Address and name of everything the panel offers."""
    found = re.findall(r'<a class="guide-item" href="([^"]+)"><strong>([^<]+)</strong>', page)
    return [(unescape(url), name) for url, name in found]


def test_offers_each_role_three_to_five_things_it_may_do(app: Flask, people: dict[str, MadePerson]) -> None:
    for role, first in FIRST.items():
        client = signed_in_client(app, people[role].account_id)
        page = client.get("/").text
        offered = items(page)
        assert TITLE in page
        assert (offered[0][1], 3 <= len(offered) <= 5) == (first, True), role
        for url, name in offered:
            answer = client.get(url)
            assert answer.status_code in (200, 302), (role, name)
            assert answer.headers.get("Location", "").startswith(("/", "")), name
        told = client.get("/help").text
        assert items(told) == offered
        assert "这项任职的全部权限" in told
        assert "/help" in page
    assert "填写本单位月报表" not in signed_in_client(app, people["viewer"].account_id).get("/help").text
    assert "填写本单位月报表" in signed_in_client(app, people["reporter"].account_id).get("/help").text


def test_leaves_out_what_a_duty_does_not_permit(app: Flask, people: dict[str, MadePerson]) -> None:
    from_all = dict(items(signed_in_client(app, people["admin"].account_id).get("/").text))
    assert "/accounts/new" in from_all
    database: Database = app.extensions["database"]
    with database.session() as session:
        held = session.get_one(Appointment, people["admin"].appointment_id)
        held.duty = "audit_admin"
        session.commit()
    left = dict(items(signed_in_client(app, people["admin"].account_id).get("/").text))
    assert "/auditing/entries" in left
    assert not left.keys() & {"/accounts/new", "/accounts/import", "/accounts", "/organisation"}


def test_stays_folded_for_the_account_until_it_is_opened(app: Flask, people: dict[str, MadePerson]) -> None:
    mine = people["reporter"].account_id
    first, other = signed_in_client(app, mine), signed_in_client(app, mine)
    assert first.submit("/account/guide", {"state": "half"}).status_code == 422
    assert first.submit("/account/guide", {"state": "folded"}).headers["Location"] == "/#guide"
    for browser in (first, other):
        page = browser.get("/").text
        assert (items(page), 'aria-expanded="false"' in page) == ([], True)
        assert items(browser.get("/help").text) != []
    assert other.submit("/account/guide", {"state": "open"}).status_code == 303
    assert items(first.get("/").text) != []
    assert signed_in_client(app, people["viewer"].account_id).get("/").text.count("guide-item") >= 3


def test_is_written_into_the_trail_and_speaks_english(app: Flask, people: dict[str, MadePerson]) -> None:
    client = signed_in_client(app, people["approver"].account_id)
    client.submit("/account/guide", {"state": "folded"})
    database: Database = app.extensions["database"]
    with database.read_session() as session:
        told = list(session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("guide.%"))))
    assert told == ["guide.folded"]
    page = client.get("/help?lang=en").text
    assert "What you can do here" in page
    assert "Sign your unit" in page
