"""Meters and their readings (D10): read on the round, exchanged, struck where they were wrong; what a month used is billed.

The meter's row is the turn: whoever reads, exchanges or strikes waits there. A month that is billed for a house takes no reading
any more, and loses none: the bill is cancelled first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, Refused
from app.models import FeeItem, House, Meter, MeterReading
from app.models.base import Rate
from app.rules import meters as rule
from app.rules.codes import FeeBasis
from app.rules.digits import is_number
from app.rules.meters import FEWEST_DIGITS, MOST_DIGITS, Doubt, Last
from app.rules.typed_time import read_day
from app.services import meter_use
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.policies import figures
from app.services.ticket_input import clean_text

PAGE = 40
DOUBTS = {
    Doubt.JUMP: N_(
        "%(usage)s since the last reading is far more than usual here: look again, then say that it is right."
    ),
    Doubt.ROLLED: N_(
        "The counter has started again from nothing, and %(usage)s was used: look again, then say that it is right."
    ),
}


class DoubtfulReading(Refused):
    """A reading that may be true: it is taken from somebody who says that they have looked again (`sure`)."""

    def __init__(self, doubt: Doubt, usage: Decimal) -> None:
        self.doubt = doubt
        super().__init__(DOUBTS[doubt], usage=f"{usage.normalize():f}")


@dataclass(frozen=True)
class Standing:
    """A meter of the round with its last reading."""

    meter: Meter
    last: Last
    read: bool
    """Whether it has been read this month."""


def keep(session: Session, meter: Meter, values: Mapping[str, Any], now: datetime) -> None:
    """What a form says of a meter, before it is written. Raises Invalid, Refused for a number that is there already."""
    house = session.get(House, values.get("house_id") or meter.house_id or 0)
    item = session.get(FeeItem, values["fee_item_id"]) if values.get("fee_item_id") else None
    if house is None:
        raise Invalid(N_("Choose the house of the meter."))
    if item is not None and (item.community_id != house.community_id or item.basis != FeeBasis.PER_METER):
        raise Invalid(N_("Choose a fee item of this community that is charged by meters."))
    meter.community_id = house.community_id
    if meter.id and (item.id if item else None) != meter.fee_item_id:
        meter_use.refuse_other_item(session, meter)
    _check_new(session, meter, values, now)


def enter(session: Session, meter: Meter, sent: Mapping[str, Any], actor: Actor, now: datetime) -> MeterReading:
    """Take a reading. `sent`: value, read_on (today where it is empty), sure, note. Raises Invalid for what cannot be, Refused for
    a month that is billed, DoubtfulReading for what somebody must be sure of."""
    locked(session, meter)
    if meter.ends_on is not None:
        raise Refused(N_("This meter was taken out on %(day)s."), day=meter.ends_on.isoformat())
    today = now.astimezone(local_zone()).date()
    given = sent.get("read_on")
    read_on = given if isinstance(given, date) else read_day(str(given), today) if given else today
    if read_on is None:
        raise Invalid(N_("Write the day like 2026-03-31."))
    value, note = rule.value_of(sent.get("value")), clean_text(sent.get("note"), 255, lines=False)
    before = last_of(session, meter)
    rule.check(value, read_on, before, meter.digits, today)
    meter_use.refuse_billed(session, meter, read_on, today)
    known = figures(session, "meters.jump_percent", "meters.jump_least")
    total = select(type_coerce(func.coalesce(func.sum(MeterReading.used), 0), Rate)).where(*_counting(meter))
    per_day = rule.used_in_a_day(session.scalar(total) or Decimal(0), meter.starts_on, before.read_on)
    found = rule.judge(
        value, read_on, before, meter.digits, per_day, known["meters.jump_percent"], known["meters.jump_least"]
    )
    if found.doubt is not None and not sent.get("sure"):
        raise DoubtfulReading(found.doubt, found.usage)
    row = MeterReading(
        meter_id=meter.id, community_id=meter.community_id, house_id=meter.house_id, read_on=read_on, value=value,
        used=found.usage, sure=found.doubt is not None, note=note, at=now, read_by=actor.display_name[:80],
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def exchange(session: Session, meter: Meter, sent: Mapping[str, Any], actor: Actor, now: datetime) -> Meter | None:
    """Take a meter out with its last reading, and put another in its place. `sent`: as `enter`, then number (empty: none comes in
    its place), digits, start_value. Returns the new one."""
    reading = enter(session, meter, sent, actor, now)
    number = clean_text(sent.get("number"), 40, lines=False)
    meter.ends_on = reading.read_on
    if not number:
        session.flush()
        return None
    made = Meter(
        community_id=meter.community_id, house_id=meter.house_id, fee_item_id=meter.fee_item_id, kind=meter.kind,
    )  # fmt: skip
    digits, shows = str(sent.get("digits") or meter.digits).strip(), rule.value_of(sent.get("start_value") or "0")
    values = {"number": number, "digits": digits, "starts_on": reading.read_on, "start_value": shows}
    _check_new(session, made, values, now)
    made.number, made.digits, made.starts_on, made.start_value = number, int(digits), reading.read_on, shows
    session.add(made)
    session.flush()
    return made


def strike(session: Session, meter: Meter, sent: Mapping[str, Any], actor: Actor, now: datetime) -> MeterReading:
    """Strike the last reading, with `note`: why. Raises Refused where there is none, or it is billed."""
    locked(session, meter)
    reason = clean_text(sent.get("note"), 255, lines=False)
    if not reason:
        raise Invalid(N_("Write why the reading is struck."))
    row = session.scalars(
        select(MeterReading).where(*_counting(meter)).order_by(MeterReading.read_on.desc()).limit(1)
    ).one_or_none()
    if row is None or str(sent.get("reading", row.id)) != str(row.id):
        raise Refused(N_("Only the last reading of a meter can be struck: look at the page again."))
    if meter.ends_on is not None:
        raise Refused(N_("This meter was taken out on %(day)s."), day=meter.ends_on.isoformat())
    meter_use.refuse_billed(session, meter, row.read_on)
    row.struck_at, row.struck_by, row.struck_reason = now, actor.display_name[:80], reason
    session.flush()
    return row


def own(session: Session, actor: Actor, key: int) -> Meter | None:
    """One meter, if it is the actor's to see."""
    wanted = select(Meter).where(Meter.id == key, rows(actor, Meter))
    return session.scalars(wanted.options(joinedload(Meter.house), joinedload(Meter.fee_item))).one_or_none()


def locked(session: Session, meter: Meter) -> None:
    """Wait for whoever works on this meter."""
    session.scalars(
        select(Meter).where(Meter.id == meter.id).with_for_update(of=Meter).execution_options(populate_existing=True)
    ).one()


def last_of(session: Session, meter: Meter) -> Last:
    """Where the meter stood last: its newest reading, or where it began."""
    found = session.execute(
        select(MeterReading.value, MeterReading.read_on)
        .where(*_counting(meter))
        .order_by(MeterReading.read_on.desc())
        .limit(1)
    ).first()
    return Last(found[0], found[1]) if found else Last(meter.start_value, meter.starts_on)


def history(session: Session, meter: Meter, most: int = 60) -> Sequence[MeterReading]:
    """The readings of a meter, the newest first, with those that were struck."""
    wanted = select(MeterReading).where(MeterReading.meter_id == meter.id)
    return session.scalars(wanted.order_by(MeterReading.read_on.desc(), MeterReading.id.desc()).limit(most)).all()


def on_round(
    session: Session, actor: Actor, community_id: int, building_id: int | None, today: date, page: int
) -> tuple[list[Standing], int, int]:
    """A page of the meters in use (of a building): not read this month first, then by house. With how many are unread, and all."""
    first = today.replace(day=1)
    read = select(MeterReading.meter_id).where(
        MeterReading.community_id == community_id, MeterReading.read_on >= first, MeterReading.struck_at.is_(None)
    )
    wanted = [Meter.community_id == community_id, Meter.ends_on.is_(None), rows(actor, Meter)]
    if building_id is not None:
        wanted.append(House.building_id == building_id)
    is_read = Meter.id.in_(read)
    counted = (
        select(func.count(), func.count().filter(~is_read)).select_from(Meter).join(House, House.id == Meter.house_id)
    )
    count, unread = session.execute(counted.where(*wanted)).one()
    held = (
        select(Meter, is_read).join(House, House.id == Meter.house_id).where(*wanted).options(joinedload(Meter.house))
    )
    held = held.order_by(is_read, House.building_id, House.unit_id, House.floor, House.number, Meter.kind, Meter.id)
    found = session.execute(held.offset(page * PAGE).limit(PAGE)).tuples().all()
    newest = (
        select(MeterReading.meter_id, func.max(MeterReading.read_on).label("day"))
        .where(MeterReading.meter_id.in_([meter.id for meter, _read in found]), MeterReading.struck_at.is_(None))
        .group_by(MeterReading.meter_id)
        .subquery()
    )
    of_day = (newest.c.meter_id == MeterReading.meter_id) & (newest.c.day == MeterReading.read_on)
    lasts = {
        row.meter_id: Last(row.value, row.read_on)
        for row in session.scalars(select(MeterReading).join(newest, of_day).where(MeterReading.struck_at.is_(None)))
    }
    shown = [
        Standing(meter, lasts.get(meter.id, Last(meter.start_value, meter.starts_on)), bool(done))
        for meter, done in found
    ]
    return shown, unread, count


def _counting(meter: Meter) -> tuple[Any, ...]:
    return (MeterReading.meter_id == meter.id, MeterReading.struck_at.is_(None))


def _check_new(session: Session, meter: Meter, values: Mapping[str, Any], now: datetime) -> None:
    number = str(values.get("number") or "").strip()
    if not number:
        raise Invalid(N_("Write the number of the meter."))
    digits, start = values.get("digits", meter.digits), values.get("start_value", meter.start_value) or Decimal(0)
    if not is_number(str(digits)) or not FEWEST_DIGITS <= int(digits) <= MOST_DIGITS:
        raise Invalid(
            N_("A meter has %(low)s to %(high)s digits before the point."), low=FEWEST_DIGITS, high=MOST_DIGITS
        )
    if start < 0 or start >= rule.span_of(int(digits)):
        raise Invalid(N_("This meter shows %(digits)s digits before the point: read it again."), digits=digits)
    starts = values.get("starts_on", meter.starts_on)
    if starts is None or starts > now.astimezone(local_zone()).date():
        raise Invalid(N_("Write the day the meter was put in: today or before."))
    same = (Meter.community_id == meter.community_id, Meter.number == number, Meter.id != (meter.id or 0))
    with session.no_autoflush:
        if session.scalar(select(Meter.id).where(*same)) is not None:
            raise Refused(N_("There is a meter with this number already: %(number)s."), number=number)
