"""The printed record of a ticket: one sheet for one, or one after the other for several."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.models import Ticket
from app.rules.codes import Kind
from app.services.actors import Actor
from app.services.attachments import attachments_of
from app.services.ticket_costs import costs_of, lines_that_count
from app.services.ticket_timeline import timeline
from app.views.cost_words import WORDS
from app.views.timeline_words import line

PRINTED = 200


def paper_of(session: Session, actor: Actor, ticket: Ticket) -> dict[str, Any]:
    """What the complaint record or work sheet of a ticket holds: the context of `ticket/paper_sheet.html`."""
    happened = timeline(session, actor, ticket, show="steps", most=PRINTED)
    costs = costs_of(session, actor, ticket.id)
    return {
        "ticket": ticket,
        "lines": [line(one) for one in reversed(happened) if one.code not in ("warn", "breach")],
        "photos": [one for one in attachments_of(session, actor, ticket.id) if one.thumb_path],
        "costs": costs,
        "cost_lines": lines_that_count(costs.lines),
        **WORDS,
        "complaint": ticket.kind == Kind.COMPLAINT,
    }
