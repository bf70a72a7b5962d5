"""Whether the process lives, and whether it can serve; plain text for a load balancer."""

from __future__ import annotations

from functools import cache
from typing import Final

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from tracker.domain.permissions import Permission
from tracker.web.current import current_database
from tracker.web.guard import requires
from tracker.web.logs import log_fault

blueprint = Blueprint("health", __name__)

HEAD: Final = "schema_head"


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
    """The database answers and stands at the wanted revision; else 503."""
    fault = _fault()
    return Response(f"{fault or 'ready'}\n", status=503 if fault else 200, mimetype="text/plain")


def _fault() -> str:
    try:
        with current_database().read.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as away:
        log_fault("not ready", away)
        return "database away"
    return "" if revision == current_app.extensions[HEAD] else "database not migrated"
