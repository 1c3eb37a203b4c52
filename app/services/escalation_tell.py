"""Who is told of an emergency that nobody has taken yet: everybody at once, in writing (D7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Ladder, Message, Staff, Ticket
from app.rules import escalation as rules
from app.rules.codes import MessagePurpose
from app.services.escalation import note
from app.services.names import named, place_words
from app.services.outbox import enqueue
from app.services.policies import figure
from app.services.preferences import staff_locale
from app.services.spoken_lines import house_locale


def tell_all(session: Session, ladder: Ladder, numbers: list[str], now: datetime) -> None:
    """The end of the ladder: text messages to all of it, each in its reader's language, and an alert on the staff's own
    channels in the house's (D7); again only when `rules.may_tell`."""
    ticket = ladder.ticket
    told = select(func.max(Message.created_at)).where(
        Message.ticket_id == ticket.id, Message.purpose == MessagePurpose.LADDER
    )
    if not rules.may_tell(session.scalar(told), now, figure(session, "ladder.accept_seconds")):
        return
    key = f"ladder:{ladder.id}:{now.isoformat()}"
    common: dict[str, Any] = {"purpose": MessagePurpose.LADDER, "ticket_id": ticket.id, "now": now}
    people = {one.number: one for one in session.scalars(select(Staff).where(Staff.number.in_(numbers)))}
    sent = []
    for number in numbers:
        _subject, body = _words(ticket, staff_locale(session, people.get(number)))
        sent.append(enqueue(session, channel="sms", to=number, key=f"{key}:{number}", body=body, **common))
    subject, body = _words(ticket, house_locale())
    sent.append(enqueue(session, channel="alert", to=None, key=f"{key}:alert", subject=subject, body=body, **common))
    if any(sent):
        note(session, ticket, "alarm", N_("Nobody has taken it yet: everybody was sent a text message."), now)


def _words(ticket: Ticket, locale: str) -> tuple[str, str]:
    with force_locale(locale):
        body = gettext(
            "EMERGENCY that nobody has taken yet: ticket %(number)s, %(place)s. %(title)s. Please answer the telephone.",
            number=ticket.number,
            place=where(ticket),
            title=ticket.title.rstrip("。."),
        )
        return gettext("Emergency %(number)s", number=ticket.number), body


def where(ticket: Ticket) -> str:
    """The place of an emergency in words: community, house, or building and place."""
    place = place_words(ticket.house, ticket.building, ticket.place)
    return f"{named(ticket.community)} {place}".strip()
