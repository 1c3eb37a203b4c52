"""Special events of a month (D14): what was confirmed in it, what it was about, and what owners are told of it.

Never a place as a household stated it, never a building of fewer households than the report merges; the words are those
that were written for owners, out of a report that is signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.models import SignedRecord, SpecialEvent, SpecialEventTicket, Ticket
from app.rules.codes import MemberState, RecordKind, RecordState, SpecialKind, SpecialState
from app.services.reporting.period import Month

if TYPE_CHECKING:
    from app.services.reporting.sections import Sources

Rows = dict[str, Any]


@dataclass(frozen=True)
class EventFact:
    """A special event as far as the report may know it. `settled_at`: when the last of its tickets was done; `words` by language."""

    kind: str
    category_id: int | None
    building_id: int | None
    households: int
    confirmed_at: datetime
    first_at: datetime
    settled_at: datetime | None
    words: dict[str, str]


def read_events(session: Session, community_id: int, month: Month) -> list[EventFact]:
    """The events that were confirmed in the month, by two statements."""
    undone = func.sum(case((Ticket.done_at.is_(None), 1), else_=0))
    query = (
        select(SpecialEvent, func.max(Ticket.done_at), undone)
        .join(SpecialEventTicket, SpecialEventTicket.event_id == SpecialEvent.id)
        .join(Ticket, Ticket.id == SpecialEventTicket.ticket_id)
        .where(
            SpecialEvent.community_id == community_id,
            SpecialEvent.confirmed_at >= month.starts_at,
            SpecialEvent.confirmed_at < month.ends_at,
            SpecialEvent.state.in_((SpecialState.CONFIRMED, SpecialState.CLOSED)),
            SpecialEventTicket.state == MemberState.LINKED,
        )
        .group_by(SpecialEvent.id)
        .order_by(SpecialEvent.confirmed_at, SpecialEvent.id)
    )
    rows = session.execute(query).all()
    words = _words(session, community_id, [event.id for event, _done, _undone in rows])
    return [
        EventFact(
            kind=event.kind,
            category_id=event.category_id,
            building_id=event.building_id,
            households=event.households,
            confirmed_at=event.confirmed_at,
            first_at=event.first_at,
            settled_at=None if left else done,
            words=words.get(str(event.id), {}),
        )
        for event, done, left in rows
    ]


def _words(session: Session, community_id: int, ids: list[int]) -> dict[str, dict[str, str]]:
    """Event → what its newest signed report has for owners, by language."""
    if not ids:
        return {}
    signed = (
        select(SignedRecord.subject, SignedRecord.content)
        .where(
            SignedRecord.kind == RecordKind.SPECIAL_EVENT,
            SignedRecord.community_id == community_id,
            SignedRecord.subject.in_([str(event_id) for event_id in ids]),
            SignedRecord.state == RecordState.SIGNED,
        )
        .order_by(SignedRecord.version)
    )
    found: dict[str, dict[str, str]] = {}
    for subject, content in session.execute(signed):
        texts = content.get("texts", {})
        found[subject] = {locale: texts.get(f"public_{locale}", "") for locale in ("zh", "en")}
    return found


def special_events(sources: Sources) -> Rows | None:
    """Special events with their day, matter and, where enough households make it, their building."""
    events = sources.now.events
    if not events:
        return None
    return {"total": len(events), "events": [_row(sources, event) for event in events]}


def _row(sources: Sources, event: EventFact) -> Rows:
    settled = event.settled_at
    named = event.kind == SpecialKind.COLLECTIVE and event.households >= sources.smallest_group
    unnamed = {"code": "uncategorised", "name": "", "name_en": ""}
    nowhere = {"code": "no_building", "name": "", "name_en": ""}
    return {
        "day": event.confirmed_at.astimezone(sources.zone).date().isoformat(),
        "kind": event.kind,
        "category": sources.categories.get(event.category_id or 0, unnamed),
        "building": sources.buildings.get(event.building_id or 0, nowhere) if named else None,
        "households": event.households if named else None,
        "settled_minutes": None if settled is None else int((settled - event.first_at).total_seconds() // 60),
        "words": event.words,
    }
