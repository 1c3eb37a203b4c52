"""What tests of special events share: more households in a building, tickets on one matter, an event as far as it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import House, SpecialEvent, SpecialEventHouse, Ticket, Unit
from app.services import special_events
from tests.support.tickets import SmallEstate

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TEXTS = {"course": "电梯停运", "causes": "主板老化", "measures": "更换主板", "improvements": "每季度检测"}


def homes(session: Session, estate: SmallEstate, count: int, position: int = 3) -> list[House]:
    """So many houses of one building; the first is the estate's own."""
    first = estate.houses[position]
    known = session.scalars(select(House).where(House.unit_id == first.unit_id).order_by(House.id)).all()
    unit = session.get_one(Unit, first.unit_id)
    made = [
        House(
            community_id=first.community_id, building_id=first.building_id, unit_id=unit.id, number=f"{n}02",
            name=f"{position}幢1单元{n}02", area_m2=Decimal("90.00"), state="occupied",
        )
        for n in range(len(known), count)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return [*known, *made][:count]


def report(session: Session, estate: SmallEstate, now: datetime, house: House | None, **given: Any) -> Ticket:
    """A complaint of a household about the lift of building 3."""
    facts = {"kind": "complaint", "category_code": "attitude_test", "title": "电梯坏了", "house": house, **given}
    return estate.open(session, now, **facts)


def events(session: Session) -> list[SpecialEvent]:
    session.flush()
    return list(session.scalars(select(SpecialEvent).order_by(SpecialEvent.id)))


def proposed(session: Session, estate: SmallEstate, now: datetime, count: int = 5, **given: Any) -> SpecialEvent:
    """What so many households make, an hour apart, the last one now."""
    for n, house in enumerate(homes(session, estate, count)):
        report(session, estate, now - (count - 1 - n) * HOUR, house, **given)
    return events(session)[-1]


def take(session: Session, event: SpecialEvent, name: str, actor: Any, now: datetime, **data: Any) -> SpecialEvent:
    return special_events.perform(session, event, name, actor, now, data)


def confirmed(session: Session, estate: SmallEstate, now: datetime, **given: Any) -> SpecialEvent:
    event = proposed(session, estate, now, **given)
    return take(session, event, "confirm", estate.actor("supervisor"), now)


def settle(session: Session, estate: SmallEstate, event: SpecialEvent, now: datetime) -> SpecialEvent:
    """All that is owed is done, in the order of a real day; only the closing is left."""
    supervisor, manager = estate.actor("supervisor"), estate.actor("manager")
    take(session, event, "decide", manager, now, general_manager="yes", developer="no")
    for house_id in session.scalars(
        select(SpecialEventHouse.house_id).where(SpecialEventHouse.event_id == event.id)
    ).all():
        take(session, event, "visit", supervisor, now, house_id=house_id, words="同意更换")
    for ticket in list(event.tickets):
        estate.walk(session, ticket, now, "dispatch", "start", "finish")
    take(session, event, "write", supervisor, now, **TEXTS)
    take(session, event, "review", supervisor, now)
    return take(session, event, "sign", manager, now)
