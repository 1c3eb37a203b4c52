"""A bill for one occasion (D9, D10): a service order, the costs of a ticket. Who pays it, and its charge in the books. Never commits.

Whoever makes or takes back one waits at the payer's account first, as everybody does who moves money of this payer and house.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import Bill, FeeItem, House, Tenure, Ticket
from app.rules.codes import Account, BillState, EntryKind, FeeBasis, TenureRole
from app.rules.postings import NOTHING, Move
from app.services import ledger
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.policies import figure


@dataclass(frozen=True)
class Fee:
    """The fee item of every community that something is charged under; made with its first charge."""

    code: str
    name: str
    name_en: str
    position: int


def whose(session: Session, ticket: Ticket, house_id: int | None, now: datetime) -> ledger.Whose:
    """Who is charged for something on this ticket, in this house or the ticket's own. Raises Refused where nobody can be."""
    house = session.get(House, house_id or ticket.house_id or 0)
    if house is None:
        raise Refused(N_("Nobody can be charged: name the house on the ticket first."))
    return ledger.whose_of(house, _payer(session, house, ticket, _today(now)))


def make(
    session: Session, fee: Fee, whose: ledger.Whose, quantity: Decimal | int, rate: Decimal, yuan: Decimal,
    ticket: Ticket, actor: Actor, now: datetime,
) -> Bill:  # fmt: skip
    """The bill of so many yuan, with its charge in the books; the caller holds the payer's account and uses its credit."""
    today = _today(now)
    item, period = _item(session, fee, whose.community_id, today), f"{today:%Y-%m}"
    bill = Bill(
        **vars(whose), fee_item_id=item, period=period, segment=_segment(session, whose, item, period),
        quantity=quantity, rate=rate, amount=yuan, paid_yuan=NOTHING, state=BillState.OPEN, issued_on=today,
        due_on=today + timedelta(days=figure(session, "billing.least_days")),
    )  # fmt: skip
    session.add(bill)
    session.flush()
    moves = [Move(Account.RECEIVABLE, Account.INCOME, yuan, bill.id)]
    ledger.post(session, whose.community_id, EntryKind.CHARGE, moves, actor, now, whose, note=ticket.number)
    return bill


def number(bill: Bill) -> str:
    """What the desk asks for: month and the row's number."""
    return f"{bill.period.replace('-', '')}-{bill.id:07d}"


def _today(now: datetime) -> date:
    return now.astimezone(local_zone()).date()


def _payer(session: Session, house: House, ticket: Ticket, today: date) -> int:
    """Who ordered or reported, where they live or own there today; else the owner, else the tenant, who has been there longest."""
    there = select(Tenure).where(
        Tenure.house_id == house.id, Tenure.starts_on <= today, (Tenure.ends_on.is_(None)) | (Tenure.ends_on >= today)
    )
    known = session.scalars(there.order_by(Tenure.starts_on, Tenure.id)).all()
    if any(one.person_id == ticket.reporter_id for one in known):
        return ticket.reporter_id or 0
    for role in (TenureRole.OWNER, TenureRole.TENANT):
        for one in known:
            if one.role == role:
                return one.person_id
    raise Refused(N_("Nobody can be charged: enter the owner of this house first."))


def _item(session: Session, fee: Fee, community_id: int, today: date) -> int:
    """The item by its code; where finance has one of the month under it, by a code of its own. Raises Refused without either."""
    for code in (fee.code, f"{fee.code}-once"):
        item = _kept(session, fee, code, community_id, today)
        if item.basis == FeeBasis.ONCE:
            return item.id
    raise Refused(
        N_("The fee items %(code)s and %(code)s-once are charged by the month: this needs one charged once."),
        code=fee.code,
    )


def _kept(session: Session, fee: Fee, code: str, community_id: int, today: date) -> FeeItem:
    values = {
        "community_id": community_id, "code": code, "name": fee.name, "name_en": fee.name_en, "position": fee.position,
        "basis": FeeBasis.ONCE, "rate": Decimal(0), "valid_from": today,
    }  # fmt: skip
    made = ledger.insert_of(session)(FeeItem).values(**values)
    session.execute(made.on_conflict_do_nothing(index_elements=["community_id", "code"]))
    wanted = select(FeeItem).where(FeeItem.community_id == community_id, FeeItem.code == code)
    return session.scalars(wanted).one()


def _segment(session: Session, whose: ledger.Whose, item: int, period: str) -> int:
    """The next number among the payer's bills of this kind of the month; the account is held meanwhile."""
    taken = select(func.max(Bill.segment)).where(
        Bill.house_id == whose.house_id,
        Bill.payer_id == whose.payer_id,
        Bill.fee_item_id == item,
        Bill.period == period,
    )
    return (session.scalar(taken) or 0) + 1
