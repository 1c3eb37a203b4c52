"""What a household sees of itself (D15): its houses, its matters, its bills, the published reports. Own rows only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload

from app.models import (
    Bill,
    Category,
    Community,
    HotlineNumber,
    House,
    Person,
    PersonPhone,
    Phone,
    Report,
    Ticket,
    TicketEntry,
)
from app.rules.codes import BillState, ReportState
from app.services.access import rows
from app.services.actors import Actor

MOST_BILLS = 24
MOST_TICKETS = 30

TOLD_STEPS = (
    "register",
    "dispatch",
    "start",
    "contact",
    "reply",
    "wait",
    "resume",
    "finish",
    "visit",
    "close",
    "cancel",
    "reopen",
    "promise",
    "further_contact",
)
"""Steps a household is shown; what the house notes for itself (clocks, amendments) is left out."""

TOLD_WORDS = ("reply", "wait", "finish", "cancel", "register", "further_contact")
"""Steps whose words were meant for the household, or are its own."""


@dataclass(frozen=True)
class Bills:
    """The latest bills and what is owed over all of them."""

    latest: list[Bill]
    owed: Decimal


def houses(session: Session, actor: Actor) -> list[tuple[House, Community]]:
    """The houses of today's tenures, with their community."""
    statement = (
        select(House, Community)
        .join(Community, Community.id == House.community_id)
        .where(House.id.in_(actor.house_ids), rows(actor, House))
        .order_by(Community.id, House.name)
    )
    return [(house, community) for house, community in session.execute(statement)]


def hotlines(session: Session, actor: Actor) -> dict[int, str]:
    """Community id → its published number."""
    statement = select(HotlineNumber.community_id, HotlineNumber.number).where(
        HotlineNumber.active, rows(actor, HotlineNumber)
    )
    return {row.community_id: row.number for row in session.execute(statement.order_by(HotlineNumber.id.desc()))}


def tickets(session: Session, actor: Actor) -> list[Ticket]:
    """The household's matters, the newest first."""
    statement = (
        select(Ticket)
        .where(rows(actor, Ticket))
        .options(joinedload(Ticket.house), joinedload(Ticket.category))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(MOST_TICKETS)
    )
    return list(session.scalars(statement))


def steps(session: Session, ticket: Ticket) -> list[TicketEntry]:
    """What a household is told of its matter, the newest first. The caller has checked that it is its own."""
    statement = (
        select(TicketEntry)
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.verb.in_(TOLD_STEPS))
        .order_by(TicketEntry.at.desc(), TicketEntry.id.desc())
        .limit(100)
    )
    return list(session.scalars(statement))


def bills(session: Session, actor: Actor) -> Bills:
    """The latest bills, and the sum of all that is open: two statements."""
    own = (rows(actor, Bill), Bill.state != BillState.CANCELLED)
    latest = select(Bill).where(*own).options(joinedload(Bill.fee_item), joinedload(Bill.house))
    open_states = (BillState.OPEN, BillState.PART_PAID)
    owed = session.execute(select(Bill.amount, Bill.paid_yuan).where(*own, Bill.state.in_(open_states)))
    return Bills(
        list(session.scalars(latest.order_by(Bill.period.desc(), Bill.id).limit(MOST_BILLS))),
        sum((row.amount - row.paid_yuan for row in owed), Decimal("0.00")),
    )


def reports(session: Session, actor: Actor, most: int = 24) -> list[Row[Any]]:
    """The published reports: month, version, published_at, and the community's code and names; the frozen data stay away."""
    statement = (
        select(
            Report.month,
            Report.version,
            Report.published_at,
            Report.sha256,
            Community.code,
            Community.name,
            Community.name_en,
        )
        .join(Community, Community.id == Report.community_id)
        .where(rows(actor, Report), Report.state == ReportState.PUBLISHED)
        .order_by(Report.month.desc(), Community.id)
        .limit(most)
    )
    return list(session.execute(statement))


def own_phone(session: Session, actor: Actor) -> str:
    """The number the household is reached on, the main one first."""
    statement = (
        select(Phone.number)
        .join(PersonPhone, PersonPhone.phone_id == Phone.id)
        .where(PersonPhone.person_id == actor.person_id)
        .order_by(PersonPhone.is_primary.desc(), Phone.id)
    )
    return session.scalars(statement.limit(1)).first() or ""


def person(session: Session, actor: Actor) -> Person | None:
    """The actor's own row."""
    return session.get(Person, actor.person_id) if actor.person_id is not None else None


def categories(session: Session) -> list[Category]:
    """What a matter may be about."""
    return list(session.scalars(select(Category).where(Category.active).order_by(Category.position, Category.id)))
