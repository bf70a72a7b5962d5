"""The application factory: a table of contents of what a request goes through."""

from __future__ import annotations

from typing import Final, Protocol

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker.cli.database import MIGRATIONS
from tracker.cli.groups import COMMANDS
from tracker.db import open_database
from tracker.domain.password_policy import PROFILES
from tracker.features.accounts import link_views as links
from tracker.features.accounts import views as accounts
from tracker.features.accounts.passwords import Cost, Passwords
from tracker.features.auditing import tables as auditing_tables
from tracker.features.auditing import views as auditing
from tracker.features.bulletins import tables as bulletin_tables
from tracker.features.bulletins import views as bulletins
from tracker.features.corrections import views as corrections
from tracker.features.dashboards import tables as dashboard_tables
from tracker.features.dashboards import views as dashboards
from tracker.features.evidence import views as evidence
from tracker.features.exports import views as exports
from tracker.features.gallery import views as gallery
from tracker.features.org_units import views as org_units
from tracker.features.people import tables as people_tables
from tracker.features.people import views as people
from tracker.features.periods import tables as period_tables
from tracker.features.periods import views as periods
from tracker.features.programmes import tables as list_tables
from tracker.features.programmes import views as programmes
from tracker.features.reminders import views as reminders
from tracker.features.reports import views as reports
from tracker.features.reviews import handover_views as reviews
from tracker.features.reviews import tables as review_tables
from tracker.features.targets import tables as target_tables
from tracker.features.targets import views as targets
from tracker.features.threads import views as threads
from tracker.services.evidence_store import open_store
from tracker.web import health, metrics
from tracker.web.assets import init_assets
from tracker.web.converters import init_converters
from tracker.web.current import init_current
from tracker.web.errors import init_errors
from tracker.web.filters import init_filters
from tracker.web.guard import check_door, refuse_unguarded
from tracker.web.headers import init_headers
from tracker.web.i18n import init_i18n
from tracker.web.limits import init_limits
from tracker.web.logs import init_logs
from tracker.web.navigation import init_navigation
from tracker.web.requests import init_requests
from tracker.web.side_effects import note_last_seen
from tracker.web.table_files import Offers, init_tables
from tracker.web.transaction import TransactionalFlask
from tracker.worker import worker_command

BLUEPRINTS: Final[tuple[Blueprint, ...]] = (
    health.blueprint,
    metrics.blueprint,
    accounts.blueprint,
    links.blueprint,
    people.blueprint,
    dashboards.blueprint,
    bulletins.blueprint,
    programmes.blueprint,
    reports.blueprint,
    evidence.blueprint,
    reviews.blueprint,
    periods.blueprint,
    corrections.blueprint,
    threads.blueprint,
    reminders.blueprint,
    targets.blueprint,
    auditing.blueprint,
    exports.blueprint,
    gallery.blueprint,
    org_units.blueprint,
)

TABLES: Final[Offers] = {
    **dashboard_tables.TABLES,
    **bulletin_tables.TABLES,
    **list_tables.TABLES,
    **review_tables.TABLES,
    **period_tables.TABLES,
    **target_tables.TABLES,
    **auditing_tables.TABLES,
    **people_tables.TABLES,
}
"""What can be taken away of which page."""


class Configuration(Protocol):
    """What the factory itself reads of the settings; Flask takes the rest."""

    @property
    def DATABASE_URL(self) -> str: ...  # noqa: N802 (Flask's settings are written in capitals)
    @property
    def PASSWORD_COST(self) -> Cost: ...  # noqa: N802
    @property
    def POLICY(self) -> str: ...  # noqa: N802
    @property
    def BREACH_LIST(self) -> str: ...  # noqa: N802
    @property
    def EVIDENCE_URL(self) -> str: ...  # noqa: N802
    @property
    def PROXY_COUNT(self) -> int: ...  # noqa: N802


def create_app(configuration: Configuration, *, more: tuple[Blueprint, ...] = ()) -> Flask:
    """The application for these settings (``config.py``); raises UnguardedEndpoint when a view has no guard.

    ``more`` are further blueprints, for tests that plant one.
    """
    app = TransactionalFlask(__name__, static_folder=None, template_folder="../templates")
    app.config.from_object(configuration)
    app.extensions["database"] = open_database(configuration.DATABASE_URL)
    app.extensions["evidence_store"] = open_store(configuration.EVIDENCE_URL)
    app.extensions["passwords"] = Passwords.at_cost(
        configuration.PASSWORD_COST, PROFILES[configuration.POLICY], breach_list=configuration.BREACH_LIST
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _trust_proxies(app, configuration.PROXY_COUNT)

    # after_request runs from the last to the first, before_request in this order
    init_headers(app)
    init_logs(app)
    metrics.init_metrics(app)
    app.after_request(note_last_seen)
    init_current(app)
    init_requests(app)
    init_i18n(app)
    app.before_request(check_door)
    CSRFProtect(app)
    init_errors(app)

    init_assets(app)
    init_filters(app)
    init_converters(app)
    init_navigation(app)
    init_tables(app, TABLES)
    health.init_health(app, str(MIGRATIONS / "alembic.ini"))
    for blueprint in (*BLUEPRINTS, *more):
        app.register_blueprint(blueprint)
    for command in (*COMMANDS, worker_command):
        app.cli.add_command(command)
    init_limits(app)
    refuse_unguarded(app)
    return app


def _trust_proxies(app: Flask, count: int) -> None:
    """The address as the outermost of our proxies saw it; scheme and host as the nearest tells them, which adds to none."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=1, x_host=1)  # type: ignore[method-assign]
