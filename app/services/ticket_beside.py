"""The household beside its ticket (D15, I8): who lives there, what else is open, the last visits, arrears in total. One statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.models import (
    Bill,
    Category,
    Person,
    PersonPhone,
    Phone,
    ReturnVisit,
    SpecialEvent,
    SpecialEventTicket,
    Tenure,
    Ticket,
)
from app.models.base import UTCDateTime
from app.rules.codes import OPEN_STATES, Role, VisitState
from app.services.access import files, rows
from app.services.actors import Actor
from app.services.arrears import overdue
from app.services.special_members import LIVE

RELATED_WITHIN = timedelta(days=60)
"""How far back a matter of the same category in the same building is called related †."""

MOST = 8
_ARREARS_ROLES = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD, Role.FINANCE)


@dataclass
class Member:
    """Somebody of the household. `opens` says whether the reader may open the file; `needs` is out of it (D15)."""

    id: int
    name: str
    role: str
    phones: list[str] = field(default_factory=list)
    needs: str | None = None
    opens: bool = False


@dataclass(frozen=True)
class Matter:
    """Another ticket, or the visit that was made on it (`score`, `words`)."""

    number: str
    title: str
    state: str
    at: datetime
    category: str = ""
    score: int | None = None
    words: str = ""


@dataclass(frozen=True)
class EventBeside:
    """The special event the ticket stands in: `member` says whether it was linked or is only proposed."""

    id: int
    number: str
    member: str
    state: str
    kind: str
    households: int


@dataclass
class Beside:
    """What stands beside the ticket. `arrears` is None where it is none of the reader's business."""

    people: list[Member] = field(default_factory=list)
    open_matters: list[Matter] = field(default_factory=list)
    earlier: list[Matter] = field(default_factory=list)
    similar: list[Matter] = field(default_factory=list)
    visits: list[Matter] = field(default_factory=list)
    event: EventBeside | None = None
    arrears: Decimal | None = None


def beside(session: Session, actor: Actor, ticket: Ticket, today: date, now: datetime) -> Beside:
    """The household and the related matters, each under the actor's own row limits."""
    parts = [_similar(actor, ticket, now), _event(actor, ticket)]
    found = Beside()
    if ticket.house_id is not None:
        parts += [_people(actor, ticket, today), _matters(actor, ticket), _visits(actor, ticket)]
        if actor.has(*_ARREARS_ROLES):
            parts.append(_arrears(ticket.house_id, today))
            found.arrears = Decimal("0.00")
    for row in session.execute(union_all(*parts)):
        _sort_in(found, row)
    found.open_matters.sort(key=lambda matter: matter.at, reverse=True)
    for group in (found.earlier, found.similar, found.visits):
        group.sort(key=lambda matter: matter.at, reverse=True)
        del group[MOST:]
    return found


def _sort_in(found: Beside, row: Any) -> None:
    if row.source == "person":
        member = next((one for one in found.people if one.id == row.id), None)
        if member is None:
            member = Member(row.id, row.a, row.b, needs=row.d, opens=bool(row.number))
            found.people.append(member)
        if row.c and row.c not in member.phones:
            member.phones.append(row.c)
        return
    if row.source == "arrears":
        found.arrears = Decimal(row.id or 0).scaleb(-2)
        return
    if row.source == "event":
        found.event = EventBeside(row.id, row.d or "", row.a, row.b, row.c, row.number)
        return
    matter = Matter(row.a, row.b, row.c, row.at, row.d or "", row.number, row.d or "")
    if row.source == "matter":
        (found.open_matters if matter.state in OPEN_STATES else found.earlier).append(matter)
    elif row.source == "similar":
        found.similar.append(matter)
    else:
        found.visits.append(matter)


def _part(source: str, row_id: ColumnElement[Any] | Any, **columns: ColumnElement[Any] | Any) -> Select[Any]:
    shown: dict[str, Any] = {
        **{name: cast(null(), String(255)) for name in ("a", "b", "c", "d")},
        "at": cast(null(), UTCDateTime),
        "number": cast(null(), Integer),
        **columns,
    }
    order = ("a", "b", "c", "d", "at", "number")
    return select(literal(source).label("source"), row_id.label("id"), *(shown[name].label(name) for name in order))


def _people(actor: Actor, ticket: Ticket, today: date) -> Select[Any]:
    reads = files(actor)
    needs, opens = case((reads, Person.special_needs)), case((reads, 1), else_=0)
    return (
        _part("person", Person.id, a=Person.name, b=Tenure.role, c=Phone.number, d=needs, number=opens)
        .select_from(Tenure)
        .join(Person, Person.id == Tenure.person_id)
        .outerjoin(PersonPhone, PersonPhone.person_id == Person.id)
        .outerjoin(Phone, Phone.id == PersonPhone.phone_id)
        .where(Tenure.house_id == ticket.house_id, rows(actor, Person))
        .where(Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
    )


def _matter_columns() -> dict[str, Any]:
    return {"a": Ticket.number, "b": Ticket.title, "c": Ticket.state, "d": Category.name, "at": Ticket.created_at}


def _newest(statement: Select[Any], order: Any) -> Select[Any]:
    """Limited inside the union, which neither database takes without a subquery."""
    inner = statement.order_by(order.desc()).limit(MOST * 2).subquery()
    return select(*inner.c)


def _matters(actor: Actor, ticket: Ticket) -> Select[Any]:
    found = (
        _part("matter", Ticket.id, **_matter_columns())
        .outerjoin(Category, Category.id == Ticket.category_id)
        .where(Ticket.house_id == ticket.house_id, Ticket.id != ticket.id, rows(actor, Ticket))
    )
    return _newest(found, Ticket.id)


def _similar(actor: Actor, ticket: Ticket, now: datetime) -> Select[Any]:
    near = [Ticket.community_id == ticket.community_id, Ticket.category_id == ticket.category_id]
    if ticket.building_id is not None:
        near.append(Ticket.building_id == ticket.building_id)
    elsewhere = or_(Ticket.house_id.is_(None), Ticket.house_id != (ticket.house_id or 0))
    found = (
        _part("similar", Ticket.id, **_matter_columns())
        .outerjoin(Category, Category.id == Ticket.category_id)
        .where(and_(*near), elsewhere, Ticket.id != ticket.id, Ticket.created_at >= now - RELATED_WITHIN)
        .where(rows(actor, Ticket))
    )
    return _newest(found, Ticket.id)


def _event(actor: Actor, ticket: Ticket) -> Select[Any]:
    event, member = SpecialEvent, SpecialEventTicket
    columns = {"a": member.state, "b": event.state, "c": event.kind, "d": event.number, "number": event.households}
    return (
        _part("event", event.id, **columns)
        .join(member, member.event_id == event.id)
        .where(member.ticket_id == ticket.id, member.state.in_(LIVE), rows(actor, event))
    )


def _visits(actor: Actor, ticket: Ticket) -> Select[Any]:
    found = (
        _part(
            "visit",
            ReturnVisit.id,
            a=Ticket.number,
            b=Ticket.title,
            c=ReturnVisit.way,
            d=ReturnVisit.note,
            at=ReturnVisit.visited_at,
            number=ReturnVisit.score,
        )
        .join(Ticket, Ticket.id == ReturnVisit.ticket_id)
        .where(Ticket.house_id == ticket.house_id, Ticket.id != ticket.id, ReturnVisit.state == VisitState.MADE)
        .where(ReturnVisit.visited_at.is_not(None), rows(actor, Ticket))
    )
    return _newest(found, ReturnVisit.id)


def _arrears(house_id: int, today: date) -> Select[Any]:
    """In whole fen: the postings stay with finance, the total is for whoever speaks with the household (I8)."""
    fen = func.coalesce(func.sum(cast(Bill.amount, BigInteger) - cast(Bill.paid_yuan, BigInteger)), 0)
    return _part("arrears", fen).where(Bill.house_id == house_id, overdue(today))
