"""A year of property fee bills: 2.80 yuan per m² and month, half-up to the fen; the older the month, the less is owed."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from app.models import Bill
from app.rules.codes import BillState
from app.services.demo.estate import PROPERTY_FEE, DemoHouse
from app.services.demo.people import FIXED_PHONES
from app.services.demo.world import World

FEN = Decimal("0.01")
DUE_DAY = 25
_OLDEST_UNPAID, _NEWEST_UNPAID = 3.0, 6.4
"""Percent of the bills still open, of the first month and of the last."""

_OWING = {"张伟": 1, "王强": 2}
"""The people of I7 who have not paid their last months yet; the others of them owe nothing."""


def bill_months(world: World, months: list[date]) -> None:
    """Write one bill a house and month; `months` are first days, the oldest first. The present month is not billed."""
    for age, month in enumerate(reversed(months)):
        share = age / max(len(months) - 1, 1)
        unpaid = _NEWEST_UNPAID + (_OLDEST_UNPAID - _NEWEST_UNPAID) * share
        for house in world.estate.houses:
            _bill(world, house, month, unpaid, age)
        world.writer.flush()


def _bill(world: World, house: DemoHouse, month: date, unpaid_percent: float, age: int) -> None:
    owner = world.households.owner_on(house.id, month)
    amount = (house.area_m2 * PROPERTY_FEE).quantize(FEN, ROUND_HALF_UP)
    paid_days, chance, partly = world.random.triangular(0, 75, 12), world.random.random() * 100, world.random.random()
    if world.estate.index == 0 and owner.name in FIXED_PHONES:
        chance = -1.0 if age < _OWING.get(owner.name, 0) else 100.0
        partly = 1.0
    paid, paid_at, state = Decimal(0), None, BillState.OPEN
    latest = world.cutoff - timedelta(hours=2)
    if chance >= unpaid_percent:
        paid, state = amount, BillState.PAID
    elif partly < 0.12:
        paid, state = (amount / 2).quantize(FEN, ROUND_HALF_UP), BillState.PART_PAID
    if paid:
        paid_at = min(world.at(month, 9) + timedelta(days=paid_days), latest).replace(microsecond=0)
    world.writer.add(
        Bill,
        community_id=world.estate.community_id,
        house_id=house.id,
        fee_item_id=world.estate.fee_item_id,
        payer_id=owner.person_id,
        period=f"{month:%Y-%m}",
        quantity=house.area_m2,
        rate=PROPERTY_FEE,
        amount=amount,
        paid_yuan=paid,
        state=state,
        issued_on=month,
        due_on=month.replace(day=DUE_DAY),
        paid_at=paid_at,
    )
