"""What the call flow may look at, gathered for one step: only what that step can use, never a name, never an amount (D15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import (
    Building,
    Call,
    Category,
    CategoryWord,
    Community,
    House,
    Person,
    PersonPhone,
    Phone,
    Tenure,
    Ticket,
    Unit,
)
from app.rules.calendars import desk_is_open
from app.rules.call_flow import Flow, Heard, OpenTicket, Step, World
from app.rules.classify import Word, classify
from app.rules.codes import OPEN_STATES, TicketState, Tier
from app.rules.place import HouseKey, Match, match, parse
from app.services import roster
from app.services.call_store import caller_number
from app.services.local_time import local_zone, own_days
from app.services.outbox import sms_number
from app.services.policies import figure
from app.services.tickets import find_open_matter

MENU_KEYS_WITH_HOUSE = frozenset("12349")
TOLD_TICKETS = 5
NUMBER_DIGITS = 8


def gather(session: Session, call: Call, flow: Flow, heard: Heard, now: datetime) -> World:
    """The world of this step."""
    key, step = heard.digits, flow.step
    texted = sms_number(call.from_number) is not None
    if call.community_id is None:
        return World(can_text=texted)
    at_menu = step == Step.MENU
    needs_houses = key == "9" or (at_menu and key in MENU_KEYS_WITH_HOUSE)
    words = category_words(session) if heard.speech and step in (Step.DESCRIBE, Step.EMERGENCY) else ()
    return World(
        houses=houses_of(session, call, now) if needs_houses else (),
        match=_match(session, call, heard) if step == Step.WHICH_HOUSE else Match(),
        words=words,
        further=_further(session, flow, heard, words, now),
        own_tickets=_own_tickets(session, call) if at_menu and key == "5" else (),
        looked_up=_looked_up(session, call, key) if step == Step.PROGRESS else None,
        person_number=_person_number(session, call, now) if at_menu and key == "0" else None,
        ring_seconds=figure(session, "hotline.person_ring_seconds") if at_menu and key == "0" else 30,
        can_text=texted,
    )


def houses_of(session: Session, call: Call, now: datetime) -> tuple[HouseKey, ...]:
    """The houses of today's tenures of everybody who is reached on the caller's number, in the estate's order."""
    number = caller_number(call.from_number)
    if number is None:
        return ()
    today = now.astimezone(local_zone()).date()
    tenures = (
        select(Tenure.house_id)
        .join(PersonPhone, PersonPhone.person_id == Tenure.person_id)
        .join(Phone, Phone.id == PersonPhone.phone_id)
        .where(
            Phone.number == number, Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today)
        )
    )
    return tuple(_houses(session, call.community_id, House.id.in_(tenures)))


def reporter_of(session: Session, call: Call, house_id: int | None, now: datetime) -> Person | None:
    """Who is calling, when the number leaves no doubt: the one person reached on it (with a tie to the house, if any)."""
    number = caller_number(call.from_number)
    if number is None:
        return None
    statement = select(Person).join(PersonPhone).join(Phone).where(Phone.number == number)
    if house_id is not None:
        today = now.astimezone(local_zone()).date()
        tied = select(Tenure.person_id).where(
            Tenure.house_id == house_id,
            Tenure.starts_on <= today,
            or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today),
        )
        statement = statement.where(Person.id.in_(tied))
    people = list(session.scalars(statement.distinct().limit(2)))
    return people[0] if len(people) == 1 else None


def category_words(session: Session) -> tuple[Word, ...]:
    """The administrators' table of words (D3)."""
    rows = session.execute(
        select(CategoryWord.word, Category.code, CategoryWord.priority).join(Category).where(Category.active)
    )
    return tuple(Word(word, code, priority) for word, code, priority in rows)


def _houses(session: Session, community_id: int | None, *conditions: object) -> Iterable[HouseKey]:
    rows = session.execute(
        select(House.id, Building.number, Unit.number, House.number, House.name)
        .join(Building, Building.id == House.building_id)
        .join(Unit, Unit.id == House.unit_id)
        .where(House.community_id == community_id, *conditions)  # type: ignore[arg-type]
        .order_by(Building.position, Unit.number, House.floor, House.number, House.id)
    )
    return (HouseKey(*row) for row in rows)


def _match(session: Session, call: Call, heard: Heard) -> Match:
    reference = parse(heard.speech or heard.digits)
    if reference.empty:
        return Match()
    return match(reference, _houses(session, call.community_id))


def _further(
    session: Session, flow: Flow, heard: Heard, words: tuple[Word, ...], now: datetime
) -> tuple[OpenTicket, ...]:
    facts = flow.facts
    if facts.house is None or facts.house_by_voice or facts.ticket_id is not None:
        return ()
    if flow.step == Step.DESCRIBE and heard.speech:
        category = classify(heard.speech, words).category
    elif flow.step == Step.SAME and facts.category:
        category = facts.category
    else:
        return ()
    house = session.get(House, facts.house.id)
    found = find_open_matter(session, house, category, now) if house else None
    if found is None:
        return ()
    return (OpenTicket(found.id, found.number, found.state, found.kind, category),)


def _own_tickets(session: Session, call: Call) -> tuple[OpenTicket, ...]:
    number = caller_number(call.from_number)
    if number is None:
        return ()
    rows = session.execute(
        select(Ticket.id, Ticket.number, Ticket.state)
        .where(
            Ticket.reporter_phone == number,
            Ticket.community_id == call.community_id,
            Ticket.state.in_([*OPEN_STATES, TicketState.DONE]),
            Ticket.counts_in_figures,
        )
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(TOLD_TICKETS)
    )
    return tuple(OpenTicket(*row) for row in rows)


def _looked_up(session: Session, call: Call, digits: str) -> OpenTicket | None:
    if len(digits) != NUMBER_DIGITS or not digits.isdigit():
        return None
    row = session.execute(
        select(Ticket.id, Ticket.number, Ticket.state).where(
            Ticket.number == digits, Ticket.community_id == call.community_id
        )
    ).first()
    return OpenTicket(*row) if row else None


def _person_number(session: Session, call: Call, now: datetime) -> str | None:
    """The desk in its hours, else the one on duty, else whoever the roster has next (I4)."""
    assert call.community_id is not None
    community = session.get(Community, call.community_id)
    if community and community.desk_phone and desk_is_open(now, local_zone(), own_days(session)):
        return community.desk_phone
    on_duty = roster.on_duty(session, call.community_id, Tier.ON_DUTY, now)
    if on_duty:
        return on_duty[0].number
    rungs = roster.ladder(session, call.community_id, now)
    return rungs[0].number if rungs else None
