"""What a household agreed to bear becomes one bill in the books, and comes back only by its cancellation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import Bill, Community, FeeItem, House, Tenure, Ticket, TicketCost, TicketEntry
from app.rules.codes import CostStanding
from app.rules.ticket_costs import standing
from app.services import arrears, billing, books, collection_week, cost_months, payments, ticket_costs
from app.services.actors import Actor
from app.services.month_matters import Cut
from app.services.reporting.period import month_key, month_of
from app.services.tickets import open_ticket
from tests.support.estate import Estate, build_estate

ZONE = ZoneInfo("Asia/Shanghai")
TAP = {"kind": "material", "quantity": "1", "what": "水龙头", "unit": "个", "price": "45.00", "bearer": "owner"}
HOUR = {"kind": "labour", "minutes": "30", "price": "60", "bearer": "owner"}
ROBOT = Actor.system("tests")
Make = Callable[..., Ticket]


@pytest.fixture
def estate(session: Session, now: datetime) -> Estate:
    made = build_estate(session, now)
    session.query(Bill).delete()
    return made


def who(estate: Estate, role: str) -> Actor:
    return Actor(
        user_id=None, username=role, display_name=f"{role}员", roles=frozenset({role}), staff_id=None,
        community_ids=frozenset({estate.home}),
    )  # fmt: skip


@pytest.fixture
def make(session: Session, estate: Estate, now: datetime) -> Make:
    """A repair that is done, with these lines; those the household bears are agreed to."""

    def done(*lines: dict[str, str], house: str | None = "own", agreed: bool = True) -> Ticket:
        ticket = open_ticket(
            session, community=session.get_one(Community, estate.home), kind="repair", channel="desk", title="龙头漏水",
            house=session.get_one(House, estate.houses[house]) if house else None, actor=ROBOT, now=now,
        )  # fmt: skip
        desk = who(estate, "assistant")
        for sent in lines or (TAP, HOUR):
            line = ticket_costs.add(session, ticket, sent, desk, now)
            if agreed and sent["bearer"] == "owner":
                ticket_costs.accept(session, ticket, line, {"by": "张三"}, desk, now)
        ticket.state, ticket.done_at = "done", now
        session.flush()
        return ticket

    return done


def lines(session: Session, ticket: Ticket) -> list[TicketCost]:
    session.expire_all()
    return list(session.scalars(select(TicketCost).where(TicketCost.ticket_id == ticket.id).order_by(TicketCost.id)))


def bills(session: Session) -> list[Bill]:
    return list(session.scalars(select(Bill).order_by(Bill.id)))


def pay(session: Session, bill: Bill, now: datetime, amount: Any = None) -> None:
    sent = {"payer_id": bill.payer_id, "amount": str(amount or bill.amount), "way": "cash", "credit": "1"}
    payments.take(session, session.get_one(House, bill.house_id), sent, ROBOT, now)


def verbs(session: Session, ticket: Ticket) -> list[str]:
    found = select(TicketEntry.verb).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id)
    return [verb for verb in session.scalars(found) if verb.startswith("cost")]


def how_far(line: TicketCost) -> CostStanding | None:
    return standing(ticket_costs.facts_of(line))


def test_one_bill_of_what_was_agreed_owed_in_arrears_and_paid(
    session: Session, estate: Estate, make: Make, now: datetime
) -> None:
    ticket = make(TAP, HOUR, {**TAP, "bearer": "centre", "price": "9.00"})
    assert ticket_costs.charge(session, ticket, who(estate, "finance"), now) == D("75.00")
    (bill,) = bills(session)
    assert (bill.payer_id, bill.house_id, bill.amount, bill.state, bill.fee_item.code) == (
        estate.people["own"], estate.houses["own"], D("75.00"), "open", "repair",
    )  # fmt: skip
    assert [line.bill_id for line in lines(session, ticket)] == [bill.id, bill.id, None]
    assert books.trial_balance(session, estate.home)["receivable"] == D("75.00")
    late = bill.due_on + timedelta(days=1)
    owed = session.scalars(select(Bill).where(arrears.overdue(late))).all()
    assert [one.id for one in owed] == [bill.id], "collection sees it as any other bill"
    week = collection_week.week(session, estate.home, collection_week.past_week(now.date()), now.date())
    assert week.period == "", "it is not taken for the month's fees"
    pay(session, bill, now)
    assert [how_far(line) for line in lines(session, ticket)] == ["paid", "paid", None]
    with pytest.raises(Refused, match="nothing to charge"):
        ticket_costs.charge(session, ticket, who(estate, "finance"), now)
    assert books.faults(session) == []


def test_an_item_of_the_month_with_the_same_code_is_left_alone(
    session: Session, estate: Estate, make: Make, now: datetime
) -> None:
    """维修基金, charged every month: the repair bill is no bill of it, and the house pays it as every month."""
    fund = FeeItem(community_id=estate.home, code="repair", name="维修基金", basis="per_house_month", rate=D(30),
                   valid_from=now.date().replace(day=1))  # fmt: skip
    session.add(fund)
    session.flush()
    for _time in (1, 2):
        ticket_costs.charge(session, make(TAP), who(estate, "finance"), now)
    first, second = bills(session)
    assert first.fee_item_id == second.fee_item_id != fund.id
    assert (first.fee_item.basis, first.fee_item.name) == ("once", "维修费用")
    session.get_one(FeeItem, first.fee_item_id).basis = "per_house_month"
    session.flush()
    with pytest.raises(Refused, match="repair"):
        ticket_costs.charge(session, make(TAP), who(estate, "finance"), now)


def test_a_line_taken_back_cancels_the_bill_and_what_was_paid_pays_the_rest_first(
    session: Session, estate: Estate, make: Make, now: datetime
) -> None:
    ticket, finance = make(TAP, HOUR), who(estate, "finance")
    ticket_costs.charge(session, ticket, finance, now)
    pay(session, bills(session)[0], now, "40.00")
    tap, hour = lines(session, ticket)
    for role in ("supervisor", "manager", "assistant"):
        with pytest.raises(Refused, match="finance takes it back"):
            ticket_costs.strike(session, ticket, tap, "退货", who(estate, role), now)
    ticket_costs.strike(session, ticket, tap, "退货", finance, now)
    old, new = bills(session)
    assert (old.state, old.cancel_reason, new.amount, new.paid_yuan, new.state) == (
        "cancelled", "退货", D("30.00"), D("30.00"), "paid",
    )  # fmt: skip
    tap, hour = lines(session, ticket)
    assert (tap.bill_id, tap.struck_why, hour.bill_id, how_far(hour)) == (old.id, "退货", new.id, "paid")
    account = payments.payers(session, session.get_one(House, estate.houses["own"]))[0]
    assert account.credit == D("10.00"), "the rest stays the household's"
    assert verbs(session, ticket)[-4:] == ["cost_charged", "cost_uncharged", "cost_charged", "cost_struck"]
    with pytest.raises(Refused, match="struck already"):
        ticket_costs.strike(session, ticket, tap, "退货", finance, now)
    assert books.faults(session) == []


def test_put_right_it_is_agreed_to_anew_and_then_a_bill_of_its_own(
    session: Session, estate: Estate, make: Make, now: datetime
) -> None:
    ticket, finance = make(TAP), who(estate, "finance")
    ticket_costs.charge(session, ticket, finance, now)
    pay(session, bills(session)[0], now)
    (tap,) = lines(session, ticket)
    right = ticket_costs.correct(session, ticket, tap, {**TAP, "price": "40.00", "why": "价格写错"}, finance, now)
    assert [bill.state for bill in bills(session)] == ["cancelled"]
    assert how_far(right) == "to_agree"
    with pytest.raises(Refused, match="not agreed"):
        ticket_costs.charge(session, ticket, finance, now)
    ticket_costs.accept(session, ticket, right, {"by": "张三"}, finance, now)
    ticket_costs.charge(session, ticket, finance, now)
    _old, new = bills(session)
    assert (new.amount, new.state) == (D("40.00"), "paid"), "what was paid of the wrong one pays it"
    assert books.faults(session) == []


def test_a_bill_that_finance_cancels_can_be_charged_again(
    session: Session, estate: Estate, make: Make, now: datetime
) -> None:
    ticket, finance = make(TAP, HOUR), who(estate, "finance")
    ticket_costs.charge(session, ticket, finance, now)
    billing.cancel(session, bills(session)[0], {"note": "开错户", "again": "1"}, finance, now)
    assert {how_far(line) for line in lines(session, ticket)} == {CostStanding.AGREED}
    assert len(bills(session)) == 1
    assert verbs(session, ticket)[-1] == "cost_uncharged"
    ticket_costs.charge(session, ticket, finance, now)
    assert [(bill.state, bill.segment) for bill in bills(session)] == [("cancelled", 1), ("open", 2)]
    assert books.faults(session) == []


def test_nobody_is_charged_where_nobody_is_known_and_nothing_is_written(
    session: Session, estate: Estate, make: Make, now: datetime
) -> None:
    finance, nowhere, somewhere = who(estate, "finance"), make(house=None), make()
    with pytest.raises(Refused, match="name the house"):
        ticket_costs.charge(session, nowhere, finance, now)
    session.query(Tenure).filter(Tenure.house_id == estate.houses["own"]).delete()
    with pytest.raises(Refused, match="enter the owner"):
        ticket_costs.charge(session, somewhere, finance, now)
    assert bills(session) == []
    assert {how_far(line) for of in (nowhere, somewhere) for line in lines(session, of)} == {CostStanding.AGREED}


def test_what_comes_to_nothing_needs_no_bill(session: Session, estate: Estate, make: Make, now: datetime) -> None:
    ticket = make({**TAP, "price": "0"}, house=None)
    assert ticket_costs.charge(session, ticket, who(estate, "assistant"), now) == 0
    assert (bills(session), how_far(lines(session, ticket)[0])) == ([], "charged")


def test_the_month_tells_how_far_each_line_has_come_and_its_list_is_as_long(
    session: Session, estate: Estate, make: Make, now: datetime
) -> None:
    finance, paid, billed, agreed = who(estate, "finance"), make(TAP, HOUR), make(), make(TAP)
    asked, free = make(TAP, HOUR, TAP, agreed=False), make({**TAP, "price": "0"})
    for ticket in (paid, billed, free):
        ticket_costs.charge(session, ticket, finance, now)
        if ticket is paid:
            pay(session, bills(session)[0], now)
    make({**TAP, "bearer": "centre"})
    span = month_of(month_key(now.astimezone(ZONE).date()), ZONE)
    found = cost_months.month(session, finance, span, Cut()).household
    assert {code: (part.count, part.yuan) for code, part in found.items()} == {
        "to_agree": (3, D("120.00")), "agreed": (1, D("45.00")), "billed": (2, D("75.00")), "paid": (2, D("75.00")),
        "charged": (1, D("0.00")),
    }  # fmt: skip
    for code, part in found.items():
        listed = cost_months.lines(session, finance, span, Cut(), code, most=50)
        assert [how_far(line) for line in listed] == [code] * part.count
    assert cost_months.uncharged_sum(session, finance) == (2, D("165.00"))
    waiting = cost_months.uncharged(session, finance, most=50)
    assert [(one.ticket.id, one.lines, one.unagreed, one.yuan) for one in waiting] == [
        (agreed.id, 1, 0, D("45.00")), (asked.id, 3, 3, D("120.00")),
    ]  # fmt: skip
