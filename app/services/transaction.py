"""The one way to write: the entry point (page, webhook, job, command) owns the transaction, services only use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import has_request_context, request
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.extensions import db

_READING = ("GET", "HEAD", "OPTIONS")
_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def transaction() -> Iterator[Session]:
    """Begin, hand out the session, commit; roll everything back when anything is raised.

    What was read before in the same request is read anew: on SQLite a transaction that began by reading
    cannot become a writing one once another process has written.
    """
    session = db.session()
    session.rollback()
    token = _writing.set(True)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)


def prepare_engine(engine: Engine) -> None:
    """Make SQLite keep its promises (G2, 12): foreign keys, durable write-ahead log, and a write lock taken at the start."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection, record) -> None:  # type: ignore[no-untyped-def]
        # The driver's own implicit BEGIN would come too late and too weak.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        # A webhook that waits longer than this for the write lock goes to the journal: the carrier gives it 15 s in all (G3).
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=8000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _will_write() else "BEGIN")


def _will_write() -> bool:
    return _writing.get() or (has_request_context() and request.method not in _READING)
