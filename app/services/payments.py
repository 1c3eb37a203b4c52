"""Payments (D10): taken at the desk or at home, for the oldest bill first unless said otherwise; receipt, refund, reversal.

Everything about one payer of one house waits at their account (`ledger.account`), then at the bills, then at the community's
receipt counter: in this order everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, NotFound, Refused
from app.models import Bill, House, PayerAccount, Payment, Person, Receipt, ReceiptCounter, Tenure
from app.rules import postings
from app.rules.codes import Account, BillState, EntryKind, PaymentKind, PaymentState, PaymentWay, TenureRole
from app.rules.digits import is_number
from app.rules.postings import NOTHING, PAID_INTO, Move
from app.services import ledger, order_bills
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import choice, clean_text

MOST_YUAN = Decimal("9999999.99")


@dataclass(frozen=True)
class Payer:
    """Somebody who owes or has paid for a house: what is open, and the credit."""

    person: Person
    bills: list[Bill]
    credit: Decimal

    @property
    def owed(self) -> Decimal:
        """What is still to be paid in all."""
        return sum((bill.amount - bill.paid_yuan for bill in self.bills), NOTHING)


def own_house(session: Session, actor: Actor, house_id: int) -> House | None:
    """A house the actor may take money for: of their community, a steward of their buildings."""
    return session.scalars(select(House).where(House.id == house_id, rows(actor, House))).one_or_none()


def own(session: Session, actor: Actor, payment_id: int) -> Payment | None:
    """One payment, if it is the actor's to see."""
    wanted = select(Payment).where(Payment.id == payment_id, rows(actor, Payment))
    return session.scalars(
        wanted.options(joinedload(Payment.house), joinedload(Payment.payer), joinedload(Payment.receipt))
    ).one_or_none()


def payers(session: Session, house: House) -> list[Payer]:
    """Everybody who may pay for a house: today's heads of it, who owes of it, who has credit. Who owes most comes first."""
    owing = select(Bill).where(Bill.house_id == house.id, Bill.state.in_((BillState.OPEN, BillState.PART_PAID)))
    owing = owing.options(joinedload(Bill.fee_item)).order_by(Bill.due_on, Bill.period, Bill.id)
    bills: dict[int, list[Bill]] = {}
    for bill in session.scalars(owing):
        bills.setdefault(bill.payer_id, []).append(bill)
    kept = select(PayerAccount.payer_id, PayerAccount.credit_yuan).where(PayerAccount.house_id == house.id)
    credit = {person: yuan for person, yuan in session.execute(kept).tuples() if yuan}
    heads = select(Tenure.person_id).where(
        Tenure.house_id == house.id,
        Tenure.ends_on.is_(None),
        Tenure.role.in_((TenureRole.OWNER, TenureRole.TENANT)),
    )
    ids = {*bills, *credit, *session.scalars(heads)}
    people = session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id)).all()
    found = [Payer(one, bills.get(one.id, []), credit.get(one.id, NOTHING)) for one in people]
    return sorted(found, key=lambda payer: -payer.owed)


def take(
    session: Session,
    house: House,
    sent: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    received_at: datetime | None = None,
) -> Payment:
    """Take a payment. `sent`: payer_id, amount, way, bills (ids; none: the oldest first), credit (what is more than owed is to
    be kept), at_home, reference, note; `received_at`: when the money came in, where that was before it is booked. Raises
    Invalid for the input, Refused for more than is owed."""
    payer_id = chosen_payer(session, house, sent.get("payer_id"))
    amount, way = yuan_of(sent.get("amount")), _way(sent.get("way"))
    note, reference = clean_text(sent.get("note"), 255, lines=False), clean_text(sent.get("reference"), 80, lines=False)
    if way == PaymentWay.TRANSFER and not reference:
        raise Invalid(N_("Write the reference of the transfer: the bank's number or who sent it."))
    whose = ledger.whose_of(house, payer_id)
    account = ledger.account(session, whose)
    bills = ledger.bills_of(session, whose)
    parts, left = postings.allocate(amount, ledger.dues(bills.values()), _ids(sent.get("bills")))
    if left and not sent.get("credit"):
        raise Refused(
            N_("This is %(left)s yuan more than is owed. If it shall be kept as credit for later bills, say so."),
            left=f"{left:,.2f}",
        )
    row = Payment(
        **vars(whose), kind=PaymentKind.PAYMENT, way=way, amount=amount, at_home=bool(sent.get("at_home")), note=note,
        reference=reference, received_at=received_at or now, taken_by_id=actor.user_id, taken_by=actor.display_name[:80],
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    moves = postings.payment(way, parts, left)
    ledger.post(session, house.community_id, EntryKind.PAYMENT, moves, actor, now, whose, payment_id=row.id)
    ledger.keep(account, bills, moves, now)
    order_bills.follow(session, bills.values(), actor, now)
    _receipt(session, row, now)
    session.flush()
    return row


def refund(session: Session, house: House, sent: Mapping[str, Any], actor: Actor, now: datetime) -> Payment:
    """Pay credit back. `sent`: payer_id, amount, way, note (why). Raises Refused where there is less credit."""
    payer_id = chosen_payer(session, house, sent.get("payer_id"))
    amount, way = yuan_of(sent.get("amount")), _way(sent.get("way"))
    note, reference = clean_text(sent.get("note"), 255, lines=False), clean_text(sent.get("reference"), 80, lines=False)
    if not note:
        raise Invalid(N_("Write why it is paid back."))
    whose = ledger.whose_of(house, payer_id)
    account = ledger.account(session, whose)
    if amount > account.credit_yuan:
        raise Refused(
            N_("The credit is %(credit)s yuan: no more can be paid back."), credit=f"{account.credit_yuan:,.2f}"
        )
    row = Payment(
        **vars(whose), kind=PaymentKind.REFUND, way=way, amount=amount, note=note, reference=reference, received_at=now,
        taken_by_id=actor.user_id, taken_by=actor.display_name[:80], created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    moves = [Move(Account.CREDIT, PAID_INTO[way], amount)]
    ledger.post(session, house.community_id, EntryKind.REFUND, moves, actor, now, whose, payment_id=row.id)
    ledger.keep(account, {}, moves, now)
    session.flush()
    return row


def reverse(session: Session, payment: Payment, sent: Mapping[str, Any], actor: Actor, now: datetime) -> Payment:
    """Undo a payment or a refund as a whole. `sent`: note (why). Its receipt keeps its number and is void.

    Raises Refused for one that is reversed already, or whose money has been paid out since."""
    reason = clean_text(sent.get("note"), 255, lines=False)
    if not reason:
        raise Invalid(N_("Write why it is reversed."))
    whose = ledger.Whose(payment.community_id, payment.house_id, payment.payer_id)
    account = ledger.account(session, whose)
    session.refresh(payment, ["state"])
    if payment.state == PaymentState.REVERSED:
        raise Refused(N_("This payment is reversed already."))
    entry, made = ledger.moves_of(session, payment.id)
    if payment.kind == PaymentKind.REFUND:
        bills, moves = {}, [move.back() for move in made]
    else:
        used = ledger.credit_uses(session, whose)
        about = {move.bill_id for move in made if move.bill_id} | {bill_id for bill_id, _yuan in used}
        bills = ledger.bills_of(session, whose, about)
        paid = {key: bill.paid_yuan for key, bill in bills.items()}
        moves = postings.take_back(payment.way, made, paid, account.credit_yuan, used)
    ledger.post(
        session, payment.community_id, EntryKind.REVERSAL, moves, actor, now, whose,
        payment_id=payment.id, reverses_id=entry.id, note=reason,
    )  # fmt: skip
    ledger.keep(account, bills, moves, now)
    payment.state, payment.reversed_at, payment.reversed_by = PaymentState.REVERSED, now, actor.display_name[:80]
    payment.reversal_reason = reason
    order_bills.follow(session, bills.values(), actor, now)
    session.flush()
    return payment


def perform(
    session: Session, payment: Payment, verb: str, actor: Actor, now: datetime, sent: Mapping[str, Any]
) -> None:
    """The verbs of REST (I5): `reverse`."""
    if verb != "reverse":
        raise NotFound(N_("There is no such step."))
    reverse(session, payment, sent, actor, now)


def use_credit(
    session: Session, whose: ledger.Whose, actor: Actor, now: datetime, *, first: int | None = None
) -> Decimal:
    """Pay a payer's open bills from their credit, the oldest first; with `first` this one bill only. Returns how much."""
    account = ledger.account(session, whose)
    bills = ledger.bills_of(session, whose)
    if not account.credit_yuan or not bills:
        return NOTHING
    chosen = () if first is None else (first,)
    parts, left = postings.allocate(account.credit_yuan, ledger.dues(bills.values()), chosen)
    used, moves = account.credit_yuan - left, postings.credit_used(parts)
    ledger.post(session, whose.community_id, EntryKind.CREDIT_USED, moves, actor, now, whose)
    ledger.keep(account, bills, moves, now)
    order_bills.follow(session, bills.values(), actor, now)
    session.flush()
    return used


def parts_of(session: Session, payment: Payment) -> list[tuple[Bill | None, Decimal]]:
    """What a payment was for when it was taken: (bill, yuan); None: credit."""
    _entry, moves = ledger.moves_of(session, payment.id)
    ids = [move.bill_id for move in moves if move.bill_id]
    bills = session.scalars(select(Bill).where(Bill.id.in_(ids)).options(joinedload(Bill.fee_item)))
    known = {bill.id: bill for bill in bills}
    return [(known.get(move.bill_id or 0), move.yuan) for move in moves]


def yuan_of(given: Any) -> Decimal:
    """A sum as people type it. Raises Invalid."""
    try:
        amount = Decimal(str(given).strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 < amount <= MOST_YUAN or amount != round(amount, 2):
        raise Invalid(N_("Write the amount in yuan, such as 120.00."))
    return round(amount, 2)


def _way(given: Any) -> PaymentWay:
    way = choice(given, PaymentWay)
    if way is None:
        raise Invalid(N_("Choose how it is paid."))
    return way


def _ids(given: Any) -> frozenset[int]:
    values: Sequence[Any] = given if isinstance(given, list | tuple) else () if given in (None, "") else (given,)
    if not all(is_number(str(one)) for one in values):
        raise Invalid(N_("Choose the bills from the list."))
    return frozenset(int(one) for one in values)


def chosen_payer(session: Session, house: House, given: Any) -> int:
    """Somebody who belongs to the house: of a tenure of it, or of a bill."""
    key = int(given) if is_number(str(given)) else 0
    known = select(Tenure.person_id).where(Tenure.house_id == house.id, Tenure.person_id == key)
    billed = select(Bill.payer_id).where(Bill.house_id == house.id, Bill.payer_id == key)
    if session.scalar(known.union(billed).limit(1)) is None:
        raise Invalid(N_("Choose who pays."))
    return key


def _receipt(session: Session, payment: Payment, now: datetime) -> None:
    """The next number of the community: taken last, so that nobody waits longer than the rest of this transaction."""
    community_id = payment.community_id
    start = ledger.insert_of(session)(ReceiptCounter).values(community_id=community_id, last=0)
    session.execute(start.on_conflict_do_nothing(index_elements=["community_id"]))
    turn = update(ReceiptCounter).where(ReceiptCounter.community_id == community_id)
    number = session.scalar(turn.values(last=ReceiptCounter.last + 1).returning(ReceiptCounter.last))
    session.add(Receipt(community_id=community_id, number=number, payment_id=payment.id, issued_at=now))
