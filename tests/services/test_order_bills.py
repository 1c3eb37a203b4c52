"""A service order is charged once, at what was accepted, by a bill in the books; it is paid when the bill is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import Bill, Community, House, Payment, ServiceItem, ServiceOrder, Tenure
from app.services import billing, books, collection_week, payments, service_orders
from app.services.actors import Actor
from app.services.tickets import open_ticket
from tests.support.estate import Estate, build_estate

ROBOT = Actor.system("tests")
Make = Callable[..., ServiceOrder]


@pytest.fixture
def estate(session: Session, now: datetime) -> Estate:
    made = build_estate(session, now)
    session.query(Bill).delete()
    return made


@pytest.fixture
def make(session: Session, estate: Estate, now: datetime) -> Make:
    """An order that is done: of an item by its code, so many, quoted at so much."""

    def done(code: str = "print", count: int = 1, quoted: str = "", house: str | None = "own") -> ServiceOrder:
        item = session.scalars(select(ServiceItem).where(ServiceItem.code == code)).one()
        ticket = open_ticket(
            session, community=session.get_one(Community, estate.home), kind="service", channel="desk", title=code,
            house=session.get_one(House, estate.houses[house]) if house else None, actor=ROBOT, now=now,
        )  # fmt: skip
        order = service_orders.request(
            session, ticket, item, item.prices[0], count=count, price_accepted=not quoted, actor=ROBOT, now=now
        )
        steps: list[tuple[str, dict[str, Any]]] = [("quote", {"amount_yuan": quoted}), ("accept", {})] if quoted else []
        for verb, sent in [*steps, ("schedule", {"at": now}), ("finish", {})]:
            service_orders.perform(session, order, verb, ROBOT, now, sent)
        return order

    return done


def charge(session: Session, order: ServiceOrder, now: datetime, amount: str = "") -> Bill:
    service_orders.perform(session, order, "charge", ROBOT, now, {"amount_yuan": amount})
    return session.get_one(Bill, order.bill_id)


def pay(session: Session, bill: Bill, now: datetime, amount: Any = None) -> Payment:
    sent = {"payer_id": bill.payer_id, "amount": str(amount or bill.amount), "way": "cash", "credit": "1"}
    return payments.take(session, session.get_one(House, bill.house_id), sent, ROBOT, now)


@pytest.mark.parametrize(
    ("code", "count", "quoted", "given", "quantity", "amount"),
    [
        ("print", 3, "", "", "3", "15.00"),
        ("print", 3, "", "12.00", "1", "12.00"),
        ("air_testing", 1, "320.00", "", "1", "320.00"),
        ("letting", 1, "", "1250.00", "1", "1250.00"),
    ],
)
def test_a_charged_order_owes_what_was_accepted(
    session: Session, estate: Estate, make: Make, now: datetime,
    code: str, count: int, quoted: str, given: str, quantity: str, amount: str,
) -> None:  # fmt: skip
    bill = charge(session, make(code, count, quoted), now, given)
    assert (bill.payer_id, bill.quantity, bill.amount, bill.state) == (
        estate.people["own"], Decimal(quantity), Decimal(amount), "open",
    )  # fmt: skip
    assert bill.fee_item.code == "service"
    assert (bill.quantity * bill.rate).quantize(Decimal("0.01")) == bill.amount
    assert books.trial_balance(session, estate.home)["receivable"] == Decimal(amount)
    assert books.faults(session) == []


def test_more_than_was_accepted_is_refused_and_nothing_stands_in_the_books(
    session: Session, make: Make, now: datetime
) -> None:
    order = make("print", 3)
    with pytest.raises(Refused, match="accepted"):
        charge(session, order, now, "15.01")
    order.price_accepted_at = None
    session.flush()
    with pytest.raises(Refused, match="not accepted"):
        charge(session, order, now)
    assert (order.state, order.bill_id) == ("done", None)
    assert session.scalars(select(Bill)).all() == []


def test_an_order_follows_its_bill_there_and_back(session: Session, estate: Estate, make: Make, now: datetime) -> None:
    order, other = make(), make("print", 2)
    first, second = charge(session, order, now), charge(session, other, now)
    assert (first.segment, second.segment) == (1, 2)
    with pytest.raises(Refused, match="cannot go there"):
        charge(session, order, now)
    part = pay(session, first, now, "4.00")
    assert order.state == "charged"
    pay(session, first, now, "1.00")
    assert (order.state, other.state) == ("paid", "charged")
    payments.reverse(session, part, {"note": "录错"}, ROBOT, now)
    assert order.state == "charged"
    billing.cancel(session, second, {"note": "重复"}, ROBOT, now)
    assert (other.state, other.bill_id, other.charged_yuan) == ("done", None, None)
    again = charge(session, other, now)
    assert (again.id != second.id, other.state) == (True, "charged")
    assert books.faults(session) == []


def test_credit_pays_at_once_and_nothing_is_owed_of_nothing(session: Session, make: Make, now: datetime) -> None:
    order = make()
    pay(session, charge(session, order, now), now, "20.00")
    more = make("print", 3)
    charge(session, more, now)
    assert (order.state, more.state) == ("paid", "paid")
    kind = make()
    service_orders.perform(session, kind, "charge", ROBOT, now, {"amount_yuan": "0"})
    assert (kind.state, kind.bill_id) == ("paid", None)
    assert books.faults(session) == []


def test_nobody_is_charged_where_nobody_is_known(session: Session, estate: Estate, make: Make, now: datetime) -> None:
    with pytest.raises(Refused, match="name the house"):
        charge(session, make(house=None), now)
    order = make()
    session.query(Tenure).filter(Tenure.house_id == estate.houses["own"]).delete()
    with pytest.raises(Refused, match="enter the owner"):
        charge(session, order, now)


def test_services_are_not_taken_for_the_month_s_fees(
    session: Session, estate: Estate, make: Make, now: datetime
) -> None:
    charge(session, make(), now)
    week = collection_week.week(session, estate.home, collection_week.past_week(now.date()), now.date())
    assert week.period == ""
