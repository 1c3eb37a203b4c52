"""Taking a bill back (D10): its charge the other way round in the books, and what it was made for may be charged anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import Bill, TicketCost
from app.rules.codes import Account, BillState, EntryKind
from app.rules.postings import Move
from app.services import cost_bills, ledger, order_bills
from app.services.actors import Actor


def void(session: Session, bill: Bill, reason: str, actor: Actor, now: datetime) -> list[TicketCost]:
    """Take a bill's charge back: what was paid of it becomes the payer's credit, which the caller uses. Returns the lines of
    a ticket's costs that stood on it and may be charged anew. Raises Refused for one that is cancelled."""
    whose = ledger.Whose(bill.community_id, bill.house_id, bill.payer_id)
    account = ledger.account(session, whose)
    session.refresh(bill, with_for_update={"of": Bill})
    if bill.state == BillState.CANCELLED:
        raise Refused(N_("This bill is cancelled already."))
    paid = [Move(Account.RECEIVABLE, Account.CREDIT, bill.paid_yuan, bill.id)] if bill.paid_yuan else []
    charged = Move(Account.INCOME, Account.RECEIVABLE, bill.amount, bill.id)
    ledger.post(session, bill.community_id, EntryKind.CANCELLATION, [*paid, charged], actor, now, whose, note=reason)
    ledger.keep(account, {bill.id: bill}, paid, now)
    bill.state, bill.cancelled_at, bill.cancelled_by, bill.cancel_reason = (
        BillState.CANCELLED,
        now,
        actor.display_name[:80],
        reason,
    )
    order_bills.follow(session, [bill], actor, now)
    return cost_bills.release(session, bill, actor, now)
