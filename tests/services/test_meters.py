"""Meters read, exchanged, struck and billed on a real database; a month without readings is charged to nobody."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, LinliError, Refused
from app.models import Bill, BillingRun, Community, FeeItem, House, Meter, MeterReading, Tenure
from app.services import billing, books, meter_import, meters
from app.services.actors import Actor
from tests.support.estate import Estate, build_estate
from tests.support.ledger import carry_over

FINANCE = Actor(user_id=None, username="finance", display_name="财务", is_system=True)
MARCH = "2026-03"


class Cellar:
    """Water at 4.10 by meters; a meter in `own` and one in `next`, put in in January."""

    def __init__(self, session: Session, estate: Estate, now: datetime) -> None:
        self.session, self.estate, self.now = session, estate, now
        for bill in session.scalars(select(Bill)).all():
            carry_over(session, bill)
        self.water = FeeItem(community_id=estate.home, code="water", name="水费", basis="per_meter", rate=Decimal("4.1"),
                             valid_from=date(2025, 1, 1))  # fmt: skip
        session.add(self.water)
        session.flush()
        self.own, self.next = self.put_in("own", "W1", "100"), self.put_in("next", "W2", "99990")

    def put_in(self, key: str, number: str, shows: str) -> Meter:
        made = Meter(community_id=self.estate.home, house_id=self.estate.houses[key], fee_item_id=self.water.id,
                     kind="cold_water", number=number, digits=5, starts_on=date(2026, 1, 5), start_value=Decimal(shows))  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made

    def read(self, meter: Meter, value: str, day: str, **sent: Any) -> MeterReading:
        return meters.enter(self.session, meter, {"value": value, "read_on": day, **sent}, FINANCE, self.now)

    def bill(self, month: str = MARCH) -> None:
        community = self.session.get_one(Community, self.estate.home)
        run = billing.start(self.session, community, month, FINANCE, self.now)
        while billing.step(self.session, run.id, FINANCE, self.now):
            pass

    def unread(self, month: str = MARCH) -> list[int]:
        found = billing.preview(self.session, self.session.get_one(Community, self.estate.home), month, self.now)
        return [one.house.id for one in found.odd if one.trouble == "no_reading"]

    def water_bills(self) -> list[tuple[int, Decimal, Decimal]]:
        found = select(Bill).where(Bill.fee_item_id == self.water.id, Bill.state != "cancelled").order_by(Bill.id)
        return [(bill.house_id, bill.quantity, bill.amount) for bill in self.session.scalars(found)]


@pytest.fixture
def cellar(session: Session, now: datetime) -> Cellar:
    return Cellar(session, build_estate(session, now), now)


def test_what_a_month_used_is_billed_once_the_meters_are_read(cellar: Cellar) -> None:
    own = cellar.estate.houses["own"]
    cellar.read(cellar.own, "112.5", "2026-02-28")
    assert set(cellar.unread()) == {own, cellar.estate.houses["next"]}
    cellar.bill()
    assert cellar.water_bills() == []
    cellar.read(cellar.own, "120", "2026-03-05")
    cellar.read(cellar.own, "121", "2026-03-09")
    cellar.bill()
    assert cellar.water_bills() == [(own, Decimal("8.5"), Decimal("34.85"))]
    with pytest.raises(Refused, match="billed for this house already"):
        cellar.read(cellar.own, "125", "2026-03-10")
    with pytest.raises(Refused, match="billed for this house already"):
        meters.strike(cellar.session, cellar.own, {"note": "x"}, FINANCE, cellar.now)
    cellar.read(cellar.next, "2", "2026-03-10", sure="1")
    cellar.bill()
    assert cellar.water_bills()[1] == (cellar.estate.houses["next"], Decimal(12), Decimal("49.20"))
    assert books.faults(cellar.session) == []


def test_a_run_of_meters_alone_is_refused_before_any_is_read(cellar: Cellar) -> None:
    for item in cellar.session.scalars(select(FeeItem).where(FeeItem.id != cellar.water.id)):
        item.basis = "per_unit"
    cellar.session.flush()
    with pytest.raises(Refused, match="No meter has been read"):
        cellar.bill()
    assert cellar.session.scalars(select(BillingRun)).all() == []
    cellar.read(cellar.own, "120", "2026-03-05")
    cellar.bill()
    assert len(cellar.water_bills()) == 1


def test_what_was_read_is_billed_and_the_unread_meter_is_shown(cellar: Cellar) -> None:
    own, second = cellar.estate.houses["own"], cellar.put_in("own", "W9", "0")
    cellar.read(cellar.own, "110", "2026-03-05")
    cellar.read(cellar.next, "99992", "2026-03-05")
    assert cellar.unread() == [own]
    cellar.bill()
    assert [quantity for house, quantity, _yuan in cellar.water_bills() if house == own] == [10]
    cellar.now += timedelta(days=40)
    cellar.read(cellar.own, "118", "2026-04-05")
    cellar.read(second, "20", "2026-04-05")
    cellar.bill("2026-04")
    assert [quantity for house, quantity, _yuan in cellar.water_bills() if house == own] == [10, 28], "38 in all"


def test_a_meter_exchanged_on_the_first_day_is_billed_though_the_new_one_is_unread(cellar: Cellar) -> None:
    sent = {"value": "130", "read_on": "2026-03-01", "number": "W7"}
    meters.exchange(cellar.session, cellar.own, sent, FINANCE, cellar.now)
    cellar.bill()
    assert cellar.water_bills() == [(cellar.estate.houses["own"], 30, Decimal("123.00"))]


def test_what_a_meter_used_is_charged_whole_however_late_it_was_put_in(cellar: Cellar) -> None:
    """A house handed over, its meter put in and its rate begun within the month: the units are those that were read."""
    for tenure in cellar.session.scalars(select(Tenure).where(Tenure.house_id == cellar.estate.houses["own"])):
        tenure.starts_on = date(2026, 3, 4)
    cellar.own.starts_on = date(2026, 3, 4)
    cellar.water.ends_on = date(2026, 3, 20)
    cellar.read(cellar.own, "110", "2026-03-09")
    cellar.bill()
    assert cellar.water_bills() == [(cellar.estate.houses["own"], 10, Decimal("41.00"))]


def test_the_fee_item_of_a_meter_stays_once_a_month_of_it_is_billed(cellar: Cellar) -> None:
    other = FeeItem(community_id=cellar.estate.home, code="hot", name="热水", basis="per_meter", rate=Decimal(9),
                    valid_from=date(2025, 1, 1))  # fmt: skip
    cellar.session.add(other)
    cellar.session.flush()
    change = {"number": "W1", "digits": 5, "fee_item_id": other.id}
    cellar.read(cellar.own, "110", "2026-03-05")
    meters.keep(cellar.session, cellar.own, change, cellar.now)
    cellar.bill()
    for item in (other.id, None):
        with pytest.raises(Refused, match="billed under its fee item"):
            meters.keep(cellar.session, cellar.own, {**change, "fee_item_id": item}, cellar.now)
    meters.keep(cellar.session, cellar.own, {**change, "number": "W1a", "fee_item_id": cellar.water.id}, cellar.now)
    meters.keep(cellar.session, cellar.next, {**change, "number": "W2"}, cellar.now)


def test_a_reading_found_after_its_month_was_billed_is_of_the_next_month(cellar: Cellar) -> None:
    cellar.read(cellar.own, "110", "2026-03-05")
    cellar.bill()
    cellar.read(cellar.next, "99995", "2026-03-10")
    meters.strike(cellar.session, cellar.next, {"note": "x"}, FINANCE, cellar.now)
    cellar.now += timedelta(days=40)
    with pytest.raises(Refused, match="2026-03 is billed here already"):
        cellar.read(cellar.next, "99995", "2026-03-31")
    cellar.read(cellar.next, "99995", "2026-04-01")
    cellar.bill("2026-04")
    assert cellar.water_bills()[1:] == [(cellar.estate.houses["next"], 5, Decimal("20.50"))]


def test_what_was_read_after_the_run_of_its_month_is_told_in_the_next(cellar: Cellar) -> None:
    """The month may be billed on its first day, for the other fees: its meters are read on the 25th."""
    cellar.bill()
    cellar.now += timedelta(minutes=1)
    cellar.read(cellar.own, "110", "2026-03-05")
    cellar.now += timedelta(days=40)

    def told() -> list[int]:
        home = cellar.session.get_one(Community, cellar.estate.home)
        found = billing.preview(cellar.session, home, "2026-04", cellar.now).odd
        return [one.house.id for one in found if one.trouble == "read_after_run"]

    assert told() == [cellar.estate.houses["own"]]
    cellar.bill()
    assert cellar.water_bills() == [(cellar.estate.houses["own"], 10, Decimal("41.00"))]
    assert told() == []


def test_an_exchanged_meter_loses_nothing(cellar: Cellar) -> None:
    new = meters.exchange(cellar.session, cellar.own, {"value": "130", "read_on": "2026-03-04", "number": "W7",
                                                       "start_value": "3", "digits": "6"}, FINANCE, cellar.now)  # fmt: skip
    assert new is not None
    assert (new.digits, new.start_value, cellar.own.ends_on) == (6, 3, date(2026, 3, 4))
    with pytest.raises(Refused, match="taken out"):
        cellar.read(cellar.own, "131", "2026-03-05")
    cellar.read(new, "10", "2026-03-09")
    cellar.bill()
    assert cellar.water_bills() == [(cellar.estate.houses["own"], Decimal(37), Decimal("151.70"))]
    cellar.session.commit()
    for wrong in (
        {"number": "W7"},
        {"number": "W8", "digits": "2"},
        {"number": "W8", "digits": "9" * 5000},
        {"number": "W8", "start_value": "9999999"},
    ):
        sent = {"value": "99999", "read_on": "2026-03-04", **wrong}
        with pytest.raises(LinliError):
            meters.exchange(cellar.session, cellar.next, sent, FINANCE, cellar.now)
        cellar.session.rollback()
        assert cellar.next.ends_on is None


def test_doubtful_readings_are_taken_from_who_has_looked_again(cellar: Cellar) -> None:
    cellar.read(cellar.own, "112", "2026-02-05")
    with pytest.raises(meters.DoubtfulReading, match="far more than usual"):
        cellar.read(cellar.own, "512", "2026-03-05")
    assert cellar.read(cellar.own, "512", "2026-03-05", sure="1").sure
    with pytest.raises(meters.DoubtfulReading, match="started again"):
        cellar.read(cellar.next, "4", "2026-02-01")
    assert cellar.read(cellar.next, "4", "2026-02-01", sure="1").used == 14
    struck = meters.strike(cellar.session, cellar.own, {"note": "看错了"}, FINANCE, cellar.now)
    assert struck.value == 512
    assert cellar.read(cellar.own, "115", "2026-03-05").used == 3
    with pytest.raises(Refused, match="Only the last"):
        meters.strike(cellar.session, cellar.own, {"note": "x", "reading": str(struck.id)}, FINANCE, cellar.now)


@pytest.mark.parametrize(
    ("value", "day"),
    [("99", "2026-03-05"), ("-1", "2026-03-05"), ("x", "2026-03-05"), ("100000", "2026-03-05"), ("101", "2026-03-11"),
     ("101", "2026-01-05"), ("101", "gestern"), ("1.23456", "2026-03-05"), ("1E30", "2026-03-05"), ("9" * 5000, "2026-03-05")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(cellar: Cellar, value: str, day: str) -> None:
    with pytest.raises(Invalid):
        cellar.read(cellar.own, value, day)
    assert cellar.session.scalars(select(MeterReading)).all() == []


def sheet(*lines: tuple[Any, ...]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for line in (("表号 *", "抄表日期 *", "读数 *", "备注"), *lines):
        page.append(line)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def test_a_sheet_is_taken_whole_or_not_at_all(cellar: Cellar) -> None:
    home = cellar.session.get_one(Community, cellar.estate.home)
    cellar.session.commit()
    lines = [("W1", "2026-02-05", 110, ""), ("W1", "2026-03-05", 115.5, "x"), ("W2", "2026-03-05", 3, "")]
    with pytest.raises(meter_import.ReadingsRefused) as refused:
        meter_import.take(cellar.session, home, sheet(*lines, ("W5", "2026-03-05", 1, "")), False, FINANCE, cellar.now)
    cellar.session.rollback()
    assert [(one.row, one.column) for one in refused.value.problems] == [(4, "value"), (5, "number")]
    assert cellar.session.scalars(select(MeterReading)).all() == []
    taken = meter_import.take(cellar.session, home, sheet(*lines), True, FINANCE, cellar.now)
    assert (taken.readings, taken.used) == (3, Decimal("28.5"))
    text = "表号,抄表日期,读数\nW1,2026/3/9,116\nW1,2026-03-09,117\nW2,2026-03-99,4\nW2,,x\n".encode("gb18030")
    with pytest.raises(meter_import.ReadingsRefused) as refused:
        meter_import.take(cellar.session, home, text, False, FINANCE, cellar.now)
    told = [(one.row, one.column) for one in refused.value.problems]
    assert {(3, "number"), (4, "read_on"), (5, "read_on"), (5, "value")} <= set(told)
    for nothing in (sheet(), b"a,b\n1,2\n"):
        with pytest.raises(meter_import.ReadingsRefused):
            meter_import.take(cellar.session, home, nothing, False, FINANCE, cellar.now)


def test_a_meter_has_a_number_of_its_own_and_an_item_that_is_charged_by_meters(cellar: Cellar) -> None:
    house = cellar.session.get_one(House, cellar.estate.houses["far"])
    good = {"house_id": house.id, "number": "W5", "digits": 5, "starts_on": date(2026, 3, 1), "start_value": Decimal(0),
            "fee_item_id": cellar.water.id}  # fmt: skip
    property_fee = cellar.session.scalars(select(FeeItem.id).where(FeeItem.code != "water")).first()
    meters.keep(cellar.session, Meter(), good, cellar.now)
    for wrong in (
        {"number": "W1"}, {"number": " "}, {"digits": 2}, {"digits": None}, {"start_value": Decimal(100000)},
        {"starts_on": date(2026, 3, 20)}, {"starts_on": None}, {"fee_item_id": property_fee}, {"house_id": None},
    ):  # fmt: skip
        with pytest.raises(LinliError):
            meters.keep(cellar.session, Meter(), {**good, **wrong}, cellar.now)
