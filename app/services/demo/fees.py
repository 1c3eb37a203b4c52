"""A year of property fee bills: 2.80 yuan per m² and month, half-up to the fen; the older the month, the less is owed. The books
say when what was paid of them came in, and how; every payment has its receipt."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from app.models import Bill, JournalEntry, Payment, Posting, Receipt, ReceiptCounter
from app.rules.codes import Account, BillState, EntryKind, PaymentKind, PaymentState, PaymentWay, Role
from app.rules.postings import PAID_INTO
from app.services.demo.estate import PROPERTY_FEE, DemoHouse
from app.services.demo.people import FIXED_PHONES
from app.services.demo.world import World

FEN = Decimal("0.01")
DUE_DAY = 25
_OLDEST_UNPAID, _NEWEST_UNPAID = 3.0, 6.4
"""Percent of the bills still open, of the first month and of the last."""

_OWING = {"张伟": 1, "王强": 2}
"""The people of I7 who have not paid their last months yet; the others of them owe nothing."""

_WAYS = (PaymentWay.WECHAT, PaymentWay.WECHAT, PaymentWay.TRANSFER, PaymentWay.ALIPAY, PaymentWay.CASH, PaymentWay.CARD)


@dataclass(frozen=True)
class Paid:
    """Money that came in for one bill."""

    bill_id: int
    house_id: int
    payer_id: int
    yuan: Decimal
    at: datetime


def bill_months(world: World, months: list[date]) -> None:
    """Write one bill a house and month; `months` are first days, the oldest first. The present month is not billed."""
    paid: list[Paid] = []
    for age, month in enumerate(reversed(months)):
        share = age / max(len(months) - 1, 1)
        unpaid = _NEWEST_UNPAID + (_OLDEST_UNPAID - _NEWEST_UNPAID) * share
        entry = _entry(world, EntryKind.CHARGE, world.at(month, 1), world.team.of(Role.FINANCE)[0].name)
        for house in world.estate.houses:
            paid += _bill(world, house, month, unpaid, age, entry)
        world.writer.flush()
    _take(world, sorted(paid, key=lambda one: (one.at, one.bill_id)))


def _bill(world: World, house: DemoHouse, month: date, unpaid_percent: float, age: int, entry: int) -> list[Paid]:
    owner = world.households.owner_on(house.id, month)
    payer_id = owner.person_id or 0
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
    bill_id = world.writer.add(
        Bill,
        community_id=world.estate.community_id,
        house_id=house.id,
        fee_item_id=world.estate.fee_item_id,
        payer_id=payer_id,
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
    found = Paid(bill_id, house.id, payer_id, paid, paid_at or world.at(month, 9))
    _post(world, entry, Account.RECEIVABLE, Account.INCOME, found, amount)
    return [found] if paid else []


def _take(world: World, paid: list[Paid]) -> None:
    """The payments in the order in which they came in, with their receipts: what is paid in cash is taken at the desk."""
    takers = [one.name for one in (*world.team.of(Role.FINANCE)[:1], *world.team.of(Role.ASSISTANT))]
    for number, one in enumerate(paid, start=1):
        way = _WAYS[(one.house_id * 7 + number // 400) % len(_WAYS)]
        by = takers[number % len(takers)] if way in (PaymentWay.CASH, PaymentWay.CARD) else takers[0]
        payment = world.writer.add(
            Payment,
            community_id=world.estate.community_id,
            house_id=one.house_id,
            payer_id=one.payer_id,
            kind=PaymentKind.PAYMENT,
            way=way,
            amount=one.yuan,
            state=PaymentState.POSTED,
            at_home=False,
            reference=f"{one.at:%Y%m%d}{number:06d}" if way == PaymentWay.TRANSFER else "",
            note="",
            received_at=one.at,
            taken_by=by,
            reversed_by="",
            reversal_reason="",
            created_at=one.at,
        )
        world.writer.add(
            Receipt, community_id=world.estate.community_id, number=number, payment_id=payment, issued_at=one.at
        )
        entry = _entry(world, EntryKind.PAYMENT, one.at, by, payment)
        _post(world, entry, PAID_INTO[way], Account.RECEIVABLE, one, one.yuan)
    world.writer.flush()
    world.writer.session.add(ReceiptCounter(community_id=world.estate.community_id, last=len(paid)))
    world.writer.session.flush()


def _entry(world: World, kind: EntryKind, at: datetime, by: str, payment_id: int | None = None) -> int:
    return world.writer.add(
        JournalEntry,
        community_id=world.estate.community_id,
        kind=kind,
        booked_on=world.local(at).date(),
        at=at,
        actor_name=by,
        note="",
        payment_id=payment_id,
    )


def _post(world: World, entry_id: int, debit: Account, credit: Account, about: Paid, yuan: Decimal) -> None:
    world.writer.add(
        Posting,
        entry_id=entry_id,
        community_id=world.estate.community_id,
        debit=debit,
        credit=credit,
        amount=yuan,
        house_id=about.house_id,
        payer_id=about.payer_id,
        bill_id=about.bill_id,
    )
