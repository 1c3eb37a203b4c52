"""Finding collective matters (D5, I8): asked with every complaint and repair, in the transaction that writes it.

Whatever registers a ticket goes through `tickets.open_ticket`, which asks here; whatever changes a ticket's category,
house or place, or cancels it, has to ask with `changed`. What five households make is proposed; people decide on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import SpecialEvent, SpecialEventTicket, Ticket
from app.rules import collective
from app.rules.codes import MemberState, SpecialKind, SpecialState, TicketState
from app.rules.collective import Matter, Sighting, place_key
from app.services import special_tell
from app.services.policies import figures
from app.services.special_members import (
    HOUSE,
    LIVE,
    drop_visits,
    enter,
    held,
    note,
    owe_visit,
    put,
    recount,
    wait_for_turn,
)

HOUSEHOLDS, WINDOW = "collective.households", "collective.window_hours"
OPEN = (SpecialState.PROPOSED, SpecialState.CONFIRMED)
WITHDRAWN = N_("Withdrawn by itself: fewer households are left than a collective matter needs.")


@dataclass(frozen=True)
class _Seen:
    """A ticket of the time around, and the events it stands in."""

    sighting: Sighting
    links: tuple[Any, ...]

    @property
    def is_taken(self) -> bool:
        return any(link.member in LIVE for link in self.links)


def registered(session: Session, ticket: Ticket, now: datetime) -> None:
    """A ticket has just been written: does it make, or belong to, a collective matter?"""
    if _is_counted(ticket):
        _look(session, ticket, now)


def changed(session: Session, ticket: Ticket, now: datetime) -> None:
    """A ticket's category, house, place or state is another now: it may leave a proposal, and come to another matter."""
    session.flush()
    links = select(SpecialEventTicket).where(
        SpecialEventTicket.ticket_id == ticket.id, SpecialEventTicket.state.in_(LIVE)
    )
    member = session.scalars(links).first()
    if member is None:
        registered(session, ticket, now)
        return
    wait_for_turn(session, ticket.community_id)
    event = held(session, member.event_id)
    session.refresh(member)
    if member.state == MemberState.LINKED and event.kind == SpecialKind.COLLECTIVE:
        # People decided that it belongs here: it stays, and its household is the one to be visited.
        recount(session, event)
        owe_visit(session, event, ticket.house_id)
        drop_visits(session, event)
    if member.state != MemberState.PROPOSED or event.state not in OPEN:
        return
    matter = (event.category_id, event.building_id, event.place_key)
    if _is_counted(ticket) and _same(matter, _sighting(ticket), ticket.category_id):
        _count_anew(session, event, now)
        return
    member.state = MemberState.MOVED
    note(session, event, "moved", HOUSE, now, data={"ticket": ticket.number})
    _count_anew(session, event, now)
    registered(session, ticket, now)


def matter_of(ticket: Ticket) -> tuple[int | None, int | None, int | None, str]:
    """What decides which matter a ticket is about: when this is another, `changed` has to be asked."""
    return ticket.category_id, ticket.house_id, ticket.building_id, place_key(ticket.place)


def _is_counted(ticket: Ticket) -> bool:
    return (
        ticket.kind in collective.KINDS
        and ticket.category_id is not None
        and bool(ticket.counts_in_figures)
        and ticket.state != TicketState.CANCELLED
        and (ticket.building_id is not None or place_key(ticket.place) != "")
    )


def _sighting(row: Any) -> Sighting:
    return Sighting(row.id, row.created_at, row.house_id, row.building_id, row.place or "")


def _look(session: Session, ticket: Ticket, now: datetime) -> None:
    """Join an open event on this matter, else propose one when there are enough households."""
    wait_for_turn(session, ticket.community_id)
    known = figures(session, HOUSEHOLDS, WINDOW)
    window = timedelta(hours=known[WINDOW])
    one = _sighting(ticket)
    event_id = _open_event(session, ticket, one, window)
    if event_id is not None:
        _join(session, event_id, ticket, now)
        return
    around = _around(session, ticket, window)
    free = [seen for seen in around.values() if not seen.is_taken]
    matter = collective.find(one, (seen.sighting for seen in free), known[HOUSEHOLDS], window)
    if matter is not None and not _was_rejected(session, matter, around):
        _propose(session, ticket, matter, now)


def _near(ticket: Ticket, window: timedelta) -> ColumnElement[bool]:
    """The tickets of the community and category within the window, before and after, of this building or with a place."""
    return and_(
        Ticket.community_id == ticket.community_id,
        Ticket.category_id == ticket.category_id,
        Ticket.created_at.between(ticket.created_at - window, ticket.created_at + window),
        Ticket.kind.in_(sorted(collective.KINDS)),
        Ticket.counts_in_figures,
        Ticket.state != TicketState.CANCELLED,
        or_(Ticket.building_id == ticket.building_id, Ticket.place.is_not(None)),
    )


def _around(session: Session, ticket: Ticket, window: timedelta) -> dict[int, _Seen]:
    """The tickets near this one, with the events they stand in."""
    member, event = SpecialEventTicket, SpecialEvent
    statement = (
        select(
            Ticket.id,
            Ticket.created_at,
            Ticket.house_id,
            Ticket.building_id,
            Ticket.place,
            member.event_id,
            member.state.label("member"),
            event.state,
        )
        .outerjoin(member, and_(member.ticket_id == Ticket.id, member.state != MemberState.MOVED))
        .outerjoin(event, event.id == member.event_id)
        .where(_near(ticket, window))
        .order_by(Ticket.created_at, Ticket.id)
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(statement):
        rows[row.id].append(row)
    return {
        ticket_id: _Seen(_sighting(found[0]), tuple(row for row in found if row.event_id is not None))
        for ticket_id, found in rows.items()
    }


def _same(matter: tuple[int | None, int | None, str | None], one: Sighting, category_id: int | None) -> bool:
    """Whether a ticket is about an event's matter: (its category, building, key of its place)."""
    category, building, place = matter
    if category != category_id:
        return False
    return building == one.building_id if building is not None else bool(place) and place == place_key(one.place)


def _open_event(session: Session, ticket: Ticket, one: Sighting, window: timedelta) -> int | None:
    """The event on this matter that a ticket near this one belongs to and that is not settled; the oldest.

    Asked for by the event, not by its tickets: the two hundredth caller of a power cut waits no longer than the tenth.
    """
    member, event, key = SpecialEventTicket, SpecialEvent, place_key(one.place)
    of_place = and_(event.building_id.is_(None), event.place_key == key)
    of_building = event.building_id == one.building_id
    here = [each for each, known in ((of_building, one.building_id is not None), (of_place, key != "")) if known]
    own = select(member.event_id).where(member.ticket_id == ticket.id, member.state != MemberState.MOVED)
    others = (
        select(member.id)
        .join(Ticket, Ticket.id == member.ticket_id)
        .where(member.event_id == event.id, member.state.in_(LIVE), _near(ticket, window))
    )
    return session.scalar(
        select(event.id)
        .where(
            event.community_id == ticket.community_id,
            event.category_id == ticket.category_id,
            event.kind == SpecialKind.COLLECTIVE,
            event.state.in_(OPEN),
            or_(*here),
            event.id.not_in(own),
            others.exists(),
        )
        .order_by(event.id)
        .limit(1)
    )


def _join(session: Session, event_id: int, ticket: Ticket, now: datetime) -> None:
    """One more on the matter: it stands beside the others as a proposal, whatever was decided on them."""
    event = held(session, event_id)
    if event.state not in OPEN:
        return
    put(session, event, ticket.id, MemberState.PROPOSED, now)
    note(session, event, "join", HOUSE, now, data={"ticket": ticket.number})
    recount(session, event)


def _was_rejected(session: Session, matter: Matter, around: dict[int, _Seen]) -> bool:
    """Whether somebody has said of just these households, or of more, that they make no collective matter."""
    tickets = {seen.ticket_id for seen in matter.tickets}
    before = {
        link.event_id
        for ticket_id in tickets
        for link in around[ticket_id].links
        if link.state == SpecialState.REJECTED and link.member == MemberState.LEFT_OUT
    }
    if not before:
        return False
    rows = session.execute(
        select(SpecialEventTicket.event_id, Ticket.house_id)
        .join(Ticket, Ticket.id == SpecialEventTicket.ticket_id)
        .where(SpecialEventTicket.event_id.in_(before), SpecialEventTicket.state == MemberState.LEFT_OUT)
    )
    houses: dict[int, set[int | None]] = defaultdict(set)
    for event_id, house_id in rows:
        houses[event_id].add(house_id)
    return any(matter.households <= rejected for rejected in houses.values())


def _propose(session: Session, ticket: Ticket, matter: Matter, now: datetime) -> None:
    times = [seen.at for seen in matter.tickets]
    event = SpecialEvent(
        community_id=ticket.community_id,
        kind=SpecialKind.COLLECTIVE,
        state=SpecialState.PROPOSED,
        category_id=ticket.category_id,
        building_id=matter.building_id,
        place=None if matter.place is None else ticket.place,
        place_key=matter.place,
        households=len(matter.households),
        ticket_count=len(matter.tickets),
        opened_at=now,
        first_at=min(times),
        last_at=max(times),
        texts={},
    )
    enter(session, event)
    _add_all(session, event, matter.tickets, now)
    note(session, event, "propose", HOUSE, now, data={"households": event.households, "tickets": event.ticket_count})
    session.flush()
    special_tell.proposed(session, event, now)


def _add_all(session: Session, event: SpecialEvent, tickets: Iterable[Sighting], now: datetime) -> None:
    session.add_all(
        SpecialEventTicket(event_id=event.id, ticket_id=seen.ticket_id, state=MemberState.PROPOSED, added_at=now)
        for seen in tickets
    )


def _count_anew(session: Session, event: SpecialEvent, now: datetime) -> None:
    """A proposal that has lost a household is withdrawn when too few are left; its tickets are free for another."""
    recount(session, event)
    needed = figures(session, HOUSEHOLDS)[HOUSEHOLDS]
    if event.state != SpecialState.PROPOSED or event.kind != SpecialKind.COLLECTIVE or event.households >= needed:
        return
    event.state, event.rejected_at, event.reject_reason = SpecialState.REJECTED, now, WITHDRAWN
    proposed = (SpecialEventTicket.event_id == event.id, SpecialEventTicket.state == MemberState.PROPOSED)
    session.execute(update(SpecialEventTicket).where(*proposed).values(state=MemberState.MOVED))
    note(session, event, "withdraw", HOUSE, now)
    session.flush()
