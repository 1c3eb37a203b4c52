"""The house and the building of a ticket whose place is learnt after it was opened, or from words (D2)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Building, House, Ticket


def building_numbered(session: Session, community_id: int | None, number: str | None) -> Building | None:
    """A building of a community by its number."""
    if number is None:
        return None
    wanted = (Building.community_id == community_id, Building.number == number)
    return session.scalars(select(Building).where(*wanted)).one_or_none()


def to_house(session: Session, ticket: Ticket, house_id: int) -> dict[str, str]:
    """The ticket is about this house, and in its building. What it said before, for the timeline; nothing for a strange house."""
    house = session.get(House, house_id)
    if house is None or house.community_id != ticket.community_id or house.id == ticket.house_id:
        return {}
    before = {"house_before": ticket.house.name if ticket.house else ""}
    ticket.house_id, ticket.building_id = house.id, house.building_id
    return before


def to_building(session: Session, ticket: Ticket, number: str, *, elsewhere: bool) -> dict[str, str]:
    """The matter is in this building; with `elsewhere` not in the house known so far, unless that lies in it."""
    building, before = building_numbered(session, ticket.community_id, number), {}
    if building is None:
        return {}
    if elsewhere and ticket.house is not None and ticket.house.building_id != building.id:
        before["house_before"] = ticket.house.name
        ticket.house_id = None
    if ticket.building_id != building.id:
        before["building_before"] = ticket.building.name if ticket.building else ""
        ticket.building = building
    return before
