"""A special event as its page shows it: evidence, households, what happened, its report, under the reader's row limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, joinedload

from app.models import (
    House,
    SignedRecord,
    SpecialEvent,
    SpecialEventEntry,
    SpecialEventHouse,
    SpecialEventTicket,
    Ticket,
)
from app.models.base import BIGGEST_ID
from app.rules.codes import HouseVisitState, MemberState, SpecialState
from app.rules.row_scopes import Scope
from app.services import special_report
from app.services.access import rows, scopes
from app.services.actors import Actor

_ON_IT = (joinedload(SpecialEvent.community), joinedload(SpecialEvent.category), joinedload(SpecialEvent.building))

SHOWS: dict[str, tuple[SpecialState, ...]] = {
    "open": (SpecialState.PROPOSED, SpecialState.CONFIRMED),
    "proposed": (SpecialState.PROPOSED,),
    "confirmed": (SpecialState.CONFIRMED,),
    "closed": (SpecialState.CLOSED,),
    "rejected": (SpecialState.REJECTED,),
    "all": tuple(SpecialState),
}
"""What the list may be limited to."""


@dataclass(frozen=True)
class Row:
    """An event in a list with what is owed on it: tickets to be decided on, households to be visited."""

    event: SpecialEvent
    undecided: int
    unvisited: int


@dataclass(frozen=True)
class Shown:
    """An event with all its page shows. `hidden` tickets and `hidden_houses` lie outside what the reader may see."""

    event: SpecialEvent
    members: list[SpecialEventTicket]
    hidden: int
    houses: list[SpecialEventHouse]
    hidden_houses: int
    entries: list[SpecialEventEntry]
    records: list[SignedRecord]
    whole: bool = True

    @property
    def visible(self) -> frozenset[str] | None:
        """The ticket numbers and houses its timeline may name to this reader; None where nothing is hidden."""
        if self.whole:
            return None
        tickets = [one.ticket for one in self.members]
        houses = {ticket.house.name for ticket in tickets if ticket.house} | {one.house.name for one in self.houses}
        return frozenset(houses | {ticket.number for ticket in tickets})

    @property
    def newest(self) -> SignedRecord | None:
        """The newest version of its report."""
        return self.records[0] if self.records else None


def find(session: Session, actor: Actor, event_id: int) -> SpecialEvent | None:
    """The event with what it is called by, if it is the actor's to see."""
    if not 0 < event_id <= BIGGEST_ID:
        return None
    statement = select(SpecialEvent).where(SpecialEvent.id == event_id, rows(actor, SpecialEvent))
    return session.scalars(statement.options(*_ON_IT, joinedload(SpecialEvent.outage))).one_or_none()


def listed(session: Session, actor: Actor, show: str, skip: int, most: int) -> tuple[int, list[Row]]:
    """How many events there are and a page of them, what is owed first, then the newest."""
    wanted = (SpecialEvent.state.in_(SHOWS[show]), rows(actor, SpecialEvent))
    total = session.scalar(select(func.count()).select_from(SpecialEvent).where(*wanted)) or 0
    return total, _rows(session, wanted, skip, most)


def owed(session: Session, actor: Actor, most: int) -> tuple[int, list[Row]]:
    """What waits on first pages: proposals to decide, confirmed ones with what is left to do; how many there are, too."""
    counted = select(func.count()).select_from(SpecialEvent)
    wanted = (SpecialEvent.state.in_(SHOWS["open"]), rows(actor, SpecialEvent))
    found = _rows(session, wanted, 0, most + 1)
    total = len(found) if len(found) <= most else session.scalar(counted.where(*wanted)) or 0
    return total, found[:most]


def _rows(session: Session, wanted: Sequence[ColumnElement[bool]], skip: int, most: int) -> list[Row]:
    undecided = select(func.count()).where(
        SpecialEventTicket.event_id == SpecialEvent.id, SpecialEventTicket.state == MemberState.PROPOSED
    )
    unvisited = select(func.count()).where(
        SpecialEventHouse.event_id == SpecialEvent.id, SpecialEventHouse.state == HouseVisitState.DUE
    )
    settled = case(
        (SpecialEvent.state == SpecialState.PROPOSED, 0), (SpecialEvent.state == SpecialState.CONFIRMED, 1), else_=2
    )
    statement = (
        select(SpecialEvent, undecided.scalar_subquery(), unvisited.scalar_subquery())
        .where(*wanted)
        .options(*_ON_IT)
        .order_by(settled, SpecialEvent.opened_at.desc(), SpecialEvent.id.desc())
        .offset(skip)
        .limit(most)
    )
    return [Row(*row) for row in session.execute(statement)]


def shown(session: Session, actor: Actor, event: SpecialEvent) -> Shown:
    """All of it: five statements."""
    members = _members(session, actor, event)
    houses = _houses(session, actor, event)
    visits = session.scalar(select(func.count()).where(SpecialEventHouse.event_id == event.id)) or 0
    entries = session.scalars(
        select(SpecialEventEntry)
        .where(SpecialEventEntry.event_id == event.id)
        .order_by(SpecialEventEntry.at.desc(), SpecialEventEntry.id.desc())
    ).all()
    live = sum(one.state in (MemberState.PROPOSED, MemberState.LINKED) for one in members)
    return Shown(
        event,
        members,
        max(0, event.ticket_count - live) if event.state != SpecialState.REJECTED else 0,
        houses,
        visits - len(houses),
        list(entries),
        special_report.records(session, event),
        whole=actor.is_system or bool(scopes(actor, "SpecialEvent") & {Scope.COMMUNITY, Scope.EVERYTHING}),
    )


def _members(session: Session, actor: Actor, event: SpecialEvent) -> list[SpecialEventTicket]:
    statement = (
        select(SpecialEventTicket)
        .join(Ticket, Ticket.id == SpecialEventTicket.ticket_id)
        .where(
            SpecialEventTicket.event_id == event.id, SpecialEventTicket.state != MemberState.MOVED, rows(actor, Ticket)
        )
        .options(
            joinedload(SpecialEventTicket.ticket).joinedload(Ticket.house),
            joinedload(SpecialEventTicket.ticket).joinedload(Ticket.assignee),
            joinedload(SpecialEventTicket.ticket).joinedload(Ticket.department),
        )
        .order_by(Ticket.created_at, Ticket.id)
    )
    return list(session.scalars(statement))


def _houses(session: Session, actor: Actor, event: SpecialEvent) -> list[SpecialEventHouse]:
    statement = (
        select(SpecialEventHouse)
        .join(House, House.id == SpecialEventHouse.house_id)
        .where(SpecialEventHouse.event_id == event.id, rows(actor, House))
        .options(joinedload(SpecialEventHouse.house))
        .order_by(House.building_id, House.unit_id, House.floor, House.number)
    )
    return list(session.scalars(statement))
