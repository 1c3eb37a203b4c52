"""A house's account (D10): everything the books say of it, payer by payer, with the balance after each entry."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select, type_coerce
from sqlalchemy.orm import Session, joinedload

from app.models import Bill, House, JournalEntry, PayerAccount, Payment, Person, Posting
from app.models.base import Money
from app.rules.codes import Account, PaymentState
from app.rules.postings import NOTHING
from app.services.access import rows
from app.services.actors import Actor
from app.services.books import balance_of

MOST = 2000
OWN = (Account.RECEIVABLE, Account.CREDIT)


@dataclass(frozen=True)
class Line:
    """One entry as it touches what the payer owes: `balance` is what was owed afterwards, credit taken off."""

    entry: JournalEntry
    bills: list[Bill]
    yuan: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Statement:
    """One payer's: the newest line first."""

    payer: Person
    lines: list[Line]
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """What is owed now, credit taken off; negative: credit is left."""
        return self.lines[0].balance if self.lines else NOTHING


def statements(session: Session, house: House) -> list[Statement]:
    """Payer by payer, whoever has the newest entry first. Four statements; beyond the newest entries only the balance is carried."""
    found = (
        select(Posting)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(Posting.house_id == house.id, Posting.payer_id.is_not(None))
        .options(joinedload(Posting.entry), joinedload(Posting.bill).joinedload(Bill.fee_item))
        .order_by(JournalEntry.at.desc(), Posting.id.desc())
        .limit(MOST)
    )
    by_payer: dict[int, list[Posting]] = {}
    for posting in session.scalars(found):
        by_payer.setdefault(posting.payer_id or 0, []).append(posting)
    people = {one.id: one for one in session.scalars(select(Person).where(Person.id.in_(by_payer)))}
    kept = select(PayerAccount.payer_id, PayerAccount.credit_yuan).where(PayerAccount.house_id == house.id)
    credit = dict(session.execute(kept).tuples().all())
    owed = _owed(session, house)
    return [
        Statement(people[key], _lines(list(reversed(postings)), owed[key]), credit.get(key, NOTHING))
        for key, postings in by_payer.items()
    ]


def of_payer(session: Session, actor: Actor, house_id: int | None = None, most: int = 60) -> list[Payment]:
    """A household's own payments, the newest first."""
    wanted = [rows(actor, Payment)]
    if house_id is not None:
        wanted.append(Payment.house_id == house_id)
    found = select(Payment).where(*wanted).options(joinedload(Payment.receipt), joinedload(Payment.house))
    return list(session.scalars(found.order_by(Payment.received_at.desc(), Payment.id.desc()).limit(most)))


def credit_of(session: Session, actor: Actor, house_id: int | None = None) -> Decimal:
    """What the actor has paid ahead."""
    if actor.person_id is None:
        return NOTHING
    mine = select(PayerAccount.house_id, PayerAccount.credit_yuan).where(PayerAccount.payer_id == actor.person_id)
    found = session.execute(mine).tuples()
    return sum((yuan for house, yuan in found if house_id in (None, house)), NOTHING)


def is_void(payment: Payment) -> bool:
    """Whether its receipt counts no more."""
    return payment.state == PaymentState.REVERSED


def _owed(session: Session, house: House) -> dict[int, Decimal]:
    """What each payer owes now, credit taken off, by all postings there are."""
    owed = balance_of(Account.RECEIVABLE) + balance_of(Account.CREDIT)
    found = select(Posting.payer_id, type_coerce(owed, Money)).where(
        Posting.house_id == house.id, Posting.payer_id.is_not(None)
    )
    return {key or 0: yuan for key, yuan in session.execute(found.group_by(Posting.payer_id)).tuples()}


def _lines(postings: list[Posting], owed: Decimal) -> list[Line]:
    """From the oldest on: what each entry adds to the debt (receivable less credit); lines that only move credit to a bill
    leave the balance as it is and are shown all the same. `owed`: the balance after the last of them."""
    by_entry: dict[int, list[Posting]] = {}
    for posting in postings:
        by_entry.setdefault(posting.entry_id, []).append(posting)
    made, balance = [], owed - sum((_signed(one) for one in postings), NOTHING)
    for group in by_entry.values():
        yuan = sum((_signed(one) for one in group), NOTHING)
        balance += yuan
        made.append(Line(group[0].entry, [one.bill for one in group if one.bill is not None], yuan, balance))
    return list(reversed(made))


def _signed(posting: Posting) -> Decimal:
    return (posting.amount if posting.debit in OWN else NOTHING) - (
        posting.amount if posting.credit in OWN else NOTHING
    )
