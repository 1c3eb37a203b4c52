"""What is still owed on a special event before it may be closed: asked by the step itself, its page and the first pages."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import SignedRecord, SpecialEvent, SpecialEventHouse, SpecialEventTicket, Ticket
from app.rules.codes import OPEN_STATES, HouseVisitState, MemberState
from app.rules.special_events import Hindrance, Standing, hindrances
from app.services import special_report


def standing_of(session: Session, event: SpecialEvent, newest: SignedRecord | None) -> Standing:
    """How the event stands; `newest` is the newest version of its report."""
    mine = select(func.count()).select_from(Ticket).join(SpecialEventTicket, SpecialEventTicket.ticket_id == Ticket.id)
    mine = mine.where(SpecialEventTicket.event_id == event.id)
    linked = SpecialEventTicket.state == MemberState.LINKED
    due = (SpecialEventHouse.event_id == event.id, SpecialEventHouse.state == HouseVisitState.DUE)
    row = session.execute(
        select(
            mine.where(SpecialEventTicket.state == MemberState.PROPOSED).scalar_subquery(),
            select(func.count()).select_from(SpecialEventHouse).where(*due).scalar_subquery(),
            mine.where(linked, Ticket.state.in_(OPEN_STATES)).scalar_subquery(),
        )
    ).one()
    return Standing(
        kind=event.kind,
        undecided_tickets=row[0],
        unvisited=row[1],
        open_tickets=row[2],
        decided=event.decided_at is not None,
        outage_open=event.outage is not None and event.outage.ended_at is None,
        report=special_report.standing(session, event, newest),
    )


def first_hindrance(session: Session, event: SpecialEvent) -> Hindrance | None:
    """The first thing that keeps the event open, as a msgid with its parameters."""
    versions = special_report.records(session, event)
    found = hindrances(standing_of(session, event, versions[0] if versions else None))
    return found[0] if found else None
