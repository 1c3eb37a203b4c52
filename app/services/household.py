"""What a household sees of itself (D15): its houses, its matters, its bills, the published reports. Own rows only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import (
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
from app.rules.codes import ReportState
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import phone_number

TOLD_STEPS = (
    "register",
    "dispatch",
    "depart",
    "arrive",
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
    "urge",
    "cost_agreed",
    "cost_charged",
    "cost_uncharged",
)
"""Steps a household is shown; what the house notes for itself (clocks, amendments) is left out."""

TOLD_WORDS = ("reply", "wait", "finish", "cancel", "register", "further_contact")
"""Steps whose words were meant for the household, or are its own."""


def homes(session: Session, actor: Actor) -> list[tuple[House, Community, str | None]]:
    """The houses of today's tenures, with their community and its published number: one statement."""
    number = (
        select(HotlineNumber.number)
        .where(HotlineNumber.community_id == Community.id, HotlineNumber.active, rows(actor, HotlineNumber))
        .order_by(HotlineNumber.id)
        .limit(1)
        .correlate(Community)
        .scalar_subquery()
    )
    statement = (
        select(House, Community, number)
        .join(Community, Community.id == House.community_id)
        .where(House.id.in_(actor.house_ids), rows(actor, House))
        .order_by(Community.id, House.name)
    )
    return list(session.execute(statement).tuples())


def hotlines(session: Session, actor: Actor) -> dict[int, str]:
    """Community id → its published number."""
    statement = select(HotlineNumber.community_id, HotlineNumber.number).where(
        HotlineNumber.active, rows(actor, HotlineNumber)
    )
    return {row.community_id: row.number for row in session.execute(statement.order_by(HotlineNumber.id.desc()))}


def steps(session: Session, ticket: Ticket) -> list[TicketEntry]:
    """What a household is told of its matter, the newest first. The caller has checked that it is its own."""
    statement = (
        select(TicketEntry)
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.verb.in_(TOLD_STEPS))
        .order_by(TicketEntry.at.desc(), TicketEntry.id.desc())
        .limit(100)
    )
    return list(session.scalars(statement))


def reports(session: Session, actor: Actor, most: int = 24) -> list[Row[Any]]:
    """The published reports: id, month, version, published_at, and the community's code and names; the frozen data stay away."""
    statement = (
        select(
            Report.id,
            Report.month,
            Report.version,
            Report.published_at,
            Report.sha256,
            Report.sha256_en,
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


def reporting_number(session: Session, actor: Actor, given: object) -> str | None:
    """The number a household is called back on: one of its own, the main one where none was given. Raises Invalid else.

    Whatever number stands on a ticket is rung and written to; nobody puts a stranger's there.
    """
    number = phone_number(given)
    if number is None:
        return own_phone(session, actor) or None
    own = select(Phone.number).join(PersonPhone, PersonPhone.phone_id == Phone.id)
    if number not in session.scalars(own.where(PersonPhone.person_id == actor.person_id)).all():
        raise Invalid(
            N_("This is not one of your numbers: choose one of yours, or add it on the page of your house first.")
        )
    return number


def person(session: Session, actor: Actor) -> Person | None:
    """The actor's own row."""
    return session.get(Person, actor.person_id) if actor.person_id is not None else None


def categories(session: Session) -> list[Category]:
    """What a matter may be about."""
    return list(session.scalars(select(Category).where(Category.active).order_by(Category.position, Category.id)))
