"""What was done to rosters and handovers: an append-only list, beside the tickets' timelines (D7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from app.models import DutyEntry
from app.services.access import rows
from app.services.actors import Actor


def note(
    session: Session,
    verb: str,
    actor: Actor,
    now: datetime,
    *,
    community_id: int,
    tier: str | None = None,
    staff_id: int | None = None,
    other_id: int | None = None,
    span: tuple[datetime, datetime] | None = None,
    words: str = "",
    data: dict[str, Any] | None = None,
) -> DutyEntry:
    """Write down that `actor` did `verb`: with whose shift (`staff_id`), to whom it went (`other_id`), which hours (`span`)."""
    entry = DutyEntry(
        community_id=community_id,
        at=now,
        verb=verb,
        actor_id=actor.user_id,
        actor_name=(actor.display_name or actor.username)[:80],
        tier=tier,
        staff_id=staff_id,
        other_id=other_id,
        starts_at=span[0] if span else None,
        ends_at=span[1] if span else None,
        note=words,
        data=data or {},
    )
    session.add(entry)
    session.flush()
    return entry


def entries(
    session: Session, actor: Actor, *conditions: ColumnElement[bool], skip: int = 0, most: int = 30
) -> list[DutyEntry]:
    """What happened in the actor's communities, the newest first."""
    statement = (
        select(DutyEntry)
        .where(rows(actor, DutyEntry), *conditions)
        .options(joinedload(DutyEntry.staff), joinedload(DutyEntry.other), joinedload(DutyEntry.community))
        .order_by(DutyEntry.at.desc(), DutyEntry.id.desc())
        .offset(skip)
        .limit(most)
    )
    return list(session.scalars(statement))
