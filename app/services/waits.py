"""Waiting has a date (D3): when it has come and the ticket still waits, whoever is responsible is told, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Ticket, TicketEntry
from app.rules.codes import TicketState
from app.services.actors import Actor
from app.services.ticket_messages import tell_responsible, tell_supervisors
from app.services.tickets import add_entry

WATCHER = Actor.system("clocks")
BATCH = 200


def end_waits(session: Session, now: datetime, limit: int = BATCH) -> int:
    """Note on at most `limit` tickets that the date they wait for has come. Returns how many; call again until 0."""
    noted = exists().where(
        TicketEntry.ticket_id == Ticket.id, TicketEntry.verb == "wait_over", TicketEntry.at >= Ticket.waiting_until
    )
    overdue = session.scalars(
        select(Ticket)
        .where(Ticket.state == TicketState.WAITING, Ticket.waiting_until <= now, ~noted)
        .order_by(Ticket.waiting_until, Ticket.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Ticket)
    ).all()
    for ticket in overdue:
        reason = ticket.waiting_reason or ""
        add_entry(session, ticket, "wait_over", WATCHER, now, before=ticket.state, note=reason)
        tell = tell_responsible if ticket.assignee is not None else tell_supervisors
        key = f"wait_over:{ticket.id}:{ticket.waiting_until:%Y%m%d%H%M}"
        tell(session, ticket, N_("The date this ticket waits for has come."), "wait_over", key, now)
    session.flush()
    return len(overdue)
