"""What bills written by hand need of the books, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, time

from sqlalchemy.orm import Session

from app.models import Bill
from app.rules.codes import Account, EntryKind
from app.rules.postings import Move
from app.services import ledger
from app.services.actors import Actor

ROBOT = Actor.system("tests")


def carry_over(session: Session, bill: Bill) -> None:
    """The charge of a bill, and what has been paid of it as it came in before the books began: as its migration does."""
    session.flush()
    if bill.state == "cancelled":
        return
    whose = ledger.Whose(bill.community_id, bill.house_id, bill.payer_id)
    made = datetime.combine(bill.issued_on, time(), UTC)
    charge = Move(Account.RECEIVABLE, Account.INCOME, bill.amount, bill.id)
    ledger.post(session, bill.community_id, EntryKind.CHARGE, [charge], ROBOT, made, whose)
    if bill.paid_yuan:
        paid = Move(Account.CARRIED_OVER, Account.RECEIVABLE, bill.paid_yuan, bill.id)
        ledger.post(session, bill.community_id, EntryKind.OPENING, [paid], ROBOT, bill.paid_at or made, whose)
