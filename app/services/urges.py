"""The urge 催单: the one function by which telephone, text message, owner's page, desk and REST count that a household asks again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Ticket
from app.rules import urges as rules
from app.services import ticket_messages as messages
from app.services.policies import figure

ASKS_AGAIN = N_("The household asks again.")


def note_urge(session: Session, ticket: Ticket, now: datetime, why: str = ASKS_AGAIN) -> bool:
    """Count that the household came back about this matter, and tell whoever has it; says whether it counted.

    `why` is the English msgid the responsible person reads. The entry on the timeline is the caller's. Never commits.
    """
    if not rules.counts(ticket.state, ticket.urged_at, now, figure(session, "urge.again_minutes")):
        return False
    ticket.urged_count, ticket.urged_at = (ticket.urged_count or 0) + 1, now
    key = f"urge:{ticket.number}:{ticket.urged_count}"
    messages.tell_responsible(session, ticket, why, "contact", key, now)
    return True
