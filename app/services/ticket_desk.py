"""What helps the desk while a matter is taken down: what the words point to, what is open already, and the call it came by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Call, CallTicket, Category, CategoryWord, Ticket
from app.rules.classify import OTHER, Word, classify
from app.rules.codes import OPEN_STATES, Channel, Priority
from app.services import escalation
from app.services.access import rows
from app.services.actors import Actor

LONGEST_WORDS = 600
MOST_OPEN = 6


@dataclass(frozen=True)
class Hint:
    """What the words point to, each with the word it follows from; None where no word says anything."""

    category: Category | None = None
    category_word: str = ""
    priority: str | None = None
    priority_word: str = ""


def hint(session: Session, text: str) -> Hint:
    """The category and the urgency of a description, by the table of words the hotline uses too: one statement."""
    plain = text[:LONGEST_WORDS].casefold()
    if not plain.strip():
        return Hint()
    table = session.scalars(
        select(CategoryWord)
        .join(Category)
        .where(Category.active, CategoryWord.active)
        .options(joinedload(CategoryWord.category))
    )
    heard = [row for row in table if row.word and row.word.casefold() in plain]
    found = classify(plain, [Word(row.word, row.category.code, row.priority) for row in heard])
    if found.category == OTHER and not heard:
        return Hint()
    of_category = [row for row in heard if row.category.code == found.category]
    urgent = [row.word for row in heard if row.priority == found.priority]
    return Hint(
        of_category[0].category if of_category else None,
        max((row.word for row in of_category), key=len, default=""),
        found.priority if found.priority in (Priority.EMERGENCY, Priority.URGENT) else None,
        max(urgent, key=len, default="") if found.priority else "",
    )


def open_matters(session: Session, actor: Actor, house_id: int) -> list[Ticket]:
    """What a household has open, the newest first: a further word about it belongs there (I8)."""
    statement = (
        select(Ticket)
        .where(Ticket.house_id == house_id, Ticket.state.in_(OPEN_STATES), rows(actor, Ticket))
        .options(joinedload(Ticket.category))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(MOST_OPEN)
    )
    return list(session.scalars(statement))


def find_call(session: Session, actor: Actor, call_id: int | None) -> Call | None:
    """The call the desk is taking, if it is the actor's to see."""
    if call_id is None:
        return None
    return session.scalars(select(Call).where(Call.id == call_id, rows(actor, Call))).first()


def link_call(session: Session, ticket: Ticket, call: Call) -> None:
    """The ticket stands with its call: a call may carry several matters (I5)."""
    wanted = (CallTicket.call_id == call.id, CallTicket.ticket_id == ticket.id)
    if session.scalars(select(CallTicket.id).where(*wanted)).first() is None:
        session.add(CallTicket(call_id=call.id, ticket_id=ticket.id))
        session.flush()


def ring_for(session: Session, ticket: Ticket, now: datetime) -> None:
    """An emergency that a person took down on the telephone rings the roster too: only the machine's own calls ring by
    themselves, with the caller on the line (D7)."""
    if ticket.priority == Priority.EMERGENCY and ticket.channel == Channel.HOTLINE:
        escalation.start(session, ticket, None, now)
