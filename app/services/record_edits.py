"""Who last changed which field of a record: told to the second of two people at it, and at the foot of its page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import RecordEdit
from app.services.actors import Actor

SLACK = timedelta(seconds=30)
"""A change is stamped before it is committed: somebody may open the form in between and still see the old value."""


@dataclass(frozen=True)
class Edit:
    """A change: by whom and when."""

    by: str
    at: datetime


def note(session: Session, actor: Actor, item: Any, fields: Iterable[str], now: datetime) -> None:
    """Keep that `actor` changed these fields of a stored row, in the caller's transaction."""
    by = {"user_id": actor.user_id, "actor_name": (actor.display_name or actor.username)[:80], "at": now}
    rows = [{"table_name": item.__tablename__, "row_id": item.id, "field": name[:60], **by} for name in fields]
    if not rows:
        return
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    claim = insert(RecordEdit).values(rows)
    newer = {name: claim.excluded[name] for name in by}
    session.execute(claim.on_conflict_do_update(index_elements=["table_name", "row_id", "field"], set_=newer))


def since(session: Session, item: Any, moment: datetime) -> dict[str, Edit]:
    """Field → its last change, of those changed at `moment` or later."""
    wanted = select(RecordEdit).where(*_of(item), RecordEdit.at >= moment - SLACK)
    return {row.field: Edit(row.actor_name, row.at) for row in session.scalars(wanted)}


def last(session: Session, item: Any) -> Edit | None:
    """The last change of the row, or None where nobody has changed it in a form yet."""
    row = session.scalars(select(RecordEdit).where(*_of(item)).order_by(RecordEdit.at.desc()).limit(1)).first()
    return None if row is None else Edit(row.actor_name, row.at)


def _of(item: Any) -> tuple[Any, ...]:
    return (RecordEdit.table_name == item.__tablename__, RecordEdit.row_id == item.id)
