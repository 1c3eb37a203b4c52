"""`/healthz`, `/readyz` and `/metrics` for machines that watch the house. No login, no session, no rows of anybody."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.adapters.patience import within
from app.extensions import db
from app.models import Call, Clock, Heartbeat, Message, Ticket
from app.rules.codes import ClockState
from app.services import recordings, text_pictures, watch
from app.services.call_store import TEST
from app.services.journal import failed_files, waiting_entries
from app.services.schema import is_current, newest_revision

HEARTBEAT_FRESH = timedelta(seconds=120)
"""A scheduler that has not beaten for this long is taken for dead."""

DATABASE_SECONDS = 5.0
"""So long the figures wait for the database, together."""

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """The process answers: `{"status": "ok"}`. Asks nothing of the database."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> tuple[Response, int]:
    """`{"status", "checks": {database, migrations, scheduler}}`; 503 unless all are `ok`."""
    checks = _checks(db.engine)
    ready = all(found == "ok" for found in checks.values())
    return jsonify(status="ok" if ready else "unavailable", checks=checks), 200 if ready else 503


@health.get("/metrics")
def metrics() -> Response:
    """Prometheus text, from loopback or with `Authorization: Bearer METRICS_TOKEN`. Without a database it says so, and how
    many webhooks wait for it: a scrape that fails would show neither."""
    if not _may_read_metrics():
        return Response("forbidden\n", 403, mimetype="text/plain")
    try:
        with within(DATABASE_SECONDS):
            gauges = _figures()
    except SQLAlchemyError:
        db.session.rollback()
        gauges = [_up(0), *_journal()]
    return Response(generate_latest(_Gauges(gauges)), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def install_health(app: Flask) -> None:
    """Hang the three addresses on the application."""
    app.register_blueprint(health)


def _checks(engine: Engine) -> dict[str, str]:
    found = {"database": "ok", "migrations": "ok", "scheduler": "ok"}
    try:
        with engine.connect() as connection:
            connection.execute(select(1))
            if not is_current(connection):
                found["migrations"] = f"the database is not at revision {newest_revision()}"
                found["scheduler"] = "unknown"
                return found
            beat = connection.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == "scheduler"))
    except SQLAlchemyError:
        return {"database": "unreachable", "migrations": "unknown", "scheduler": "unknown"}
    if beat is None:
        found["scheduler"] = "has never run"
    elif now() - beat > HEARTBEAT_FRESH:
        found["scheduler"] = f"last heartbeat {beat:%Y-%m-%dT%H:%M:%SZ}"
    return found


def _may_read_metrics() -> bool:
    token = current_app.extensions["settings"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # Behind a proxy of the same machine everybody comes from loopback: then only the token counts.
    proxied = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return not proxied and _is_loopback(request.remote_addr)


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def _figures() -> list[Metric]:
    session, at = db.session(), now()
    beat = session.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == "scheduler"))
    age = (at - beat).total_seconds() if beat else -1
    late = select(func.count()).select_from(Clock).where(Clock.state == ClockState.RUNNING, Clock.due_at <= at)
    return [
        _up(1),
        _gauge("linli_tickets", "Tickets by state", _grouped(Ticket.state)),
        _gauge("linli_messages", "Messages of the outbox by state", _grouped(Message.state)),
        _gauge("linli_clocks_running_late", "Running clocks past their time", [({}, session.scalar(late) or 0)]),
        _gauge("linli_calls", "Calls by status", _grouped(Call.status, Call.direction != TEST)),
        *_watched(session, at),
        _gauge(
            "linli_scheduler_heartbeat_age_seconds", "Since the scheduler's last heartbeat, -1 for never", [({}, age)]
        ),
    ]


def _watched(session: Session, at: datetime) -> list[Metric]:
    """The dead man's signals, and how many webhooks wait for a database."""
    found = watch.states(session, at)
    silent = [({"signal": state.signal.value}, float(state.silent)) for state in found]
    ages = [({"signal": state.signal.value}, state.age_seconds(at)) for state in found]
    return [
        _gauge("linli_watch_silent", "Fallen silent: test calls, calls, callbacks, scheduler", silent),
        _gauge("linli_watch_age_seconds", "Since each was last heard of, -1 for never", ages),
        _gauge("linli_recordings_troubled", "Recordings tried in vain for a day", [({}, recordings.troubled(session))]),
        _gauge(
            "linli_pictures_troubled",
            "Pictures of texts tried in vain for a day",
            [({}, text_pictures.troubled(session))],
        ),
        *_journal(),
    ]


def _up(value: int) -> Metric:
    return _gauge("linli_up", "The application answers, and its database", [({}, value)])


def _journal() -> list[Metric]:
    return [
        _gauge("linli_journal_waiting", "Webhooks that wait to be replayed", [({}, waiting_entries())]),
        _gauge("linli_journal_failed", "Files of webhooks that could not be replayed", [({}, failed_files())]),
    ]


def _grouped(column: Any, *conditions: Any) -> list[tuple[dict[str, str], float]]:
    grouped = db.session().execute(select(column, func.count()).where(*conditions).group_by(column).order_by(column))
    return [({column.key: str(row[0])}, row[1]) for row in grouped]


def _gauge(name: str, text: str, values: Iterable[tuple[dict[str, str], float]]) -> Metric:
    gauge = Metric(name, text, "gauge")
    for labels, value in values:
        gauge.add_sample(name, labels, value)
    return gauge


@dataclass(frozen=True)
class _Gauges:
    """What the library writes out: anything that collects."""

    gauges: Iterable[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.gauges
