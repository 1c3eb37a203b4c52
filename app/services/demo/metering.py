"""Water meters of one stair, read in the last three months. A fee item of their own is the visitor's to make."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Building, House, Meter, MeterReading, Unit
from app.rules.codes import MeterKind
from app.services.local_time import local_zone

_FLOORS = 6
_READ_ON = 25


def put_in_meters(session: Session, community_id: int, begins: datetime) -> None:
    """A meter a house of 3幢2单元, up to the sixth floor."""
    today = begins.astimezone(local_zone()).date()
    found = (
        select(House)
        .join(Unit, Unit.id == House.unit_id)
        .join(Building, Building.id == House.building_id)
        .where(House.community_id == community_id, Building.number == "3", Unit.number == "2", House.floor <= _FLOORS)
        .order_by(House.floor, House.number)
    )
    days = _days(today)
    for place, house in enumerate(session.scalars(found), start=1):
        shows = Decimal(137 + place * 41)
        meter = Meter(
            community_id=community_id, house_id=house.id, kind=MeterKind.COLD_WATER,
            number=f"W-{place:04d}", digits=5, starts_on=days[0] - timedelta(days=30), start_value=shows,
        )  # fmt: skip
        session.add(meter)
        session.flush()
        for month, day in enumerate(days):
            used = Decimal(6 + (place * 7 + month * 5) % 11) + Decimal((place * 3 + month) % 10) / 10
            shows += used
            session.add(
                MeterReading(
                    meter_id=meter.id, community_id=community_id, house_id=house.id, read_on=day, value=shows, used=used,
                    at=begins, read_by="抄表",
                )
            )  # fmt: skip
    session.flush()


def _days(today: date) -> list[date]:
    """The 25th of the last three months, the oldest first."""
    found, first = [], today.replace(day=1)
    for _ in range(3):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first.replace(day=_READ_ON))
    return found[::-1]
