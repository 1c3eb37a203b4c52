"""The one way to write: the entry point (page, webhook, job, command) owns the transaction, services only use it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TypeVar

from flask import has_request_context, request
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.adapters import patience
from app.extensions import db

log = logging.getLogger(__name__)

T = TypeVar("T")
_MET_ANOTHER = ("40001", "40P01")
"""PostgreSQL's serialization_failure and deadlock_detected (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
_READING = ("GET", "HEAD", "OPTIONS")
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_ONLY_READS = "linli.only_reads"


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


def in_transaction(
    work: Callable[[Session], T], begin: Callable[[], AbstractContextManager[Session]] = transaction
) -> T:
    """Do the work in a transaction; once more in another where it met somebody who wrote the same rows, and nothing of it was
    kept. For webhooks and jobs: a person at a form is told instead."""
    try:
        with begin() as session:
            return work(session)
    except (StaleDataError, OperationalError) as error:
        if not _met_another(error):
            raise
        log.warning("met another writer, once more: %s", error)
    with begin() as session:
        return work(session)


def _met_another(error: StaleDataError | OperationalError) -> bool:
    return isinstance(error, StaleDataError) or getattr(error.orig, "sqlstate", None) in _MET_ANOTHER


def only_read() -> None:
    """From here on this request only reads, although it is a POST; what it still writes goes through `transaction()`.

    For answers that are long in coming: on SQLite a POST holds the write lock as long as it holds a transaction.
    """
    request.environ[_ONLY_READS] = True
    db.session.rollback()


def prepare_engine(engine: Engine) -> None:
    """PostgreSQL: waits that end with the request's time. SQLite keeps its promises (G2, 12): foreign keys, durable
    write-ahead log, and a write lock taken at the start."""
    if engine.dialect.name != "sqlite":
        patience.prepare(engine)
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
    if _writing.get() or not has_request_context():
        return _writing.get()
    return request.method not in _READING and _ONLY_READS not in request.environ
