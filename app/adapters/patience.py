"""How long a webhook waits for the database: less than its carrier waits for us (G3: 15 s in all, 5 s is our cap).

A server that has gone refuses or breaks connections, and that is noticed at once. One that keeps its connections open and
never answers is noticed by nobody: neither the driver nor TCP has a time limit for an answer. So every wait of a PostgreSQL
connection ends with the time its request has left.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Engine, event

WEBHOOK_SECONDS = 5.0
SILENT_SECONDS = 5.0
"""After an answer that never came the next webhooks of this process do not ask the database at all for so long."""

_until: ContextVar[float | None] = ContextVar("until", default=None)
_lock = threading.Lock()
_silent_until = 0.0


class DatabaseSilent(psycopg.OperationalError):
    """The database did not answer within the time a request has."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is asked of the database inside takes this long together, then `DatabaseSilent` is raised."""
    at = time.monotonic()
    token = _until.set(at if at < _silent_until else at + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def left() -> float | None:
    """Seconds that are left; None when nobody is in a hurry."""
    until = _until.get()
    return None if until is None else until - time.monotonic()


class PatientConnection(psycopg.Connection[Any]):
    """A connection whose waits end with the time that is left."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's own, but never beyond the request's time: then the connection is closed, its state being unknown."""
        rest = left()
        if rest is None:
            return super().wait(gen, interval, timeout)
        if rest > 0:
            try:
                return super().wait(gen, interval, rest if timeout is None else min(rest, timeout))
            except psycopg.OperationalError as error:
                if (left() or 0) > 0:
                    raise
                _fell_silent()
                self.pgconn.finish()
                raise DatabaseSilent("the database does not answer") from error
        gen.close()
        self.pgconn.finish()
        raise DatabaseSilent("the database does not answer")


def prepare(engine: Engine) -> None:
    """Make an engine's connections patient ones. For PostgreSQL only."""

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, record: Any, cargs: Any, cparams: dict[str, Any]) -> PatientConnection:
        rest = left()
        if rest is not None:
            if rest <= 0:
                raise DatabaseSilent("the database does not answer")
            # The library counts whole seconds and knows none below two.
            cparams = cparams | {"connect_timeout": max(2, min(int(cparams.get("connect_timeout", 5)), round(rest)))}
        try:
            return PatientConnection.connect(*cargs, **cparams)
        except psycopg.errors.ConnectionTimeout:
            if rest is not None:
                _fell_silent()
            raise


def _fell_silent() -> None:
    global _silent_until
    with _lock:
        _silent_until = time.monotonic() + SILENT_SECONDS
