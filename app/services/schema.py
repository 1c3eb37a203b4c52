"""Whether the database has the tables this version of the program needs."""

from functools import lru_cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


@lru_cache(maxsize=1)
def newest_revision() -> str | None:
    """The revision this version of the program was written for."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()


def is_current(connection: Connection) -> bool:
    """Whether the database stands at that revision."""
    return MigrationContext.configure(connection).get_current_revision() == newest_revision()
