"""What one household, or one payer of it, owes, and for which bills: the units that pages, reminders and the telephone name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Bill, Building, House, Person, Tenure
from app.rules.arrears import NOTHING, Owed
from app.services.arrears import overdue, rest, unpaid

Condition = ColumnElement[bool]


def bills_of_house(session: Session, house_id: int, today: date) -> list[Bill]:
    """The bills of a house in arrears, the oldest first, with fee item and payer."""
    found = select(Bill).where(overdue(today), Bill.house_id == house_id)
    found = found.options(joinedload(Bill.fee_item), joinedload(Bill.payer))
    return list(session.scalars(found.order_by(Bill.due_on, Bill.period, Bill.id)))


def owed_by(session: Session, community_id: int | None, person_id: int, today: date) -> Owed:
    """What one person owes in a community. One statement."""
    late = case((Bill.due_on < today, rest()))
    row = session.execute(
        select(func.count(), func.sum(rest()), func.sum(late)).where(
            Bill.payer_id == person_id, Bill.community_id == community_id, unpaid()
        )
    ).one()
    return Owed(row[0], row[1] or NOTHING, row[2] or NOTHING)


@dataclass(frozen=True)
class Debt:
    """What one payer owes of one house: the unit that is reminded. `tied`: still lives there or owns it."""

    house: House
    payer: Person
    total: Decimal
    bills: int
    oldest: date
    tied: bool

    @property
    def house_id(self) -> int:
        """The house's id."""
        return self.house.id

    @property
    def payer_id(self) -> int:
        """The payer's id."""
        return self.payer.id


def in_arrears(session: Session, *conditions: Condition, today: date) -> list[Debt]:
    """Everybody in arrears, in the estate's order. One statement."""
    owing = (
        select(
            Bill.house_id,
            Bill.payer_id,
            func.sum(rest()).label("total"),
            func.count().label("bills"),
            func.min(Bill.due_on).label("oldest"),
        )
        .join(House, House.id == Bill.house_id)
        .where(overdue(today), *conditions)
        .group_by(Bill.house_id, Bill.payer_id)
        .subquery("owing")
    )
    tied = _tied(owing.c.house_id, owing.c.payer_id, today)
    found = (
        select(House, Person, owing.c.total, owing.c.bills, owing.c.oldest, tied)
        .join(owing, owing.c.house_id == House.id)
        .join(Person, Person.id == owing.c.payer_id)
        .join(Building, Building.id == House.building_id)
        .order_by(Building.position, House.building_id, House.name, House.id, Person.id)
    )
    return [Debt(*row) for row in session.execute(found).tuples()]


def of_house(session: Session, house: House, today: date) -> tuple[list[Bill], list[Debt]]:
    """The bills of a house in arrears, the oldest first, with fee item and payer; and what each payer owes. One statement."""
    found = select(Bill, _tied(Bill.house_id, Bill.payer_id, today)).where(overdue(today), Bill.house_id == house.id)
    found = found.options(joinedload(Bill.fee_item), joinedload(Bill.payer))
    lines = session.execute(found.order_by(Bill.due_on, Bill.period, Bill.id)).tuples().all()
    of_payer: dict[int, list[Bill]] = {}
    for bill, _is_tied in lines:
        of_payer.setdefault(bill.payer_id, []).append(bill)
    tied = {bill.payer_id: is_tied for bill, is_tied in lines}
    owing = [
        Debt(
            house,
            own[0].payer,
            sum((one.amount - one.paid_yuan for one in own), NOTHING),
            len(own),
            own[0].due_on,
            tied[pk],
        )
        for pk, own in sorted(of_payer.items())
    ]
    return [bill for bill, _is_tied in lines], owing


def bills_by_debt(session: Session, house_ids: Iterable[int], today: date) -> dict[tuple[int, int], list[Bill]]:
    """(house, payer) → the bills in arrears, the oldest first."""
    bills = select(Bill).where(overdue(today), Bill.house_id.in_(list(house_ids))).options(joinedload(Bill.fee_item))
    found: dict[tuple[int, int], list[Bill]] = {}
    for bill in session.scalars(bills.order_by(Bill.due_on, Bill.period, Bill.id)):
        found.setdefault((bill.house_id, bill.payer_id), []).append(bill)
    return found


def _tied(house_id: Any, person_id: Any, today: date) -> Condition:
    """Whether somebody lives in a house or owns it on this day."""
    now = and_(Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
    return exists().where(Tenure.house_id == house_id, Tenure.person_id == person_id, now)
