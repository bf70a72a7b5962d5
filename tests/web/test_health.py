"""Health says that the process lives, readiness names each part, metrics count, and only who may reads them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.architecture.copies import ROOT
from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tests.support.web import app_on
from tracker.db import Database, open_database
from tracker.services.jobs import LEASE, claim, enqueue
from tracker.services.watching import SILENT, WORKER, beat
from tracker.web import health
from tracker.web.current import real_now

TOKEN = "0123456789abcdef0123456789abcdef"


def say_alive(database: Database, ago: timedelta = timedelta()) -> None:
    with database.session() as session:
        beat(session, WORKER, real_now() - ago)
        session.commit()


def parts_of(client: StrictClient, status: int = 200) -> dict[str, Any]:
    """The answer as a script reads it."""
    answer = client.get("/readyz", headers={"Accept": "application/json"})
    assert answer.status_code == status, answer.text
    parts: dict[str, Any] = json.loads(answer.text)["parts"]
    return parts


def test_is_alive_and_ready_and_names_every_part(visitor: StrictClient, fresh_database: Database) -> None:
    say_alive(fresh_database)
    assert visitor.get("/healthz").text == "ok\n"
    lines = visitor.get("/readyz").text.splitlines()
    assert lines[0] == "ready"
    assert [line.split(" (")[0] for line in lines[1:]] == [
        f"{name}: ok" for name in ("database", "schema", "clock", "worker", "evidence")
    ]


def test_is_not_ready_before_the_schema_is(visitor: StrictClient, fresh_database: Database) -> None:
    with fresh_database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001_org_units'"))
        session.commit()
    answer = visitor.get("/readyz")
    assert (answer.status_code, "schema: failed (not migrated)" in answer.text) == (503, True)
    with fresh_database.session() as session:
        session.execute(text("DELETE FROM alembic_version"))
        session.commit()
    assert visitor.get("/readyz").status_code == 503


@on_sqlite
def test_is_alive_but_not_ready_without_its_database(app: Flask, visitor: StrictClient) -> None:
    away = open_database("postgresql://nobody@127.0.0.1:1/none")
    app.extensions["database"] = away
    app.config["METRICS_TOKEN"] = TOKEN
    assert visitor.get("/healthz").status_code == 200
    assert parts_of(visitor, 503)["database"] == {"state": "failed", "told": "away"}
    metrics = visitor.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (metrics.status_code, "shishitong_database_up 0.0" in metrics.text) == (200, True)
    with visitor.session_transaction() as cookie:
        cookie["_user_id"] = "somebody"
    answer = visitor.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    away.dispose()


def test_serves_on_without_a_worker_but_says_so(visitor: StrictClient, fresh_database: Database) -> None:
    assert parts_of(visitor)["worker"] == {"state": "degraded", "told": "never seen"}
    say_alive(fresh_database, SILENT + timedelta(seconds=5))
    assert parts_of(visitor)["worker"]["state"] == "degraded"
    assert visitor.get("/readyz").text.startswith("degraded\n")
    say_alive(fresh_database)
    say_alive(fresh_database)
    assert parts_of(visitor)["worker"]["state"] == "ok"


def test_takes_a_worker_at_long_work_for_alive(visitor: StrictClient, fresh_database: Database) -> None:
    say_alive(fresh_database, timedelta(hours=1))
    with fresh_database.session() as session:
        enqueue(session, "sample", "1", payload={}, steps=1, now=real_now())
        claim(session, real_now())
        session.commit()
    assert parts_of(visitor)["worker"]["state"] == "ok"
    with fresh_database.session() as session:
        session.execute(text("UPDATE job SET leased_until = :at"), {"at": str(real_now() - LEASE)[:26]})
        session.commit()
    assert parts_of(visitor)["worker"]["state"] == "degraded"


def test_is_not_ready_with_a_clock_that_is_off(
    visitor: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "real_now", lambda: real_now() + timedelta(seconds=45))
    told = parts_of(visitor, 503)["clock"]
    assert told["state"] == "failed"
    assert told["told"].startswith("+4")


@on_sqlite
def test_serves_on_without_a_place_for_files_but_says_so(app: Flask, visitor: StrictClient) -> None:
    assert parts_of(visitor)["evidence"]["state"] == "ok"
    folder = Path(app.config["EVIDENCE_URL"])
    assert list(folder.glob(".trial-*")) == []
    shutil.rmtree(folder)
    folder.write_text("a file where the folder was", encoding="utf-8")
    assert parts_of(visitor)["evidence"]["state"] == "ok", "asked again within 15 s, it is not tried again"
    del app.extensions[health.TRIED]
    assert parts_of(visitor)["evidence"] == {"state": "degraded", "told": "out of reach"}


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
@on_sqlite
def test_shows_no_metrics_to_strangers(app: Flask, visitor: StrictClient, header: str | None) -> None:
    app.config["METRICS_TOKEN"] = TOKEN
    headers = {} if header is None else {"Authorization": header}
    assert visitor.get("/metrics", headers=headers).status_code == 404
    assert visitor.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@on_sqlite
def test_shows_metrics_to_allowed_addresses(app: Flask, visitor: StrictClient) -> None:
    app.config["METRICS_FROM"] = ("10.0.0.0/8", "::1")
    for address, status in {"127.0.0.1": 404, "10.9.8.7": 200, "::1": 200, "11.0.0.1": 404}.items():
        found = visitor.get("/metrics", environ_overrides={"REMOTE_ADDR": address})
        assert found.status_code == status, address


def test_counts_requests_seals_jobs_and_failures_but_nobody(fresh_database: Database) -> None:
    app = app_on(fresh_database)
    visitor = StrictClient(app, use_cookies=True)
    app.config["METRICS_TOKEN"] = TOKEN
    visitor.get("/healthz")
    visitor.get("/nowhere/canary-path")
    visitor.open("/healthz", method="CANARY")
    visitor.submit("/login", {"login": "canary-login", "password": "canary-password"})
    say_alive(fresh_database)
    with fresh_database.session() as session:
        enqueue(session, "sample", "canary-subject", payload={}, steps=1, now=real_now())
        session.commit()
    shown = visitor.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    for line in (
        'shishitong_requests_total{endpoint="health.alive",method="GET",status="200"} 1.0',
        'shishitong_requests_total{endpoint="none",method="GET",status="404"} 1.0',
        'method="other",status="405"} 1.0',
        'shishitong_request_seconds_count{endpoint="health.alive"} 1.0',
        'shishitong_jobs{state="waiting"} 1.0',
        "shishitong_failed_sign_ins 1.0",
        "shishitong_newest_seal ",
        "shishitong_oldest_unsealed_seconds 0.0",
        "shishitong_worker_seen_seconds ",
        "shishitong_database_up 1.0",
    ):
        assert line in shown, line
    assert "canary" not in shown.lower()


ASK = """
import sys
from dataclasses import replace
import config
from tracker.app import create_app
app = create_app(replace(config.testing({}), DATABASE_URL=sys.argv[1], METRICS_TOKEN=sys.argv[2], METRICS_FOLDER=sys.argv[3]))
for _ in range(2):
    app.test_client().get("/healthz")
print(app.test_client().get("/metrics", headers={"Authorization": "Bearer " + sys.argv[2]}).text)
"""


@on_sqlite
def test_adds_up_the_processes_of_a_host(fresh_database: Database, tmp_path: Path) -> None:
    url = fresh_database.write.url.render_as_string(hide_password=False)
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    asked = [sys.executable, "-c", ASK, url, TOKEN, str(tmp_path)]
    shown = [
        subprocess.run(asked, env=environ, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for _process in range(2)
    ]
    counted = 'shishitong_requests_total{endpoint="health.alive",method="GET",status="200"} '
    assert [f"{counted}{count}.0" in text for count, text in zip((2, 4), shown, strict=True)] == [True, True]
