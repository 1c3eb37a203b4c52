"""Two workers at one counter, at one bill, at one reversal: numbers without a gap, nothing paid or undone twice (D10)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import Refused
from app.models import Bill, BillingRun, Community, House, Payment, Receipt, ServiceItem, ServiceOrder
from app.services import billing, books, payments, service_orders
from app.services.actors import Actor
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.estate import Estate, build_estate
from tests.support.ledger import carry_over

ROBOT = Actor.system("tests")


@pytest.fixture
def estate(app: Any, session: Any, now: Any) -> Estate:
    made = build_estate(session, now)
    for bill in session.scalars(select(Bill)).all():
        carry_over(session, bill)
    session.commit()
    return made


def together(app: Any, jobs: list[Callable[[], Any]]) -> list[Any]:
    barrier = threading.Barrier(len(jobs), timeout=30)

    def run(job: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait()
            try:
                return job()
            except Refused:
                return None

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(60) for future in [pool.submit(run, job) for job in jobs]]


def taking(estate: Estate, key: str, now: Any, times: int, amount: str = "1.00") -> Callable[[], int]:
    def job() -> int:
        for _ in range(times):
            with transaction() as session:
                house = session.get_one(House, estate.houses[key])
                sent = {"payer_id": estate.people[key], "amount": amount, "way": "cash"}
                payments.take(session, house, sent, ROBOT, now)
        return times

    return job


def test_receipt_numbers_have_no_gap_with_workers_at_once_and_refusals_between(
    app: Any, session: Any, estate: Estate, now: Any
) -> None:
    def refused() -> int:
        for _ in range(6):
            try:
                with transaction() as writing:
                    house = writing.get_one(House, estate.houses["far"])
                    sent = {"payer_id": estate.people["far"], "amount": "1.00", "way": "cash"}
                    payments.take(writing, house, sent, ROBOT, now)
                    raise Refused("no")
            except Refused:
                continue
        return 0

    done = together(app, [taking(estate, key, now, 8) for key in ("own", "next", "own", "next")] + [refused, refused])
    assert sum(done) == 32
    assert list(session.scalars(select(Receipt.number).order_by(Receipt.number))) == list(range(1, 33))
    assert books.faults(session) == []


def test_the_same_bill_is_not_paid_twice(app: Any, session: Any, estate: Estate, now: Any) -> None:
    bill = session.get_one(Bill, estate.bills["own"])
    amount = f"{bill.amount:.2f}"
    session.rollback()
    done = together(app, [taking(estate, "own", now, 1, amount)] * 4)
    assert sorted(done, key=str) == [1, None, None, None]
    session.expire_all()
    assert session.get_one(Bill, estate.bills["own"]).state == "paid"
    assert books.faults(session) == []


def test_a_payment_is_reversed_once(app: Any, session: Any, estate: Estate, now: Any) -> None:
    taking(estate, "own", now, 1)()

    def undo() -> int:
        with transaction() as writing:
            payments.reverse(writing, writing.scalars(select(Payment)).one(), {"note": "x"}, ROBOT, now)
        return 1

    assert sorted(together(app, [undo] * 4), key=str) == [1, None, None, None]
    session.expire_all()
    assert session.get_one(Bill, estate.bills["own"]).paid_yuan == 0
    assert books.faults(session) == []


# ---- billing ---------------------------------------------------------------------------------------------------------
def test_two_runs_at_once_make_one_bill_a_house_and_go_on_after_a_crash(
    app: Any, session: Any, estate: Estate, now: Any
) -> None:
    """One worker dies in the middle of its second batch; two others start the same month while it lives."""
    houses = [estate.houses[key] for key in ("own", "next", "far")]

    def post() -> int:
        with transaction() as writing:
            key = billing.start(writing, writing.get_one(Community, estate.home), "2026-03", ROBOT, now).id
        more, batches = True, 0
        while more:
            with transaction() as writing:
                more = billing.step(writing, key, ROBOT, now, 1)
                batches += more
        return batches

    def crash() -> int:
        with transaction() as writing:
            key = billing.start(writing, writing.get_one(Community, estate.home), "2026-03", ROBOT, now).id
        try:
            with transaction() as writing:
                billing.step(writing, key, ROBOT, now, 1)
                raise RuntimeError("dead")
        except RuntimeError:
            return 0

    together(app, [post, crash, post, crash])
    assert sum(together(app, [post, post])) >= 0
    session.rollback()
    found = session.execute(
        select(Bill.house_id, Bill.amount).where(Bill.period == "2026-03").order_by(Bill.house_id)
    ).all()
    assert [row.house_id for row in found] == sorted(houses)
    run = session.scalars(select(BillingRun)).one()
    assert (run.state, run.bills, run.amount) == ("posted", 3, sum(row.amount for row in found))
    assert books.faults(session) == []


def test_a_payment_and_a_run_at_once_leave_the_books_right(app: Any, session: Any, estate: Estate, now: Any) -> None:
    """Credit of a payment that comes in meanwhile pays the new bill or stays credit; nothing waits for ever."""

    def post() -> int:
        with transaction() as writing:
            key = billing.start(writing, writing.get_one(Community, estate.home), "2026-03", ROBOT, now).id
        more = True
        while more:
            with transaction() as writing:
                more = billing.step(writing, key, ROBOT, now, 1)
        return 1

    def ahead() -> int:
        for _ in range(5):
            with transaction() as writing:
                house = writing.get_one(House, estate.houses["own"])
                sent = {"payer_id": estate.people["own"], "amount": "200.00", "way": "cash", "credit": "1"}
                payments.take(writing, house, sent, ROBOT, now)
        return 1

    assert together(app, [post, ahead, post, ahead]) == [1, 1, 1, 1]
    assert books.faults(session) == []
    owed = (
        session.scalar(select(func.sum(Bill.amount - Bill.paid_yuan)).where(Bill.house_id == estate.houses["own"])) or 0
    )
    assert owed == 0


def test_an_order_is_charged_once(app: Any, session: Any, estate: Estate, now: Any) -> None:
    with transaction() as writing:
        item = writing.scalars(select(ServiceItem).where(ServiceItem.code == "print")).one()
        ticket = open_ticket(
            writing, community=writing.get_one(Community, estate.home), kind="service", channel="desk", title="打印",
            house=writing.get_one(House, estate.houses["own"]), actor=ROBOT, now=now,
        )  # fmt: skip
        order = service_orders.request(writing, ticket, item, item.prices[0], price_accepted=True, actor=ROBOT, now=now)
        service_orders.perform(writing, order, "schedule", ROBOT, now, {"at": now})
        service_orders.perform(writing, order, "finish", ROBOT, now)
        key = order.id

    def job() -> int:
        with transaction() as writing:
            service_orders.perform(writing, writing.get_one(ServiceOrder, key), "charge", ROBOT, now)
        return 1

    assert sorted(together(app, [job] * 4), key=bool) == [None, None, None, 1]
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Bill).where(Bill.amount == 5)) == 1
    assert books.faults(session) == []
