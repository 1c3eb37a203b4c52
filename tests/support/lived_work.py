"""Work that is handed on, in every state a page shows of it: offered, handed in, accepted, sent back, declined, filed (`live`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Category, Staff, Ticket, TicketOffer
from app.rules.codes import Role
from app.rules.dispatch import BY_HAND
from app.services import offers
from app.services.actors import Actor
from app.services.complaint_verbs import take
from app.services.dispatch import hand_over
from tests.support.estate import Estate

ACCEPTED_WORK = "door"
"""A category whose work is accepted before it is done: one that no other record of the estate stands under."""


@dataclass(frozen=True)
class Work:
    """Numbers of tickets of the house `own`; the technician has them in hand, but for the last two."""

    handed_in: str
    """The steward is asked to accept it."""

    accepted: str
    sent_back: str
    """The steward did not accept it, with the reason."""

    offered: str
    """Offered to the steward."""

    declined: str
    """The steward would not take it, with the reason."""

    to_technician: str
    """The steward's, offered to the technician."""

    filed: str
    """Done, visited, closed and filed."""


class Hands:
    """Who takes which step on a ticket, at one time."""

    def __init__(self, session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> None:
        self.session, self.estate, self.who, self.now = session, estate, who, now

    def step(self, ticket: Ticket, verb: str, role: str, **sent: Any) -> None:
        """One step by the role's login."""
        take(self.session, ticket, verb, self.who(role), self.now, sent)

    def begun(self, ticket: Ticket, role: str) -> Ticket:
        """Work that this role has in hand and has begun."""
        self.step(ticket, "dispatch", Role.ASSISTANT, department="engineering")
        hand_over(ticket, self.session.get_one(Staff, self.estate.staff[role]), BY_HAND)
        self.step(ticket, "start", role)
        return ticket

    def offer(self, ticket: Ticket, giver: str, receiver: str, why: str) -> Ticket:
        """Begun by one, offered to another."""
        self.step(self.begun(ticket, giver), "offer", giver, to_id=str(self.estate.staff[receiver]), note=why)
        return ticket


def live_work(
    session: Session,
    estate: Estate,
    opened: Callable[..., Ticket],
    who: Callable[[str], Actor],
    now: datetime,
) -> Work:
    """Make one of each. `opened(session, estate, now, **facts)` opens a ticket of the house `own`; the caller commits."""
    hands = Hands(session, estate, who, now)
    category = session.scalars(select(Category).where(Category.code == ACCEPTED_WORK)).one()
    category.needs_acceptance = True

    def new(title: str, code: str = "lighting") -> Ticket:
        return opened(session, estate, now, kind="repair", category_code=code, title=title)

    handed_in, accepted, sent_back = (new(title, ACCEPTED_WORK) for title in ("门禁不响", "单元门关不上", "窗户漏风"))
    for ticket in (handed_in, accepted, sent_back):
        hands.begun(ticket, Role.TECHNICIAN)
        hands.step(ticket, "submit", Role.TECHNICIAN, note="换了闭门器")
    hands.step(accepted, "approve", Role.STEWARD, note="看过，关得上")
    hands.step(sent_back, "return", Role.STEWARD, note="窗框仍在漏风")
    offered = hands.offer(new("楼道灯闪"), Role.TECHNICIAN, Role.STEWARD, "手上有急单")
    declined = hands.offer(new("车库灯不亮"), Role.TECHNICIAN, Role.STEWARD, "要去另一幢")
    waits = session.scalars(select(TicketOffer.id).where(TicketOffer.ticket_id == declined.id)).one()
    offers.decline(session, who(Role.STEWARD), waits, "今天排满了", now)
    to_technician = hands.offer(new("门厅灯不亮"), Role.STEWARD, Role.TECHNICIAN, "要上梯子")
    filed = _filed(hands, new("电表箱灯坏了"))
    made = (handed_in, accepted, sent_back, offered, declined, to_technician, filed)
    return Work(*(ticket.number for ticket in made))


def _filed(hands: Hands, ticket: Ticket) -> Ticket:
    hands.begun(ticket, Role.TECHNICIAN)
    hands.step(ticket, "finish", Role.TECHNICIAN, note="换了灯管")
    hands.step(ticket, "visit", Role.ASSISTANT, score=5, way="phone", note="很快")
    hands.step(ticket, "close", Role.ASSISTANT)
    hands.step(ticket, "file", Role.SUPERVISOR, note="月底归档")
    return ticket
