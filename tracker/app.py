"""The application factory."""

from __future__ import annotations

from typing import Protocol

from flask import Flask

from tracker.cli.groups import COMMANDS
from tracker.db import open_database


class Configuration(Protocol):
    """What the factory itself reads of the settings; Flask takes the rest."""

    @property
    def DATABASE_URL(self) -> str: ...  # noqa: N802 (Flask's settings are written in capitals)


def create_app(configuration: Configuration) -> Flask:
    """The application for these settings (``config.py``)."""
    app = Flask(__name__, template_folder="../templates")
    app.config.from_object(configuration)
    app.extensions["database"] = open_database(configuration.DATABASE_URL)
    for command in COMMANDS:
        app.cli.add_command(command)
    app.add_url_rule("/healthz", "healthz", lambda: "ok\n")
    return app
