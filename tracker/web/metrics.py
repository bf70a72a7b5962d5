"""Numbers about the running of the service for Prometheus: no person, no text that anybody typed."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Final

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from tracker.domain.permissions import Permission
from tracker.services.watching import Measures, measure
from tracker.web.current import current_database, real_now, remote_address
from tracker.web.guard import requires
from tracker.web.logs import log_fault
from tracker.web.requests import method_word

blueprint = Blueprint("metrics", __name__)

METERS: Final = "meters"
BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; a page is meant to take less than the fourth."""


class Meters:
    """What every request is counted by. With ``PROMETHEUS_MULTIPROC_DIR`` set, all processes of a host add up."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "shishitong_requests",
            "Requests answered.",
            ["endpoint", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "shishitong_request_seconds",
            "How long answering took.",
            ["endpoint"],
            buckets=BUCKETS,
            registry=self.registry,
        )


class Installation(Collector):
    """What the database tells at this moment, as gauges."""

    def __init__(self, found: Measures | None, now: datetime) -> None:
        self._found, self._now = found, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family each; without a database only that it is away."""
        yield _gauge("database_up", "Whether the database answers.", self._found is not None)
        if self._found is None:
            return
        found = self._found
        yield _gauge("newest_seal", "Number of the newest seal.", found.newest_seal)
        yield _gauge("unsealed_rows", "Rows that wait for their seal.", found.unsealed_rows)
        yield _gauge(
            "oldest_unsealed_seconds",
            "Age of the oldest row without a seal.",
            self._age(found.oldest_unsealed_at),
        )
        yield _gauge("failed_sign_ins", "Failed sign-ins in the window limits go by.", found.failed_sign_ins)
        if found.worker_seen_at is not None:
            yield _gauge(
                "worker_seen_seconds",
                "Since a worker was last heard of.",
                self._age(found.worker_seen_at),
            )
        jobs = GaugeMetricFamily("shishitong_jobs", "Background work by its state.", labels=["state"])
        for state, count in found.jobs.items():
            jobs.add_metric([state], count)
        yield jobs

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (self._now - since).total_seconds())


def init_metrics(app: Flask) -> None:
    """Count every request but those for styles and scripts."""
    app.extensions[METERS] = Meters()
    app.after_request(_count_request)


@blueprint.get("/metrics")
@requires(Permission.SEE_METRICS)
def show() -> Response:
    """Everything at once, for whoever brings the token or comes from an allowed address; else there is no such page."""
    if not _may_read():
        abort(404)
    now = real_now()
    requests = CollectorRegistry()
    if current_app.config["METRICS_FOLDER"]:
        MultiProcessCollector(requests, path=current_app.config["METRICS_FOLDER"])  # type: ignore[no-untyped-call]
    else:
        requests = current_app.extensions[METERS].registry
    installation = CollectorRegistry()
    installation.register(Installation(_measured(now), now))
    content = generate_latest(requests) + generate_latest(installation)
    return Response(content, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read() -> bool:
    wanted: str = current_app.config["METRICS_TOKEN"]
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if wanted and scheme.lower() == "bearer":
        return hmac.compare_digest(given.strip().encode(), wanted.encode())
    try:
        address = ip_address(remote_address())
    except ValueError:
        return False
    return any(address in ip_network(one, strict=False) for one in current_app.config["METRICS_FROM"])


def _measured(now: datetime) -> Measures | None:
    try:
        with current_database().read_session() as session:
            return measure(session, now=now, window=current_app.config["SIGN_IN_LIMITS"].window)
    except SQLAlchemyError as away:
        log_fault("database away", away)
        return None


def _count_request(response: Response) -> Response:
    """Endpoints are ours and few; a method nobody serves and an address nobody knows share a word each."""
    if request.endpoint == "static":
        return response
    endpoint = request.endpoint or "none"
    meters: Meters = current_app.extensions[METERS]
    meters.requests.labels(endpoint, method_word(), str(response.status_code)).inc()
    if "began" in g:
        meters.seconds.labels(endpoint).observe(time.perf_counter() - g.began)
    return response


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"shishitong_{name}", meaning, value=float(value))
