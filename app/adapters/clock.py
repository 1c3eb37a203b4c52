"""The one place where the time is read (G5): entry points call `now()` once and hand the instant down."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
