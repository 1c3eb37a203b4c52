"""Alembic's environment: the metadata is FAB's `Model`, which Flask-Migrate would otherwise see as empty (G2, 9)."""

from alembic import context
from flask import current_app

from app.models import Model

# APScheduler keeps this one itself where a job store is used.
FOREIGN_TABLES = frozenset({"aps_jobs"})


def _include_name(name: str | None, type_: str, parents: object) -> bool:
    return not (type_ == "table" and name in FOREIGN_TABLES)


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
        with context.begin_transaction():
            _lock(connection)
            context.run_migrations()


def _lock(connection) -> None:  # type: ignore[no-untyped-def]
    """Two deployments at once wait for each other instead of colliding on an empty database."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20161122)")


if context.is_offline_mode():
    raise SystemExit("migrations are run against a database, not written to a file")
_run()
