"""Filing 归档 (D3): closed tickets are put away by building and category, by a person or by themselves after some days. What is
filed is read, and changes only by being reopened (`tickets.add_entry` holds it)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import ComplaintFinding, ReturnVisit, ServiceOrder, Ticket, TicketCost, TicketEntry
from app.rules.codes import Bearer, FindingState, OrderState, TicketState, VisitState
from app.services.actors import Actor
from app.services.policies import figure
from app.services.ticket_step import Step
from app.services.tickets import add_entry

FILER = Actor.system("filing")
BATCH = 500

_ORDER_GOES_ON = (
    OrderState.REQUESTED,
    OrderState.QUOTED,
    OrderState.ACCEPTED,
    OrderState.SCHEDULED,
    OrderState.CHARGED,
)

_OWED: tuple[tuple[ColumnElement[bool], str], ...] = (
    (
        exists().where(ReturnVisit.ticket_id == Ticket.id, ReturnVisit.state == VisitState.DUE),
        N_("A return visit is due on this ticket: it is filed after the visit."),
    ),
    (
        exists().where(ComplaintFinding.ticket_id == Ticket.id, ComplaintFinding.state == FindingState.WAITING),
        N_("The finding waits for a second person: this ticket is filed after that."),
    ),
    (
        exists().where(
            TicketCost.ticket_id == Ticket.id,
            TicketCost.bearer == Bearer.OWNER,
            TicketCost.charged_at.is_(None),
            TicketCost.struck_at.is_(None),
        ),
        N_("A cost of the household is not agreed or not charged yet: this ticket is filed after that."),
    ),
    (
        exists().where(ServiceOrder.ticket_id == Ticket.id, ServiceOrder.state.in_(_ORDER_GOES_ON)),
        N_("The order on this ticket is not paid or cancelled yet: it is filed after that."),
    ),
)
"""What is still to be done with a closed ticket, and what is said of it."""


def file(step: Step) -> None:
    """File it by hand. Raises Refused while something is still to be done with it; the rule has been asked."""
    session, ticket = step.session, step.ticket
    for condition, words in _OWED:
        if session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, condition)) is not None:
            raise Refused(words)
    add_entry(session, ticket, "file", step.actor, step.now, before=ticket.state, note=step.note)
    ticket.filed_at = step.now


def file_due(session: Session, now: datetime) -> int:
    """File what has been closed or cancelled for so many days and owes nothing: a batch. Returns how many.

    The entries are written in one statement, and the revision grows, so that an open page learns of it.
    """
    since = now - timedelta(days=figure(session, "filing.after_days"))
    cancelled = exists().where(
        TicketEntry.ticket_id == Ticket.id, TicketEntry.verb == "cancel", TicketEntry.at <= since
    )
    over = or_(
        and_(Ticket.state == TicketState.CLOSED, Ticket.closed_at <= since),
        and_(Ticket.state == TicketState.CANCELLED, cancelled),
    )
    statement = (
        select(Ticket.id, Ticket.state)
        .where(Ticket.filed_at.is_(None), over, *(~condition for condition, _words in _OWED))
        .order_by(Ticket.id)
        .limit(BATCH)
        .with_for_update(of=Ticket, skip_locked=True)
    )
    found = session.execute(statement).all()
    if not found:
        return 0
    common = {"at": now, "verb": "file", "actor_name": FILER.display_name, "note": "", "data": {}}
    session.execute(
        insert(TicketEntry),
        [{"ticket_id": row.id, "from_state": row.state, "to_state": row.state, **common} for row in found],
    )
    session.execute(
        update(Ticket)
        .where(Ticket.id.in_([row.id for row in found]))
        .values(filed_at=now, revision=Ticket.revision + 1)
        .execution_options(synchronize_session=False)
    )
    return len(found)
