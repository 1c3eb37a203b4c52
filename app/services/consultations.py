"""A question at the desk (D3): answered at once, or recorded with the time by which it will be answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Ticket
from app.rules.codes import Channel
from app.services import knowledge_use
from app.services.actors import Actor
from app.services.ticket_input import NOTE_LIMIT, clean_text
from app.services.ticket_verbs import perform


def answer_question(session: Session, ticket: Ticket, actor: Actor, sent: Mapping[str, str], now: datetime) -> None:
    """What the form says of the answer: `answer` notes the reply, its `answers` (versions it was taken from), and the matter is
    done by whoever answered; `promise_at` is a promise. Raises Invalid for answers without a reply, and as the steps do."""
    words = clean_text(sent.get("answer"), NOTE_LIMIT)
    if not words:
        if sent.get("answers"):
            raise Invalid(N_("An answer was chosen: write down what was said."))
        if sent.get("promise_at"):
            perform(session, ticket, "promise", actor, now, {"due_at": sent["promise_at"]})
        return
    way = {Channel.HOTLINE: "phone", Channel.DESK: "word"}.get(Channel(ticket.channel), "written")
    perform(session, ticket, "reply", actor, now, {"way": way, "note": words})
    knowledge_use.use(session, ticket, sent.get("answers"), actor, now)
    if actor.staff_id is not None:
        perform(session, ticket, "dispatch", actor, now, {"assignee_id": actor.staff_id})
        perform(session, ticket, "start", actor, now)
        perform(session, ticket, "finish", actor, now, {"note": words})
