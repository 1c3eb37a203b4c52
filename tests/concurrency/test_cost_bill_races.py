"""Two at one ticket's costs: charged at once they make one bill, and whoever takes one back meanwhile leaves the books right (D10)."""

from typing import Any

import pytest
from sqlalchemy import select

from app.models import Bill, Community, House, Ticket, TicketCost
from app.services import billing, books, ticket_costs
from app.services.actors import Actor
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.concurrency.test_money_races import together
from tests.support.estate import Estate, build_estate

ROBOT = Actor.system("tests")
TAP = {"kind": "material", "quantity": "1", "what": "水龙头", "unit": "个", "price": "45.00", "bearer": "owner"}


@pytest.fixture
def estate(app: Any, session: Any, now: Any) -> Estate:
    made = build_estate(session, now)
    for bill in session.scalars(select(Bill)).all():
        session.delete(bill)
    session.commit()
    return made


@pytest.fixture
def finance(estate: Estate) -> Actor:
    return Actor(
        user_id=None, username="f", display_name="财务", roles=frozenset({"finance"}), staff_id=None,
        community_ids=frozenset({estate.home}),
    )  # fmt: skip


@pytest.fixture
def ticket_id(estate: Estate, now: Any) -> int:
    """A finished repair with two lines that its household agreed to."""
    desk = Actor(
        user_id=None, username="a", display_name="前台", roles=frozenset({"assistant"}), staff_id=None,
        community_ids=frozenset({estate.home}),
    )  # fmt: skip
    with transaction() as writing:
        ticket = open_ticket(
            writing, community=writing.get_one(Community, estate.home), kind="repair", channel="desk", title="龙头漏水",
            house=writing.get_one(House, estate.houses["own"]), actor=ROBOT, now=now,
        )  # fmt: skip
        for _ in range(2):
            line = ticket_costs.add(writing, ticket, TAP, desk, now)
            ticket_costs.accept(writing, ticket, line, {"by": "张三"}, desk, now)
        ticket.state = "done"
        return ticket.id


def charging(ticket_id: int, finance: Actor, now: Any) -> Any:
    def job() -> int:
        with transaction() as writing:
            ticket_costs.charge(writing, writing.get_one(Ticket, ticket_id), finance, now)
        return 1

    return job


def live(session: Any) -> list[Bill]:
    session.expire_all()
    return list(session.scalars(select(Bill).where(Bill.state != "cancelled")))


def test_the_costs_of_a_ticket_are_charged_once(
    app: Any, session: Any, ticket_id: int, finance: Actor, now: Any
) -> None:
    done = together(app, [charging(ticket_id, finance, now)] * 4)
    assert sorted(done, key=bool) == [None, None, None, 1]
    assert [bill.amount for bill in live(session)] == [90]
    assert books.faults(session) == []


def test_a_line_is_taken_back_once_and_a_bill_cancelled_meanwhile_is_no_second_one(
    app: Any, session: Any, ticket_id: int, finance: Actor, now: Any
) -> None:
    charging(ticket_id, finance, now)()
    first = session.scalars(select(TicketCost.id).order_by(TicketCost.id)).first()
    bill_id = live(session)[0].id
    session.rollback()

    def strike() -> int:
        with transaction() as writing:
            ticket = writing.get_one(Ticket, ticket_id)
            line = ticket_costs.find_line(writing, finance, ticket, first)
            ticket_costs.strike(writing, ticket, line, "退货", finance, now)
        return 1

    def cancel() -> int:
        with transaction() as writing:
            billing.cancel(writing, writing.get_one(Bill, bill_id), {"note": "开错"}, finance, now)
        return 1

    done = together(app, [strike, cancel, strike, charging(ticket_id, finance, now)])
    assert done[1] == 1 or [done[0], done[2]].count(1) == 1
    assert [done[0], done[2]].count(1) <= 1
    session.expire_all()
    lines = session.scalars(select(TicketCost).order_by(TicketCost.id)).all()
    for line in lines:
        standing = line.bill.state if line.bill else None
        assert standing == ("cancelled" if line.struck_at and line.bill_id else "open" if line.charged_at else None)
    assert sum(bill.amount for bill in live(session)) == sum(
        line.amount_yuan for line in lines if line.charged_at and not line.struck_at
    )
    assert books.faults(session) == []
