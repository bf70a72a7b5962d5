"""Views planted beside the real ones, each doing one thing right or wrong, to see the edge deal with it."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker.db import Database
from tracker.domain.messages import Conflict, Fault, Faults, Forbidden, Message, NotFound, Refusal
from tracker.domain.permissions import Permission
from tracker.models.audit import Setting
from tracker.web.current import current_database, current_session
from tracker.web.guard import requires

FAULTS = {
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


def planted_blueprint() -> Blueprint:
    """A fresh blueprint; all its views need SEE_DESK."""
    blueprint = Blueprint("planted", __name__, url_prefix="/planted")

    @blueprint.post("/write/<int:status>")
    @requires(Permission.SEE_DESK)
    def write(status: int) -> ResponseReturnValue:
        add_setting(current_session(), request.form.get("name", "written"))
        if status == 303:
            return redirect("/planted/there", 303)
        return make_response("answered", status)

    @blueprint.post("/file")
    @requires(Permission.SEE_DESK)
    def take_file() -> ResponseReturnValue:
        add_setting(current_session(), request.files["file"].read().decode())
        return redirect("/planted/there", 303)

    @blueprint.post("/twice")
    @requires(Permission.SEE_DESK)
    def write_twice() -> ResponseReturnValue:
        current_session().add_all([Setting(name="one", value="1")])
        current_session().flush()
        current_session().execute(Setting.__table__.insert().values(name="one", value="2"))
        return "unreached"

    @blueprint.get("/write")
    @requires(Permission.SEE_DESK)
    def write_while_reading() -> ResponseReturnValue:
        add_setting(current_session(), "sneaked")
        return "answered"

    @blueprint.get("/sneak")
    @requires(Permission.SEE_DESK)
    def write_behind_the_edge() -> ResponseReturnValue:
        with current_database().session() as session:
            add_setting(session, "sneaked")
            session.commit()
        return "answered"

    @blueprint.post("/forget")
    @requires(Permission.SEE_DESK)
    def leave_uncommitted() -> ResponseReturnValue:
        with current_database().session() as session:
            add_setting(session, "forgotten")
        return "answered"

    @blueprint.route("/fault/<kind>", methods=["GET", "POST"])
    @requires(Permission.SEE_DESK)
    def fail(kind: str) -> ResponseReturnValue:
        raise FAULTS[kind]()

    @blueprint.get("/status/<int:status>")
    @requires(Permission.SEE_DESK)
    def stop(status: int) -> ResponseReturnValue:
        abort(status)

    @blueprint.get("/parts/<key:key>/<code:code>/<period:period>/<month:month>/<int:number>")
    @requires(Permission.SEE_DESK)
    def parts(**values: object) -> ResponseReturnValue:
        return " ".join(repr(value) for value in values.values())

    @blueprint.get("/audited")
    @requires(Permission.SEE_AUDIT)
    def auditors_only() -> ResponseReturnValue:
        return "answered"

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
