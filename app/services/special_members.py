"""What special events are made of: their steps as written down, their tickets and how many there are, and who waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from app.models import SpecialEvent, SpecialEventEntry, SpecialEventHouse, SpecialEventTicket, Ticket
from app.models.special_events import event_number
from app.rules.codes import HouseVisitState, MemberState
from app.services import collective, one_at_a_time
from app.services.actors import Actor
from app.services.collective import Collective
from app.services.local_time import local_zone
from app.services.one_at_a_time import About

HOUSE = Actor.system("special_events")
LIVE = (MemberState.PROPOSED, MemberState.LINKED)


def wait_for_turn(session: Session, community_id: int) -> None:
    """One at a time decides in a community: of two workers that register the fourth and the fifth household at once, the
    second must see the first one's.

    Tickets are locked before this, the event's row after it: everybody in that order, so that nobody waits in a circle.
    """
    one_at_a_time.wait_for_turn(session, About.HOUSEHOLDS, community_id)


def enter(session: Session, event: SpecialEvent) -> None:
    """Write a new event and give it its number."""
    session.add(event)
    session.flush()
    event.number = event_number(event.opened_at.astimezone(local_zone()).date(), event.id)
    session.flush()


def held(session: Session, event_id: int) -> SpecialEvent:
    """The event read anew and held until the transaction ends."""
    session.flush()
    return session.get_one(SpecialEvent, event_id, with_for_update=True, populate_existing=True)


def note(
    session: Session,
    event: SpecialEvent,
    verb: str,
    actor: Actor,
    now: datetime,
    words: str = "",
    data: Mapping[str, Any] | None = None,
) -> SpecialEventEntry:
    """Append a step to the event's timeline; it says which event, for readers of the duty record."""
    entry = SpecialEventEntry(
        event_id=event.id,
        at=now,
        verb=verb,
        actor_id=actor.user_id,
        actor_name=actor.display_name[:80],
        note=words,
        data={"event": event.number, **{key: value for key, value in (data or {}).items() if value not in (None, "")}},
    )
    session.add(entry)
    return entry


def put(session: Session, event: SpecialEvent, ticket_id: int, state: MemberState, now: datetime) -> SpecialEventTicket:
    """A ticket of the event, in this state; one that was there before is there again."""
    wanted = (SpecialEventTicket.event_id == event.id, SpecialEventTicket.ticket_id == ticket_id)
    member = session.scalars(select(SpecialEventTicket).where(*wanted)).first()
    if member is None:
        member = SpecialEventTicket(event_id=event.id, ticket_id=ticket_id, reason="")
        session.add(member)
    member.state, member.added_at, member.reason = state, now, ""
    return member


def recount(session: Session, event: SpecialEvent) -> None:
    """Households and tickets of what is proposed or linked, and from when until when."""
    session.flush()
    counted = select(
        func.count(func.distinct(Ticket.house_id)),
        func.count(),
        func.min(Ticket.created_at),
        func.max(Ticket.created_at),
    ).join(SpecialEventTicket, SpecialEventTicket.ticket_id == Ticket.id)
    mine = (SpecialEventTicket.event_id == event.id, SpecialEventTicket.state.in_(LIVE))
    households, tickets, first_at, last_at = session.execute(counted.where(*mine)).one()
    event.households, event.ticket_count = households, tickets
    if tickets:
        event.first_at, event.last_at = first_at, last_at
    session.flush()


@collective.answers
def matter_of(session: Session, ticket: Ticket) -> Collective | None:
    """What the closing of a complaint asks (D5): the confirmed matter it belongs to, and whose visit is still owed."""
    if not ticket.is_collective:
        return None
    due = case((SpecialEventHouse.state == HouseVisitState.DUE, 1), else_=0)
    counted = (
        select(func.count(SpecialEventHouse.id), func.coalesce(func.sum(due), 0))
        .join(SpecialEventTicket, SpecialEventTicket.event_id == SpecialEventHouse.event_id)
        .where(SpecialEventTicket.ticket_id == ticket.id, SpecialEventTicket.state == MemberState.LINKED)
    )
    return Collective(*session.execute(counted).one())


def owe_visit(session: Session, event: SpecialEvent, house_id: int | None) -> None:
    """The household stands on the list of a collective matter to be visited in person."""
    known = (SpecialEventHouse.event_id == event.id, SpecialEventHouse.house_id == house_id)
    if house_id is not None and session.scalar(select(SpecialEventHouse.id).where(*known)) is None:
        session.add(SpecialEventHouse(event_id=event.id, house_id=house_id, words=""))
        session.flush()


def drop_visits(session: Session, event: SpecialEvent) -> None:
    """Households none of whose tickets belongs to it any more are visited no more; what was recorded stays."""
    session.flush()
    mine = (SpecialEventTicket.event_id == event.id, SpecialEventTicket.state == MemberState.LINKED)
    houses = select(Ticket.house_id).join(SpecialEventTicket, SpecialEventTicket.ticket_id == Ticket.id).where(*mine)
    session.execute(
        delete(SpecialEventHouse).where(
            SpecialEventHouse.event_id == event.id,
            SpecialEventHouse.state == HouseVisitState.DUE,
            SpecialEventHouse.house_id.not_in(houses.where(Ticket.house_id.is_not(None))),
        )
    )
