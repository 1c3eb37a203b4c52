"""What was done, not drawn for a visit and not objected to closes by itself after 72 hours † (I8)."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.errors import LinliError
from app.models import Clock, ReturnVisit, Ticket
from app.rules.clocks import LIVE, OWED_AT_CLOSE
from app.rules.codes import Kind, TicketState, VisitState
from app.services.actors import Actor
from app.services.policies import hours
from app.services.ticket_verbs import perform

log = logging.getLogger(__name__)

CLOSER = Actor.system("close_settled")


def settled_ids(session: Session, now: datetime) -> list[int]:
    """The tickets that may close. A complaint never does by itself: its visit is owed without exception (D8); nor does anything
    over what is still promised or to be reported."""
    owed = exists().where(
        Clock.ticket_id == Ticket.id, Clock.name.in_(sorted(OWED_AT_CLOSE)), Clock.state.in_(sorted(LIVE))
    )
    visit_due = exists().where(ReturnVisit.ticket_id == Ticket.id, ReturnVisit.state == VisitState.DUE)
    statement = (
        select(Ticket.id)
        .where(
            Ticket.state == TicketState.DONE,
            Ticket.kind != Kind.COMPLAINT,
            Ticket.done_at <= now - hours(session, "close.after_hours"),
            ~visit_due,
            ~owed,
        )
        .order_by(Ticket.done_at, Ticket.id)
    )
    return list(session.scalars(statement))


def close_one(session: Session, ticket_id: int, now: datetime) -> bool:
    """Close one of them, unless something has happened to it meanwhile; what cannot be closed waits for the next time."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.id not in settled_ids(session, now):
        return False
    try:
        with session.begin_nested():
            perform(session, ticket, "close", CLOSER, now)
    except LinliError as error:
        log.warning("ticket %s could not be closed: %s", ticket_id, error)
        return False
    return True
