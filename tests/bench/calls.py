"""Calling a page as a server does, rendering it from what was ready, and running its statements by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Flask, template_rendered
from sqlalchemy import Engine, event
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.factories.people import make_person, signed_in_client
from tests.support.web import app_on
from tracker.db import Database
from tracker.domain.identity import Role
from tracker.domain.permissions import Permission
from tracker.web.guard import requires

READY = "/ready"


class Caller:
    """A signed-in browser's requests, without the test client's own work."""

    def __init__(self, database: Database, role: Role, unit: int | str) -> None:
        self._page = "<!doctype html>"
        self.app: Flask = app_on(database, self._ready())
        with database.session() as session:
            person = make_person(session, role, unit)
            session.commit()
        client = signed_in_client(self.app, person.account_id)
        found = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert found is not None
        self._cookie = f"{found.key}={found.value}"

    def call(self, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of one GET."""
        environ = EnvironBuilder(
            path=path.partition("?")[0], query_string=path.partition("?")[2]
        ).get_environ()
        environ["HTTP_COOKIE"] = self._cookie
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        body, status, answered = run_wsgi_app(self.app.wsgi_app, environ, buffered=True)
        return int(status.split()[0]), b"".join(body), dict(answered)

    def get(self, path: str) -> str:
        """The page, which must be there."""
        status, body, _headers = self.call(path)
        assert status == 200, (path, status)
        return body.decode()

    def lay_ready(self, page: str) -> None:
        """Serve this text at READY, to whoever is signed in."""
        self._page = page

    def rendering(self, path: str) -> Callable[[], str]:
        """A function that renders the very same page from the dict its view had made."""
        found: list[tuple[Any, dict[str, Any]]] = []

        def keep(_app: Flask, template: Any, context: dict[str, Any], **_more: Any) -> None:
            found.append((template, context))

        with template_rendered.connected_to(keep, self.app):
            self.get(path)
        template, context = found[-1]

        def render() -> str:
            with self.app.test_request_context(path):
                page: str = template.render(context)
                return page

        return render

    def _ready(self) -> Blueprint:
        planted = Blueprint("ready", __name__)

        @planted.get(READY)
        @requires(Permission.SEE_PROGRAMME)
        def ready() -> str:
            return self._page

        return planted


@contextmanager
def noted_statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements sent while the block runs, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        if arguments[2].startswith(("SELECT", "WITH")):
            sent.append((arguments[2], arguments[3]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def replaying(engine: Engine, statements: list[tuple[str, Any]]) -> Callable[[], None]:
    """A function that runs the statements again and fetches everything, and does nothing else."""

    def replay() -> None:
        with engine.connect() as connection:
            for statement, parameters in statements:
                connection.exec_driver_sql(statement, parameters).fetchall()

    return replay
