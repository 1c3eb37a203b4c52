"""Who a caller is by the number (D15, G3): houses of today's tenures, what they reported, what they owe once the PIN was right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from app.models import Building, Call, House, Person, PersonPhone, Phone, Staff, Tenure, Ticket, Unit
from app.rules.arrears import Owed
from app.rules.call_flow import OpenTicket
from app.rules.call_flow.world import Payer, PinCheck
from app.rules.codes import OPEN_STATES, TenureRole, TicketState
from app.rules.digits import is_number
from app.rules.place import HouseKey
from app.rules.voice_pin import is_pin
from app.services import debts, voice_pins
from app.services.access import rows
from app.services.actors import household_actor
from app.services.call_store import caller_number
from app.services.local_time import local_zone

TOLD_TICKETS = 5
NUMBER_DIGITS = 8
MOST_PAYERS = 7


def houses_of(session: Session, call: Call, now: datetime) -> tuple[HouseKey, ...]:
    """The houses of today's tenures of everybody who is reached on the caller's number, in the estate's order."""
    number = caller_number(call.from_number)
    if number is None:
        return ()
    return tuple(all_houses(session, call.community_id, House.id.in_(_homes(number, now))))


def communities_of(session: Session, number: str, now: datetime) -> list[int]:
    """The communities in which somebody who is reached on a number has a tenure today."""
    homes = select(House.community_id).where(House.id.in_(_homes(number, now)))
    return list(session.scalars(homes.distinct().order_by(House.community_id)))


def _homes(number: str, now: datetime) -> Select[tuple[int]]:
    return (
        select(Tenure.house_id)
        .join(PersonPhone, PersonPhone.person_id == Tenure.person_id)
        .join(Phone, Phone.id == PersonPhone.phone_id)
        .where(Phone.number == number, *_of_today(now))
    )


def all_houses(session: Session, community_id: int | None, *conditions: ColumnElement[bool]) -> Iterable[HouseKey]:
    """The houses of a community by their numbers, in the estate's order."""
    found = session.execute(
        select(House.id, Building.number, Unit.number, House.number, House.name)
        .join(Building, Building.id == House.building_id)
        .join(Unit, Unit.id == House.unit_id)
        .where(House.community_id == community_id, *conditions)
        .order_by(Building.position, Unit.number, House.floor, House.number, House.id)
    )
    return (HouseKey(*row) for row in found)


def reporter_of(session: Session, call: Call, house_id: int | None, now: datetime) -> Person | None:
    """Who is calling, when the number leaves no doubt: the one person reached on it (with a tie to the house, if any)."""
    number = caller_number(call.from_number)
    if number is None:
        return None
    statement = select(Person).join(PersonPhone).join(Phone).where(Phone.number == number)
    if house_id is not None:
        tied = select(Tenure.person_id).where(Tenure.house_id == house_id, *_of_today(now))
        statement = statement.where(Person.id.in_(tied))
    people = list(session.scalars(statement.distinct().limit(2)))
    return people[0] if len(people) == 1 else None


def staff_name_of(session: Session, call: Call) -> str | None:
    """The name of the colleague whose own telephone this is: what they report is theirs, no household's."""
    number = caller_number(call.from_number)
    if number is None:
        return None
    return session.scalar(select(Staff.name).where(Staff.number == number, Staff.active).limit(1))


_GOING = and_(Ticket.left_at.is_not(None), Ticket.arrived_at.is_(None)).label("on_the_way")
_TOLD = (Ticket.id, Ticket.number, Ticket.state, _GOING)


def own_tickets(session: Session, call: Call, now: datetime) -> tuple[OpenTicket, ...]:
    """The latest matters that are not settled yet, of the caller's number and of the households it belongs to."""
    mine = _own(session, call, now)
    if mine is None:
        return ()
    found = session.execute(
        select(*_TOLD)
        .where(mine, Ticket.state.in_([*OPEN_STATES, TicketState.DONE]), Ticket.counts_in_figures)
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(TOLD_TICKETS)
    )
    return tuple(OpenTicket(row.id, row.number, row.state, on_the_way=row.on_the_way) for row in found)


def looked_up(session: Session, call: Call, digits: str, now: datetime) -> OpenTicket | None:
    """A ticket asked for by its number, if it is the caller's own."""
    mine = _own(session, call, now)
    if mine is None or len(digits) != NUMBER_DIGITS or not is_number(digits):
        return None
    row = session.execute(select(*_TOLD).where(mine, Ticket.number == digits)).first()
    return OpenTicket(row.id, row.number, row.state, on_the_way=row.on_the_way) if row else None


def payers(session: Session, call: Call, now: datetime) -> tuple[Payer, ...]:
    """The houses of this community that somebody reached on the number owns today, with whose they are."""
    owners: dict[int, list[int]] = {}
    for house_id, person_id in session.execute(
        select(Tenure.house_id, Tenure.person_id)
        .where(Tenure.person_id.in_(_people(session, call)), Tenure.role == TenureRole.OWNER, *_of_today(now))
        .order_by(Tenure.person_id)
    ):
        owners.setdefault(house_id, []).append(person_id)
    houses = all_houses(session, call.community_id, House.id.in_(owners))
    found = [(house, tuple(dict.fromkeys(owners[house.id]))) for house in houses][:MOST_PAYERS]
    states = {persons: voice_pins.state_of(session, persons) for _house, persons in found}
    return tuple(Payer(house, persons, states[persons]) for house, persons in found)


def check_pin(session: Session, persons: tuple[int, ...], digits: str) -> PinCheck | None:
    """Whose PIN the digits are. Counts nothing: that is the flow's effect, in the same transaction."""
    return PinCheck(*voice_pins.matching(session, persons, digits)) if persons and is_pin(digits) else None


def owed(session: Session, call: Call, person_id: int, now: datetime) -> Owed:
    """What somebody owes in this community. One statement."""
    return debts.owed_by(session, call.community_id, person_id, now.astimezone(local_zone()).date())


def _people(session: Session, call: Call) -> list[int]:
    number = caller_number(call.from_number)
    if number is None:
        return []
    statement = select(PersonPhone.person_id).join(Phone).where(Phone.number == number)
    return list(session.scalars(statement.order_by(PersonPhone.person_id)))


def _own(session: Session, call: Call, now: datetime) -> ColumnElement[bool] | None:
    """Reported from this very number, or a matter the households on it may see on their own pages."""
    number = caller_number(call.from_number)
    if number is None:
        return None
    actors = [household_actor(session, person_id, now, local_zone()) for person_id in _people(session, call)]
    theirs = or_(Ticket.reporter_phone == number, *(rows(actor, Ticket) for actor in actors))
    return theirs & (Ticket.community_id == call.community_id)


def _of_today(now: datetime) -> tuple[ColumnElement[bool], ...]:
    today = now.astimezone(local_zone()).date()
    return (Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
