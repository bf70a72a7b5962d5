"""No secret and nothing typed reaches a log line, whatever kind of request carries it and however it ends."""

from __future__ import annotations

import io
import json
import logging
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask, request
from sqlalchemy import text, update

from tests.factories.people import PASSWORD, MadePerson, signed_in_client
from tests.features.accounts.authenticators import code_of, enrol
from tests.support.smtp import post_office
from tests.support.strict_client import StrictClient
from tests.support.web import app_on
from tests.web.planted import planted_blueprint
from tests.web.world import KEY, build_world
from tracker.db import Database
from tracker.domain.permissions import Permission
from tracker.models.account import Person
from tracker.services.jobs import Job, enqueue
from tracker.services.ledger.folding import try_fold
from tracker.web.current import current_session, real_now
from tracker.web.guard import requires
from tracker.web.logs import OthersAsJson, make_logger
from tracker.worker import Clock, deliver_one, do_one_job, mailroom_of

CANARY = "canary7f3a"
SHEET = f"/programmes/{KEY}/sheets/330203/2018-06"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that any logger says, as production writes it to stderr."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OthersAsJson())
    root = logging.getLogger()
    level, chatty = root.level, [logging.getLogger(name) for name in ("sqlalchemy.engine", "werkzeug")]
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for logger in chatty:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    for logger in chatty:
        logger.setLevel(logging.NOTSET)


@requires(Permission.SEE_DESK)
def say_all() -> str:
    """Planted: a view that logs what was typed, as somebody hunting a fault might."""
    logging.getLogger("tracker.planted").error("form %s", dict(request.form))
    make_logger("tracker.planted").error("form", **request.form)
    return "said"


@requires(Permission.SEE_DESK)
def use_sql() -> str:
    """Planted: a statement that fails with the values it was given."""
    current_session().execute(
        text("SELECT * FROM nowhere WHERE name = :name"), {"name": request.form["name"]}
    )
    return "unreached"


@pytest.fixture
def canary_app(fresh_database: Database, tmp_path: Path) -> Flask:
    """The application with the views planted here and those of the edge's tests."""
    more = Blueprint("canaries", __name__)
    more.add_url_rule("/planted/say", view_func=say_all, methods=["POST"])
    more.add_url_rule("/planted/sql", view_func=use_sql, methods=["POST"])
    app = app_on(fresh_database, planted_blueprint(), more, evidence=tmp_path / "evidence")
    app.config["METRICS_TOKEN"] = "a token for machines, long enough for them"
    return app


@pytest.fixture
def people(canary_app: Flask) -> dict[str, MadePerson]:
    """Everybody of the matrix's world."""
    database: Database = canary_app.extensions["database"]
    with database.session() as session:
        made = build_world(session)
        try_fold(session, real_now())
        session.commit()
    return made


def lines_of(written: io.StringIO) -> list[str]:
    return written.getvalue().splitlines()


def carry_everywhere(client: StrictClient, canary: str) -> None:
    """Every kind of place a request has, on pages that answer well, badly, and not at all."""
    form = {"login": canary, "password": canary, "name": canary, "text": canary, "person": canary}
    headers = {
        "Authorization": f"Bearer {canary}", "X-CSRFToken": canary, "Idempotency-Key": canary * 3,
        "Referer": f"http://localhost/{canary}", "User-Agent": canary, "X-Forwarded-For": canary,
        "Accept-Language": canary, "X-Request-Id": canary, "Cookie": f"other={canary}",
    }  # fmt: skip
    for path in ("/", "/login", "/metrics", "/readyz", f"/{canary}", "/auditing/entries", "/account"):
        client.get(path, query_string={"q": canary, "next": f"/{canary}", "person": canary}, headers=headers)
    for path in (
        "/login", "/account/password", "/account/appointment", SHEET, "/auditing/entries/exports", "/verify",
        "/planted/fault/busy", "/planted/fault/ours", "/planted/fault/out_of_range", "/planted/sql",
        "/planted/twice", "/planted/write/200", f"/{canary}",
    ):  # fmt: skip
        client.submit(path, form)
        client.post(path, data=form, headers=headers)
        client.post(path, json=form, headers=headers)
    files = {"files": (io.BytesIO(canary.encode()), f"{canary}.xlsx")}
    client.submit(f"{SHEET}/evidence", {**form, **files}, content_type="multipart/form-data")
    client.open(f"/login?{canary}", method=canary.upper())
    client.set_cookie("session", f"{canary}.{canary}.{canary}")
    client.get("/")


def test_no_log_line_holds_what_a_request_carried(
    canary_app: Flask, people: dict[str, MadePerson], written: io.StringIO
) -> None:
    canary = CANARY + secrets.token_hex(4)
    for name in ("reporter", "auditor", "admin"):
        client = signed_in_client(canary_app, people[name].account_id)
        carry_everywhere(client, canary)
    carry_everywhere(StrictClient(canary_app, use_cookies=True), canary)
    lines = lines_of(written)
    told = [json.loads(line) for line in lines]
    assert [line for line in lines if canary in line.lower()] == []
    assert {"request", "unexpected", "database busy or away"} <= {one["event"] for one in told}
    assert any(one["logger"].startswith("sqlalchemy") for one in told if "logger" in one)
    assert all(one["request"] for one in told if one["event"] == "request")


def test_no_log_line_holds_a_session_or_a_person(
    canary_app: Flask, people: dict[str, MadePerson], written: io.StringIO
) -> None:
    client = signed_in_client(canary_app, people["reporter"].account_id)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    for path in ("/", "/account", SHEET, f"/programmes/{KEY}", "/planted/fault/ours"):
        client.get(path)
    raw = client.get_cookie("session")
    assert raw is not None
    with canary_app.extensions["database"].read_session() as session:
        names = list(session.scalars(text("SELECT name FROM person UNION SELECT login FROM account")))
    for secret in (token, raw.value, client.csrf_token(), canary_app.secret_key, *names):
        assert str(secret) not in written.getvalue()
    assert f'"account": {people["reporter"].account_id}' in written.getvalue()


def test_no_log_line_holds_a_secret_of_signing_in_or_the_name_of_evidence(
    canary_app: Flask, people: dict[str, MadePerson], written: io.StringIO
) -> None:
    """Real ones, used as people use them: login and password, TOTP secret, code, recovery code, reset link, file name."""
    canary_app.config["MAIL_URL"] = "smtp://127.0.0.1:9"
    reporter, admin = people["reporter"], people["admin"]
    name, address = f"{CANARY}花名册.csv", f"{CANARY}@example.cn"
    with canary_app.extensions["database"].session() as session:
        session.execute(update(Person).where(Person.id == reporter.person_id).values(email=address))
        session.commit()
    owner = signed_in_client(canary_app, reporter.account_id)
    secret, codes = enrol(owner)
    roster = (io.BytesIO(f"a,b\n{CANARY},1\n".encode()), name)
    sent = owner.submit(f"{SHEET}/evidence/1", {"line": "", "files": [roster]})
    assert sent.status_code == 303, sent.text
    stranger = StrictClient(canary_app, use_cookies=True)
    stranger.submit("/login", {"login": reporter.login, "password": PASSWORD})
    wrong = stranger.submit("/login/code", {"code": f"{CANARY}-code"})
    assert wrong.status_code == 422
    assert stranger.submit("/login/code", {"code": codes[0]}).status_code == 303
    link = sent_link(canary_app, admin, reporter)
    visitor = StrictClient(canary_app, use_cookies=True)
    assert visitor.get(link).status_code == 200
    assert visitor.submit(link, {"replacement": f"{CANARY} and a garden"}).status_code == 303
    visitor.submit("/login", {"login": reporter.login, "password": f"{CANARY} and a garden"})
    visitor.submit("/login/code", {"code": code_of(secret)})
    told = written.getvalue()
    asked = [json.loads(line).get("endpoint") for line in lines_of(written) if '"request"' in line]
    assert {"accounts.check_sign_in", "accounts.check_code", "links.use_link", "accounts.enrol"} <= set(asked)
    token = link.rpartition("/")[2]
    for kept in (CANARY, secret, code_of(secret, steps=0), *codes, token, reporter.login, PASSWORD, address):
        assert kept not in told, kept


def sent_link(app: Flask, admin: MadePerson, owner: MadePerson) -> str:
    """The link of a reset as it leaves by mail."""
    asked = signed_in_client(app, admin.account_id).submit(f"/accounts/{owner.account_id}/reset")
    assert asked.status_code == 303, asked.text
    with post_office() as office:
        mailroom = mailroom_of({**app.config, "MAIL_URL": office.url})
        assert deliver_one(app.extensions["database"], mailroom, real_now)
    found = re.search(r"http://localhost(/links/\S+)", office.letters[0].get_content())
    assert found is not None
    return found[1]


def test_no_log_line_holds_what_background_work_failed_over(
    fresh_database: Database, written: io.StringIO
) -> None:
    def fail_telling(_database: Database, job: Job, _clock: Clock) -> None:
        raise ValueError(f"{CANARY} {job.payload}")

    with fresh_database.session() as session:
        enqueue(session, "sample", "1", payload={"name": CANARY}, steps=1, now=real_now())
        session.commit()
    do_one_job(fresh_database, {"sample": fail_telling}, real_now)
    [told] = [json.loads(line) for line in lines_of(written) if '"job failed"' in line]
    assert (told["error"], told["kind"], CANARY in written.getvalue()) == ("ValueError", "sample", False)


def test_a_view_that_logs_what_was_typed_is_caught(
    canary_app: Flask, people: dict[str, MadePerson], caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in_client(canary_app, people["reporter"].account_id)
    client.submit("/planted/say", {"name": CANARY})
    assert caplog.text.count(CANARY) == 2
    stream = io.StringIO()
    for record in caplog.records:
        stream.write(OthersAsJson().format(record) + "\n")
    caught = [line for line in lines_of(stream) if CANARY in line]
    assert len(caught) == 1, (
        "values are kept out of the lines of others; a line of ours that holds them is found"
    )
