"""Billing runs (D10, I8): a community's month is posted once, a batch of houses a transaction, however often and by whomever.

The row of the run is the turn: whoever bills a batch holds it, and goes on where it stands. What has a bill is not billed
again, so that a run may be started anew at any time: after a crash it goes on, after the end it finds nothing to do. Bills are
never changed: a wrong one is cancelled and made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, insert, literal, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, Refused
from app.models import Bill, BillingRun, Community, FeeItem, House, PayerAccount, Posting
from app.rules.billing import NOTHING, Trouble, is_odd, month_of
from app.rules.codes import Account, BillState, EntryKind, FeeBasis, RunState
from app.services import ledger, meter_use, payments, voided_bills
from app.services.access import rows
from app.services.actors import Actor
from app.services.billing_plan import BY_MONTH, Found, Period, Place, houses_after, items_of, last_month, plan
from app.services.local_time import local_zone
from app.services.policies import figure, figures
from app.services.ticket_input import clean_text

BATCH = 2000
"""Houses a transaction."""
MOST_ODD = 50


@dataclass
class ItemSum:
    """What a run would make of one fee item; `before` is the month before."""

    item: FeeItem
    bills: int = 0
    amount: Decimal = NOTHING
    waived: Decimal = NOTHING
    before: Decimal = NOTHING


@dataclass(frozen=True)
class Odd:
    """Something of a house that somebody should look at before the month is posted."""

    house: Place
    item: FeeItem
    amount: Decimal
    before: Decimal | None
    trouble: Trouble | None


@dataclass
class Preview:
    """What a run would do."""

    month: Period
    items: dict[int, ItemSum] = field(default_factory=dict)
    other: list[FeeItem] = field(default_factory=list)
    no_rate: list[FeeItem] = field(default_factory=list)
    billed: int = 0
    houses: int = 0
    odd: list[Odd] = field(default_factory=list)
    more_odd: int = 0

    @property
    def bills(self) -> int:
        """How many bills it would make."""
        return sum(one.bills for one in self.items.values())

    @property
    def amount(self) -> Decimal:
        """What they come to."""
        return sum((one.amount for one in self.items.values()), NOTHING)

    @property
    def before(self) -> Decimal:
        """What the month before came to."""
        return sum((one.before for one in self.items.values()), NOTHING)


def period_of(community: Community, period: str, now: datetime) -> Period:
    """The month. Raises Invalid."""
    first, last = month_of(period, _today(now))
    return Period(community.id, period, first, last)


def preview(session: Session, community: Community, period: str, now: datetime) -> Preview:
    """What a run would do now: sums an item, beside the month before, and the odd ones. Writes nothing."""
    found = Preview(period_of(community, period, now))
    items = items_of(session, community.id)
    found.other = [item for item, _rates in items if item.basis not in BY_MONTH]
    found.items = {item.id: ItemSum(item) for item, _rates in items if item.basis in BY_MONTH}
    percent, last = figure(session, "billing.odd_percent"), 0
    while houses := houses_after(session, community.id, last, BATCH):
        last = houses[-1].id
        found.houses += len(houses)
        before = last_month(session, found.month, houses)
        _add(found, plan(session, found.month, items, houses), before, percent)
    found.no_rate = [one for one in found.no_rate if not found.items[one.id].bills]
    return found


def start(session: Session, community: Community, period: str, actor: Actor, now: datetime) -> BillingRun:
    """Begin a month's run, or join the one that is under way. Raises Refused where there is nothing to charge by."""
    month = period_of(community, period, now)
    items = items_of(session, community.id)
    if not any(rates and item.basis in BY_MONTH for item, rates in items):
        raise Refused(N_("There is no fee item that is charged by the month: make one first."))
    if not any(rate.starts_on <= month.last for item, rates in items if item.basis in BY_MONTH for rate in rates):
        raise Refused(N_("No fee item has a rate for this month: enter the rate first."))
    monthly = {item.basis for item, rates in items if rates and item.basis in BY_MONTH}
    if monthly == {FeeBasis.PER_METER} and not meter_use.is_read(session, community.id, month.first, month.last):
        raise Refused(N_("No meter has been read in this month yet: enter the readings first."))
    values = {
        "community_id": community.id, "period": period, "state": RunState.RUNNING, "started_at": now,
        "started_by": actor.display_name[:80], "last_house_id": 0, "houses": 0, "houses_done": 0, "bills": 0, "amount": NOTHING,
    }  # fmt: skip
    insert_run = ledger.insert_of(session)(BillingRun).values(**values)
    session.execute(insert_run.on_conflict_do_nothing(index_elements=["community_id", "period"]))
    run = _turn(session, community.id, period)
    if run.state == RunState.POSTED or not run.houses:
        counted = select(func.count()).select_from(House).where(House.community_id == community.id)
        run.state, run.last_house_id, run.houses_done, run.finished_at = RunState.RUNNING, 0, 0, None
        run.houses, run.started_at, run.started_by = session.scalar(counted) or 0, now, actor.display_name[:80]
    session.flush()
    return run


def step(session: Session, run_id: int, actor: Actor, now: datetime, batch: int = BATCH) -> bool:
    """Bill the next houses of a run, in the caller's transaction. Returns whether there are more."""
    key = session.execute(select(BillingRun.community_id, BillingRun.period).where(BillingRun.id == run_id)).one()
    run = _turn(session, *key)
    if run.state == RunState.POSTED:
        return False
    community = session.get_one(Community, run.community_id)
    houses = houses_after(session, community.id, run.last_house_id, batch)
    if not houses:
        run.state, run.finished_at = RunState.POSTED, now
        session.flush()
        return False
    month = period_of(community, run.period, run.started_at)
    found = plan(session, month, items_of(session, community.id), houses)
    _write(session, month, found, houses, actor, now)
    run.last_house_id, run.houses_done = houses[-1].id, run.houses_done + len(houses)
    run.bills += len(found.bills)
    run.amount += sum((part.amount for _house, _item, part in found.bills), NOTHING)
    session.flush()
    return True


def runs(session: Session, community_id: int, most: int = 24) -> list[BillingRun]:
    """The newest months."""
    found = select(BillingRun).where(BillingRun.community_id == community_id)
    return list(session.scalars(found.order_by(BillingRun.period.desc()).limit(most)))


def under_way(session: Session, actor: Actor) -> list[BillingRun]:
    """The runs of the actor's communities that have not come to their end, the oldest first."""
    wanted = select(BillingRun).where(BillingRun.state == RunState.RUNNING, rows(actor, BillingRun))
    return list(session.scalars(wanted.options(joinedload(BillingRun.community)).order_by(BillingRun.id)))


def running(session: Session) -> list[int]:
    """Runs that have not come to their end: of somebody's click, or of a process that died."""
    return list(
        session.scalars(select(BillingRun.id).where(BillingRun.state == RunState.RUNNING).order_by(BillingRun.id))
    )


def cancel(session: Session, bill: Bill, sent: dict[str, Any], actor: Actor, now: datetime) -> int:
    """Cancel a bill: what was paid of it becomes the payer's credit; `again` makes it anew by today's rules. Returns the bills made.

    Raises Invalid without a reason, Refused for one that is cancelled."""
    reason = clean_text(sent.get("note"), 255, lines=False)
    if not reason:
        raise Invalid(N_("Write why it is cancelled."))
    whose = ledger.Whose(bill.community_id, bill.house_id, bill.payer_id)
    month_key = (bill.community_id, bill.period)
    voided_bills.void(session, bill, reason, actor, now)
    made = _again(session, month_key, bill.house_id, bill.fee_item_id, actor, now) if sent.get("again") else 0
    payments.use_credit(session, whose, actor, now)
    return made


def _again(
    session: Session, month_key: tuple[int, str], house_id: int, item_id: int, actor: Actor, now: datetime
) -> int:
    """Bill one item of one house anew."""
    community = session.get_one(Community, month_key[0])
    month = period_of(community, month_key[1], now)
    house = session.get_one(House, house_id)
    houses = [Place(house.id, house.name, house.area_m2)]
    items = [(item, rates) for item, rates in items_of(session, community.id) if item.id == item_id]
    found = plan(session, month, items, houses)
    _write(session, month, found, houses, actor, now)
    return len(found.bills)


def _write(session: Session, month: Period, found: Found, houses: Sequence[Place], actor: Actor, now: datetime) -> None:
    """The bills of some houses with their charge in the books; credit pays them at once."""
    if not found.bills:
        return
    issued = _today(now)
    due = _due(session, month, issued)
    session.execute(insert(Bill), [_row(month, *one, issued, due) for one in found.bills])
    entry = ledger.post(session, month.community_id, EntryKind.CHARGE, [], actor, now, note=month.period)
    made = select(
        literal(entry.id), Bill.community_id, literal(str(Account.RECEIVABLE)), literal(str(Account.INCOME)), Bill.amount,
        Bill.house_id, Bill.payer_id, Bill.id,
    ).where(
        Bill.community_id == month.community_id,
        Bill.period == month.period,
        Bill.house_id.between(houses[0].id, houses[-1].id),
        ~exists().where(Posting.bill_id == Bill.id),
    )  # fmt: skip
    columns = ["entry_id", "community_id", "debit", "credit", "amount", "house_id", "payer_id", "bill_id"]
    session.execute(insert(Posting).from_select(columns, made.order_by(Bill.id)))
    ahead = select(PayerAccount).where(
        PayerAccount.community_id == month.community_id,
        PayerAccount.house_id.between(houses[0].id, houses[-1].id),
        PayerAccount.credit_yuan > 0,
    )
    for one in session.scalars(ahead.order_by(PayerAccount.house_id, PayerAccount.payer_id)).all():
        payments.use_credit(session, ledger.Whose(one.community_id, one.house_id, one.payer_id), actor, now)


def _row(month: Period, house: Place, item: FeeItem, part: Any, issued: date, due: date) -> dict[str, Any]:
    return {
        "community_id": month.community_id,
        "house_id": house.id,
        "fee_item_id": item.id,
        "payer_id": part.payer_id,
        "period": month.period,
        "segment": part.segment,
        "quantity": part.quantity,
        "rate": part.rate,
        "amount": part.amount,
        "waived_yuan": part.waived,
        "paid_yuan": NOTHING,
        "state": BillState.OPEN,
        "issued_on": issued,
        "due_on": due,
        "from_on": part.from_on,
        "to_on": part.to_on,
    }


def _due(session: Session, month: Period, issued: date) -> date:
    """The month's day, or some days after the bill is made where that is later."""
    known = figures(session, "billing.due_day", "billing.least_days")
    of_month = month.first + timedelta(days=known["billing.due_day"] - 1)
    return max(min(of_month, month.last), issued + timedelta(days=known["billing.least_days"]))


def _turn(session: Session, community_id: int, period: str) -> BillingRun:
    mine = (BillingRun.community_id == community_id, BillingRun.period == period)
    found = select(BillingRun).where(*mine).with_for_update(of=BillingRun)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def _today(now: datetime) -> date:
    return now.astimezone(local_zone()).date()


def _add(found: Preview, more: Found, before: dict[tuple[int, int], Decimal], percent: int) -> None:
    """Put some houses to the preview, the odd ones by name: much more or less than the month before, new, or not charged."""
    sums: dict[tuple[Place, int], Decimal] = defaultdict(lambda: NOTHING)
    for house, item, part in more.bills:
        one = found.items[item.id]
        one.bills, one.amount, one.waived = one.bills + 1, one.amount + part.amount, one.waived + part.waived
        sums[house, item.id] += part.amount
    for (_house, item_id), yuan in before.items():
        if item_id in found.items:
            found.items[item_id].before += yuan
    found.billed += more.billed
    odd = []
    for (house, item_id), yuan in sums.items():
        was = before.get((house.id, item_id))
        if was is not None and is_odd(yuan, was, percent):
            odd.append(Odd(house, found.items[item_id].item, yuan, was, None))
    for house, item, trouble in more.troubles:
        if trouble == Trouble.NO_RATE:
            if item not in found.no_rate:
                found.no_rate.append(item)
            continue
        odd.append(Odd(house, item, sums.get((house, item.id), NOTHING), before.get((house.id, item.id)), trouble))
    found.more_odd += max(0, len(odd) - (MOST_ODD - len(found.odd)))
    found.odd += odd[: MOST_ODD - len(found.odd)]
