"""How the deadlines of one ticket came about: what happened to each clock, and the rule that started it (D4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Clock, ClockEvent, ClockPolicy, Ticket


@dataclass
class Story:
    """The events of a clock in their order, and its rule; none of a promise, and of the default."""

    events: list[ClockEvent] = field(default_factory=list)
    rule: ClockPolicy | None = None


def stories(session: Session, ticket: Ticket) -> dict[int, Story]:
    """Clock id → its story. One statement."""
    statement = (
        select(ClockEvent, ClockPolicy)
        .join(Clock, Clock.id == ClockEvent.clock_id)
        .outerjoin(ClockPolicy, ClockPolicy.id == Clock.policy_id)
        .where(Clock.ticket_id == ticket.id)
        .order_by(ClockEvent.at, ClockEvent.id)
    )
    found: dict[int, Story] = defaultdict(Story)
    for event, rule in session.execute(statement):
        story = found[event.clock_id]
        story.events.append(event)
        story.rule = rule
    return dict(found)
