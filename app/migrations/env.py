"""Alembic's environment: the metadata is FAB's `Model`, which Flask-Migrate would otherwise see as empty (G2, 9)."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.migrations.grams import INDEXES
from app.models import Model

# APScheduler keeps this one itself where a job store is used.
FOREIGN_TABLES = frozenset({"aps_jobs"})


def _include_name(name: str | None, type_: str, parents: object) -> bool:
    return not (type_ == "table" and name in FOREIGN_TABLES) and not (type_ == "index" and name in INDEXES)


def _run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            include_name=_include_name,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with _whole_tables(connection), context.begin_transaction():
            _lock(connection)
            context.run_migrations()


@contextmanager
def _whole_tables(connection: Connection) -> Iterator[None]:
    """SQLite changes a constraint by writing the table anew: others that point to it must not mind meanwhile, and are looked at
    afterwards."""
    if connection.dialect.name != "sqlite":
        yield
        return
    _switch(connection, "OFF")
    try:
        yield
    finally:
        _switch(connection, "ON")
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("a migration left rows that point to nothing")


def _switch(connection: Connection, way: str) -> None:
    """Within a transaction this switch does nothing: whatever is open (reading only; each migration commits) ends before."""
    connection.rollback()
    plain = connection.connection.dbapi_connection
    assert plain is not None
    plain.execute(f"PRAGMA foreign_keys={way}")


def _lock(connection) -> None:  # type: ignore[no-untyped-def]
    """Two deployments at once wait for each other instead of colliding on an empty database."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20161122)")


if context.is_offline_mode():
    raise SystemExit("migrations are run against a database, not written to a file")
_run()
