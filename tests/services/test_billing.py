"""Billing runs on a real database: preview and posting agree, once is enough, a wrong bill is cancelled and made anew (D10, I8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.errors import Invalid, LinliError, Refused
from app.models import (
    Bill,
    BillingRun,
    Community,
    FeeConcession,
    FeeItem,
    FeeRate,
    FeeUse,
    House,
    PayerAccount,
    Person,
    Tenure,
)
from app.rules.billing import Trouble
from app.services import billing, books, fee_rates, payments
from app.services.actors import Actor
from tests.support.estate import Estate, build_estate
from tests.support.ledger import carry_over

FINANCE = Actor(user_id=None, username="finance", display_name="财务", is_system=True)
MARCH = "2026-03"


class Office:
    """The estate's three houses of 89.50 m² at 2.80, each with a bill of February; the community's month is March."""

    def __init__(self, session: Session, estate: Estate, now: datetime) -> None:
        self.session, self.estate, self.now = session, estate, now
        for bill in session.scalars(select(Bill)).all():
            carry_over(session, bill)
        self.community = session.get_one(Community, estate.home)
        self.item = session.scalars(select(FeeItem).where(FeeItem.community_id == estate.home)).first()
        self.item.valid_from = date(2020, 1, 1)
        fee_rates.note_rate(session, self.item)

    def run(self, period: str = MARCH, batch: int = 2) -> BillingRun:
        run = billing.start(self.session, self.community, period, FINANCE, self.now)
        while billing.step(self.session, run.id, FINANCE, self.now, batch):
            pass
        return run

    def bills(self, key: str = "own", period: str = MARCH) -> list[str]:
        found = select(Bill).where(Bill.house_id == self.estate.houses[key], Bill.period == period)
        rows = self.session.scalars(found.order_by(Bill.id).execution_options(populate_existing=True))
        return [
            f"{bill.payer_id - self.estate.people['own']}/{bill.segment} {bill.amount} {bill.state}" for bill in rows
        ]

    def right(self) -> None:
        assert books.faults(self.session) == []


@pytest.fixture
def office(session: Session, now: datetime) -> Office:
    return Office(session, build_estate(session, now), now)


def test_a_run_posts_what_its_preview_says_and_a_second_nothing(office: Office) -> None:
    found = billing.preview(office.session, office.community, MARCH, office.now)
    assert (found.bills, found.amount, found.houses, found.odd) == (3, Decimal("751.80"), 3, [])
    assert found.before == Decimal("751.80")
    assert office.bills() == []
    run = office.run()
    assert (run.state, run.bills, run.amount, run.houses_done) == ("posted", 3, Decimal("751.80"), 3)
    assert office.bills() == ["0/1 250.60 open"]
    bill = office.session.scalars(select(Bill).where(Bill.period == MARCH).order_by(Bill.id)).first()
    assert (bill.issued_on, bill.due_on, bill.from_on, bill.to_on) == (
        date(2026, 3, 10), date(2026, 3, 25), date(2026, 3, 1), date(2026, 3, 31),
    )  # fmt: skip
    again = office.run()
    assert (again.id, again.bills) == (run.id, 3)
    assert billing.preview(office.session, office.community, MARCH, office.now).bills == 0
    assert office.session.scalar(select(func.count()).select_from(Bill).where(Bill.period == MARCH)) == 3
    # The other community is nobody's business of this run.
    assert office.bills("foreign") == []
    office.right()


def test_a_run_that_broke_off_goes_on_where_it_stands(office: Office) -> None:
    run = billing.start(office.session, office.community, MARCH, FINANCE, office.now)
    assert billing.step(office.session, run.id, FINANCE, office.now, 1)
    assert (run.state, run.bills, billing.running(office.session)) == ("running", 1, [run.id])
    assert office.run(batch=1).bills == 3
    assert billing.running(office.session) == []
    office.right()


def test_what_was_sold_within_the_month_is_two_bills(office: Office) -> None:
    house = office.estate.houses["own"]
    tenure = office.session.scalars(select(Tenure).where(Tenure.house_id == house, Tenure.role == "owner")).one()
    tenure.ends_on = date(2026, 3, 15)
    buyer = Person(name="新业主")
    office.session.add(buyer)
    office.session.flush()
    office.session.add(Tenure(person_id=buyer.id, house_id=house, role="owner", starts_on=date(2026, 3, 16)))
    office.run()
    kept = office.session.execute(
        select(Bill.payer_id, Bill.segment, Bill.amount)
        .where(Bill.house_id == house, Bill.period == MARCH)
        .order_by(Bill.segment)
    ).all()
    assert [tuple(row) for row in kept] == [
        (office.estate.people["own"], 1, Decimal("121.26")), (buyer.id, 2, Decimal("129.34")),
    ]  # fmt: skip
    office.right()


def test_spaces_tenants_discounts_and_waivers(office: Office) -> None:
    session, home = office.session, office.estate.home
    common = {"community_id": home, "valid_from": date(2020, 1, 1), "name_en": ""}
    parking = FeeItem(**common, code="parking", name="车位费", basis="per_vehicle_month", rate=Decimal(150))
    rent = FeeItem(**common, code="rent", name="租金", basis="per_tenancy_month", rate=Decimal(2000))
    water = FeeItem(**common, code="water", name="水费", basis="per_unit", rate=Decimal(3))
    session.add_all([parking, rent, water])
    for item in (parking, rent, water):
        fee_rates.note_rate(session, item)
    place = {"community_id": home, "house_id": office.estate.houses["next"], "starts_on": date(2026, 1, 1)}
    session.add(FeeUse(**place, fee_item_id=parking.id, quantity=2))
    less = {"decided_by": "经理", "decided_at": office.now, "reason": "空置房七折"}
    session.add(FeeConcession(**place, fee_item_id=office.item.id, percent=30, **less))
    far = {**place, "house_id": office.estate.houses["far"]}
    session.add(FeeConcession(**far, fee_item_id=office.item.id, percent=100, **less))
    session.flush()
    found = billing.preview(session, office.community, MARCH, office.now)
    assert [item.code for item in found.other] == ["water"]
    assert [(odd.house.id, odd.trouble, odd.before) for odd in found.odd] == [
        (office.estate.houses["next"], None, Decimal("250.60")),
        (office.estate.houses["far"], Trouble.WAIVED, Decimal("250.60")),
    ]
    office.run()
    assert [one.split("/")[1] for one in office.bills("next")] == ["1 175.42 open", "1 300.00 open"]
    assert office.bills("far") == []
    # The tenant of `own` pays the rent, the owner the property fee.
    tenants = session.scalars(select(Tenure.person_id).where(Tenure.role == "tenant")).all()
    rents = session.execute(select(Bill.payer_id, Bill.amount).where(Bill.fee_item_id == rent.id)).all()
    assert [tuple(row) for row in rents] == [(person, Decimal("2000.00")) for person in tenants]
    office.right()


def test_a_new_rate_stands_beside_the_old_one(office: Office) -> None:
    office.item.rate, office.item.valid_from = Decimal("3.00"), date(2026, 3, 16)
    fee_rates.note_rate(office.session, office.item)
    assert len(office.session.scalars(select(FeeRate).where(FeeRate.fee_item_id == office.item.id)).all()) == 2
    office.run()
    assert office.bills() == ["0/1 121.26 open", "0/2 138.58 open"]
    for rate, day in ((Decimal(-1), date(2026, 5, 1)), (Decimal(1), None)):
        office.item.rate, office.item.valid_from = rate, day
        with office.session.no_autoflush, pytest.raises(Invalid):
            fee_rates.note_rate(office.session, office.item)


def test_a_cancelled_bill_gives_its_money_back_as_credit_and_is_made_anew(office: Office) -> None:
    office.run()
    house = office.session.get_one(House, office.estate.houses["own"])
    paid = {"payer_id": office.estate.people["own"], "amount": "501.20", "way": "cash"}
    payment = payments.take(office.session, house, paid, FINANCE, office.now)
    house.area_m2 = Decimal("80.00")
    bill = office.session.scalars(select(Bill).where(Bill.house_id == house.id, Bill.period == MARCH)).one()
    with pytest.raises(Invalid):
        billing.cancel(office.session, bill, {"note": " "}, FINANCE, office.now)
    assert billing.cancel(office.session, bill, {"note": "面积有误", "again": "1"}, FINANCE, office.now) == 1
    assert office.bills() == ["0/1 250.60 cancelled", "0/1 224.00 paid"]
    assert office.session.scalar(select(PayerAccount.credit_yuan)) == Decimal("26.60")
    with pytest.raises(Refused):
        billing.cancel(office.session, bill, {"note": "x"}, FINANCE, office.now)
    office.right()
    payments.reverse(office.session, payment, {"note": "x"}, FINANCE, office.now)
    assert office.bills() == ["0/1 250.60 cancelled", "0/1 224.00 open"]
    assert office.session.scalar(select(PayerAccount.credit_yuan)) == 0
    office.right()


def test_what_was_paid_ahead_pays_the_new_bill(office: Office) -> None:
    house = office.session.get_one(House, office.estate.houses["own"])
    paid = {"payer_id": office.estate.people["own"], "amount": "600", "way": "wechat", "credit": "1"}
    payments.take(office.session, house, paid, FINANCE, office.now)
    office.run()
    assert office.bills() == ["0/1 250.60 paid"]
    assert office.session.scalar(select(PayerAccount.credit_yuan)) == Decimal("98.80")
    office.right()


def _no_items(office: Office) -> None:
    office.item.basis = "once"


def _no_rate_yet(office: Office) -> None:
    office.session.execute(text("DELETE FROM fee_rate"))
    office.item.valid_from = date(2026, 4, 1)
    fee_rates.note_rate(office.session, office.item)


@pytest.mark.parametrize(
    ("wrong", "period"),
    [(_no_items, MARCH), (_no_rate_yet, MARCH), (None, "2026-13"), (None, "2028-01"), (None, "")],
)
def test_what_cannot_be_billed_is_refused_and_nothing_is_written(
    office: Office, wrong: Callable[[Office], None] | None, period: str
) -> None:
    if wrong:
        wrong(office)
        office.session.flush()
    with pytest.raises(LinliError):
        billing.start(office.session, office.community, period, FINANCE, office.now)
    assert office.session.scalars(select(BillingRun)).all() == []


def test_a_house_without_owner_is_shown_and_not_charged(office: Office) -> None:
    office.session.execute(text("UPDATE tenure SET ends_on = '2026-02-28' WHERE role = 'owner'"))
    office.session.expire_all()
    found: Any = billing.preview(office.session, office.community, MARCH, office.now)
    assert found.bills == 0
    assert {odd.trouble for odd in found.odd} == {Trouble.NO_PAYER}
