"""One at a time decides about something that has no row of its own to lock, until its transaction ends."""

from enum import IntEnum

from sqlalchemy import text
from sqlalchemy.orm import Session


class About(IntEnum):
    """Classes of PostgreSQL's advisory locks; within one a key tells what it is about."""

    HOUSEHOLDS = 7_205
    """The households of a community on one matter; the key is the community's."""
    BANK = 7_207
    """The files of a community's bank; the key is the community's."""
    WEIGHTS = 7_206
    """The weights of a role; the key is its place among the roles that have some."""


def wait_for_turn(session: Session, about: About, key: int) -> None:
    """Wait until nobody else decides about it. SQLite has one writer anyhow."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:about, :key)"), {"about": int(about), "key": key})
