"""What a household owes for the work on a ticket (D3, D10): lines it agreed to become one bill in the books, once.

A bill is never changed: a line that is taken back cancels its bill, and what else stood on it is billed anew to the same payer.
Everybody waits at the payer's account, then at the bill, then at the lines: in this order, as with payments.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Bill, Ticket, TicketCost
from app.rules.codes import Bearer
from app.rules.postings import NOTHING
from app.services import ledger, single_bills
from app.services.actors import Actor
from app.services.tickets import add_entry

FEE = single_bills.Fee("repair", "维修费用", "Repair costs", 91)
PERSON_LIMIT = 80


def lock(session: Session, ticket_id: int) -> list[TicketCost]:
    """The ticket's lines as they stand now, kept from others until the end of the transaction."""
    found = select(TicketCost).where(TicketCost.ticket_id == ticket_id).order_by(TicketCost.id)
    found = found.with_for_update(of=TicketCost).execution_options(populate_existing=True)
    return list(session.scalars(found))


def total(lines: Sequence[TicketCost]) -> Decimal:
    """What they come to."""
    return sum((line.amount_yuan for line in lines), NOTHING)


def make(
    session: Session,
    ticket: Ticket,
    lines: Sequence[TicketCost],
    whose: ledger.Whose | None,
    actor: Actor,
    now: datetime,
) -> Bill | None:
    """One bill of these lines, noted on the timeline; none where they come to nothing. The caller holds account and lines."""
    yuan = total(lines)
    bill = None
    if yuan and whose is not None:
        bill = single_bills.make(session, FEE, whose, 1, yuan, yuan, ticket, actor, now)
    for line in lines:
        line.charged_at, line.charged_by = now, actor.display_name[:PERSON_LIMIT]
        line.bill = bill
    data = {"amount_yuan": f"{yuan:.2f}", "bearer": Bearer.OWNER, "bill": single_bills.number(bill) if bill else None}
    add_entry(session, ticket, "cost_charged", actor, now, before=ticket.state, data=data)
    session.flush()
    return bill


def of_bill(session: Session, bill_id: int) -> list[TicketCost]:
    """The lines a bill was made for, with their ticket; of a cancelled one what was struck."""
    found = select(TicketCost).where(TicketCost.bill_id == bill_id).order_by(TicketCost.id)
    return list(session.scalars(found.options(joinedload(TicketCost.ticket))))


def release(session: Session, bill: Bill, actor: Actor, now: datetime) -> list[TicketCost]:
    """The lines of a bill that is cancelled may be charged anew. Returns them."""
    found = select(TicketCost).where(TicketCost.bill_id == bill.id, TicketCost.struck_at.is_(None))
    found = found.order_by(TicketCost.id).with_for_update(of=TicketCost).execution_options(populate_existing=True)
    lines = list(session.scalars(found))
    if not lines:
        return []
    for line in lines:
        line.charged_at, line.charged_by, line.bill = None, "", None
    ticket = session.get_one(Ticket, lines[0].ticket_id)
    data = {"amount_yuan": f"{total(lines):.2f}", "bearer": Bearer.OWNER, "bill": single_bills.number(bill)}
    add_entry(
        session, ticket, "cost_uncharged", actor, now, before=ticket.state, note=bill.cancel_reason or "", data=data
    )
    session.flush()
    return lines
