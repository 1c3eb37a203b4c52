"""What a billing run would make of some houses: bills by the rule, and why something is not charged. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.models import Bill, FeeConcession, FeeItem, FeeRate, FeeUse, House, Tenure
from app.models.base import Money
from app.rules.billing import Holder, Part, Span, Trouble, charge
from app.rules.codes import BillState, FeeBasis, TenureRole
from app.services import meter_use

ALWAYS = date(1900, 1, 1)
BY_MONTH = (
    FeeBasis.PER_M2_MONTH, FeeBasis.PER_HOUSE_MONTH, FeeBasis.PER_VEHICLE_MONTH, FeeBasis.PER_TENANCY_MONTH, FeeBasis.PER_METER,
)  # fmt: skip
"""What a run charges; the others are charged when they are used."""


@dataclass(frozen=True)
class Period:
    """A month of a community, as a run sees it."""

    community_id: int
    period: str
    first: date
    last: date

    @property
    def before(self) -> str:
        """The month before."""
        return f"{self.first - timedelta(days=1):%Y-%m}"


@dataclass(frozen=True)
class Place:
    """A house as billing needs it."""

    id: int
    name: str
    area: Decimal


@dataclass
class Found:
    """What is to be made of some houses."""

    bills: list[tuple[Place, FeeItem, Part]] = field(default_factory=list)
    troubles: list[tuple[Place, FeeItem, Trouble]] = field(default_factory=list)
    billed: int = 0


def items_of(session: Session, community_id: int) -> list[tuple[FeeItem, list[Span]]]:
    """The fee items of a community with their rates: from each one's first day on, to the end of the item."""
    items = session.scalars(select(FeeItem).where(FeeItem.community_id == community_id).order_by(FeeItem.id)).all()
    rates: dict[int, list[Span]] = defaultdict(list)
    ends = {item.id: item.ends_on for item in items}
    found = select(FeeRate).where(FeeRate.fee_item_id.in_(ends)).order_by(FeeRate.valid_from)
    for row in session.scalars(found):
        rates[row.fee_item_id].append(Span(row.rate, row.valid_from, ends[row.fee_item_id]))
    # An item that was written with its rate alone has that one.
    return [(item, rates[item.id] or [Span(item.rate, item.valid_from, item.ends_on)]) for item in items]


def houses_after(session: Session, community_id: int, house_id: int, most: int) -> list[Place]:
    """The next houses by id."""
    wanted = select(House.id, House.name, House.area_m2).where(House.community_id == community_id, House.id > house_id)
    return [Place(*row) for row in session.execute(wanted.order_by(House.id).limit(most)).tuples()]


def plan(
    session: Session, month: Period, items: Sequence[tuple[FeeItem, list[Span]]], houses: Sequence[Place]
) -> Found:
    """What these houses are charged. Of a house and item that has a bill of the nothing. Four statements, three more
    for meters."""
    found = Found()
    if not houses:
        return found
    span = (houses[0].id, houses[-1].id)
    chosen = {one.id for one in houses}
    billed = set(session.execute(_live(month, span)).tuples())
    holders = _holders(session, month, span)
    uses = _spans(session, FeeUse, FeeUse.quantity, month, span)
    less = _spans(session, FeeConcession, FeeConcession.percent, month, span)
    by_meter = any(item.basis == FeeBasis.PER_METER for item, _rates in items)
    metered = meter_use.used(session, month.community_id, month.first, month.last, span) if by_meter else {}
    before = month.first - timedelta(days=1)
    late = meter_use.left(session, month.community_id, before.replace(day=1), before, span) if by_meter else set()
    found.billed = sum(1 for house_id, _item in billed if house_id in chosen)
    for house in houses:
        for item, rates in items:
            if (house.id, item.id) in late:
                found.troubles.append((house, item, Trouble.READ_AFTER_RUN))
            if item.basis not in BY_MONTH or (house.id, item.id) in billed:
                continue
            use = metered.get((house.id, item.id)) if item.basis == FeeBasis.PER_METER else None
            if use is not None and use.unread:
                found.troubles.append((house, item, Trouble.NO_READING))
            counted = [Span(use.units, ALWAYS)] if use is not None and use.units else []
            quantities = _quantities(item, house, uses.get((house.id, item.id), []), counted)
            if not quantities:
                continue
            role = TenureRole.TENANT if item.basis == FeeBasis.PER_TENANCY_MONTH else TenureRole.OWNER
            there = holders.get((house.id, role), [])
            if role == TenureRole.TENANT and not there:
                continue
            off, since = less.get((house.id, item.id), ()), use.since if use is not None else month.first
            parts, trouble = charge(since, month.last, quantities, rates, there, off, used_up=use is not None)
            found.bills += [(house, item, part) for part in parts]
            if trouble is not None:
                found.troubles.append((house, item, trouble))
    return found


def last_month(session: Session, month: Period, houses: Sequence[Place]) -> dict[tuple[int, int], Decimal]:
    """(house, item) → what it was charged the month before."""
    if not houses:
        return {}
    total = type_coerce(func.sum(Bill.amount), Money)
    found = (
        select(Bill.house_id, Bill.fee_item_id, total)
        .where(
            Bill.community_id == month.community_id,
            Bill.period == month.before,
            Bill.state != BillState.CANCELLED,
            Bill.house_id.between(houses[0].id, houses[-1].id),
        )
        .group_by(Bill.house_id, Bill.fee_item_id)
    )
    return {(house, item): yuan for house, item, yuan in session.execute(found).tuples()}


def _quantities(item: FeeItem, house: Place, uses: list[Span], metered: list[Span]) -> list[Span]:
    match item.basis:
        case FeeBasis.PER_M2_MONTH:
            return [Span(house.area, ALWAYS)]
        case FeeBasis.PER_VEHICLE_MONTH:
            return uses
        case FeeBasis.PER_METER:
            return metered
        case _:
            return [Span(Decimal(1), ALWAYS)]


def _live(month: Period, span: tuple[int, int]) -> Any:
    return (
        select(Bill.house_id, Bill.fee_item_id)
        .where(
            Bill.community_id == month.community_id,
            Bill.period == month.period,
            Bill.state != BillState.CANCELLED,
            Bill.house_id.between(*span),
        )
        .distinct()
    )


def _holders(session: Session, month: Period, span: tuple[int, int]) -> dict[tuple[int, str], list[Holder]]:
    """(house, role) → who owned it or rented it in the month; members of a household pay nothing of their own."""
    found = (
        select(Tenure.house_id, Tenure.role, Tenure.person_id, Tenure.starts_on, Tenure.ends_on, Tenure.id)
        .join(House, House.id == Tenure.house_id)
        .where(
            House.community_id == month.community_id,
            Tenure.house_id.between(*span),
            Tenure.role.in_((TenureRole.OWNER, TenureRole.TENANT)),
            Tenure.starts_on <= month.last,
            or_(Tenure.ends_on.is_(None), Tenure.ends_on >= month.first),
        )
        .order_by(Tenure.id)
    )
    made: dict[tuple[int, str], list[Holder]] = defaultdict(list)
    for house, role, person, starts, ends, key in session.execute(found).tuples():
        made[house, role].append(Holder(person, starts, ends, (starts, key)))
    return made


def _spans(
    session: Session, model: Any, value: Any, month: Period, span: tuple[int, int]
) -> dict[tuple[int, int], list[Span]]:
    """(house, item) → what holds in the month."""
    found: Iterable[Any] = session.execute(
        select(model.house_id, model.fee_item_id, value, model.starts_on, model.ends_on)
        .where(
            model.community_id == month.community_id,
            model.house_id.between(*span),
            model.starts_on <= month.last,
            or_(model.ends_on.is_(None), model.ends_on >= month.first),
        )
        .order_by(model.id)
    ).tuples()
    made: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for house, item, worth, starts, ends in found:
        made[house, item].append(Span(worth, starts, ends))
    return made
