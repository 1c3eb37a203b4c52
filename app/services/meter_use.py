"""What the meters of a month used (D10), and what is billed of it. Every unit is charged once.

A month is charged by the readings taken in it; what an unread meter used comes with its next reading. What is billed stays: such
a month takes no reading any more, and its meter no other fee item.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import Bill, BillingRun, Meter, MeterReading
from app.models.base import Rate
from app.rules.codes import BillState, RunState


@dataclass(frozen=True)
class Use:
    """What the meters of a house and fee item used in a month."""

    units: Decimal | None
    """None where none of them was read."""
    since: date
    """The first day of the month on which one of those read was there."""
    unread: bool
    """Whether one that was there from the first day on is unread."""


def used(
    session: Session, community_id: int, first: date, last: date, houses: tuple[int, int]
) -> dict[tuple[int, int], Use]:
    """(house, fee item) → what its meters used in a month. Two statements. `houses`: from one id to another."""
    total = type_coerce(func.sum(MeterReading.used), Rate)
    read = dict(
        session.execute(
            select(MeterReading.meter_id, total)
            .where(
                MeterReading.community_id == community_id,
                MeterReading.house_id.between(*houses),
                MeterReading.read_on.between(first, last),
                MeterReading.struck_at.is_(None),
            )
            .group_by(MeterReading.meter_id)
        ).tuples().all()
    )  # fmt: skip
    there = select(Meter.id, Meter.house_id, Meter.fee_item_id, Meter.starts_on).where(
        Meter.community_id == community_id,
        Meter.house_id.between(*houses),
        Meter.fee_item_id.is_not(None),
        Meter.starts_on <= last,
        or_(Meter.ends_on.is_(None), Meter.ends_on >= first),
    )
    found: dict[tuple[int, int], Use] = {}
    for meter, house, item, starts in session.execute(there).tuples():
        key = (house, item or 0)
        before = found.get(key, Use(None, last, False))
        if meter in read:
            units = (before.units or Decimal(0)) + read[meter]
            found[key] = Use(units, min(before.since, max(first, starts)), before.unread)
        else:
            found[key] = Use(before.units, before.since, before.unread or starts <= first)
    return found


def left(session: Session, community_id: int, first: date, last: date, houses: tuple[int, int]) -> set[tuple[int, int]]:
    """(house, fee item) of what was read in a month after its run had passed, and waits for another run of it. One statement."""
    month = f"{first:%Y-%m}"
    billed = exists().where(
        Bill.house_id == Meter.house_id, Bill.fee_item_id == Meter.fee_item_id, Bill.period == month,
        Bill.state != BillState.CANCELLED,
    )  # fmt: skip
    run = (BillingRun.community_id == Meter.community_id) & (BillingRun.period == month)
    found = (
        select(Meter.house_id, Meter.fee_item_id)
        .join(MeterReading, MeterReading.meter_id == Meter.id)
        .outerjoin(BillingRun, run)
        .where(
            Meter.community_id == community_id,
            Meter.house_id.between(*houses),
            Meter.fee_item_id.is_not(None),
            MeterReading.read_on.between(first, last),
            MeterReading.struck_at.is_(None),
            MeterReading.used > 0,
            or_(BillingRun.finished_at.is_(None), MeterReading.at > BillingRun.finished_at),
            ~billed,
        )
        .distinct()
    )
    return {(house, item or 0) for house, item in session.execute(found).tuples()}


def is_read(session: Session, community_id: int, first: date, last: date) -> bool:
    """Whether any meter of a community was read in a month."""
    wanted = (
        MeterReading.community_id == community_id, MeterReading.read_on.between(first, last), MeterReading.struck_at.is_(None),
    )  # fmt: skip
    return session.scalar(select(MeterReading.id).where(*wanted).limit(1)) is not None


def refuse_billed(session: Session, meter: Meter, day: date, today: date | None = None) -> None:
    """A month that is billed for the house takes no reading any more. With `today` neither does a month that is over and was run
    for the community: its run comes no more, and what is found now is charged with the next one. Raises Refused."""
    if meter.fee_item_id is None:
        return
    month = f"{day:%Y-%m}"
    if session.scalar(select(Bill.id).where(*_billed(meter), Bill.period == month).limit(1)) is not None:
        raise Refused(
            N_("%(month)s is billed for this house already: cancel the bill first, or read the meter next month."),
            month=month,
        )
    if today is None or month >= f"{today:%Y-%m}":
        return
    run = (BillingRun.community_id == meter.community_id, BillingRun.period == month)
    passed = or_(BillingRun.state == RunState.POSTED, BillingRun.last_house_id >= meter.house_id)
    if session.scalar(select(BillingRun.id).where(*run, passed).limit(1)) is not None:
        raise Refused(
            N_(
                "%(month)s is billed here already: give the reading a day of a month that is not, and it is charged then."
            ),
            month=month,
        )


def refuse_other_item(session: Session, meter: Meter) -> None:
    """What is billed under one fee item is not billed again under another. Raises Refused."""
    read = select(MeterReading.read_on).where(MeterReading.meter_id == meter.id, MeterReading.struck_at.is_(None))
    months = {f"{day:%Y-%m}" for day in session.scalars(read)}
    if months and not months.isdisjoint(session.scalars(select(Bill.period).where(*_billed(meter)))):
        raise Refused(
            N_("This meter is billed under its fee item already: take it out, and enter it anew with the other item.")
        )


def _billed(meter: Meter) -> tuple[ColumnElement[bool], ...]:
    return (
        Bill.house_id == meter.house_id, Bill.fee_item_id == meter.fee_item_id, Bill.state != BillState.CANCELLED,
    )  # fmt: skip
