"""What stands on the audit trail as taken out of the system."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import AccessEntry


def taken_out(session: Session) -> list[tuple[str, str | None, int | None]]:
    """What left the system, in order: what it was about in words, the kind of its row and the row."""
    session.rollback()
    columns = (AccessEntry.subject, AccessEntry.subject_kind, AccessEntry.subject_id)
    found = select(*columns).where(AccessEntry.action == "exported").order_by(AccessEntry.id)
    return [tuple(row) for row in session.execute(found)]
