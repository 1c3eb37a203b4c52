"""Writing into the books (D10): entries of moves, and whose turn it is. What the moves are, `rules.postings` says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, insert, or_, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import Bill, House, JournalEntry, PayerAccount, Posting
from app.models.base import Money
from app.rules.codes import Account, BillState
from app.rules.postings import CAME_FROM, MONEY, NOTHING, Due, Move, state_of
from app.services.actors import Actor
from app.services.local_time import local_zone


@dataclass(frozen=True)
class Whose:
    """The house and payer an entry is about."""

    community_id: int
    house_id: int
    payer_id: int


def insert_of(session: Session) -> Any:
    """The INSERT of this database that knows what to do about a row that is there already."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def account(session: Session, whose: Whose) -> PayerAccount:
    """The payer's account, locked: whoever moves money of this payer and house waits until the other is done."""
    values = {**vars(whose), "credit_yuan": NOTHING}
    session.execute(
        insert_of(session)(PayerAccount)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["house_id", "payer_id"])
    )
    mine = (PayerAccount.house_id == whose.house_id, PayerAccount.payer_id == whose.payer_id)
    found = select(PayerAccount).where(*mine).with_for_update().execution_options(populate_existing=True)
    return session.scalars(found).one()


def bills_of(session: Session, whose: Whose, bill_ids: Iterable[int] | None = None) -> dict[int, Bill]:
    """The payer's unpaid bills of the house (or these ones, whatever their state), locked; id → bill."""
    wanted: ColumnElement[bool] = (
        Bill.state.in_((BillState.OPEN, BillState.PART_PAID)) if bill_ids is None else Bill.id.in_(list(bill_ids))
    )
    found = (
        select(Bill)
        .where(Bill.house_id == whose.house_id, Bill.payer_id == whose.payer_id, wanted)
        .order_by(Bill.id)
        .with_for_update(of=Bill)
        .execution_options(populate_existing=True)
    )
    return {bill.id: bill for bill in session.scalars(found)}


def dues(bills: Iterable[Bill]) -> list[Due]:
    """What is still to be paid of these."""
    return [Due(bill.id, bill.amount - bill.paid_yuan, bill.due_on, bill.period) for bill in bills]


def post(
    session: Session,
    community_id: int,
    kind: str,
    moves: Sequence[Move],
    actor: Actor,
    now: datetime,
    whose: Whose | None = None,
    **further: Any,
) -> JournalEntry:
    """One entry with its postings. `further` are columns of the entry: note, payment_id, closing_id, reverses_id."""
    entry = JournalEntry(
        community_id=community_id,
        kind=kind,
        booked_on=now.astimezone(local_zone()).date(),
        at=now,
        actor_id=actor.user_id,
        actor_name=actor.display_name[:80],
        **{"note": "", **further},
    )
    session.add(entry)
    session.flush()
    common = {
        "entry_id": entry.id,
        "community_id": community_id,
        "house_id": whose.house_id if whose else None,
        "payer_id": whose.payer_id if whose else None,
    }
    rows = [
        {**common, "debit": move.debit, "credit": move.credit, "amount": move.yuan, "bill_id": move.bill_id}
        for move in moves
    ]
    if rows:
        session.execute(insert(Posting), rows)
    return entry


def keep(account_row: PayerAccount, bills: dict[int, Bill], moves: Iterable[Move], now: datetime) -> None:
    """Bring what is kept beside the books up to these moves: what bills have been paid, and the payer's credit."""
    for move in moves:
        if Account.CREDIT in (move.debit, move.credit):
            account_row.credit_yuan += move.yuan if move.credit == Account.CREDIT else -move.yuan
        if move.bill_id is None or Account.RECEIVABLE not in (move.debit, move.credit):
            continue
        bill = bills[move.bill_id]
        bill.paid_yuan += move.yuan if move.credit == Account.RECEIVABLE else -move.yuan
        bill.state = state_of(bill.amount, bill.paid_yuan)
        if not bill.paid_yuan:
            bill.paid_at = None
        elif move.credit == Account.RECEIVABLE:
            bill.paid_at = now


def moves_of(session: Session, payment_id: int) -> tuple[JournalEntry, list[Move]]:
    """The entry a payment made, with its moves."""
    made = select(JournalEntry).where(JournalEntry.payment_id == payment_id, JournalEntry.reverses_id.is_(None))
    entry = session.scalars(made.order_by(JournalEntry.id).limit(1)).one()
    rows = session.scalars(select(Posting).where(Posting.entry_id == entry.id).order_by(Posting.id))
    return entry, [Move(row.debit, row.credit, row.amount, row.bill_id) for row in rows]


def credit_uses(session: Session, whose: Whose) -> list[tuple[int, Decimal]]:
    """(bill, how much of it credit pays by now), the newest first."""
    used = case((Posting.debit == Account.CREDIT, Posting.amount), else_=-Posting.amount)
    between = or_(
        (Posting.debit == Account.CREDIT) & (Posting.credit == Account.RECEIVABLE),
        (Posting.debit == Account.RECEIVABLE) & (Posting.credit == Account.CREDIT),
    )
    total = type_coerce(func.sum(used), Money)
    found = (
        select(Posting.bill_id, total)
        .where(Posting.house_id == whose.house_id, Posting.payer_id == whose.payer_id, between)
        .group_by(Posting.bill_id)
        .order_by(func.max(Posting.id).desc())
    )
    return [(bill_id, yuan) for bill_id, yuan in session.execute(found).tuples() if bill_id and yuan > 0]


def came_in() -> ColumnElement[Decimal]:
    """Of a posting: the money that came in from a household, less what went back."""
    signed = case((Posting.debit.in_(CAME_FROM), Posting.amount), (Posting.credit.in_(MONEY), -Posting.amount), else_=0)
    return type_coerce(signed, Money)


def whose_of(house: House, payer_id: int) -> Whose:
    """A payer of a house."""
    return Whose(house.community_id, house.id, payer_id)
