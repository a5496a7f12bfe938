"""`/metrics` for Prometheus: there only with `DRAWPACK_METRICS_TOKEN`, and for who knows it.

Not for loopback: behind a reverse proxy everybody comes from there. What the web server counts
(requests) is of this process; everything else is asked of Redis and the database when somebody
looks, so that it does not matter which process did it.
"""

import hmac
from collections.abc import Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError

import settings
from blueprints.tracing import seconds
from jobs import figures as job_figures
from models import utcnow
from services.system import figures

bp = Blueprint("metrics", __name__)

#: Seconds; pages take milliseconds, lists of thousands a second, uploads a minute.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


def init_app(app: Flask) -> None:
    if app.config["METRICS_TOKEN"]:
        app.after_request(_count)


@bp.get("/metrics")
def show() -> ResponseReturnValue:
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        return Response("", 401, {"WWW-Authenticate": 'Bearer realm="metrics"'})
    client = _client()
    registry = client.CollectorRegistry()
    registry.register(_Figures())
    text = client.generate_latest(_instruments()[0]) + client.generate_latest(registry)
    return Response(text, content_type=client.CONTENT_TYPE_PLAIN_0_0_4)


def _count(response: Response) -> Response:
    _, requests, times = _instruments()
    endpoint = request.endpoint or "none"
    # A visitor may call his method as he likes, and each name would be counted for ever.
    method = request.method if request.method in _METHODS else "other"
    requests.labels(method, endpoint, str(response.status_code)).inc()
    times.labels(endpoint).observe(seconds())
    return response


def _client() -> Any:
    # Fourteen megabytes that workers, and installations without a monitor, need not carry.
    import prometheus_client  # noqa: PLC0415
    import prometheus_client.core  # noqa: PLC0415

    return prometheus_client


@cache
def _instruments() -> tuple[Any, Any, Any]:
    """What this process counts itself: its registry, requests, and their times."""
    client = _client()
    registry = client.CollectorRegistry()
    client.ProcessCollector(namespace="drawpack_web", registry=registry)
    requests = client.Counter(
        "drawpack_requests",
        "Requests answered by this web process.",
        ["method", "endpoint", "status"],
        registry=registry,
    )
    times = client.Histogram(
        "drawpack_request_seconds",
        "Seconds until an answer began.",
        ["endpoint"],
        registry=registry,
        buckets=_BUCKETS,
    )
    return registry, requests, times


class _Figures:
    """Asked for at each look. What cannot be asked is missing, and `drawpack_up` says so."""

    def collect(self) -> Iterator[Any]:
        families = _client().core
        up = families.GaugeMetricFamily(
            "drawpack_up", "Whether a part could be asked.", labels=["part"]
        )
        for part, ask in _PARTS.items():
            try:
                found = list(ask(families))
            except (RedisError, sa.exc.DBAPIError, OSError):
                up.add_metric([part], 0)
            else:
                up.add_metric([part], 1)
                yield from found
        yield up
        version = families.InfoMetricFamily("drawpack", "The program.")
        version.add_metric([], {"version": settings.version()})
        yield version


def _of_queue(families: Any) -> Iterator[Any]:
    depth = families.GaugeMetricFamily(
        "drawpack_queue_jobs", "Jobs by queue and state.", labels=["queue", "state"]
    )
    for queue, state, count in job_figures.depths():
        depth.add_metric([queue, state], count)
    yield depth
    yield _gauge(families, "workers", "Workers that sign in.", job_figures.workers_known())
    times = families.HistogramMetricFamily(
        "drawpack_job_seconds", "Ended jobs by kind and result.", labels=["kind", "result"]
    )
    for row in job_figures.job_times():
        times.add_metric([row.kind, row.result], row.buckets, row.seconds)
    yield times


def _of_database(families: Any) -> Iterator[Any]:
    for name, words, counts, label in (
        ("backups", "Backups by status.", figures.backups(), "status"),
        ("mails", "Mails about backups by state.", figures.mails(), "state"),
    ):
        family = families.GaugeMetricFamily(f"drawpack_{name}", words, labels=[label])
        for state, count in counts.items():
            family.add_metric([state], count)
        yield family
    waiting = figures.oldest_waiting(utcnow())
    yield _gauge(families, "backup_waiting_seconds", "Age of the oldest queued backup.", waiting)
    yield _gauge(
        families,
        "saved_timestamp_seconds",
        "When the installation was last backed up; 0: never.",
        figures.saved_at(),
    )


def _of_disk(families: Any) -> Iterator[Any]:
    free, total = figures.disk()
    yield _gauge(families, "disk_free_bytes", "Free where the data folder lies.", free)
    yield _gauge(families, "disk_size_bytes", "Size of the disk of the data folder.", total)


def _gauge(families: Any, name: str, words: str, value: float) -> Any:
    return families.GaugeMetricFamily(f"drawpack_{name}", words, value=value)


_PARTS = {"queue": _of_queue, "database": _of_database, "disk": _of_disk}
