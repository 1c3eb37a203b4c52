"""Finding a matter, a household, a person or a call by what the desk hears: number, telephone, room, name, a word.
Always within the actor's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, union_all
from sqlalchemy.orm import Session, joinedload, load_only

from app.models import (
    Building,
    Call,
    Category,
    Community,
    Department,
    House,
    Person,
    PersonPhone,
    Phone,
    Staff,
    Tenure,
    Ticket,
    Unit,
)
from app.rules.search_words import LONGEST, SearchWords, clean, read
from app.services.access import rows
from app.services.actors import Actor
from app.services.pinyin_search import spelled_so
from app.services.search_text import ends_with, name_holds, number_begins, title_holds

MOST = 20
__all__ = [
    "LONGEST",
    "MOST",
    "Resident",
    "best",
    "calls",
    "clean_words",
    "colleagues",
    "houses",
    "residents",
    "tickets",
]


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
    return clean(text)


def tickets(
    session: Session, actor: Actor, words: str, most: int = MOST, skip: int = 0, *, briefly: bool = False
) -> list[Ticket]:
    """Tickets whose number begins so, whose reporter's number ends so, or whose title, place or house hold the words; `briefly`
    with no more than a suggestion says of them, else with what a list of tickets shows."""
    meant = read(words)
    if not meant.text:
        return []
    # Each way by an index of its own, the newest of each: one OR over all of them would read a million titles.
    found = [
        select(Ticket.id)
        .where(rows(actor, Ticket), way)
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(skip + most)
        .subquery()
        for way in _ticket_ways(session, actor, meant)
    ]
    statement = (
        select(Ticket)
        .where(Ticket.id.in_(union_all(*(select(way.c.id) for way in found))))
        .options(*(_BRIEFLY if briefly else _LISTED))
        .order_by(case((Ticket.number == meant.digits, 0), else_=1), Ticket.created_at.desc(), Ticket.id.desc())
        .offset(skip)
        .limit(most)
    )
    return list(session.scalars(statement))


_LISTED = (
    load_only(
        Ticket.number, Ticket.title, Ticket.kind, Ticket.state, Ticket.priority, Ticket.place, Ticket.responsible, Ticket.due_at,
        Ticket.urged_count,
    ),
    joinedload(Ticket.house).load_only(House.name),
    joinedload(Ticket.category).load_only(Category.name, Category.name_en),
    joinedload(Ticket.assignee).load_only(Staff.name),
    joinedload(Ticket.department).load_only(Department.name, Department.name_en),
)  # fmt: skip
"""What `layout/tickets.html` shows of a ticket."""
_BRIEFLY = (
    load_only(Ticket.number, Ticket.title, Ticket.kind, Ticket.state, Ticket.place),
    joinedload(Ticket.house).load_only(House.name),
)


def _ticket_ways(session: Session, actor: Actor, meant: SearchWords) -> list[ColumnElement[bool]]:
    ways: list[ColumnElement[bool]] = [title_holds(session, meant.text)]
    if meant.digits and len(meant.digits) <= 8:
        ways.append(number_begins(meant.digits))
    if meant.whole_phone:
        ways.append(Ticket.reporter_phone.in_(_spellings(meant)))
    elif meant.phone:
        ways.append(ends_with(session, Ticket.reporter_phone, meant.phone))
    if not meant.digits:
        ways.append(Ticket.reporter_name == meant.text)
    if meant.is_place:
        ways.append(Ticket.house_id.in_(select(House.id).where(_house_words(meant), rows(actor, House))))
    return ways


def houses(
    session: Session, actor: Actor, words: str, most: int = MOST, skip: int = 0, *, by_people: bool = True
) -> list[tuple[House, str]]:
    """Houses with their community's name, by name, room, or the name or number of somebody who lives there."""
    meant = read(words)
    if not meant.text:
        return []
    ways = [_house_words(meant)]
    people = _people_words(session, meant) if by_people else None
    if people is not None:
        lives = select(Tenure.house_id).join(Person, Person.id == Tenure.person_id).where(rows(actor, Person), people)
        ways.append(House.id.in_(lives))
    statement = (
        select(House, Community.name)
        .join(Community, Community.id == House.community_id)
        .where(rows(actor, House), or_(*ways))
        .order_by(
            case((House.name == meant.text, 0), (House.number == meant.text, 1), else_=2),
            House.building_id,
            House.unit_id,
            House.floor,
            House.name,
        )
        .offset(skip)
        .limit(most)
    )
    return [(house, community) for house, community in session.execute(statement)]


def residents(
    session: Session,
    actor: Actor,
    today: date,
    *,
    words: str = "",
    house_ids: list[int] | None = None,
    most: int = MOST,
    skip: int = 0,
) -> list[Resident]:
    """People with a tenure today, by name or number, or of some houses; each tenure is one line. By words
    two statements, the second where there is somebody; of houses one."""
    wanted = _people_words(session, read(words)) if words else (Tenure.house_id.in_(house_ids) if house_ids else None)
    if wanted is None:
        return []
    lines = (
        select(Tenure.id)
        .join(Person, Person.id == Tenure.person_id)
        .join(House, House.id == Tenure.house_id)
        .where(rows(actor, Person), rows(actor, House), wanted)
        .where(Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
        .order_by(Person.name, House.name, Tenure.id)
        .offset(skip)
        .limit(most)
    )
    if not words:
        return _residents(session, lines)
    # Whoever is typed is mostly nobody: what is told of people is not planned for in vain.
    chosen = list(session.scalars(lines))
    return _residents(session, chosen) if chosen else []


def _residents(session: Session, chosen: Select[Any] | list[int]) -> list[Resident]:
    statement = (
        select(
            Tenure.id.label("tenure_id"),
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
        .where(Tenure.id.in_(chosen))
        .order_by(Person.name, House.name, Tenure.id, Phone.number)
    )
    found: dict[int, Resident] = {}
    for row in session.execute(statement):
        resident = found.setdefault(
            row.tenure_id, Resident(row.id, row.name, row.role, row.house_id, row.house, row.community)
        )
        if row.number:
            resident.phones.append(row.number)
    return list(found.values())


def calls(session: Session, actor: Actor, words: str, most: int = MOST, skip: int = 0) -> list[Call]:
    """Calls from a number, the latest first; a number is asked for from four digits on."""
    meant = read(words)
    if not meant.phone or meant.is_place:
        return []
    whole = meant.whole_phone
    number = Call.from_number.in_(_spellings(meant)) if whole else ends_with(session, Call.from_number, meant.phone)
    statement = (
        select(Call)
        .where(rows(actor, Call), number)
        .options(joinedload(Call.house))
        .order_by(Call.started_at.desc(), Call.id.desc())
        .offset(skip)
        .limit(most)
    )
    return list(session.scalars(statement))


def colleagues(session: Session, actor: Actor, words: str, most: int = MOST, skip: int = 0) -> list[Staff]:
    """Staff at work, by name, its pinyin, or telephone number."""
    meant = read(words)
    ways = [Staff.name.icontains(meant.text, autoescape=True)] if meant.text and not meant.digits else []
    spelled = spelled_so(Staff, meant.text)
    if spelled is not None:
        ways.append(spelled)
    if meant.phone:
        ways.append(Staff.number.endswith(meant.phone, autoescape=True))
    if not ways or meant.is_place:
        return []
    wanted = select(Staff).where(rows(actor, Staff), Staff.active, or_(*ways)).options(joinedload(Staff.department))
    return list(session.scalars(wanted.order_by(Staff.name, Staff.id).offset(skip).limit(most)))


def best(
    words: str, matters: Sequence[Ticket], homes: Sequence[tuple[House, str]], people: Sequence[Resident]
) -> Ticket | House | Resident | None:
    """The one thing that was certainly meant: a whole ticket number, a whole room, a whole number or name that is one person's."""
    meant = read(words)
    if meant.ticket:
        return next((ticket for ticket in matters if ticket.number == meant.ticket), None)
    if meant.place.complete and len(homes) == 1:
        return homes[0][0]
    if len({person.id for person in people}) == 1 and (meant.whole_phone or people[0].name == meant.text):
        return people[0]
    return None


def _spellings(meant: SearchWords) -> list[str]:
    """How a whole number may stand in the tables: ours are E.164, a foreign caller's are as the carrier gave them."""
    return [f"+86{meant.phone}", f"+{meant.phone}", meant.phone]


def _house_words(meant: SearchWords) -> ColumnElement[bool]:
    """A house's name holds the words, or they name its building, unit and room in any spelling."""
    name = House.name.icontains(meant.text.replace(" ", ""), autoescape=True)
    if not meant.is_place:
        return or_(name, House.number == meant.text, *_place_names(meant))
    place, ways = meant.place, []
    if place.room:
        ways.append(House.number.in_({place.room, place.room.lstrip("0")}))
    if place.building:
        ways.append(House.building_id.in_(select(Building.id).where(Building.number == place.building)))
    if place.unit:
        ways.append(House.unit_id.in_(select(Unit.id).where(Unit.number == place.unit)))
    return or_(name, and_(*ways))


def _place_names(meant: SearchWords) -> list[ColumnElement[bool]]:
    """Houses of a community or building whose name was typed, in characters or in pinyin."""
    ways: list[ColumnElement[bool]] = []
    for model, key in ((Community, House.community_id), (Building, House.building_id)):
        spelled = spelled_so(model, meant.text)
        if spelled is not None:
            ways.append(key.in_(select(model.id).where(spelled)))
    if not meant.digits and len(meant.text) > 1:
        ways.append(
            House.community_id.in_(select(Community.id).where(Community.name.startswith(meant.text, autoescape=True)))
        )
    return ways


def _people_words(session: Session, meant: SearchWords) -> ColumnElement[bool] | None:
    if meant.phone:
        exact = Phone.number.in_(_spellings(meant))
        phone = exact if meant.whole_phone else ends_with(session, Phone.number, meant.phone)
        return Person.id.in_(select(PersonPhone.person_id).join(Phone).where(phone))
    if meant.digits or meant.is_place or not meant.text:
        return None
    named, spelled = name_holds(session, meant.text), spelled_so(Person, meant.text)
    return named if spelled is None else or_(named, spelled)


def house_condition(words: str) -> ColumnElement[bool]:
    """The houses that typed words can mean; rows are the caller's to limit."""
    return _house_words(read(words))


def people_condition(session: Session, words: str) -> ColumnElement[bool] | None:
    """The people that typed words can mean, or None where they are no name and no number."""
    return _people_words(session, read(words))
