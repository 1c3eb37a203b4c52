"""Finding a matter, a household or a person by what the desk hears: number, telephone, room, name. Always within the rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, and_, case, false, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Building, Community, House, Person, PersonPhone, Phone, Tenure, Ticket, Unit
from app.services.access import rows
from app.services.actors import Actor

MOST = 20
LONGEST = 60


@dataclass
class Resident:
    """Somebody of a house, with the numbers they are reached on."""

    id: int
    name: str
    role: str
    house_id: int
    house: str
    community: str
    phones: list[str] = field(default_factory=list)


def clean_words(text: str | None) -> str:
    """What was typed, without what a database cannot hold."""
    return "".join(c for c in (text or "")[:LONGEST] if c.isprintable()).strip()


def tickets(session: Session, actor: Actor, words: str) -> list[Ticket]:
    """Tickets whose number begins so, whose reporter's number ends so, or whose title or house hold the words."""
    if not words:
        return []
    digits = _digits(words)
    ways: list[ColumnElement[bool]] = [Ticket.title.icontains(words, autoescape=True)]
    if digits and len(digits) <= 8:
        ways.append(Ticket.number.startswith(digits, autoescape=True))
    if len(digits) >= 4:
        ways.append(Ticket.reporter_phone.endswith(_national(digits), autoescape=True))
    ways.append(Ticket.reporter_name == words)
    ways.append(Ticket.house_id.in_(select(House.id).where(_house_words(words), rows(actor, House))))
    statement = (
        select(Ticket)
        .where(rows(actor, Ticket), or_(*ways))
        .options(joinedload(Ticket.house), joinedload(Ticket.category), joinedload(Ticket.assignee))
        .order_by(case((Ticket.number == digits, 0), else_=1), Ticket.created_at.desc(), Ticket.id.desc())
        .limit(MOST)
    )
    return list(session.scalars(statement))


def houses(session: Session, actor: Actor, words: str, most: int = MOST) -> list[tuple[House, str]]:
    """Houses with their community's name, by name, room, or the name or number of somebody who lives there."""
    if not words:
        return []
    ways = [_house_words(words)]
    people = _people_words(words)
    if people is not None:
        lives = select(Tenure.house_id).join(Person, Person.id == Tenure.person_id).where(rows(actor, Person), people)
        ways.append(House.id.in_(lives))
    statement = (
        select(House, Community.name)
        .join(Community, Community.id == House.community_id)
        .where(rows(actor, House), or_(*ways))
        .order_by(
            case((House.name == words, 0), (House.number == words, 1), else_=2),
            House.building_id,
            House.unit_id,
            House.floor,
            House.name,
        )
        .limit(most)
    )
    return [(house, community) for house, community in session.execute(statement)]


def residents(
    session: Session, actor: Actor, today: date, *, words: str = "", house_ids: list[int] | None = None
) -> list[Resident]:
    """People with a tenure today, by name or number, or of some houses; each tenure is one line. One statement."""
    wanted = _people_words(words) if words else (Tenure.house_id.in_(house_ids) if house_ids else None)
    if wanted is None:
        return []
    statement = (
        select(
            Person.id,
            Person.name,
            Tenure.role,
            House.id.label("house_id"),
            House.name.label("house"),
            Community.name.label("community"),
            Phone.number,
        )
        .select_from(Tenure)
        .join(Person, Person.id == Tenure.person_id)
        .join(House, House.id == Tenure.house_id)
        .join(Community, Community.id == House.community_id)
        .outerjoin(PersonPhone, PersonPhone.person_id == Person.id)
        .outerjoin(Phone, Phone.id == PersonPhone.phone_id)
        .where(rows(actor, Person), rows(actor, House), wanted)
        .where(Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
        .order_by(Person.name, House.name, Phone.number)
        .limit(MOST * 3)
    )
    found: dict[tuple[int, int, str], Resident] = {}
    for row in session.execute(statement):
        resident = found.setdefault(
            (row.id, row.house_id, row.role),
            Resident(row.id, row.name, row.role, row.house_id, row.house, row.community),
        )
        if row.number:
            resident.phones.append(row.number)
    return list(found.values())[:MOST]


def _digits(words: str) -> str:
    plain = re.sub(r"[\s()（）+-]", "", words)
    return plain if plain.isascii() and plain.isdecimal() else ""


def _national(digits: str) -> str:
    """The part of a number that is the same however it is written: without the country code."""
    return digits[2:] if digits.startswith("86") and len(digits) > 11 else digits.lstrip("0")


def _house_words(words: str) -> ColumnElement[bool]:
    """A house's name holds the words, or `3-2-1201` means building 3, unit 2, room 1201 (`3-1201`: any unit)."""
    if re.fullmatch(r"\d+([-/ .]\d+){1,2}", words):
        building, *unit, room = re.findall(r"\d+", words)
        ways = [House.number == room, House.building_id.in_(select(Building.id).where(Building.number == building))]
        if unit:
            ways.append(House.unit_id.in_(select(Unit.id).where(Unit.number == unit[0])))
        return and_(*ways)
    name = House.name.icontains(words.replace(" ", ""), autoescape=True)
    return or_(name, House.number == words)


def _people_words(words: str) -> ColumnElement[bool] | None:
    digits = _digits(words)
    if len(digits) >= 4:
        phone = Phone.number.endswith(_national(digits), autoescape=True)
        return Person.id.in_(select(PersonPhone.person_id).join(Phone).where(phone))
    if digits or not words:
        return None
    return Person.name.icontains(words, autoescape=True) if words else false()
