"""A household's own bills (D10): what is open, a year by months, one bill with how it was reckoned. Only the payer's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload

from app.models import Bill
from app.rules.codes import BillState
from app.services.access import rows
from app.services.actors import Actor
from app.services.arrears import UNPAID, unpaid

NOTHING = Decimal("0.00")
MOST_OPEN = 200


@dataclass(frozen=True)
class Owed:
    """What is still to be paid: how many bills, how much, by when the first was or is due."""

    count: int
    sum: Decimal
    first_due: date | None

    def is_late(self, today: date) -> bool:
        """Whether a due day has passed."""
        return self.first_due is not None and self.first_due < today


@dataclass(frozen=True)
class Month:
    """One month's bills."""

    period: str
    bills: list[Bill]

    @property
    def amount(self) -> Decimal:
        """What was charged."""
        return sum((bill.amount for bill in self.bills), NOTHING)

    @property
    def open(self) -> Decimal:
        """What is still to be paid."""
        return sum((rest(bill) for bill in self.bills), NOTHING)


@dataclass(frozen=True)
class Year:
    """A year by months, the newest first, and the years there are bills of."""

    year: str
    years: list[str]
    months: list[Month]

    @property
    def amount(self) -> Decimal:
        """What was charged in the year."""
        return sum((month.amount for month in self.months), NOTHING)

    @property
    def open(self) -> Decimal:
        """What of the year is still to be paid."""
        return sum((month.open for month in self.months), NOTHING)


def rest(bill: Bill) -> Decimal:
    """What is still to be paid of a bill."""
    return bill.amount - bill.paid_yuan if bill.state in UNPAID else NOTHING


def owed(session: Session, actor: Actor, house_id: int | None = None) -> Owed:
    """What the actor owes over all months. One statement."""
    found = session.execute(
        select(Bill.amount, Bill.paid_yuan, Bill.due_on)
        .where(rows(actor, Bill), unpaid(), _of(house_id))
        .order_by(Bill.due_on)
        .limit(MOST_OPEN)
    ).all()
    total = sum((row.amount - row.paid_yuan for row in found), NOTHING)
    return Owed(len(found), total, found[0].due_on if found else None)


def year(session: Session, actor: Actor, wanted: str | None, house_id: int | None = None) -> Year:
    """The wanted year's bills, else the newest's. Two statements."""
    own = (rows(actor, Bill), Bill.state != BillState.CANCELLED, _of(house_id))
    column = func.substr(Bill.period, 1, 4)
    known = list(session.scalars(select(column).where(*own).distinct().order_by(column.desc())))
    chosen = wanted if wanted in known else known[0] if known else ""
    if not chosen:
        return Year("", [], [])
    found = session.scalars(
        select(Bill)
        .where(*own, Bill.period >= f"{chosen}-01", Bill.period <= f"{chosen}-12")
        .options(joinedload(Bill.fee_item), joinedload(Bill.house))
        .order_by(Bill.period.desc(), Bill.house_id, Bill.id)
    )
    months: dict[str, list[Bill]] = {}
    for bill in found:
        months.setdefault(bill.period, []).append(bill)
    return Year(chosen, known, [Month(period, bills) for period, bills in months.items()])


def find(session: Session, actor: Actor, key: int) -> Bill | None:
    """One bill, if it is the actor's to pay."""
    return session.scalars(
        select(Bill)
        .where(Bill.id == key, rows(actor, Bill))
        .options(joinedload(Bill.fee_item), joinedload(Bill.house), joinedload(Bill.payer), joinedload(Bill.community))
    ).one_or_none()


def _of(house_id: int | None) -> ColumnElement[bool]:
    return true() if house_id is None else Bill.house_id == house_id
