"""Whether the books are right (D10): every balance is reckoned anew from the postings and compared with what is kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, case, func, select, type_coerce
from sqlalchemy.orm import Session

from app.models import Bill, JournalEntry, PayerAccount, Payment, Posting, Receipt, ReceiptCounter
from app.models.base import Money
from app.rules.codes import Account, BillState, MessageChannel, MessagePurpose, PaymentKind, PaymentState
from app.rules.postings import MONEY, NOTHING
from app.services.outbox import enqueue
from app.services.spoken_lines import house_locale

log = logging.getLogger(__name__)

MOST = 50
"""How many differences of a kind are named."""


@dataclass(frozen=True)
class Fault:
    """A balance that is not what the postings come to: what, of which row, as kept and as reckoned."""

    what: str
    key: int
    kept: Decimal
    reckoned: Decimal


def balance_of(account: str) -> ColumnElement[Decimal]:
    """Debits less credits of one account over postings."""
    signed = case((Posting.debit == account, Posting.amount), (Posting.credit == account, -Posting.amount), else_=0)
    return type_coerce(func.coalesce(func.sum(signed), 0), Money)


def trial_balance(session: Session, community_id: int) -> dict[str, Decimal]:
    """Account → balance of a community; they add up to 0.00."""
    row = session.execute(
        select(*(balance_of(account).label(account) for account in Account)).where(Posting.community_id == community_id)
    ).one()
    return {account: row._mapping[account] for account in Account}


def faults(session: Session) -> list[Fault]:
    """Everything that differs; nothing when the books are right."""
    return [*_bills(session), *_credits(session), *_payments(session), *_receipts(session), *_entries(session)]


def _bills(session: Session) -> Iterator[Fault]:
    """A bill's receivable is what is still to be paid of it; a cancelled one's is nothing."""
    reckoned = select(Posting.bill_id, balance_of(Account.RECEIVABLE).label("rest")).group_by(Posting.bill_id)
    of_bill = reckoned.where(Posting.bill_id.is_not(None)).subquery()
    kept = case((Bill.state == BillState.CANCELLED, 0), else_=Bill.amount - Bill.paid_yuan)
    rest = func.coalesce(of_bill.c.rest, 0)
    found = (
        select(Bill.id, type_coerce(kept, Money), type_coerce(rest, Money))
        .outerjoin(of_bill, of_bill.c.bill_id == Bill.id)
        .where(kept != rest)
        .order_by(Bill.id)
    )
    for key, was, now in session.execute(found.limit(MOST)).tuples():
        yield Fault("bill", key, was, now)


def _credits(session: Session) -> Iterator[Fault]:
    reckoned = (
        select(Posting.house_id, Posting.payer_id, balance_of(Account.CREDIT).label("owed"))
        .where((Posting.debit == Account.CREDIT) | (Posting.credit == Account.CREDIT))
        .group_by(Posting.house_id, Posting.payer_id)
        .subquery()
    )
    credit = func.coalesce(-reckoned.c.owed, 0)
    found = (
        select(PayerAccount.id, PayerAccount.credit_yuan, type_coerce(credit, Money))
        .outerjoin(
            reckoned,
            (reckoned.c.house_id == PayerAccount.house_id) & (reckoned.c.payer_id == PayerAccount.payer_id),
        )
        .where(PayerAccount.credit_yuan != credit)
        .order_by(PayerAccount.id)
    )
    for key, was, now in session.execute(found.limit(MOST)).tuples():
        yield Fault("credit", key, was, now)


def _payments(session: Session) -> Iterator[Fault]:
    """A payment's money is its amount, a refund's its negative, a reversed one's nothing."""
    signed = case((Posting.debit.in_(MONEY), Posting.amount), (Posting.credit.in_(MONEY), -Posting.amount), else_=0)
    reckoned = (
        select(JournalEntry.payment_id, func.sum(signed).label("money"))
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.payment_id.is_not(None))
        .group_by(JournalEntry.payment_id)
        .subquery()
    )
    kept = case(
        (Payment.state == PaymentState.REVERSED, 0),
        (Payment.kind == PaymentKind.REFUND, -Payment.amount),
        else_=Payment.amount,
    )
    money = func.coalesce(reckoned.c.money, 0)
    found = (
        select(Payment.id, type_coerce(kept, Money), type_coerce(money, Money))
        .outerjoin(reckoned, reckoned.c.payment_id == Payment.id)
        .where(kept != money)
        .order_by(Payment.id)
    )
    for key, was, now in session.execute(found.limit(MOST)).tuples():
        yield Fault("payment", key, was, now)


def _receipts(session: Session) -> Iterator[Fault]:
    """From 1 to the counter without a gap, a number for every payment."""
    counted = (
        select(Receipt.community_id, func.count().label("count"), func.max(Receipt.number).label("last"))
        .group_by(Receipt.community_id)
        .subquery()
    )
    found = select(ReceiptCounter.community_id, ReceiptCounter.last, counted.c.count, counted.c.last).outerjoin(
        counted, counted.c.community_id == ReceiptCounter.community_id
    )
    for community_id, last, count, highest in session.execute(found.order_by(ReceiptCounter.community_id)).tuples():
        if (last, last) != (count or 0, highest or 0):
            yield Fault("receipts", community_id, Decimal(last), Decimal(count or 0))
    without = (
        select(Payment.id)
        .outerjoin(Receipt, Receipt.payment_id == Payment.id)
        .where(Payment.kind == PaymentKind.PAYMENT, Receipt.id.is_(None))
    )
    for key in session.scalars(without.order_by(Payment.id).limit(MOST)):
        yield Fault("no_receipt", key, NOTHING, NOTHING)


def _entries(session: Session) -> Iterator[Fault]:
    """An entry stands in the books of one community, with all its postings."""
    astray = (
        select(JournalEntry.id)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(Posting.community_id != JournalEntry.community_id)
    )
    for key in session.scalars(astray.distinct().order_by(JournalEntry.id).limit(MOST)):
        yield Fault("entry", key, NOTHING, NOTHING)


def tell(session: Session, now: datetime) -> int:
    """Tell the house's own channels when something differs. Returns how many differences."""
    found = faults(session)
    if found:
        named = ", ".join(f"{fault.what} {fault.key}" for fault in found[:10])
        with force_locale(house_locale()):
            body = gettext(
                "ALARM: the books are not right, %(count)s balances differ from their postings (%(named)s). Run"
                " `flask --app run books check`.",
                count=len(found),
                named=named,
            )
            subject = gettext("The books")
        log.error("books: %s", body)
        enqueue(
            session, channel=MessageChannel.ALERT, to=None, purpose=MessagePurpose.WATCH, subject=subject, body=body,
            key=f"books:{now:%Y%m%d}", now=now,
        )  # fmt: skip
    return len(found)
