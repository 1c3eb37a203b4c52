"""Wake-up calls (D9): booked by key for a number and a time; one call then, and whatever becomes of it is not repeated."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import ServiceOrder, Ticket, WakeUp
from app.rules.codes import TicketState, WakeUpState
from app.services import service_orders
from app.services.actors import Actor
from app.services.call_store import insert_once
from app.services.tickets import add_entry

HOUSE = Actor.system("wake-up")
CODE = "wake_up"
"""The catalogue's item that a caller books by time."""


def book(
    session: Session, order: ServiceOrder, number: str, at: datetime, locale: str, actor: Actor, now: datetime
) -> WakeUp:
    """Book the one call. Raises Refused when this number is woken at this minute already."""
    values = {"order_id": order.id, "number": number, "at": at, "locale": locale, "state": WakeUpState.BOOKED.value}
    taken = select(WakeUp.id).where(WakeUp.number == number, WakeUp.at == at, WakeUp.state == WakeUpState.BOOKED)
    if session.scalar(taken) is not None or not insert_once(session, WakeUp.__table__, values, "order_id"):
        raise Refused(N_("This number is woken at this time already."))
    service_orders.perform(session, order, "schedule", HOUSE, now, {"at": at})
    return session.scalars(select(WakeUp).where(WakeUp.order_id == order.id)).one()


def due(session: Session, now: datetime) -> list[WakeUp]:
    """The calls whose minute has come, for the one who dials."""
    statement = select(WakeUp).where(WakeUp.state == WakeUpState.BOOKED, WakeUp.at <= now)
    return list(session.scalars(statement.order_by(WakeUp.at, WakeUp.id)))


def note_result(session: Session, wake: WakeUp, answered: bool, now: datetime) -> None:
    """What the call came to. Unanswered, unreachable and wrong count alike as do not disturb: the service is rendered."""
    if wake.state not in (WakeUpState.BOOKED, WakeUpState.PLACED):
        return
    wake.state = WakeUpState.ANSWERED if answered else WakeUpState.UNDISTURBED
    service_orders.perform(session, wake.order, "finish", HOUSE, now)
    ticket = session.get_one(Ticket, wake.order.ticket_id)
    before = ticket.state
    ticket.state, ticket.done_at, ticket.closed_at = TicketState.CLOSED, now, now
    add_entry(session, ticket, "close", HOUSE, now, before=before)
    session.flush()
