"""The clock of an acceptance (D3): whoever was asked is reminded, then the work is passed on to their head, and so on upward.

The moments are set when somebody is asked, from the figures of that hour, and stand on the record.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_
from app.models import Staff, Ticket, TicketAcceptance
from app.rules import acceptance_clock as rules
from app.rules.codes import AcceptanceState, MessagePurpose, TicketState
from app.services import acceptances
from app.services import ticket_messages as messages
from app.services.actors import Actor
from app.services.tickets import add_entry

BATCH = 100
_CLOCK = "acceptance clock"


def _waits() -> ColumnElement[bool]:
    return and_(TicketAcceptance.state == AcceptanceState.ASKED, Ticket.state == TicketState.IN_PROGRESS)


def sweep(session: Session, now: datetime) -> tuple[int, int]:
    """Remind, and pass on, a batch of what is due; each moment counts once. Returns (reminded, passed on or out of time)."""
    warns = and_(TicketAcceptance.warn_at <= now, TicketAcceptance.warned_at.is_(None))
    breaches = and_(TicketAcceptance.due_at <= now, TicketAcceptance.breached_at.is_(None))
    statement = (
        select(TicketAcceptance)
        .join(Ticket, Ticket.id == TicketAcceptance.ticket_id)
        .where(_waits(), TicketAcceptance.warn_at <= now, or_(warns, breaches))
        .options(joinedload(TicketAcceptance.ticket), joinedload(TicketAcceptance.acceptor))
        .order_by(TicketAcceptance.warn_at, TicketAcceptance.id)
        .limit(BATCH)
        .with_for_update(of=TicketAcceptance, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    warned = passed = 0
    for one in session.scalars(statement).all():
        if one.due_at is not None and one.due_at <= now:
            _pass_on(session, one, now)
            passed += 1
        else:
            one.warned_at = now
            why = N_("Work still waits to be accepted by you: accept it, or send it back.")
            _tell(session, one, [one.acceptor], why, "warn", now)
            warned += 1
    session.flush()
    return warned, passed


def _pass_on(session: Session, one: TicketAcceptance, now: datetime) -> None:
    """Out of time: the next one up is asked, from now on. At the top the management is told, once."""
    ticket, former = one.ticket, one.acceptor
    people = {person.id: person for person in acceptances.acceptors(session, ticket, now)}
    head = rules.next_up(_head(former), map(_head, people.values()))
    actor = Actor.system(_CLOCK)
    if head is None:
        one.warned_at, one.breached_at = one.warned_at or now, now
        add_entry(session, ticket, "accept_late", actor, now, before=ticket.state, data={"acceptor": former.name})
        why = N_("Work that was handed in has waited too long to be accepted.")
        key = f"accept:late:{one.id}"
        messages.tell_management(session, ticket, why, MessagePurpose.ACCEPTANCE, key, now)
        return
    person = people[head.staff_id]
    acceptances.ask(session, one, person, now)
    one.passed_from = former.name
    data = {"acceptor": person.name, "former": former.name}
    add_entry(session, ticket, "passed_on", actor, now, before=ticket.state, data=data)
    session.flush()
    session.expire(ticket, ["acceptance"])
    _tell(session, one, [person], N_("Work that was not accepted in time is passed on to you."), "passed", now)


def _head(person: Staff) -> rules.Head:
    return rules.Head(person.id, person.role, person.department_id, person.leads_department)


def _tell(session: Session, one: TicketAcceptance, people: list[Staff], why: str, what: str, now: datetime) -> None:
    key = f"accept:{what}:{one.id}:{now:%Y%m%d%H%M%S}"
    messages.tell_people(session, one.ticket, people, why, MessagePurpose.ACCEPTANCE, key, now)


def asked_of_others(actor: Actor) -> ColumnElement[bool]:
    """Tickets whose work waits to be accepted by somebody for whom the actor answers: of the department the actor heads, and for
    the supervision of whoever stands lower."""
    if actor.staff_id is None:
        return false()
    lower = sorted({role for mine in actor.roles for role in rules.below(mine)})
    led = select(Staff.department_id).where(Staff.id == actor.staff_id, Staff.leads_department).scalar_subquery()
    people = select(Staff.id).where(Staff.id != actor.staff_id, or_(Staff.role.in_(lower), Staff.department_id == led))
    return (
        select(TicketAcceptance.id)
        .where(
            TicketAcceptance.ticket_id == Ticket.id,
            TicketAcceptance.state == AcceptanceState.ASKED,
            TicketAcceptance.acceptor_id.in_(people),
        )
        .exists()
    )
