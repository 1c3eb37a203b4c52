"""Words added to a ticket outside its steps: a note on the timeline, and that the household came back about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Invalid, Refused
from app.models import Ticket, TicketEntry
from app.rules.codes import OPEN_STATES, Channel, TicketState
from app.rules.ticket_states import FRONT_ROLES, WORK_ROLES
from app.services.actors import Actor
from app.services.ticket_input import NOTE_LIMIT, choice, clean_text, phone_number
from app.services.tickets import add_contact, add_entry


def add_note(session: Session, ticket: Ticket, actor: Actor, now: datetime, text: Any) -> TicketEntry:
    """A note for colleagues: nobody outside is told, no clock is answered. Raises Forbidden, Invalid. Never commits."""
    if not actor.is_system and actor.roles.isdisjoint(WORK_ROLES):
        raise Forbidden(N_("Your role does not allow this step."))
    words = clean_text(text, NOTE_LIMIT)
    if not words:
        raise Invalid(N_("Write the note first."))
    entry = add_entry(session, ticket, "note", actor, now, before=ticket.state, note=words)
    session.flush()
    return entry


def note_contact(session: Session, ticket: Ticket, actor: Actor, now: datetime, sent: Mapping[str, Any]) -> TicketEntry:
    """The household came back about this matter: noted on its ticket instead of opening a second one (I8).

    `sent` as the desk's form brings it. Raises Refused for a matter that is done already: that is a new one, or reopened.
    """
    if not actor.is_system and actor.roles.isdisjoint(FRONT_ROLES):
        raise Forbidden(N_("Your role does not allow this step."))
    if ticket.state not in (*OPEN_STATES, TicketState.DONE):
        raise Refused(N_("This matter is settled: reopen it, or register a new one."))
    words = "\n".join(filter(None, (clean_text(sent.get(name), NOTE_LIMIT) for name in ("title", "description"))))
    return add_contact(
        session,
        ticket,
        actor,
        now,
        channel=choice(sent.get("channel"), Channel, default=Channel.DESK) or Channel.DESK,
        note=words[:NOTE_LIMIT],
        reporter_name=clean_text(sent.get("reporter_name"), 80, lines=False) or None,
        reporter_phone=phone_number(sent.get("reporter_phone")),
    )
