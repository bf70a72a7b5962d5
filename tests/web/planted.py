"""Views planted beside the real ones, each doing one thing right or wrong, to see the edge deal with it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker.db import Database
from tracker.domain.messages import Conflict, Fault, Faults, Forbidden, Message, NotFound, Refusal
from tracker.domain.permissions import Permission
from tracker.models.audit import Setting
from tracker.web.current import current_database, current_session
from tracker.web.guard import requires

FAULTS: dict[str, Callable[[], Exception]] = {
    "refusal": lambda: Refusal("第 {line} 行不对", line=3),
    "not_found": lambda: NotFound("没有"),
    "forbidden": lambda: Forbidden("不可"),
    "conflict": lambda: Conflict("慢了一步"),
    "faults": lambda: Faults([Fault("第 3 行", Message("缺少单位")), Fault("", Message("年份不对"))]),
    "stale": lambda: StaleDataError("0 rows"),
    "busy": lambda: OperationalError("UPDATE x", {}, Exception("canary-secret")),
    "out_of_range": lambda: DataError("UPDATE x", {}, Exception("canary-secret")),
    "overflow": lambda: OverflowError("too large"),
    "ours": lambda: ValueError("canary-secret"),
}


@requires(Permission.SEE_DESK)
def write(status: int) -> ResponseReturnValue:
    """Planted: write."""
    add_setting(current_session(), request.form.get("name", "written"))
    if status == 303:
        return redirect("/planted/there", 303)
    return make_response("answered", status)


@requires(Permission.SEE_DESK)
def take_file() -> ResponseReturnValue:
    """Planted: take file."""
    add_setting(current_session(), request.files["file"].read().decode())
    return redirect("/planted/there", 303)


@requires(Permission.SEE_DESK)
def write_twice() -> ResponseReturnValue:
    """Planted: write twice."""
    current_session().add_all([Setting(name="one", value="1")])
    current_session().flush()
    current_session().execute(insert(Setting).values(name="one", value="2"))
    return "unreached"


@requires(Permission.SEE_DESK)
def write_while_reading() -> ResponseReturnValue:
    """Planted: write while reading."""
    add_setting(current_session(), "sneaked")
    return "answered"


@requires(Permission.SEE_DESK)
def write_behind_the_edge() -> ResponseReturnValue:
    """Planted: write behind the edge."""
    with current_database().session() as session:
        add_setting(session, "sneaked")
        session.commit()
    return "answered"


@requires(Permission.SEE_DESK)
def leave_uncommitted() -> ResponseReturnValue:
    """Planted: leave uncommitted."""
    with current_database().session() as session:
        add_setting(session, "forgotten")
    return "answered"


@requires(Permission.SEE_DESK)
def fail(kind: str) -> ResponseReturnValue:
    """Planted: fail."""
    fault = FAULTS[kind]()
    raise fault


@requires(Permission.SEE_DESK)
def stop(status: int) -> ResponseReturnValue:
    """Planted: stop."""
    abort(status)


@requires(Permission.SEE_DESK)
def parts(**values: object) -> ResponseReturnValue:
    """Planted: parts."""
    return " ".join(repr(value) for value in values.values())


@requires(Permission.SEE_AUDIT)
def auditors_only() -> ResponseReturnValue:
    """Planted: auditors only."""
    return "answered"


ROUTES = (
    ("/write/<int:status>", ["POST"], write),
    ("/file", ["POST"], take_file),
    ("/twice", ["POST"], write_twice),
    ("/write", ["GET"], write_while_reading),
    ("/sneak", ["GET"], write_behind_the_edge),
    ("/forget", ["POST"], leave_uncommitted),
    ("/fault/<kind>", ["GET", "POST"], fail),
    ("/status/<int:status>", ["GET"], stop),
    ("/parts/<key:key>/<code:code>/<period:period>/<month:month>/<int:number>", ["GET"], parts),
    ("/audited", ["GET"], auditors_only),
)


def planted_blueprint() -> Blueprint:
    """A fresh blueprint; almost all its views need SEE_DESK."""
    blueprint = Blueprint("planted", __name__, url_prefix="/planted")
    for rule, methods, view in ROUTES:
        blueprint.add_url_rule(rule, view_func=view, methods=methods)
    return blueprint


def unguarded_blueprint() -> Blueprint:
    """A view that forgot its permission."""
    blueprint = Blueprint("unguarded", __name__)

    @blueprint.get("/unguarded")
    def open_to_all() -> ResponseReturnValue:
        return "answered"

    return blueprint


def add_setting(session: Session, name: str) -> None:
    """One row, written."""
    session.add(Setting(name=name, value=""))
    session.flush()


def count_settings(database: Database, name: str = "written") -> int:
    """How many such rows were kept."""
    with database.read_session() as session:
        return session.scalar(select(func.count()).where(Setting.name.like(f"{name}%"))) or 0
