"""Whether the process lives, and whether it can serve: each part by its name, for load balancers and operators."""

from __future__ import annotations

import time
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify
from obstore.exceptions import BaseError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tracker.domain.permissions import Permission
from tracker.services.evidence_store import BlobAltered, BlobStore, NoStore
from tracker.services.watching import SILENT, clock_skew, find_worker_seen
from tracker.web.current import current_database, real_now
from tracker.web.guard import requires
from tracker.web.logs import log_fault
from tracker.web.requests import wants_json

blueprint = Blueprint("health", __name__)

HEAD: Final = "schema_head"
TRIED: Final = "evidence_tried"
MOST_SKEW: Final = timedelta(seconds=30)
TRY_EVIDENCE_EVERY_S: Final = 15.0


class State(StrEnum):
    """How a part is. Only FAILED takes this process out of service: with it no page can be answered rightly."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


class Part(NamedTuple):
    """One part that was looked at."""

    name: str
    state: State
    told: str


class Tried(NamedTuple):
    """The last trial of the evidence store in this process, and when (monotonic seconds)."""

    at: float
    part: Part


def init_health(app: Flask, settings_file: str) -> None:
    """Read once which revision of the schema this version of the program wants."""
    app.extensions[HEAD] = _head_of(settings_file)


@cache
def _head_of(settings_file: str) -> str | None:
    """The newest revision; its files cannot change while the process lives."""
    return ScriptDirectory.from_config(Config(settings_file)).get_current_head()


@blueprint.get("/healthz")
@requires(Permission.SEE_HEALTH)
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@requires(Permission.SEE_HEALTH)
def ready() -> Response:
    """Every part by name, as text or JSON; 503 when one has failed, 200 when all is well or only degraded."""
    parts = [*_database_parts(), _evidence()]
    worst = max((part.state for part in parts), key=list(State).index)
    word = {State.OK: "ready", State.DEGRADED: "degraded", State.FAILED: "not ready"}[worst]
    status = 503 if worst is State.FAILED else 200
    if wants_json():
        told = {part.name: {"state": part.state, "told": part.told} for part in parts}
        answer = jsonify(state=word, parts=told)
        answer.status_code = status
        return answer
    lines = [word, *(f"{part.name}: {part.state} ({part.told})" for part in parts)]
    return Response("\n".join(lines) + "\n", status=status, mimetype="text/plain")


def _database_parts() -> list[Part]:
    """What the database tells; what cannot be asked of it is not listed."""
    try:
        with current_database().read_session() as session:
            parts = [Part("database", State.OK, "answers"), _schema(session)]
            if parts[-1].state is State.OK:
                parts += [_clock(session), _worker(session)]
            return parts
    except SQLAlchemyError as away:
        log_fault("not ready", away)
        return [Part("database", State.FAILED, "away")]


def _schema(session: Session) -> Part:
    revision = MigrationContext.configure(session.connection()).get_current_revision()
    is_head = revision == current_app.extensions[HEAD]
    return Part("schema", State.OK, "at head") if is_head else Part("schema", State.FAILED, "not migrated")


def _clock(session: Session) -> Part:
    """Sessions, one-time codes and deadlines go by this process's clock: one that is off answers wrongly."""
    skew = clock_skew(session, real_now)
    state = State.OK if abs(skew) <= MOST_SKEW else State.FAILED
    return Part("clock", state, f"{-skew.total_seconds():+.1f} s from the database")


def _worker(session: Session) -> Part:
    """Without it files wait and nothing is cleared, but pages are right."""
    seen = find_worker_seen(session)
    if seen is None:
        return Part("worker", State.DEGRADED, "never seen")
    silent = real_now() - seen
    state = State.OK if silent <= SILENT else State.DEGRADED
    return Part("worker", state, f"seen {max(0, int(silent.total_seconds()))} s ago")


def _evidence() -> Part:
    """Tried at most every 15 s; without it figures are still taken, files are not."""
    tried: Tried | None = current_app.extensions.get(TRIED)
    if tried is None or time.monotonic() - tried.at > TRY_EVIDENCE_EVERY_S:
        tried = Tried(time.monotonic(), _try_evidence(current_app.extensions["evidence_store"]))
        current_app.extensions[TRIED] = tried
    return tried.part


def _try_evidence(store: BlobStore) -> Part:
    try:
        store.try_out()
    except NoStore:
        return Part("evidence", State.DEGRADED, "not configured")
    except (OSError, BaseError, BlobAltered) as broken:
        log_fault("evidence store out of reach", broken)
        return Part("evidence", State.DEGRADED, "out of reach")
    return Part("evidence", State.OK, "written, read, deleted")
