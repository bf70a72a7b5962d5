"""The door: no endpoint without a permission, nobody in without it, and nobody led astray by ``next``."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.people import MadePerson, signed_in_client
from tests.support.strict_client import StrictClient
from tests.support.web import app_on
from tests.web.planted import unguarded_blueprint
from tracker.db import Database
from tracker.models.audit import AuditEntry
from tracker.web.guard import UnguardedEndpoint, own_path

ASTRAY = (
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:evil.example", "javascript:alert(1)", "/\tevil", "/\n//evil.example", " //evil.example", "evil.example",
    "/" + "a" * 400, "",
)  # fmt: skip


def test_does_not_start_with_an_unguarded_endpoint(fresh_database: Database) -> None:
    with pytest.raises(UnguardedEndpoint, match=r"unguarded\.open_to_all"):
        app_on(fresh_database, unguarded_blueprint())


def test_sends_a_visitor_to_sign_in_and_back(planted_app: Flask) -> None:
    answer = StrictClient(planted_app, use_cookies=True).get("/account?a=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/account?a%3D1")


def test_tells_a_visitor_who_sends_something_to_sign_in_first(planted_app: Flask) -> None:
    answer = StrictClient(planted_app, use_cookies=True).submit("/planted/write/200")
    assert answer.status_code == 401
    assert "请先登录" in answer.text


def test_refuses_and_audits_who_lacks_the_permission(
    planted_app: Flask, people: dict[str, MadePerson], fresh_database: Database
) -> None:
    reporter = signed_in_client(planted_app, people["reporter"].account_id)
    assert reporter.get("/planted/audited").status_code == 403
    with fresh_database.read_session() as session:
        refusals = select(AuditEntry).where(AuditEntry.action == "access.refused")
        entry = session.scalars(refusals).one()
    assert (entry.actor_id, entry.subject_id) == (people["reporter"].person_id, "audit.see")
    assert entry.seal is not None


@pytest.mark.parametrize("target", ASTRAY)
def test_leads_nobody_to_another_site(planted_app: Flask, target: str) -> None:
    with planted_app.test_request_context():
        assert own_path(target) == "/"


@pytest.mark.parametrize("target", ["/", "/account", "/programmes/330200-2018?basis=accepted", "/a//b"])
def test_leads_back_to_pages_of_ours(planted_app: Flask, target: str) -> None:
    with planted_app.test_request_context():
        assert own_path(target) == target


def test_refuses_a_form_without_or_with_a_foreign_token(
    planted_app: Flask, people: dict[str, MadePerson]
) -> None:
    own, other = (signed_in_client(planted_app, people[name].account_id) for name in ("reviewer", "viewer"))
    for token in ("", "nonsense", other.csrf_token()):
        form = {"csrf_token": token, "idempotency_key": "k" * 24}
        assert own.post("/planted/write/200", data=form).status_code == 400
