"""Exactly one process runs the schedule: whoever holds the lock. Standbys take over when it is gone (G2, G5).

PostgreSQL: a session advisory lock on a connection of its own, so the server frees it the moment the holder dies; this does
not work through a transaction-pooling proxy. SQLite: a lock on a file in DATA_DIR, freed by the kernel.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from config import Settings

LOCK_KEY = 4_601_846_201_776_111
"""The number of the schedule's advisory lock in each of our databases."""


class LeaderLock(Protocol):
    """A lock that one process holds; losing it is noticed by `held`."""

    def acquire(self) -> bool:
        """Try once, without waiting."""
        ...

    def held(self) -> bool:
        """Whether it is still ours."""
        ...

    def release(self) -> None:
        """Give it up."""
        ...


class PostgresLock:
    """A session advisory lock."""

    def __init__(self, url: str) -> None:
        keepalive = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
        self._engine = create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5, **keepalive}
        )
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        connection: Connection | None = None
        try:
            connection = self._engine.connect()
            if connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
                self._connection = connection
                return True
        except SQLAlchemyError:
            pass
        if connection is not None:
            _close(connection)
        return False

    def held(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.scalar(text("SELECT 1"))
        except SQLAlchemyError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._connection is not None:
            _close(self._connection)
            self._connection = None


class FileLock:
    """A lock on a file, held as long as it is open in this process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        file = self._path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def held(self) -> bool:
        return self._file is not None

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def leader_lock(settings: Settings) -> LeaderLock:
    """The lock that goes with the database."""
    if settings.database_url.startswith("postgresql"):
        return PostgresLock(settings.database_url)
    return FileLock(settings.data_dir / "scheduler.lock")


def holder_name() -> str:
    """Who this process is, for the heartbeat."""
    return f"{os.uname().nodename}:{os.getpid()}"[:80]


def _close(connection: Connection) -> None:
    try:
        connection.close()
    except SQLAlchemyError:
        connection.invalidate()
